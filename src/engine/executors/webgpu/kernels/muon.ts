/**
 * Muon (Jordan et al., 2024) on all weights at once. Newton-Schulz multiplies X by polynomials of its Gram matrix, so
 * it can run on Gram matrices alone: with A = XXᵀ/‖X‖² and P = aI + bA + cA², each iteration is Q ← PQ, A ← PAP, and
 * the long matrix is touched twice only, for the first Gram matrix and for the result QX. All matrices of the network
 * go through each stage in one dispatch, by a table of 16 × 16 tiles. X is the update with its shorter side first; the
 * table's strides do the transposing.
 */
import { NEWTON_SCHULZ } from '../../../kernels/optimiser.ts';
import { type MuonCall, STATE } from '../../../plan/plan.ts';
import { type Context, named, parameterOffset } from '../lowering.ts';
import { type BufferRef, ceilDiv, float, type Kernel, KernelBuilder } from '../wgsl.ts';

const SIDE = 16;
const THREADS = 64;
const CHUNK = 512;

interface Matrix {
  readonly call: MuonCall;
  /** First float in the arenas. */
  readonly arena: number;
  /** First floats in the scratch buffer: the update, then the square matrices. */
  readonly update: number;
  readonly squares: number;
  /** The update as a short × long matrix. */
  readonly short: number;
  readonly long: number;
  readonly x: Operand;
}

/** First float and the strides of rows and columns. */
interface Operand {
  readonly at: number;
  readonly row: number;
  readonly col: number;
}

/** out = a · b, rows × inner × cols; `more` is for the epilogue: another offset, or the bits of a float. */
interface Product {
  readonly rows: number;
  readonly cols: number;
  readonly inner: number;
  readonly a: Operand;
  readonly b: Operand;
  readonly out: Operand;
  readonly more?: number;
}

const SQUARES = ['gram', 'power', 'product', 'q0', 'q1'] as const;
type Square = (typeof SQUARES)[number];

const square = (m: Matrix, name: Square): Operand => ({
  at: m.squares + SQUARES.indexOf(name) * m.short ** 2,
  row: m.short,
  col: 1,
});
const transposed = ({ at, row, col }: Operand): Operand => ({ at, row: col, col: row });
const squareProduct = (m: Matrix, a: Square, b: Square, out: Square): Product => ({
  rows: m.short,
  cols: m.short,
  inner: m.short,
  a: square(m, a),
  b: square(m, b),
  out: square(m, out),
  more: square(m, 'gram').at,
});

function placeMatrices(calls: readonly MuonCall[], context: Context): { matrices: Matrix[]; floats: number } {
  let floats = 0;
  const matrices = calls.map((call): Matrix => {
    const { rows, cols } = call;
    const wide = rows <= cols;
    const short = Math.min(rows, cols);
    const update = floats;
    const squares = update + rows * cols;
    floats = squares + SQUARES.length * short ** 2;
    const x = { at: update, row: wide ? cols : 1, col: wide ? 1 : cols };
    const arena = parameterOffset(context, call.parameter);
    return { call, arena, update, squares, short, long: Math.max(rows, cols), x };
  });
  return { matrices, floats };
}

const bits = (value: number) => new Uint32Array(Float32Array.of(value).buffer)[0];

