import type { Task } from '../choices.ts';
import type { Diagnosis } from '../diagnosis/analyse.ts';
import { cutPicture } from '../image/box.ts';
import type { Picture } from '../image/picture.ts';
import type { RestoreOptions } from '../options.ts';
import { jobOf } from '../tasks/index.ts';
import { inTurns } from '../time-slicing.ts';

/** Side of the middle of the picture that is tried, px; on JPEG's grid. */
const SIDE = 192;
/** The first time compiles what it runs; where that takes longer, it does not matter, ms. */
const LONG = 100;
const TRIES = 3;
/** By how much the tried estimate is paler than the picture: something has to be judged. */
const PALER = 0.02;

/** Milliseconds that the last word over a picture will take here, by that of its middle; 0 where that is next to nothing. */
export async function lastWordTime(
  picture: Picture,
  task: Task,
  options: RestoreOptions,
  diagnosis: Diagnosis | undefined,
): Promise<number> {
  const { width, height } = picture;
  if (width < 2 * SIDE || height < 2 * SIDE) return 0;
  const start = (size: number) => 16 * Math.floor((size - SIDE) / 32);
  const middle = cutPicture(picture, { x: start(width), y: start(height), width: SIDE, height: SIDE });
  const job = await jobOf(task, middle, options, diagnosis);
  if (!job.lastWord) return 0;
  const { colour } = job.start();
  const paler = colour.map((value) => (1 - PALER) * value + PALER / 2);
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < TRIES && (i === 0 || least < LONG); i++) {
    const began = performance.now();
    await inTurns(job.lastWord(paler.slice()));
    least = Math.min(least, performance.now() - began);
  }
  return (least * width * height) / SIDE ** 2;
}
