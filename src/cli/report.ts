import type { Quality, Task } from '../engine/choices.ts';
import { toPicture, toPlanes } from '../engine/image/picture.ts';
import { resize } from '../engine/image/resize.ts';
import { psnr, ssim } from '../engine/metrics.ts';
import type { PlanarImage, RestoreOptions } from '../engine/options.ts';
import type { RestoreResult, Stage, StoppedBy } from '../engine/restore.ts';
import { version } from '../node/version.ts';

/** What --report and --json tell. Lengths in px, times in s and ms, PSNR in dB. */
export interface Report {
  version: string;
  input: string;
  /** Null where nothing was to be restored and no output was asked for. */
  output: string | null;
  /** What was done: the task asked for, or the one the damage called for. */
  task: Task | 'none';
  /** What made the result, in order; empty where nothing was done. */
  stages: readonly Stage[];
  /** How much of the change was kept, 0 … 1: what the damage does not explain was given back. */
  share: number;
  /** What the image was found to suffer from, in sentences. */
  findings: readonly string[];
  /** What to know about the result, in sentences. */
  notes: readonly string[];
  quality: Quality;
  /** What computed each stage, in order. */
  ranOn: RestoreResult['ranOn'];
  executor: string;
  adapter: string;
  /** Why this executor. */
  reason: string;
  width: number;
  height: number;
  outWidth: number;
  outHeight: number;
  steps: number;
  bestStep: number;
  stoppedBy: StoppedBy | 'none';
  seconds: number;
  msPerStep: number;
  /** Independent runs that were averaged. */
  runs: number;
  /** Parts worked on one after the other; 1 = all at once. */
  parts: number;
  bytes: number;
  rollbacks: number;
  seed: number;
  /** One a step. */
  losses: readonly number[];
  /** With --reference only; null where there is no difference at all: JSON has no infinity. Up-scaling: of the bicubic enlargement. */
  psnrInput?: Decibels;
  psnrOutput?: Decibels;
  ssimOutput?: number;
}

const SSIM_MIN_SIDE = 11;

export function reportOf(
  files: { readonly input: string; readonly output: string | null },
  inputs: {
    readonly image: PlanarImage;
    readonly reference?: PlanarImage;
    readonly findings?: readonly string[];
    readonly notes: readonly string[];
  },
  options: RestoreOptions,
  result: RestoreResult<PlanarImage>,
): Report {
  const { executor, adapter, reason, steps, bestStep, stoppedBy, seconds, msPerStep } = result;
  const { task, stages, share, notes, ranOn, runs, parts, bytes, rollbacks, seed, losses } = result;
  const { image, reference } = inputs;
  const { width, height } = image;
  const { width: outWidth, height: outHeight } = result.image;
  return {
    version,
    ...files,
    ...{ task, stages, share },
    findings: inputs.findings ?? result.diagnosis?.findings ?? [],
    notes: [...inputs.notes, ...notes],
    quality: options.quality ?? 'balanced',
    ...{ ranOn, executor, adapter, reason, width, height, outWidth, outHeight },
    ...{ steps, bestStep, stoppedBy, seconds, msPerStep, runs, parts, bytes, rollbacks, seed, losses },
    ...(reference ? scores(image, result.image, reference) : {}),
  };
}

function scores(image: PlanarImage, restored: PlanarImage, reference: PlanarImage) {
  const { width, height } = reference;
  const small = image.width !== width || image.height !== height;
  const start = small ? toPlanes(resize(toPicture(image), width, height, 'bicubic')) : image;
  return {
    psnrInput: decibels(psnr(start, reference)),
    psnrOutput: decibels(psnr(restored, reference)),
    ...(Math.min(width, height) >= SSIM_MIN_SIDE ? { ssimOutput: ssim(restored, reference) } : {}),
  };
}

/** A PSNR; null = infinite. */
type Decibels = number | null;

const decibels = (value: number): Decibels => (value === Number.POSITIVE_INFINITY ? null : value);

/** A PSNR of a report, for people. */
export const shownDecibels = (value: Decibels): string => (value === null ? '∞' : value.toFixed(2));
