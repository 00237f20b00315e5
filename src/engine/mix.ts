import { cutTable, tablesApplied, tentTable } from './image/axis-table.ts';
import type { Pieces } from './time-slicing.ts';

/** Reach, px, of the neighbourhood in which two answers are compared. */
const AROUND = 12;
/** Pixels that are mixed at once, in whole rows, and no fewer of these. */
const STRIP = { pixels: 2 ** 16, rows: 8 } as const;

/** What is known of the first answer's errors. */
export interface ExpectedErrors {
  /** Variance of the noise that was taken out. */
  readonly noise: number;
  /** Variance of the error that the other answer does not have too, by the noise's. */
  readonly own: number;
  /** Its squared slope, by the noise's variance, at which the other answer has half of the share that it has on flat ground. */
  readonly busy: number;
}

interface Mixing {
  readonly width: number;
  readonly height: number;
  /** The other answer's share, at most. */
  readonly most: number;
  /** Absent = the share is the same everywhere. */
  readonly errors?: ExpectedErrors;
}

/**
 * Mixes two answers, [channels, height, width], in the place of the other one. Independent errors mix best in inverse proportion
 * to their squares, and the squared difference of the answers is in the mean the sum of both: where it is large, as on textures
 * whose repetitions the other answer does not know, it has less of a share. So it has where the first answer rises and falls by
 * more than the noise, as on stripes: there both err alike.
 */
export function* mixByErrors(first: Float32Array, other: Float32Array, mixing: Mixing): Pieces<Float32Array> {
  const { width, height, most, errors } = mixing;
  const n = width * height;
  const shares = new Float32Array(errors ? n : 0);
  const [down, across] = [tentTable(height, AROUND), tentTable(width, AROUND)];
  const rows = Math.max(STRIP.rows, Math.floor(STRIP.pixels / width));
  for (let top = 0; errors && top < height; top += rows) {
    const own = { start: top, length: Math.min(rows, height - top) };
    const start = Math.max(0, top - AROUND);
    const seen = { start, length: Math.min(height, top + own.length + AROUND) - start };
    const squares = squaresOf(first, other, mixing, seen);
    yield;
    const around = yield* tablesApplied(squares, 2, cutTable(down, own, seen), across);
    const area = own.length * width;
    for (let i = 0; i < area; i++) {
      const independent = Math.min(most, (errors.own * errors.noise) / Math.max(1e-12, around[i]));
      shares[top * width + i] = independent / (1 + around[area + i] / (errors.busy * errors.noise));
    }
    yield;
  }
  for (let from = 0; from < other.length; from += STRIP.pixels) {
    for (let i = from; i < Math.min(other.length, from + STRIP.pixels); i++)
      other[i] = first[i] + (errors ? shares[i % n] : most) * (other[i] - first[i]);
    yield;
  }
  return other;
}

/** Of some rows, [2, rows, width]: the squared difference of both answers, and the first one's squared slope, by channel. */
function squaresOf(
  first: Float32Array,
  other: Float32Array,
  { width, height }: Mixing,
  { start, length }: { readonly start: number; readonly length: number },
): Float32Array {
  const area = length * width;
  const squares = new Float32Array(2 * area);
  const channels = first.length / (width * height);
  for (let c = 0; c < channels; c++)
    for (let i = 0; i < area; i++) {
      const [x, y] = [i % width, start + Math.floor(i / width)];
      const at = (c * height + y) * width + x;
      const right = x + 1 < width ? first[at + 1] - first[at] : 0;
      const below = y + 1 < height ? first[at + width] - first[at] : 0;
      squares[i] += (other[at] - first[at]) ** 2 / channels;
      squares[area + i] += (right * right + below * below) / channels;
    }
  return squares;
}
