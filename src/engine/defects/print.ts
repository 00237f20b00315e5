import type { Picture } from '../image/picture.ts';
import { quantile } from '../quantile.ts';
import type { Pieces } from '../time-slicing.ts';

/** Levels of brightness whose colours are compared; every how many pixels, at most; and how far off the usual colour of their brightness so many are, of the full range. */
const LEVELS = 32;
const LOOKS = 40_000;
const OFF = { share: 0.97, most: 0.03 } as const;

/** Whether the colour of a picture follows from its brightness: a black-and-white photograph, grey or toned or yellowed. */
export function* isPrint({ colour, channels, width, height }: Picture): Pieces<boolean> {
  if (channels < 3) return true;
  const n = width * height;
  const every = Math.max(1, Math.floor(n / LOOKS));
  const byLevel: number[][] = Array.from({ length: LEVELS + 1 }, () => []);
  for (let i = 0; i < n; i += every) {
    const grey = (colour[i] + colour[n + i] + colour[2 * n + i]) / 3;
    if (!Number.isNaN(grey)) byLevel[Math.round(LEVELS * grey)].push(i);
  }
  yield;
  const off: number[] = [];
  for (const pixels of byLevel) {
    if (pixels.length === 0) continue;
    const casts = [0, 2].map((c) => Float32Array.from(pixels, (i) => castOf(colour, n, i, c)));
    const usual = casts.map((values) => quantile(values, 0.5));
    for (const k of pixels.keys())
      off.push(Math.max(...casts.map((values, c) => Math.abs(values[k] - usual[c]))));
    yield;
  }
  return off.length > 0 && quantile(Float32Array.from(off), OFF.share) <= OFF.most;
}

const castOf = (colour: Float32Array, n: number, i: number, c: number): number =>
  colour[c * n + i] - (colour[i] + colour[n + i] + colour[2 * n + i]) / 3;
