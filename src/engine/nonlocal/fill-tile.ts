import type { KernelTask } from './kernels.ts';
import { MemoryLayout, type Word } from './layout.ts';

/** How missing samples are looked for. */
export interface FillSettings {
  /** Side of a patch, px. */
  readonly patch: number;
  /** How far patches are looked for, px. */
  readonly radius: number;
  /** Most members of a group. */
  readonly members: number;
  /** τ: variance of the known samples and what the covariance has more on its diagonal, samples in [0, 1]. */
  readonly variance: number;
}

/** A piece of the picture with all that its reference patches look at. */
export interface FillTile {
  readonly width: number;
  readonly height: number;
  readonly planes: number;
  /** [planes, height, width] the present estimate. */
  readonly estimate: Float32Array;
  /** [height, width] 1 = known, 0 = missing. */
  readonly known: Float32Array;
  /** Offsets of the first samples of the reference patches. */
  readonly references: readonly number[];
}

/** Patches are compared in steps of 8 bits: sums of their squares are exact. */
export const LEVELS = 255;

const HEADER_WORDS = 24;
const up = (n: number, multiple: number) => Math.ceil(n / multiple) * multiple;

/**
 * One round over a tile as a kernel's task: see assembly/fill.ts, whose header this mirrors. Its answer is
 * [planes + 1, height, width]: sums of estimates of what is missing, and their numbers.
 */
export function fillTask(tile: FillTile, { patch, radius, members, variance }: FillSettings): KernelTask {
  const { width, height, planes, references } = tile;
  const area = width * height;
  const length = planes * patch * patch;
  const columns = up(members, 8);
  const layout = new MemoryLayout(HEADER_WORDS);
  const [estimate, known] = [layout.input(tile.estimate), layout.input(tile.known)];
  const list = layout.input(references);
  const sums = layout.room((planes + 1) * area);
  const header: Word[] = [
    ...[width, height, planes, patch, radius, members],
    ...[LEVELS, variance].map((float) => ({ float })),
    ...[list, references.length, 0],
    ...[estimate, known, sums, sums + 4 * planes * area],
    layout.room(planes * area),
    ...[members, members, length, length, up(length, 8)].map((words) => layout.room(words)),
    ...[length * columns, up(members, 4) * columns, up(members, 4) * 8].map((words) => layout.room(words)),
  ];
  return layout.task('fill', header, sums, (planes + 1) * area);
}
