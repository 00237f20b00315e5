/** Names and ranges of what can be chosen, apart from everything else: Figma's sandbox reads them too, which is an older world. */

export const TASKS = ['denoise', 'dejpeg', 'upscale', 'inpaint'] as const;
export type Task = (typeof TASKS)[number];
/** What `task` may be: 'auto' lets the damage found decide. */
export const TASK_CHOICES = ['auto', ...TASKS] as const;
export type TaskChoice = (typeof TASK_CHOICES)[number];
export const QUALITIES = ['fast', 'balanced', 'best'] as const;
export type Quality = (typeof QUALITIES)[number];
export const PRIORS = ['auto', 'network', 'nonlocal', 'tv'] as const;
export type Prior = (typeof PRIORS)[number];
export const OPTIMISERS = ['adam', 'muon'] as const;
export const ARCHITECTURES = ['skip', 'unet', 'resnet', 'decoder'] as const;
export type Architecture = (typeof ARCHITECTURES)[number];
export const INPUTS = ['random', 'meshgrid'] as const;
export type NetworkInput = (typeof INPUTS)[number];
/**
 * How photographs come to be small: by a filter, as the mean of what each pixel covers, or as such a mean of what a lens has
 * blurred before.
 */
export const REDUCTIONS = ['lanczos', 'bicubic', 'area', 'camera'] as const;
export type Reduction = (typeof REDUCTIONS)[number];
/** What becomes of pixel art that is enlarged: its pixels stay squares, or its outlines are made smooth. */
export const PIXEL_ARTS = ['keep', 'smooth'] as const;
export type PixelArt = (typeof PIXEL_ARTS)[number];
export const EXECUTORS = [
  'auto',
  'webgpu',
  'webgl2',
  'wasm',
  'tfjs-webgpu',
  'tfjs-webgl',
  'tfjs-wasm',
  'tfjs-cpu',
  'reference',
] as const;
export type ExecutorChoice = (typeof EXECUTORS)[number];
/** What 'auto' tries, best first; the last one runs everywhere. */
export const AUTOMATIC_EXECUTORS = ['webgpu', 'webgl2', 'wasm'] as const satisfies readonly ExecutorChoice[];
export type AutomaticExecutor = (typeof AUTOMATIC_EXECUTORS)[number];

/** Of the options that the panel has fields for: result pixels per source pixel; px of a mask's edge. */
export const SCALE_RANGE = { default: 2, min: 1, max: 8, above: true } as const;
export const MASK_EDGE_RANGE = { default: 0, min: 0, max: 64 } as const;
