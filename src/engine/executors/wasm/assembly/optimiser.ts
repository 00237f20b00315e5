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

/**
 * One parameter, whole. Newton-Schulz in Gram space: every iterate is X_i = Q_i X_0 with Q_i a polynomial of
 * A_0 = X_0 X_0ᵀ, so only short × short matrices are iterated (A ← P A P, Q ← P Q with P = aI + bA + cA²), and the
 * long side is touched four times instead of ten: half-way X is made and its Gram matrix computed afresh.
 */
export function muon(args: usize, _task: i32, scratch: usize): void {
  const t = changetype<Muon>(args);
  const short = min(t.rows, t.cols);
  const long = max(t.rows, t.cols);
  const length = (long + 7) & ~7;
  const side = (short + 7) & ~7;
  const padded = 6 * t.sixes + 5 * t.fives + 4 * t.fours;
  const square = padded * side * F;
  const x = scratch;
  const halfway = x + short * length * F;
  const block = halfway + padded * length * F;
  const gram = block + 6 * length * F;
  const p = gram + square;
  const q = p + square;
  const u = q + square;
  const packed = u + square;
  const longOffsets = packed + padded * (short + 1) * F;
  const sideOffsets = longOffsets + (short + 1) * F;
  for (let k = 0; k <= short; k++) {
    const row = min(k, short - 1);
    store<u32>(longOffsets + k * F, row * length * F);
    store<u32>(sideOffsets + k * F, row * side * F);
  }
  const norm = update(t, x, length);
  const factor = f32x4.splat(<f32>(1 / (norm + t.epsilon)));
  for (let i = 0; i < short * length; i += 4) v128.store(x + i * F, f32x4.mul(factor, v128.load(x + i * F)));
  const sums = sideOffsets + (short + 1) * F;
  let source = x;
  gramMatrix(t, source, short, length, longOffsets, block, gram, side, sums);
  for (let i = 0; i < t.iterations; i++) {
    product(t, gram, gram, p, short, side, sideOffsets, packed);
    polynomial(t, gram, p, short, side);
    if (i == 0 || i == t.restart) memory.copy(q, p, square);
    else {
      product(t, p, q, u, short, side, sideOffsets, packed);
      memory.copy(q, u, square);
    }
    if (i + 1 == t.iterations) break;
    if (i + 1 == t.restart) {
      applyTo(t, q, x, halfway, short, length, side, longOffsets, packed);
      source = halfway;
      gramMatrix(t, source, short, length, longOffsets, block, gram, side, sums);
      continue;
    }
    product(t, p, gram, u, short, side, sideOffsets, packed);
    product(t, p, u, gram, short, side, sideOffsets, packed);
  }
  applyStep(t, q, source, short, long, length, side, longOffsets, block, packed);
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
function gramMatrix(
  t: Muon, x: usize, short: i32, length: i32, offsets: usize, block: usize, gram: usize, side: i32,
  sums: usize,
): void {
  const blocks = t.sixes + t.fives + t.fours;
  const padded = 6 * t.sixes + 5 * t.fives + 4 * t.fours;
  memory.fill(gram, 0, padded * side * F);
  for (let b = 0; b < blocks; b++) {
    const rows = blockRows(b, t.sixes, t.fives);
    const o = blockStart(b, t.sixes, t.fives);
    for (let r = 0; r < rows; r++)
      for (let j = 0; j < length; j += 4) {
        const v = o + r < short ? v128.load(x + ((o + r) * length + j) * F) : f32x4.splat(0);
        v128.store(block + (j * rows + 4 * r) * F, v);
      }
    dots(rows, x, offsets, (short + 1) & ~1, block, length, gram + o * side * F, side * F, sums);
  }
  // An odd side's last pair wrote one column too many.
  if (short & 1) for (let i = 0; i < short; i++) store<f32>(gram + (i * side + short) * F, 0);
}

/** p = aI + b·gram + c·p, where p is gram². */
function polynomial(t: Muon, gram: usize, p: usize, short: i32, side: i32): void {
  for (let i = 0; i < short * side; i += 4) {
    const at = i * F;
    const v = f32x4.mul(f32x4.splat(t.c), v128.load(p + at));
    v128.store(p + at, f32x4.add(v, f32x4.mul(f32x4.splat(t.b), v128.load(gram + at))));
  }
  for (let i = 0; i < short; i++) {
    const at = p + (i * side + i) * F;
    store<f32>(at, load<f32>(at) + t.a);
  }
}

/** Packs block rows of a symmetric matrix as `multiply` reads them. */
function packSymmetric(m: usize, short: i32, side: i32, o: i32, rows: i32, packed: usize): void {
  for (let k = 0; k < short; k++)
    for (let r = 0; r < rows; r++)
      store<f32>(packed + (k * rows + r) * F, o + r < short ? load<f32>(m + (k * side + o + r) * F) : 0);
}

/** out = a · b, all [short, side]; a symmetric. */
function product(
  t: Muon, a: usize, b: usize, out: usize, short: i32, side: i32, offsets: usize, packed: usize,
): void {
  for (let i = 0; i < t.sixes + t.fives + t.fours; i++) {
    const rows = blockRows(i, t.sixes, t.fives);
    const o = blockStart(i, t.sixes, t.fives);
    packSymmetric(a, short, side, o, rows, packed);
    multiply(rows, b, offsets, packed, short, out + o * side * F, side * F, side);
  }
}

/** out = q · x, [padded, length]; q symmetric. */
function applyTo(
  t: Muon, q: usize, x: usize, out: usize, short: i32, length: i32, side: i32, offsets: usize, packed: usize,
): void {
  for (let i = 0; i < t.sixes + t.fives + t.fours; i++) {
    const rows = blockRows(i, t.sixes, t.fives);
    const o = blockStart(i, t.sixes, t.fives);
    packSymmetric(q, short, side, o, rows, packed);
    multiply(rows, x, offsets, packed, short, out + o * length * F, length * F, length);
  }
}

/** theta ← theta − rate · √max(1, rows/cols) · (q · x), transposed back where the matrix is tall. */
function applyStep(
  t: Muon, q: usize, x: usize, short: i32, long: i32, length: i32, side: i32,
  offsets: usize, block: usize, packed: usize,
): void {
  const wide = t.rows <= t.cols;
  const ratio = Math.sqrt(Math.max(1, <f64>t.rows / <f64>t.cols));
  const rate = <f32>(t.learningRate * load<f32>(t.state, 4) * ratio);
  for (let i = 0; i < t.sixes + t.fives + t.fours; i++) {
    const rows = blockRows(i, t.sixes, t.fives);
    const o = blockStart(i, t.sixes, t.fives);
    packSymmetric(q, short, side, o, rows, packed);
    multiply(rows, x, offsets, packed, short, block, length * F, length);
    for (let r = 0; r < min(rows, short - o); r++)
      for (let j = 0; j < long; j++) {
        const to = t.theta + (wide ? (o + r) * t.cols + j : j * t.cols + o + r) * F;
        store<f32>(to, load<f32>(to) - rate * load<f32>(block + (r * length + j) * F));
      }
  }
}
