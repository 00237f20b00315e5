import { Fourier } from '../image/fourier.ts';
import type { KernelTask } from './kernels.ts';
import { MemoryLayout, type Word } from './layout.ts';
import type { NoiseModel } from './noise-model.ts';
import { brightnessFactor } from './opponent.ts';
import type { StripPlanes } from './strip.ts';

/** A window is 2·radius + 1 px wide and high, in a transform of side²; so far apart windows lie, px. */
export const WINDOW = { radius: 15, side: 32, stride: 6 } as const;
/** How far around a pixel its slope is looked for, px, and how many pixels without any count beside what is seen. */
export const SLOPE = { radius: 3, flat: 1 } as const;
/**
 * Of the weights: how unlike in colour pixels may be, as a share of the noise's variance; how far apart they lie, px; and
 * below which share they count as none. Of the spectrum: how much noise is expected. How much an answer of no window counts
 * beside theirs. Chosen at σ = 25 on crops of F16, kodim05 and 23, barbara, zebra and butterfly.
 */
export const LIKE = { colour: 0.5, far: 12, least: 1e-3, noise: 0.7, guide: 0.5 } as const;

/** The middles of the windows that begin in a strip's rows, on the whole picture's grid. */
export function middlesOf({ width, firstRow, endRow }: StripPlanes, top: number) {
  const { stride } = WINDOW;
  const firstColumn = Math.min(stride / 2, width - 1);
  const start = firstRow + ((((stride / 2 - top - firstRow) % stride) + stride) % stride);
  const across = Math.ceil((width - firstColumn) / stride);
  return {
    firstColumn,
    firstRow: start,
    across,
    count: across * Math.max(0, Math.ceil((endRow - start) / stride)),
  };
}

/**
 * Windows over a strip as a kernel's task: see assembly/windows.ts, whose header this mirrors. Its answer is
 * [planes + 1, height, width]: sums of estimates times their weights, and the weights; the guide counts in the strip's own rows.
 *
 * @param noise white.
 * @param top the strip's first row in the picture.
 */
export function windowsTask(strip: StripPlanes, top: number, noise: NoiseModel): KernelTask {
  const { width, height, planes } = strip;
  const area = width * height;
  const middles = middlesOf(strip, top);
  const layout = new MemoryLayout(HEADER_WORDS);
  const [noisy, guide] = [layout.input(strip.noisy), layout.input(strip.guide!)];
  const model = noise.planes.flatMap(({ black, slope }) => [{ float: black }, { float: slope }, 0, 0, 0, 0]);
  const noiseAt = layout.input(model);
  const roots = layout.input(rootsOf(WINDOW.side));
  const sums = layout.room((planes + 1) * area);
  const floats = [
    ...[SLOPE.flat, Math.LOG2E / (2 * LIKE.colour), Math.LOG2E / (2 * LIKE.far ** 2)],
    ...[LIKE.least, LIKE.noise, LIKE.guide, brightnessFactor(planes)],
  ];
  const square = WINDOW.side ** 2;
  const header: Word[] = [
    ...[width, height, planes, WINDOW.stride, middles.firstColumn, middles.firstRow, middles.across],
    ...[middles.count, 0, strip.firstRow, strip.endRow, WINDOW.radius, SLOPE.radius],
    ...floats.map((float) => ({ float })),
    ...[noisy, guide, noiseAt, roots, sums, sums + 4 * planes * area],
    ...[square, 2 * square, 2 * square].map((words) => layout.room(words)),
  ];
  return layout.task('windows', header, sums, (planes + 1) * area);
}

/** Fields of the kernel's header. */
const HEADER_WORDS = 29;

/** e^(−2πik/n), k = 0 … n − 1, real and imaginary parts in turn: the transform of what is 1 at place 1 alone. */
function rootsOf(n: number): Float32Array {
  const series = new Float64Array(2 * n);
  series[2] = 1;
  new Fourier(n).transform(series);
  return Float32Array.from(series);
}
