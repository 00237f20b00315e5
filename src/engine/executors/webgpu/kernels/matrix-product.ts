/** Many small matrix products in one dispatch, by a table of 16 × 16 tiles. */
import type { Context } from '../lowering.ts';
import { type BufferRef, ceilDiv, type Kernel, KernelBuilder } from '../wgsl.ts';

const SIDE = 16;

/** First float and the strides of rows and columns. */
export interface Operand {
  readonly at: number;
  readonly row: number;
  readonly col: number;
}

/** out = a · b, rows × inner × cols; `more` is for the epilogue: another offset, or the bits of a float. */
export interface Product {
  readonly rows: number;
  readonly cols: number;
  readonly inner: number;
  readonly a: Operand;
  readonly b: Operand;
  readonly out: Operand;
  readonly more?: number;
}

/** A table of constants and the grid that walks it: `job` is the first word of this workgroup's row. */
export function jobs(k: KernelBuilder, name: string, fields: number, rows: readonly number[]) {
  const table = k.read({ kind: 'constant', name, data: Uint32Array.from(rows) }, 'u32');
  const count = rows.length / fields;
  const across = Math.min(count, 32768);
  const last = k.u32('last_job', count - 1);
  const index = `wg.y * ${k.u32('across', across)} + wg.x`;
  const head = `
  if (${index} > ${last}) { return; }
  let job = (${index}) * ${fields}u;`;
  return { table, head, grid: [across, ceilDiv(count, across), 1] as const };
}

/** Every product of one stage. `epilogue` sees y, x, sum, at_out and more. */
export function productKernel(
  label: string,
  products: readonly Product[],
  scratch: BufferRef,
  epilogue: (k: KernelBuilder, data: string) => string,
  { profile }: Context,
): Kernel {
  const rows: number[] = [];
  for (const { rows: height, cols, inner, a, b, out, more } of products)
    for (let y = 0; y < height; y += SIDE)
      for (let x = 0; x < cols; x += SIDE)
        rows.push(
          ...[y, x, height, cols, inner, more ?? 0, a.at, a.row, a.col],
          ...[b.at, b.row, b.col, out.at, out.row, out.col, 0],
        );
  const k = new KernelBuilder();
  const { table, head, grid } = jobs(k, `muon ${label}`, 16, rows);
  const data = k.write(scratch);
  const field = (i: number) => `${table}[job + ${i}u]`;
  const work = products.reduce((sum, p) => sum + p.rows * p.cols * p.inner, 0);
  if (profile.software) {
    const block = registerProduct(field, data, epilogue(k, data));
    return k.finish({
      label: `muon ${label}`,
      size: [SIDE / 4, SIDE / 4, 1],
      workgroups: grid,
      work,
      body: head + block,
    });
  }
  const tile = stagedProduct(field, data, epilogue(k, data), k);
  return k.finish({
    label: `muon ${label}`,
    size: [SIDE, SIDE, 1],
    workgroups: grid,
    work,
    body: head + tile,
  });
}

type Field = (i: number) => string;

/** GPUs: one output a thread, tiles of both operands in workgroup memory. */
function stagedProduct(field: Field, data: string, epilogue: string, k: KernelBuilder): string {
  k.workgroup('tile_a', 'f32', SIDE * SIDE);
  k.workgroup('tile_b', 'f32', SIDE * SIDE);
  return `
  let y = ${field(0)} + lid.y;
  let x = ${field(1)} + lid.x;
  let inside = y < ${field(2)} && x < ${field(3)};
  let a_at = ${field(6)} + min(y, ${field(2)} - 1u) * ${field(7)};
  let b_at = ${field(9)} + min(x, ${field(3)} - 1u) * ${field(11)};
  let more = ${field(5)};
  var sum = 0.0;
  for (var k = 0u; k < ${field(4)}; k += ${SIDE}u) {
    let ka = k + lid.x;
    let kb = k + lid.y;
    var a = 0.0;
    var b = 0.0;
    if (ka < ${field(4)}) { a = ${data}[a_at + ka * ${field(8)}]; }
    if (kb < ${field(4)}) { b = ${data}[b_at + kb * ${field(10)}]; }
    tile_a[li] = a;
    tile_b[li] = b;
    workgroupBarrier();
    for (var j = 0u; j < ${SIDE}u; j++) { sum += tile_a[lid.y * ${SIDE}u + j] * tile_b[j * ${SIDE}u + lid.x]; }
    workgroupBarrier();
  }
  if (inside) {
    let row_stride = ${field(13)};
    let at_out = ${field(12)} + y * row_stride + x * ${field(14)};
    ${epilogue}
  }`;
}

/** CPUs, where barriers are dear: 4 × 4 outputs a thread, straight from memory. */
function registerProduct(field: Field, data: string, epilogue: string): string {
  const four = [0, 1, 2, 3];
  const a = (i: number) => `let a_at${i} = ${field(6)} + min(y0 + ${i}u, ${field(2)} - 1u) * ${field(7)};`;
  const b = (i: number) => `let b_at${i} = ${field(9)} + min(x0 + ${i}u, ${field(3)} - 1u) * ${field(11)};`;
  return `
  let y0 = ${field(0)} + lid.y * 4u;
  let x0 = ${field(1)} + lid.x * 4u;
  let a_step = ${field(8)};
  let b_step = ${field(10)};
  ${four.map(a).join('\n  ')}
  ${four.map(b).join('\n  ')}
  let more = ${field(5)};
  let inner = ${field(4)};
  ${four.map((i) => `var s${i} = vec4<f32>();`).join(' ')}
  for (var k = 0u; k < inner; k++) {
    let ka = k * a_step;
    let kb = k * b_step;
    let b = vec4<f32>(${four.map((i) => `${data}[b_at${i} + kb]`).join(', ')});
    ${four.map((i) => `s${i} += ${data}[a_at${i} + ka] * b;`).join('\n    ')}
  }
  let row_stride = ${field(13)};
  var sums = array<vec4<f32>, 4>(s0, s1, s2, s3);
  for (var i = 0u; i < 16u; i++) {
    let y = y0 + i / 4u;
    let x = x0 + i % 4u;
    if (y < ${field(2)} && x < ${field(3)}) {
      let sum = sums[i / 4u][i % 4u];
      let at_out = ${field(12)} + y * row_stride + x * ${field(14)};
      ${epilogue}
    }
  }`;
}
