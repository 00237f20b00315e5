import type { Task } from '../choices.ts';
import type { Job, MakeJob } from './task.ts';

/** Each behind a dynamic import, as executors are: a page loads the tasks that it runs. */
const MAKERS: Record<Task, () => Promise<MakeJob>> = {
  denoise: async () => (await import('./denoise.ts')).denoise,
  dejpeg: async () => (await import('./dejpeg.ts')).dejpeg,
  upscale: async () => (await import('./upscale.ts')).upscale,
  inpaint: async () => (await import('./inpaint.ts')).inpaint,
};

/** What the task minimises, and how its result is put together. */
export async function jobOf(task: Task, ...given: Parameters<MakeJob>): Promise<Job> {
  return (await MAKERS[task]())(...given);
}
