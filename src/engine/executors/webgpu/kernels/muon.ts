/**
 * Muon (Jordan et al., 2024) on all weights at once. Newton-Schulz multiplies X by polynomials of its Gram matrix, so
 * it can run on Gram matrices alone: with A = XXᵀ/‖X‖² and P = aI + bA + cA², each iteration is Q ← PQ, A ← PAP, and
 * the long matrix is touched only for a Gram matrix and to apply Q. All matrices of the network go through each stage in
 * one dispatch, by a table of 16 × 16 tiles. X is the update with its shorter side first; the table's strides do the
 * transposing.
 */
import { NEWTON_SCHULZ } from '../../../kernels/optimiser.ts';
import type { MuonCall, MuonMatrix } from '../../../plan/calls.ts';
import { STATE } from '../../../plan/plan.ts';
import { type Context, named, parameterOffset } from '../lowering.ts';
import { type BufferRef, float, type Kernel, KernelBuilder } from '../wgsl.ts';
import { jobs, type Operand, type Product, productKernel } from './matrix-product.ts';

const THREADS = 64;
const CHUNK = 512;

interface Matrix {
  readonly call: MuonCall & MuonMatrix;
  /** First float in the arenas. */
  readonly arena: number;
  /** First floats in the scratch buffer: the update, the same after the first iterations, the square matrices. */
  readonly update: number;
  readonly squares: number;
  /** The update as a short × long matrix. */
  readonly short: number;
  readonly long: number;
  readonly x: Operand;
  readonly halfway: Operand;
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

function placeMatrices(muon: MuonCall, context: Context): { matrices: Matrix[]; floats: number } {
  let floats = 0;
  const matrices = muon.matrices.map((matrix): Matrix => {
    const { rows, cols } = matrix;
    const wide = rows <= cols;
    const short = Math.min(rows, cols);
    const update = floats;
    const squares = update + 2 * rows * cols;
    floats = squares + SQUARES.length * short ** 2;
    const x = { at: update, row: wide ? cols : 1, col: wide ? 1 : cols };
    const halfway = { ...x, at: update + rows * cols };
    const arena = parameterOffset(context, matrix.parameter);
    const call = { ...muon, ...matrix };
    return { call, arena, update, squares, short, long: Math.max(rows, cols), x, halfway };
  });
  return { matrices, floats };
}

const bits = (value: number) => new Uint32Array(Float32Array.of(value).buffer)[0];

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
  return k.finish({
    label: 'muon update',
    size: [THREADS, 1, 1],
    workgroups: grid,
    work: rows.length * (CHUNK / 4),
    body,
  });
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
  return k.finish({ label: 'muon normalise', size: [THREADS, 1, 1], workgroups: grid, work, body });
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
    return { rows: m.short, cols: m.long, inner: m.short, a: square(m, q), b: m.halfway, out, more };
  });
  return productKernel(
    'result',
    products,
    scratch,
    (k) => {
      const [state, theta] = [k.read(named(context, 'state')), k.write(named(context, 'theta'))];
      return `${theta}[at_out] -= bitcast<f32>(more) * ${state}[${STATE.rate}] * sum;`;
    },
    context,
  );
}

/** The kernels of a muon call, in order. */
export function muonKernels(call: MuonCall, context: Context): Kernel[] {
  const { matrices, floats } = placeMatrices(call, context);
  const scratch: BufferRef = { kind: 'scratch', name: 'muon', floats };
  const stage = (label: string, products: Product[], epilogue = store) =>
    productKernel(label, products, scratch, epilogue, context);
  const gram = (of: 'x' | 'halfway') =>
    stage(
      'gram',
      matrices.map((m) => ({
        rows: m.short,
        cols: m.short,
        inner: m.long,
        a: m[of],
        b: transposed(m[of]),
        out: square(m, 'gram'),
      })),
    );
  const first = iterate(matrices, stage, NEWTON_SCHULZ.restart, 'q0');
  const rest = iterate(matrices, stage, NEWTON_SCHULZ.iterations - NEWTON_SCHULZ.restart, null);
  const apply = matrices.map((m) => ({
    rows: m.short,
    cols: m.long,
    inner: m.short,
    a: square(m, first.q),
    b: m.x,
    out: m.halfway,
  }));
  return [
    updateKernel(matrices, scratch, context),
    gram('x'),
    normaliseKernel(matrices, scratch),
    ...first.kernels,
    stage('halfway', apply),
    gram('halfway'),
    ...rest.kernels,
    resultKernel(matrices, rest.q, scratch, context),
  ];
}

/** Q of `count` iterations on the Gram matrix, times what `q` holds (null: the identity); and where Q then is. */
function iterate(
  matrices: readonly Matrix[],
  stage: (label: string, products: Product[], epilogue?: typeof store) => Kernel,
  count: number,
  q: Square | null,
): { kernels: Kernel[]; q: Square } {
  const kernels: Kernel[] = [];
  const each = (a: Square, b: Square, out: Square) => matrices.map((m) => squareProduct(m, a, b, out));
  let product = q;
  for (let i = 0; i < count; i++) {
    const last = i + 1 === count;
    const power = product === null ? 'q0' : 'power';
    const next = product === 'q0' ? 'q1' : 'q0';
    kernels.push(stage('polynomial', each('gram', 'gram', power), polynomial));
    const advance = product === null ? [] : each(power, product, next);
    const gram = last ? [] : each(power, 'gram', 'product');
    if (advance.length + gram.length > 0) kernels.push(stage('advance', [...advance, ...gram]));
    if (!last) kernels.push(stage('next gram', each('product', power, 'gram')));
    product = next;
  }
  if (product === null) throw new Error(`Newton-Schulz needs an iteration, got ${count}.`);
  return { kernels, q: product };
}
