import type { Picture } from '../image/picture.ts';
import { inStretches, type Pieces } from '../time-slicing.ts';

/** Which marks are looked for: brighter than the picture, or darker. */
export type Polarity = 'bright' | 'dark';

/** A picture as marks of one polarity are looked for in it: they are the bright ones. */
export interface Sheet {
  readonly width: number;
  readonly height: number;
  readonly polarity: Polarity;
  /** [height, width] mean of the colours, of dark marks 1 less that. */
  readonly x: Float32Array;
  /** [channels, height, width] as the picture has them. */
  readonly colour: Float32Array;
  readonly channels: number;
}

export function* sheetOf({ width, height, channels, colour }: Picture, polarity: Polarity): Pieces<Sheet> {
  const n = width * height;
  const x = new Float32Array(n);
  yield* inStretches(n, (from, to) => {
    for (let c = 0; c < channels; c++) for (let i = from; i < to; i++) x[i] += colour[c * n + i] / channels;
    if (polarity === 'dark') for (let i = from; i < to; i++) x[i] = 1 - x[i];
  });
  return { width, height, polarity, x, colour, channels };
}

/** The colours of a pixel. */
export const colourAt = ({ colour, channels, x }: Sheet, at: number): number[] =>
  Array.from({ length: channels }, (_, c) => colour[c * x.length + at]);

/** How coloured a pixel is: the distance of its channels, 0 … 1. */
export function castAt(sheet: Sheet, at: number): number {
  const colours = colourAt(sheet, at);
  return Math.max(...colours) - Math.min(...colours);
}
