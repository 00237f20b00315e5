import type { Prior, Task } from '../choices.ts';
import type { Diagnosis } from '../diagnosis/analyse.ts';
import { priorOf, type RestoreOptions } from '../options.ts';
import type { Job, MakeJob } from './task.ts';

/** What a task is before there is a picture. */
interface TaskKind {
  /** Behind a dynamic import, as executors are: a page loads the tasks that it runs. */
  readonly maker: () => Promise<MakeJob>;
  /** Whether it goes by what the picture suffers from. */
  readonly needsDiagnosis: (prior: Prior) => boolean;
  /** Says so where of what was found it has nothing to do, with prior 'auto' or 'nonlocal'; absent = there always is. */
  readonly nothingToDo?: (diagnosis: Diagnosis) => string | undefined;
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
    // Errors of which nothing is known explain no change: a network told to look for them took them from sharp drawings.
    nothingToDo: ({ jpeg }) =>
      jpeg ? undefined : 'No trace of JPEG compression was found: the image is as it was.',
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

/** What to say where of what was found nothing is left to do for a task that was asked for. */
export function nothingToDo(
  task: Task,
  diagnosis: Diagnosis | undefined,
  options: RestoreOptions,
): string | undefined {
  const prior = priorOf(options);
  if (!diagnosis || prior === 'network' || prior === 'tv') return undefined;
  return TASK_KINDS[task].nothingToDo?.(diagnosis);
}
