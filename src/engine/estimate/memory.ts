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
  /** Pixels of the part around a hole that is worked on. */
  readonly worked?: number;
}

/** Bytes of the program's code and heap, and of each of its threads with the strip or tile that it works on. */
const ITSELF = 30e6;
const A_THREAD = 26e6;
/** The same of one that fills: its tiles are small. */
const A_FILLING_THREAD = 13e6;

/** Bytes that wait to be collected: as many again as are held, and no more than this, which V8 leaves uncollected at most. */
const WAITING = 64e6;

/**
 * Planes of the result's size, for each of the picture's, that are held at the peak. All hold the picture, the answer and its
 * copy in the caller's form or the last word's; enlarging the plain enlargement besides.
 */
const PLANES: Readonly<Record<Task, number>> = { denoise: 3.5, dejpeg: 3.5, upscale: 3.3, inpaint: 2.1 };

/**
 * Besides, of the part around a hole: the smooth start and the sums that make the next round; where it is copied into, what copies are compared
 * by, and where each pixel comes from.
 */
const AROUND = { filling: 5.6, copying: 13.7 } as const;

/** Bytes of so many threads with what they work on. */
export const bytesOfThreads = (count: number): number => A_THREAD * count;

/** Bytes at most of all but the network's runs, beside the image that was given. */
export function bytesHeld({ task, pixels, planes, threads, copies, worked = pixels }: Held): number {
  const fills = task === 'inpaint';
  const around = fills ? AROUND[copies ? 'copying' : 'filling'] * worked : 0;
  const held = 4 * planes * (PLANES[task] * pixels + around);
  return ITSELF + (fills ? A_FILLING_THREAD : A_THREAD) * threads + held + Math.min(WAITING, held);
}
