// Adam and Muon, in place on the arenas.
import { blockRows, blockStart, dots, multiply } from './multiply';
import { F } from './vector';

@unmanaged
class Adam {
  theta: usize;
  gradient: usize;
  moment1: usize;
  moment2: usize;
  floats: i32;
  learningRate: f64;
  beta1: f64;
  beta2: f64;
  epsilon: f64;
  batch: i32;
  state: usize;
}

/** baseⁿ by squaring, n ≥ 0. */
function power(base: f64, n: i32): f64 {
  let result: f64 = 1;
  for (; n > 0; n >>= 1) {
    if (n & 1) result *= base;
    base *= base;
  }
  return result;
}

/** Task = run of `batch` floats (a multiple of 4; the arenas are padded to 4). */
export function adam(args: usize, task: i32, _scratch: usize): void {
  const t = changetype<Adam>(args);
  const step = <i32>load<f32>(t.state) + 1;
  const rate = (t.learningRate * load<f32>(t.state, 4)) / (1 - power(t.beta1, step));
  const correction = f32x4.splat(<f32>(1 / (1 - power(t.beta2, step))));
  const r = f32x4.splat(<f32>rate);
  const b1 = f32x4.splat(<f32>t.beta1), c1 = f32x4.splat(<f32>(1 - t.beta1));
  const b2 = f32x4.splat(<f32>t.beta2), c2 = f32x4.splat(<f32>(1 - t.beta2));
  const epsilon = f32x4.splat(<f32>t.epsilon);
  const end = min(t.floats, (task + 1) * t.batch);
  for (let i = task * t.batch; i < end; i += 4) {
    const at = i * F;
    const g = v128.load(t.gradient + at);
    const m = f32x4.add(f32x4.mul(b1, v128.load(t.moment1 + at)), f32x4.mul(c1, g));
    const v = f32x4.add(f32x4.mul(b2, v128.load(t.moment2 + at)), f32x4.mul(f32x4.mul(c2, g), g));
    v128.store(t.moment1 + at, m);
    v128.store(t.moment2 + at, v);
    const root = f32x4.add(f32x4.sqrt(f32x4.mul(v, correction)), epsilon);
    v128.store(t.theta + at, f32x4.sub(v128.load(t.theta + at), f32x4.div(f32x4.mul(r, m), root)));
  }
}

@unmanaged
class Muon {
  theta: usize;
  gradient: usize;
  momentum1: usize;
  rows: i32;
  cols: i32;
  learningRate: f64;
  momentum: f64;
  a: f32;
  b: f32;
  c: f32;
  iterations: i32;
  /** Iterations before the Gram matrix is computed afresh. */
  restart: i32;
  epsilon: f64;
  /** Blocks of the shorter side. */
  sixes: i32;
  fives: i32;
  fours: i32;
  state: usize;
}

/** Bytes that `Matrices` may take at the start of the scratch. */
const MATRICES: usize = 64;

/** One weight's matrices, its shorter side as rows: where they lie in the scratch, and how. */
@unmanaged
class Matrices {
  short: i32;
  long: i32;
  /** Floats of a row of the weight, and of a square matrix. */
  length: i32;
  side: i32;
  /** Rows of a square matrix, with those that fill up the last block. */
  padded: i32;
  /** Byte offsets of the rows of each, short + 1 of them. */
  longOffsets: usize;
  sideOffsets: usize;
  /** Six rows of a weight, a block of a square matrix as `multiply` reads it, and the sums of `dots`. */
  block: usize;
  packed: usize;
  sums: usize;
}

/**
 * One parameter, whole. Newton-Schulz in Gram space: every iterate is X_i = Q_i X_0 with Q_i a polynomial of
 * A_0 = X_0 X_0ᵀ, so only short × short matrices are iterated (A ← P A P, Q ← P Q with P = aI + bA + cA²), and the
 * long side is touched four times instead of ten: half-way X is made and its Gram matrix computed afresh.
 */
