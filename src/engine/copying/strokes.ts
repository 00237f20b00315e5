import { type Crossing, REACH } from './crossings.ts';
import type { Level } from './level.ts';

/** How far on either side of its middle a line is drawn, px; its profile is known a little farther. */
export const BROAD = REACH - 1;
/** What differs so little from the colour beside the line, [0, 1], is of that colour. */
const FLAT = 0.05;

/** What lines are drawn into. */
export interface Drawing {
  readonly colour: Float32Array;
  /** [height, width] 1 = not drawn yet. */
  readonly hole: Uint8Array;
  /** How much a line stands out at each pixel that is drawn, −1 elsewhere: of two lines the one that does so more is on top. */
  readonly contrast: Float32Array;
}

/** Where a pixel lies at a line: the share of the way from its first end, and how far to the right of it, px. */
export interface Beside {
  readonly share: number;
  readonly across: number;
}

/** Draws a line that looks at its ends as it does there, and in between like a mixture of both. */
export function drawLine(
  { width, height, channels }: Level,
  { from, to }: { readonly from: Crossing; readonly to: Crossing },
  places: ReadonlyMap<number, Beside>,
  drawing: Drawing,
): void {
  const n = width * height;
  for (const [i, { share, across }] of places) {
    const [a, b] = [from.profile.at(-across), to.profile.at(across)];
    const rim = from.profile.at(-Math.sign(across) * REACH);
    const mixed = a.map((sample, c) => sample + share * (b[c] - sample));
    const stands = Math.hypot(...mixed.map((sample, c) => sample - rim[c]));
    if (stands <= drawing.contrast[i]) continue;
    const value = stands < FLAT ? rim : mixed;
    drawing.contrast[i] = stands;
    drawing.hole[i] = 0;
    for (let c = 0; c < channels; c++) drawing.colour[c * n + i] = value[c];
  }
}
