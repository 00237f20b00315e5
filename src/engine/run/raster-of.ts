import { rasterised } from '../image/picture.ts';
import type { Preview } from '../options.ts';
import type { Job } from '../tasks/task.ts';
import { inTurns } from '../time-slicing.ts';

/** What a job's result looks like with these planes. */
export async function rasterOf(job: Job, colour: Float32Array): Promise<Preview> {
  const whole = { ...job.start(), colour };
  return inTurns(rasterised(job.finish ? job.finish(whole) : whole));
}
