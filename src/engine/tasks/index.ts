import type { Task } from '../choices.ts';
import { dejpeg } from './dejpeg.ts';
import { denoise } from './denoise.ts';
import { inpaint } from './inpaint.ts';
import type { MakeJob } from './task.ts';
import { upscale } from './upscale.ts';

/** What each task minimises, and how its result is put together. */
export const JOBS: Record<Task, MakeJob> = { denoise, dejpeg, upscale, inpaint };
