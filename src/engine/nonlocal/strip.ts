import type { KernelTask } from './kernels.ts';
import { MemoryLayout, type Word } from './layout.ts';
import { type NoiseModel, patchCorrelation, varianceAt } from './noise-model.ts';
import { brightnessFactor } from './opponent.ts';

/** How one step of non-local Bayes looks for patches and estimates them. */
export interface StepSettings {
  /** Side of a patch, px. */
  readonly patch: number;
  /** How far patches are looked for, px. */
  readonly radius: number;
  /** Most members of a group. */
  readonly members: number;
  /** Whether patches are compared, and estimated, in all planes together; else in the first, and each by itself. */
  readonly joint: boolean;
  /** Share of Σ added to the guide's covariance: 0 where the noise is in it, 1 where it is not. */
  readonly load: number;
  /** Share of the noise's variance added to the diagonal of what is inverted. */
  readonly ridge: number;
  /** Groups that vary less than so many times the noise count as flat; 0 = none. */
  readonly flat: number;
  /** Patches put back so often are no references any more. */
  readonly enough: number;
}

/** Rows of a picture in opponent colours, [planes, height, width], and those in which reference patches begin. */
export interface StripPlanes {
  readonly width: number;
  readonly height: number;
  readonly planes: 1 | 3;
  readonly noisy: Float32Array;
  /** What means and covariances are taken of; absent = the noisy planes. */
  readonly guide?: Float32Array;
  readonly firstRow: number;
  readonly endRow: number;
}

/** What a step needs to know of the noise. */
export interface StepNoise extends NoiseModel {
  /** Of each plane: correlation within a patch, rows padded to a multiple of 8. */
  readonly correlations: readonly Float32Array[];
}

const up = (n: number, multiple: number) => Math.ceil(n / multiple) * multiple;

export function stepNoise({ planes }: NoiseModel, patch: number): StepNoise {
  const size = patch * patch;
  const correlations = planes.map((plane) => {
    const matrix = patchCorrelation(plane, patch);
    const padded = new Float32Array(size * up(size, 8));
    for (let i = 0; i < size; i++) padded.set(matrix.subarray(i * size, (i + 1) * size), i * up(size, 8));
    return padded;
  });
  return { planes, correlations };
}

/** Patches are compared in whole numbers of 1 / 12 of the noise: finer is of no use, and their sums of squares are exact. */
const LEVELS = 12;

/** What samples are multiplied by before they are rounded and compared. */
export const compareScale = ({ planes }: NoiseModel): number =>
  LEVELS / Math.sqrt(varianceAt(planes[0], 0.5));

/**
 * One step of non-local Bayes over a strip as a kernel's task: see assembly/denoise.ts, whose header this mirrors. Its
 * answer is [planes + 1, height, width]: sums of estimates, and their numbers.
 */
export function stripTask(strip: StripPlanes, noise: StepNoise, settings: StepSettings): KernelTask {
  const { width, height, planes, firstRow, endRow } = strip;
  const { patch, radius, members, joint, load, ridge, flat, enough } = settings;
  const area = width * height;
  const size = patch * patch;
  const [compared, together] = joint ? [planes, planes] : [1, 1];
  const [rows, columns, padded] = [up(together * size, 4) + 4, up(together * size, 8), up(members, 8)];
  const layout = new MemoryLayout(HEADER_WORDS);
  const noisy = layout.input(strip.noisy);
  const guide = strip.guide ? layout.input(strip.guide) : noisy;
  const tables = noise.correlations.map((table) => layout.input(table));
  const noiseAt = layout.input(
    noise.planes.flatMap(({ black, slope }, p): Word[] => [{ float: black }, { float: slope }, tables[p]]),
  );
  const sums = layout.room((planes + 1) * area);
  const header: Word[] = [
    ...[width, height, planes, together, patch, radius, members, compared],
    ...[compareScale(noise), load, ridge, flat, brightnessFactor(planes)].map((float) => ({ float })),
    ...[enough, firstRow, endRow, firstRow * width],
    ...[noisy, guide, sums, sums + 4 * planes * area, layout.room(Math.ceil(area / 4)), noiseAt],
    ...[
      layout.room(compared * area),
      layout.room(members),
      layout.room(members),
      layout.room(planes * size),
      layout.room(members * columns),
      layout.room(columns),
    ],
    ...[layout.room(rows * columns), layout.room(rows * padded), layout.room(rows * padded)],
  ];
  return layout.task('denoise', header, sums, (planes + 1) * area);
}

/** Fields of the kernel's header. */
const HEADER_WORDS = 32;
