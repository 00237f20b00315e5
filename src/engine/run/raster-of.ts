import { toRaster } from '../image/picture.ts';
import type { Preview } from '../options.ts';
import type { Job } from '../tasks/task.ts';

/** What a job's result looks like with these planes. */
export function rasterOf(job: Job, colour: Float32Array): Preview {
  const whole = { ...job.start(false), colour };
  return toRaster(job.finish ? job.finish(whole) : whole);
}
