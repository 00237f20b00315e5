import { applyTables, tentTable } from './image/axis-table.ts';

/** Reach, px, of the neighbourhood in which two answers are compared. */
const AROUND = 12;

interface Mixing {
  readonly width: number;
  readonly height: number;
  /** The other answer's share, at most. */
  readonly most: number;
  /** Variance of the first answer's error; absent = the share is the same everywhere. */
  readonly error?: number;
}

/**
 * Mixes two answers, [channels, height, width]. Independent errors mix best in inverse proportion to their squares, and
 * the squared difference of the answers is in the mean the sum of both: where it is large, as on textures whose repetitions
 * the other answer does not know, it has less of a share.
 */
export function mixByErrors(first: Float32Array, other: Float32Array, mixing: Mixing): Float32Array {
  const { width, height, most, error } = mixing;
  const n = width * height;
  const channels = first.length / n;
  const squares = new Float32Array(error === undefined ? 0 : n);
  if (error !== undefined)
    for (let i = 0; i < first.length; i++) squares[i % n] += (other[i] - first[i]) ** 2 / channels;
  const around =
    error === undefined
      ? squares
      : applyTables(squares, 1, tentTable(height, AROUND), tentTable(width, AROUND));
  return other.map((value, i) => {
    const share = error === undefined ? most : Math.min(most, error / Math.max(1e-12, around[i % n]));
    return first[i] + share * (value - first[i]);
  });
}
