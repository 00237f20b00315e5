import type { Picture } from '../../image/picture.ts';
import type { Pieces } from '../../time-slicing.ts';
import { LEAST } from './ink.ts';

/** Colours are counted in cells of this side, of the full range; those of one tone are as near as this to its mean; so many tones are looked at. */
const TONE = { cell: 1 / 32, near: 0.05, most: 3, code: 64 } as const;

/**
 * [height, width] each: 1 on what has one of the commonest colours of what is thin: opaque letters have one, whatever is behind them.
 *
 * @param over by how much a pixel stands out of what is not thin, 0 … 255
 */
export function* tonesIn(picture: Picture, over: Uint8Array): Pieces<Uint8Array[]> {
  const { colour } = picture;
  const n = over.length;
  const planes: Uint8Array[] = [];
  for (const tone of commonest(picture, over)) {
    const plane = new Uint8Array(n).fill(1);
    for (let c = 0; c < tone.length; c++)
      for (let at = 0; at < n; at++)
        if (!(Math.abs(colour[c * n + at] - tone[c]) <= TONE.near)) plane[at] = 0;
    planes.push(plane);
    yield;
  }
  return planes;
}

/** Colours, the commonest first, that lie well apart. */
function commonest({ colour, channels, width, height }: Picture, over: Uint8Array): number[][] {
  const n = width * height;
  const count = Math.min(3, channels);
  const cells = new Map<number, { pixels: number; sums: number[] }>();
  for (let at = 0; at < n; at++) {
    if (over[at] < LEAST.light) continue;
    let code = 0;
    for (let c = 0; c < count; c++) code = TONE.code * code + Math.round(colour[c * n + at] / TONE.cell);
    const cell = cells.get(code) ?? { pixels: 0, sums: Array.from({ length: count }, () => 0) };
    cell.pixels++;
    for (let c = 0; c < count; c++) cell.sums[c] += colour[c * n + at];
    cells.set(code, cell);
  }
  const tones: number[][] = [];
  for (const { pixels, sums } of [...cells.values()].sort((a, b) => b.pixels - a.pixels)) {
    const mean = sums.map((sum) => sum / pixels);
    const isNear = (tone: readonly number[]) =>
      tone.every((value, c) => Math.abs(value - mean[c]) <= 2 * TONE.near);
    if (!tones.some(isNear)) tones.push(mean);
    if (tones.length === TONE.most) break;
  }
  return tones;
}
