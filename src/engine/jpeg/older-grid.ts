import type { Picture } from '../image/picture.ts';
import type { Pieces } from '../time-slicing.ts';
import { SIDE } from './dct.ts';
import { toPlanes } from './ycbcr.ts';

/** Steps that count, 1/255: what is drawn has larger ones anywhere. */
const MOST = 10;
/**
 * How far steps at one place of a block stand out from those at the others and at the mirrored place, in deviations of their means: along each
 * axis, and along both; and by how much, 1/255. What the file's own grid changes is alike at mirrored places, and in the middle stands out
 * `more` by itself. Where so many neighbours are `still` it is a drawing, which may lie on a grid of its own. Chosen on twenty photographs.
 */
const STANDS_OUT = { each: 2.5, both: 9, more: 3, least: 0.15, still: 0.3 } as const;

/** Whether a JPEG's pixels show steps between blocks of another grid than its own: it was compressed before, then cropped. */
export function* showsOlderGrid({ colour, channels, width, height }: Picture): Pieces<boolean> {
  const [luma] = toPlanes(colour, channels);
  const still = luma.reduce(
    (sum, value, i) => sum + (value === luma[i - 1] && value === luma[i + 1] ? 1 : 0),
    0,
  );
  if (still > STANDS_OUT.still * luma.length) return false;
  yield;
  const across = standsOut(luma, { step: 1, length: width, next: width, lines: height });
  yield;
  const down = standsOut(luma, { step: width, length: height, next: 1, lines: width });
  return Math.min(across, down) >= STANDS_OUT.each && across + down >= STANDS_OUT.both;
}

interface Axis {
  readonly step: number;
  readonly length: number;
  readonly next: number;
  readonly lines: number;
}

/** By how many deviations the place of a block stands out that does most, its own beginning aside. */
function standsOut(luma: Float32Array, { step, length, next, lines }: Axis): number {
  const excess = new Float64Array(length);
  for (let line = 0; line < lines; line++)
    for (let i = 2; i + 1 < length; i++) {
      const at = line * next + i * step;
      const before = Math.abs(luma[at - step] - luma[at - 2 * step]);
      const here = Math.abs(luma[at] - luma[at - step]);
      const after = Math.abs(luma[at + step] - luma[at]);
      if (before <= MOST && here <= MOST && after <= MOST) excess[i] += (here - (before + after) / 2) / lines;
    }
  const places = Array.from({ length: SIDE }, (_, k) =>
    excess.subarray(2, length - 1).filter((_, i) => (i + 2) % SIDE === k),
  );
  const found = places.map((own, k) => {
    const others = places
      .filter((_, other) => other !== 0 && other !== k && other !== SIDE - k)
      .flatMap((place) => [...place]);
    const more = mean(own) - mean(others);
    return { more, deviations: more / (Math.sqrt(varianceOfMean(own) + varianceOfMean(others)) || 1) };
  });
  const beyond = found.map(({ more, deviations }, k) => {
    if (k === 0 || more < STANDS_OUT.least) return 0;
    return deviations - (k === SIDE / 2 ? STANDS_OUT.more : Math.max(0, found[SIDE - k].deviations));
  });
  return Math.max(...beyond);
}

const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

function varianceOfMean(values: ArrayLike<number>): number {
  const n = values.length;
  const centre = mean(values);
  return n < 2 ? 0 : Array.from(values).reduce((sum, v) => sum + (v - centre) ** 2, 0) / (n - 1) / n;
}
