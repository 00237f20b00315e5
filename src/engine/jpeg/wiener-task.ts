import type { Box } from '../image/box.ts';
import type { KernelTask } from '../nonlocal/kernels.ts';
import { MemoryLayout, type Word } from '../nonlocal/layout.ts';
import { AREA } from './dct.ts';
import type { Plane } from './sampling.ts';
import { COMPARED, ends, MEMBERS, RADIUS, STRIDE } from './wiener.ts';

/** `wiener` as a kernel's task: see src/engine/nonlocal/assembly/cosines.ts, whose header this mirrors. */
export function wienerTask(plane: Plane, guide: Plane, variance: number, core: Box): KernelTask {
  const { width, height, data } = plane;
  const [firstRow, lastRow] = ends(core.y, core.height, height);
  const [firstColumn, lastColumn] = ends(core.x, core.width, width);
  const area = width * height;
  const layout = new MemoryLayout(HEADER_WORDS);
  const [from, by] = [layout.input(data), layout.input(guide.data)];
  const sums = layout.room(2 * area);
  const header: Word[] = [
    ...[width, height, MEMBERS, RADIUS, STRIDE, firstRow, lastRow, firstColumn, lastColumn, 0],
    ...[{ float: variance }, { float: COMPARED }],
    ...[from, by, sums, sums + 4 * area, layout.room(area), layout.room(MEMBERS), layout.room(MEMBERS)],
    ...[layout.room(MEMBERS * AREA), layout.room(MEMBERS * AREA)],
  ];
  return layout.task('cosines', header, sums, 2 * area);
}

/** Fields of the kernel's header. */
const HEADER_WORDS = 21;

/** The plane from a task's answer; outside the core it is as it was. */
export function wienerResult({ data, width, height }: Plane, answer: Float32Array): Plane {
  const [sums, weights] = [answer, answer.subarray(data.length)];
  return { width, height, data: data.map((value, i) => (weights[i] > 0 ? sums[i] / weights[i] : value)) };
}
