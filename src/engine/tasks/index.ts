import type { Prior, Task } from '../choices.ts';
import type { RestoreOptions } from '../options.ts';
import type { Job, MakeJob } from './task.ts';

/** What a task is before there is a picture. */
interface TaskKind {
  /** Behind a dynamic import, as executors are: a page loads the tasks that it runs. */
  readonly maker: () => Promise<MakeJob>;
  /** Whether it goes by what the picture suffers from. */
  readonly needsDiagnosis: (prior: Prior) => boolean;
  /** What is said where a damage is taken out of the picture first, with prior 'auto'; absent = none is. */
  readonly cleansFirst?: Readonly<Record<'denoise' | 'dejpeg', string>>;
  /** Whether the result is `scale` times as large. */
  readonly enlarges?: boolean;
  /** Whether it needs a mask. */
  readonly fills?: boolean;
}

export const TASK_KINDS: Readonly<Record<Task, TaskKind>> = {
  denoise: {
    maker: async () => (await import('./denoise.ts')).denoise,
    needsDiagnosis: () => true,
  },
  dejpeg: {
    maker: async () => (await import('./dejpeg.ts')).dejpeg,
    needsDiagnosis: () => true,
  },
  upscale: {
    maker: async () => (await import('./upscale.ts')).upscale,
    needsDiagnosis: (prior) => prior === 'auto',
    // Enlarged too, they would look like picture.
    cleansFirst: {
      denoise: 'The image is noisy: the noise was taken out before it was enlarged.',
      dejpeg: 'The image is compressed: artefacts were taken out before it was enlarged.',
    },
    enlarges: true,
  },
  inpaint: {
    maker: async () => (await import('./inpaint.ts')).inpaint,
    needsDiagnosis: () => false,
    fills: true,
  },
};

/** What the task minimises, and how its result is put together. */
export async function jobOf(task: Task, ...given: Parameters<MakeJob>): Promise<Job> {
  return (await TASK_KINDS[task].maker())(...given);
}

/** How many times as large as the picture its result is, a side. */
export const scaleOf = (task: Task, { scale = 2 }: Pick<RestoreOptions, 'scale'>): number =>
  TASK_KINDS[task].enlarges ? scale : 1;
