/** Adam (Kingma & Ba, 2015) and Muon (Jordan et al., 2024), in place on the arenas. */
import type { AdamCall, MuonCall, MuonMatrix } from '../plan/calls.ts';
import { ADAM, STATE } from '../plan/plan.ts';
import type { Memory } from './memory.ts';

export function adam(call: AdamCall, memory: Memory): void {
  const [theta, g] = [memory.named('theta'), memory.named('gradient')];
  const [m, v] = [memory.named('moment1'), memory.named('moment2')];
  const t = memory.state[STATE.step] + 1;
  const rate = (call.learningRate * memory.state[STATE.rate]) / (1 - ADAM.beta1 ** t);
  const correction = 1 / (1 - ADAM.beta2 ** t);
  for (let i = call.from; i < call.to; i++) {
    m[i] = ADAM.beta1 * m[i] + (1 - ADAM.beta1) * g[i];
    v[i] = ADAM.beta2 * v[i] + (1 - ADAM.beta2) * g[i] * g[i];
    theta[i] -= (rate * m[i]) / (Math.sqrt(v[i] * correction) + ADAM.epsilon);
  }
}

/**
 * Coefficients of the quintic Newton-Schulz iteration X ← (aI + bA + cA²)X, A = XXᵀ, and how often it runs. Executors
 * that iterate on A alone compute it afresh after `restart` iterations: A has the square of X's condition number, and
 * float32 would lose the update of weak directions where singular values span three decades.
 */
export const NEWTON_SCHULZ = {
  a: 3.4445,
  b: -4.775,
  c: 2.0315,
  iterations: 5,
  restart: 3,
  epsilon: 1e-7,
} as const;

/** On each of its matrices, see below. */
export function muon(call: MuonCall, memory: Memory): void {
  for (const matrix of call.matrices) updateMatrix(call, matrix, memory);
}

/**
 * m ← μm + g; u = g + μm (Nesterov) as a rows × cols matrix, divided by its norm, orthogonalised by Newton-Schulz on
 * its shorter side; theta ← theta − rate · √max(1, rows/cols) · u.
 */
function updateMatrix({ momentum, learningRate }: MuonCall, matrix: MuonMatrix, memory: Memory): void {
  const { parameter, rows, cols } = matrix;
  const { offset, size } = memory.plan.parameters[parameter];
  const g = memory.gradient(parameter);
  const m = memory.named('moment1').subarray(offset, offset + size);
  const update = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    m[i] = momentum * m[i] + g[i];
    update[i] = g[i] + momentum * m[i];
  }
  const wide = rows <= cols;
  const short = wide ? update : transposed(update, rows, cols);
  const u = orthogonalise(short, Math.min(rows, cols), Math.max(rows, cols));
  const step = wide ? u : transposed(u, cols, rows);
  const rate = learningRate * memory.state[STATE.rate] * Math.sqrt(Math.max(1, rows / cols));
  const theta = memory.parameter(parameter);
  for (let i = 0; i < size; i++) theta[i] -= rate * step[i];
}

function orthogonalise(matrix: Float64Array, rows: number, cols: number): Float64Array {
  const { a, b, c, iterations, epsilon } = NEWTON_SCHULZ;
  const norm = Math.sqrt(matrix.reduce((sum, value) => sum + value * value, 0)) + epsilon;
  let x = matrix.map((value) => value / norm);
  for (let iteration = 0; iteration < iterations; iteration++) {
    const gram = product(x, transposed(x, rows, cols), rows, cols, rows);
    const square = product(gram, gram, rows, rows, rows);
    const polynomial = gram.map((value, i) => b * value + c * square[i]);
    const higher = product(polynomial, x, rows, rows, cols);
    x = x.map((value, i) => a * value + higher[i]);
  }
  return x;
}

/** a [rows, inner] · b [inner, cols]. */
function product(a: Float64Array, b: Float64Array, rows: number, inner: number, cols: number): Float64Array {
  const out = new Float64Array(rows * cols);
  for (let i = 0; i < rows; i++)
    for (let k = 0; k < inner; k++) {
      const value = a[i * inner + k];
      for (let j = 0; j < cols; j++) out[i * cols + j] += value * b[k * cols + j];
    }
  return out;
}

/** The transpose [cols, rows] of a [rows, cols]. */
function transposed(a: Float64Array, rows: number, cols: number): Float64Array {
  return a.map((_, i) => a[(i % rows) * cols + Math.floor(i / rows)]);
}
