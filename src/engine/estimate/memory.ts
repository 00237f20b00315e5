import type { Task } from '../choices.ts';

/** What is held beside the network's runs. */
export interface Held {
  readonly task: Task;
  /** Pixels of the result, and planes of the picture. */
  readonly pixels: number;
  readonly planes: number;
  readonly threads: number;
  /** Whether a thick hole is filled with copies. */
  readonly copies: boolean;
}

/** Bytes of the program's code and heap, and of each of its threads with the strip or tile that it works on. */
const ITSELF = 30e6;
const A_THREAD = 26e6;

/** Bytes that wait to be collected: as many again as are held, and no more than this, which V8 leaves uncollected at most. */
const WAITING = 64e6;

/**
 * Planes of the result's size, for each of the picture's, that are held at the peak. All hold the picture, the answer and its
 * copy in the caller's form or the last word's; besides, enlarging the plain enlargement, and filling the smooth start, which is
 * solved in double precision, and the sums that make the next round, with what waits to be collected.
 */
const PLANES: Readonly<Record<Task, number>> = { denoise: 3.5, dejpeg: 3.5, upscale: 3.3, inpaint: 13 };

/** The same where a hole is copied into: besides, what copies are compared by, and where each pixel comes from. */
const COPYING = 16.8;

/** Bytes of so many threads with what they work on. */
export const bytesOfThreads = (count: number): number => A_THREAD * count;

/** Bytes at most of all but the network's runs, beside the image that was given. */
export function bytesHeld({ task, pixels, planes, threads, copies }: Held): number {
  const held = 4 * planes * pixels * (copies ? COPYING : PLANES[task]);
  const waiting = task === 'inpaint' ? 0 : Math.min(WAITING, held);
  return ITSELF + bytesOfThreads(threads) + held + waiting;
}
