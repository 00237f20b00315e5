import { type KernelTask, TASK_BASE } from './kernels.ts';
import { MemoryLayout, type Word } from './layout.ts';
import { type NoiseModel, varianceAt } from './noise-model.ts';
import type { NoiseTables, StepNoise } from './noise-tables.ts';
import { brightnessFactor } from './opponent.ts';

/** How one step looks for patches. */
export interface StepSettings {
  /** Side of a patch, px. */
  readonly patch: number;
  /** How far similar ones are looked for, px. */
  readonly radius: number;
  /** Most members of a group. */
  readonly members: number;
  /** How far apart references are, px, but for the last row and column: 1, 2, 4 or 8, and no more than a patch's side. */
  readonly stride: number;
}

/** Rows of a picture in opponent colours, [planes, height, width], and those in which reference patches begin. */
export interface StripPlanes {
  readonly width: number;
  readonly height: number;
  readonly planes: 1 | 3;
  readonly noisy: Float32Array;
  /** An estimate to take means and covariances of; absent in the first step. */
  readonly guide?: Float32Array;
  readonly firstRow: number;
  readonly endRow: number;
}

const up = (n: number, multiple: number) => Math.ceil(n / multiple) * multiple;

/** Patches are compared in whole numbers of 1 / 12 of the noise: finer is of no use, and their sums of squares are exact. */
const LEVELS = 12;
/** Finer than this, where there is hardly any noise, sums of squares would be more than 32 bits hold. */
const MOST = 1024;

/** What samples are multiplied by before they are rounded and compared. */
export const compareScale = ({ planes }: NoiseModel): number =>
  Math.min(MOST, LEVELS / Math.sqrt(varianceAt(planes[0], 0.5)));

/** A matrix [patch², patch²] with its rows padded as the kernel has them. */
function padded(matrix: Float64Array): Float32Array {
  const n = Math.sqrt(matrix.length);
  const out = new Float32Array(n * up(n, 8));
  for (let i = 0; i < n; i++) out.set(matrix.subarray(i * n, (i + 1) * n), i * up(n, 8));
  return out;
}

function layoutNoise(layout: MemoryLayout, { planes, tables }: StepNoise): number {
  const at = (table: NoiseTables | undefined): Word[] =>
    table
      ? [table.correlation, table.inverse, table.whitening, table.colouring].map((matrix) =>
          layout.input(padded(matrix)),
        )
      : [0, 0, 0, 0];
  return layout.input(
    planes.flatMap(({ black, slope }, p) => [{ float: black }, { float: slope }, ...at(tables[p])]),
  );
}

/**
 * One step over a strip as a kernel's task: see assembly/denoise.ts, whose header this mirrors. Its answer is
 * [planes + 1, height, width]: sums of estimates, and their numbers.
 */
export function stripTask(strip: StripPlanes, noise: StepNoise, settings: StepSettings): KernelTask {
  const { width, height, planes, firstRow, endRow } = strip;
  const { patch, radius, members, stride } = settings;
  const area = width * height;
  const size = patch * patch;
  const together = strip.guide ? planes : 1;
  // Blocks of four rows may reach over the last one.
  const [rows, columns, group] = [up(together * size, 4) + 4, up(together * size, 8), up(members, 8)];
  // What is inverted is among members with a guide, else among samples.
  const inner = strip.guide ? group * group : rows * columns;
  const layout = new MemoryLayout(HEADER_WORDS);
  const noisy = layout.input(strip.noisy);
  const guide = strip.guide ? layout.input(strip.guide) : noisy;
  const noiseAt = layoutNoise(layout, noise);
  const sums = layout.room((planes + 1) * area);
  const header: Word[] = [
    ...[width, height, planes, strip.guide ? 1 : 0, patch, radius, members, stride],
    ...[compareScale(noise), brightnessFactor(planes)].map((float) => ({ float })),
    ...[firstRow, endRow, 0],
    ...[noisy, guide, sums, sums + 4 * planes * area, layout.room(Math.ceil(area / 4)), noiseAt],
    ...[together * area, members, members].map((words) => layout.room(words)),
    ...[group * columns, columns, inner, inner, columns, group * columns].map((words) => layout.room(words)),
    ...new Array<number>(strip.guide ? 3 : 1).fill(rows * group).map((words) => layout.room(words)),
  ];
  return layout.task('denoise', header, sums, (planes + 1) * area);
}

/** Fields of the kernel's header. */
const HEADER_WORDS = 31;

/** What the kernel's header says, for who computes the task otherwise; addresses are bytes of the kernel's memory. */
export interface DenoiseHeader extends StepSettings {
  readonly width: number;
  readonly height: number;
  readonly planes: number;
  readonly guided: boolean;
  readonly scale: number;
  readonly brightness: number;
  readonly firstRow: number;
  readonly endRow: number;
  readonly noisy: number;
  readonly guide: number;
  /** Of each plane; the tables of its correlation, R to the power −1, −½ and ½, or null where R = 1. */
  readonly noise: readonly {
    readonly black: number;
    readonly slope: number;
    readonly tables: readonly number[] | null;
  }[];
}

/** Reads what `stripTask` wrote. */
export function headerOf({ input }: KernelTask): DenoiseHeader {
  const [ints, floats] = [new Int32Array(input), new Float32Array(input)];
  const [width, height, planes, guided, patch, radius, members, stride] = ints;
  const noise = Array.from({ length: planes }, (_, p) => {
    const at = (ints[18] - TASK_BASE) / 4 + 6 * p;
    const tables = ints[at + 2] === 0 ? null : [...ints.subarray(at + 3, at + 6)];
    return { black: floats[at], slope: floats[at + 1], tables };
  });
  return {
    ...{ width, height, planes, guided: guided === 1, patch, radius, members, stride, noise },
    ...{ scale: floats[8], brightness: floats[9], firstRow: ints[10], endRow: ints[11] },
    ...{ noisy: ints[13], guide: ints[14] },
  };
}
