import type { Reduction } from '../choices.ts';
import { atOnce, type Pieces } from '../time-slicing.ts';
import { type AxisTable, bicubicTable, kernelTable, tableFromRows, tablesApplied } from './axis-table.ts';
import type { Picture } from './picture.ts';
import { clampedPlanes, premultiply, unpremultiply } from './premultiply.ts';

const sinc = (x: number) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

/** Lanczos with `lobes` lobes: 2 for the paper's super-resolution operator, 3 for the customary photo resize. */
export function lanczosTable(inputs: number, outputs: number, lobes: 2 | 3, ratio?: number): AxisTable {
  const weightAt = (x: number) => (Math.abs(x) < lobes ? sinc(x) * sinc(x / lobes) : 0);
  return kernelTable({ label: `Lanczos${lobes}`, support: lobes, weightAt }, inputs, outputs, ratio);
}

/** Linear interpolation between the two nearest of n samples. */
export function bilinearTable(n: number, outputs: number): AxisTable {
  const weightAt = (x: number) => Math.max(0, 1 - Math.abs(x));
  return kernelTable({ label: 'bilinear', support: 1, weightAt }, n, outputs);
}

/** Each output is the mean of what it covers of the inputs, by how much it covers of each: a camera's pixels. */
export function areaTable(inputs: number, outputs: number, ratio = inputs / outputs): AxisTable {
  const rows = Array.from({ length: outputs }, (_, i) => {
    const [from, to] = [i * ratio, (i + 1) * ratio];
    const row: [number, number][] = [];
    for (let j = Math.floor(from); j < Math.min(inputs, to); j++) {
      const covered = Math.min(to, j + 1) - Math.max(from, j);
      if (covered > 1e-6 * ratio) row.push([j, covered]);
    }
    const sum = row.reduce((all, [, covered]) => all + covered, 0);
    return row.map(([j, covered]): [number, number] => [j, covered / sum]);
  });
  return tableFromRows('area', inputs, rows);
}

/** The blur of a lens, as the deviation of a Gaussian in pixels of the camera: what lets a fifth of the finest stripes pass. */
const LENS = 0.5;

/** What a camera's pixels see through its lens: means over what each covers of a blurred picture. */
function cameraTable(inputs: number, outputs: number, ratio?: number): AxisTable {
  // The integral of a Gaussian, as a logistic curve: within a hundredth of it.
  const before = (x: number) => 1 / (1 + Math.exp((-1.702 * x) / LENS));
  const weightAt = (x: number) => before(x + 0.5) - before(x - 0.5);
  return kernelTable({ label: 'camera', support: 0.5 + 3 * LENS, weightAt }, inputs, outputs, ratio);
}

const REDUCTION_TABLES: Readonly<
  Record<Reduction, (inputs: number, outputs: number, ratio?: number) => AxisTable>
> = {
  lanczos: (inputs, outputs, ratio) => lanczosTable(inputs, outputs, 2, ratio),
  bicubic: bicubicTable,
  area: areaTable,
  camera: cameraTable,
};

/** Shrinks as pictures are taken to have been shrunk. */
export function reductionTable(
  reduction: Reduction,
  inputs: number,
  outputs: number,
  ratio?: number,
): AxisTable {
  return REDUCTION_TABLES[reduction](inputs, outputs, ratio);
}

/** A picture resized by a classical filter, clamped to [0, 1]; hidden colour has no part in it. */
export function resize(
  picture: Picture,
  width: number,
  height: number,
  filter: 'bicubic' | 'lanczos3',
): Picture {
  return atOnce(resized(picture, width, height, filter));
}

/** The same in pieces. */
export function* resized(
  picture: Picture,
  width: number,
  height: number,
  filter: 'bicubic' | 'lanczos3',
): Pieces<Picture> {
  const table = (from: number, to: number) =>
    filter === 'bicubic' ? bicubicTable(from, to) : lanczosTable(from, to, 3);
  const [rows, cols] = [table(picture.height, height), table(picture.width, width)];
  const { channels, colour } = premultiply(picture);
  const planes = yield* clampedPlanes(yield* tablesApplied(colour, channels, rows, cols), channels);
  const result: Picture = { width, height, channels, colour: planes, alpha: null };
  return picture.alpha ? unpremultiply(result) : result;
}
