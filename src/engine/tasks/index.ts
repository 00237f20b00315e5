import type { Task } from '../options.ts';
import { denoise } from './denoise.ts';
import { inpaint } from './inpaint.ts';
import type { MakeProblem } from './task.ts';
import { upscale } from './upscale.ts';

/** The data term of each task. JPEG artefacts are removed blindly, as noise is; only the recipe differs. */
export const PROBLEMS: Record<Task, MakeProblem> = { denoise, dejpeg: denoise, upscale, inpaint };