export function muon(args: usize, _task: i32, scratch: usize): void {
  const t = changetype<Muon>(args);
  const m = changetype<Matrices>(scratch);
  const x = place(m, t, scratch + MATRICES);
  const halfway = x + m.short * m.length * F;
  const square = m.padded * m.side * F;
  const gram = m.block + 6 * m.length * F;
  const p = gram + square;
  const q = p + square;
  const u = q + square;
  const norm = update(t, x, m.length);
  const factor = f32x4.splat(<f32>(1 / (norm + t.epsilon)));
  for (let i = 0; i < m.short * m.length; i += 4)
    v128.store(x + i * F, f32x4.mul(factor, v128.load(x + i * F)));
  let source = x;
  gramMatrix(t, m, source, gram);
  for (let i = 0; i < t.iterations; i++) {
    product(t, m, gram, gram, p);
    polynomial(t, m, gram, p);
    if (i == 0 || i == t.restart) memory.copy(q, p, square);
    else {
      product(t, m, p, q, u);
      memory.copy(q, u, square);
    }
    if (i + 1 == t.iterations) break;
    if (i + 1 == t.restart) {
      applyTo(t, m, q, x, halfway);
      source = halfway;
      gramMatrix(t, m, source, gram);
      continue;
    }
    product(t, m, p, gram, u);
    product(t, m, p, u, gram);
  }
  applyStep(t, m, q, source);
}

/** Lays the matrices out from `x` on, which it returns: the weight, the same half-way, a block, four squares, the rest. */
function place(m: Matrices, t: Muon, x: usize): usize {
  m.short = min(t.rows, t.cols);
  m.long = max(t.rows, t.cols);
  m.length = (m.long + 7) & ~7;
  m.side = (m.short + 7) & ~7;
  m.padded = 6 * t.sixes + 5 * t.fives + 4 * t.fours;
  m.block = x + (m.short + m.padded) * m.length * F;
  m.packed = m.block + 6 * m.length * F + 4 * m.padded * m.side * F;
  m.longOffsets = m.packed + m.padded * (m.short + 1) * F;
  m.sideOffsets = m.longOffsets + (m.short + 1) * F;
  m.sums = m.sideOffsets + (m.short + 1) * F;
  for (let k = 0; k <= m.short; k++) {
    const row = min(k, m.short - 1);
    store<u32>(m.longOffsets + k * F, row * m.length * F);
    store<u32>(m.sideOffsets + k * F, row * m.side * F);
  }
  return x;
}

/** m ← μm + g; x = g + μm, its shorter side as rows; returns its norm. */
function update(t: Muon, x: usize, length: i32): f64 {
  const wide = t.rows <= t.cols;
  const momentum = t.momentum;
  memory.fill(x, 0, min(t.rows, t.cols) * length * F);
  let squares: f64 = 0;
  for (let i = 0; i < t.rows; i++)
    for (let j = 0; j < t.cols; j++) {
      const at = (i * t.cols + j) * F;
      const g = <f64>load<f32>(t.gradient + at);
      const m = <f32>(momentum * load<f32>(t.momentum1 + at) + g);
      store<f32>(t.momentum1 + at, m);
      const value = g + momentum * m;
      squares += value * value;
      store<f32>(x + (wide ? i * length + j : j * length + i) * F, <f32>value);
    }
  return Math.sqrt(squares);
}