/** A table of constants and the grid that walks it: `job` is the first word of this workgroup's row. */
function jobs(k: KernelBuilder, name: string, fields: number, rows: readonly number[]) {
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

/** m ← μm + g, u = g + μm into the scratch buffer. */
function updateKernel(matrices: readonly Matrix[], scratch: BufferRef, context: Context): Kernel {
  const rows: number[] = [];
  for (const { call, arena, update } of matrices)
    for (let at = 0; at < call.rows * call.cols; at += CHUNK)
      rows.push(arena + at, update + at, Math.min(CHUNK, call.rows * call.cols - at), bits(call.momentum));
  const k = new KernelBuilder();
  const { table, head, grid } = jobs(k, 'muon updates', 4, rows);
  const gradient = k.read(named(context, 'gradient'));
  const moment = k.write(named(context, 'moment1'));
  const updates = k.write(scratch);
  const body = `${head}
  let momentum = bitcast<f32>(${table}[job + 3u]);
  for (var j = li; j < ${table}[job + 2u]; j += ${THREADS}u) {
    let i = ${table}[job] + j;
    let g = ${gradient}[i];
    let m = momentum * ${moment}[i] + g;
    ${moment}[i] = m;
    ${updates}[${table}[job + 1u] + j] = g + momentum * m;
  }`;
  return k.finish('muon update', [THREADS, 1, 1], grid, rows.length * (CHUNK / 4), body);
}

/** A ← A/‖X‖² and Q ← I/‖X‖, with ‖X‖² the trace of A. */
function normaliseKernel(matrices: readonly Matrix[], scratch: BufferRef): Kernel {
  const rows = matrices.flatMap((m) => [m.short, square(m, 'gram').at, square(m, 'q0').at, 0]);
  const k = new KernelBuilder();
  const { table, head, grid } = jobs(k, 'muon matrices', 4, rows);
  const data = k.write(scratch);
  const body = `${head}
  let n = ${table}[job];
  let gram = ${table}[job + 1u];
  let q = ${table}[job + 2u];
  var trace = 0.0;
  for (var i = 0u; i < n; i++) { trace += ${data}[gram + i * (n + 1u)]; }
  storageBarrier();
  let inverse = 1.0 / (sqrt(trace) + ${float(NEWTON_SCHULZ.epsilon)});
  for (var i = li; i < n * n; i += ${THREADS}u) {
    ${data}[gram + i] *= inverse * inverse;
    ${data}[q + i] = select(0.0, inverse, i % (n + 1u) == 0u);
  }`;
  const work = matrices.reduce((sum, m) => sum + 2 * m.short ** 2, 0);
  return k.finish('muon normalise', [THREADS, 1, 1], grid, work, body);
}

/** Every product of one stage. `epilogue` sees y, x, sum, at_out and more. */
function productKernel(
  label: string,
  products: readonly Product[],
  scratch: BufferRef,
  epilogue: (k: KernelBuilder, data: string) => string,
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
  k.workgroup('tile_a', 'f32', SIDE * SIDE);
  k.workgroup('tile_b', 'f32', SIDE * SIDE);
  const field = (i: number) => `${table}[job + ${i}u]`;
  const body = `${head}
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
    ${epilogue(k, data)}
  }`;
  const work = products.reduce((sum, p) => sum + p.rows * p.cols * p.inner, 0);
  return k.finish(`muon ${label}`, [SIDE, SIDE, 1], grid, work, body);
}

const store = (_: KernelBuilder, data: string) => `${data}[at_out] = sum;`;

/** aI + bA + cA²; `more` is where A starts, whose strides are those of the result. */
function polynomial(_: KernelBuilder, data: string): string {
  const { a, b, c } = NEWTON_SCHULZ;
  const gram = `${data}[more + y * row_stride + x]`;
  return `${data}[at_out] = select(0.0, ${float(a)}, x == y) + ${float(b)} * ${gram} + ${float(c)} * sum;`;
}

/** theta ← theta − rate · √max(1, rows/cols) · QX */
function resultKernel(matrices: readonly Matrix[], q: Square, scratch: BufferRef, context: Context): Kernel {
  const products = matrices.map((m): Product => {
    const { rows, cols, learningRate } = m.call;
    const out = { at: m.arena, row: m.x.row, col: m.x.col };
    const more = bits(learningRate * Math.sqrt(Math.max(1, rows / cols)));
    return { rows: m.short, cols: m.long, inner: m.short, a: square(m, q), b: m.x, out, more };
  });
  return productKernel('result', products, scratch, (k) => {
    const [state, theta] = [k.read(named(context, 'state')), k.write(named(context, 'theta'))];
    return `${theta}[at_out] -= bitcast<f32>(more) * ${state}[${STATE.rate}] * sum;`;
  });
}

/** The kernels of all muon calls of a step, in order. */
export function muonKernels(calls: readonly MuonCall[], context: Context): Kernel[] {
  const { matrices, floats } = placeMatrices(calls, context);
  const scratch: BufferRef = { kind: 'scratch', name: 'muon', floats };
  const stage = (label: string, products: Product[], epilogue = store) =>
    productKernel(label, products, scratch, epilogue);
  const kernels = [
    updateKernel(matrices, scratch, context),
    stage(
      'gram',
      matrices.map((m) => ({
        rows: m.short,
        cols: m.short,
        inner: m.long,
        a: m.x,
        b: transposed(m.x),
        out: square(m, 'gram'),
      })),
    ),
    normaliseKernel(matrices, scratch),
  ];
  const { iterations } = NEWTON_SCHULZ;
  let [q, next]: [Square, Square] = ['q0', 'q1'];
  for (let i = 0; i < iterations; i++) {
    const each = (a: Square, b: Square, out: Square) => matrices.map((m) => squareProduct(m, a, b, out));
    const last = i + 1 === iterations;
    kernels.push(stage('polynomial', each('gram', 'gram', 'power'), polynomial));
    kernels.push(
      stage('advance', [...each('power', q, next), ...(last ? [] : each('power', 'gram', 'product'))]),
    );
    if (!last) kernels.push(stage('next gram', each('product', 'power', 'gram')));
    [q, next] = [next, q];
  }
  return [...kernels, resultKernel(matrices, q, scratch, context)];
}