/** gram = x · xᵀ, [short, side]. */
function gramMatrix(t: Muon, m: Matrices, x: usize, gram: usize): void {
  const short = m.short;
  const length = m.length;
  const side = m.side;
  const block = m.block;
  memory.fill(gram, 0, m.padded * side * F);
  for (let b = 0; b < t.sixes + t.fives + t.fours; b++) {
    const rows = blockRows(b, t.sixes, t.fives);
    const o = blockStart(b, t.sixes, t.fives);
    for (let r = 0; r < rows; r++)
      for (let j = 0; j < length; j += 4) {
        const v = o + r < short ? v128.load(x + ((o + r) * length + j) * F) : f32x4.splat(0);
        v128.store(block + (j * rows + 4 * r) * F, v);
      }
    dots(rows, x, m.longOffsets, (short + 1) & ~1, block, length, gram + o * side * F, side * F, m.sums);
  }
  // An odd side's last pair wrote one column too many.
  if (short & 1) for (let i = 0; i < short; i++) store<f32>(gram + (i * side + short) * F, 0);
}

/** p = aI + b·gram + c·p, where p is gram². */
function polynomial(t: Muon, m: Matrices, gram: usize, p: usize): void {
  for (let i = 0; i < m.short * m.side; i += 4) {
    const at = i * F;
    const v = f32x4.mul(f32x4.splat(t.c), v128.load(p + at));
    v128.store(p + at, f32x4.add(v, f32x4.mul(f32x4.splat(t.b), v128.load(gram + at))));
  }
  for (let i = 0; i < m.short; i++) {
    const at = p + (i * m.side + i) * F;
    store<f32>(at, load<f32>(at) + t.a);
  }
}

/** Packs block rows of a symmetric matrix as `multiply` reads them. */
function packSymmetric(m: Matrices, a: usize, o: i32, rows: i32): void {
  const short = m.short;
  const side = m.side;
  const packed = m.packed;
  for (let k = 0; k < short; k++)
    for (let r = 0; r < rows; r++)
      store<f32>(packed + (k * rows + r) * F, o + r < short ? load<f32>(a + (k * side + o + r) * F) : 0);
}

/** out = a · b, all [short, side]; a symmetric. */
function product(t: Muon, m: Matrices, a: usize, b: usize, out: usize): void {
  for (let i = 0; i < t.sixes + t.fives + t.fours; i++) {
    const rows = blockRows(i, t.sixes, t.fives);
    const o = blockStart(i, t.sixes, t.fives);
    packSymmetric(m, a, o, rows);
    multiply(rows, b, m.sideOffsets, m.packed, m.short, out + o * m.side * F, m.side * F, m.side);
  }
}

/** out = q · x, [padded, length]; q symmetric. */
function applyTo(t: Muon, m: Matrices, q: usize, x: usize, out: usize): void {
  for (let i = 0; i < t.sixes + t.fives + t.fours; i++) {
    const rows = blockRows(i, t.sixes, t.fives);
    const o = blockStart(i, t.sixes, t.fives);
    packSymmetric(m, q, o, rows);
    multiply(rows, x, m.longOffsets, m.packed, m.short, out + o * m.length * F, m.length * F, m.length);
  }
}

/** theta ← theta − rate · √max(1, rows/cols) · (q · x), transposed back where the matrix is tall. */
function applyStep(t: Muon, m: Matrices, q: usize, x: usize): void {
  const wide = t.rows <= t.cols;
  const ratio = Math.sqrt(Math.max(1, <f64>t.rows / <f64>t.cols));
  const rate = <f32>(t.learningRate * load<f32>(t.state, 4) * ratio);
  const length = m.length;
  const block = m.block;
  for (let i = 0; i < t.sixes + t.fives + t.fours; i++) {
    const rows = blockRows(i, t.sixes, t.fives);
    const o = blockStart(i, t.sixes, t.fives);
    packSymmetric(m, q, o, rows);
    multiply(rows, x, m.longOffsets, m.packed, m.short, block, length * F, length);
    for (let r = 0; r < min(rows, m.short - o); r++)
      for (let j = 0; j < m.long; j++) {
        const to = t.theta + (wide ? (o + r) * t.cols + j : j * t.cols + o + r) * F;
        store<f32>(to, load<f32>(to) - rate * load<f32>(block + (r * length + j) * F));
      }
  }
}
