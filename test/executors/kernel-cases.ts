/**
 * One table of kernel cases for every executor: small hand-made plans, each run by the executor and by the reference
 * executor from the same contents, every buffer compared afterwards.
 */
import { expect } from 'vitest';
import type { Executor } from '../../src/engine/executors/executor.ts';
import { createReferenceExecutor } from '../../src/engine/executors/reference.ts';
import { type AxisTable, transpose } from '../../src/engine/image/axis-table.ts';
import { lanczosTable } from '../../src/engine/image/resize.ts';
import { averageTable, upsampleTable } from '../../src/engine/network/tables.ts';
import type { View } from '../../src/engine/plan/calls.ts';
import { TinyPlan } from './tiny-plan.ts';

export interface KernelCase {
  readonly name: string;
  /** Greatest error allowed, as a share of the greatest magnitude in each buffer. */
  readonly tolerance: number;
  /** Default 1. */
  readonly steps?: number;
  build(plan: TinyPlan): void;
}

const LEAKY = { kind: 'leakyRelu', slope: 0.2 } as const;
const SIGMOID = { kind: 'sigmoid' } as const;
const VIEWS: readonly [name: string, norm: boolean, activation: View['activation']][] = [
  ['plain', false, null],
  ['norm leaky', true, LEAKY],
  ['norm sigmoid', true, SIGMOID],
  ['norm', true, null],
  ['leaky', false, LEAKY],
];

interface ConvShape {
  inputs: number;
  outputs: number;
  height: number;
  width: number;
  kernel: number;
  stride: 1 | 2;
}

const CONV_SHAPES: readonly ConvShape[] = [
  [1, 1, 1, 1, 1, 1],
  [3, 4, 2, 2, 3, 1],
  [3, 4, 2, 2, 3, 2],
  [4, 3, 3, 3, 5, 2],
  [1, 20, 7, 5, 3, 1],
  [20, 1, 5, 7, 3, 2],
  [33, 20, 9, 11, 3, 1],
  [20, 33, 13, 10, 3, 2],
  [4, 3, 17, 13, 5, 1],
  [3, 4, 12, 15, 5, 2],
  [36, 32, 8, 8, 1, 1],
  [32, 3, 9, 6, 1, 2],
  [128, 128, 6, 5, 3, 1],
  [36, 32, 23, 41, 3, 1],
  [3, 5, 4, 331, 3, 1],
  [3, 5, 5, 333, 3, 2],
  [2, 2, 331, 4, 3, 2],
  [9, 12, 48, 40, 1, 1],
  [5, 3, 45, 31, 1, 1],
  [128, 33, 5, 9, 1, 1],
].map(([inputs, outputs, height, width, kernel, stride]) => ({
  inputs,
  outputs,
  height,
  width,
  kernel,
  stride: stride as 1 | 2,
}));

function convCase(shape: ConvShape, index: number): KernelCase {
  const { inputs, outputs, height, width, kernel, stride } = shape;
  const [viewName, norm, activation] = VIEWS[index % VIEWS.length];
  const bias = index % 2 === 0;
  return {
    name: `conv ${inputs}→${outputs} ${width}×${height} k${kernel} s${stride}, ${viewName}`,
    tolerance: 1e-5,
    build: (plan) => {
      const weight = plan.parameter('weight', outputs, inputs, kernel, kernel);
      const common = { kernel, stride, weight, bias: bias ? plan.parameter('bias', outputs) : null };
      const x = plan.view(plan.slice('x', inputs, height, width), norm, activation);
      const [outHeight, outWidth] = [Math.ceil(height / stride), Math.ceil(width / stride)];
      const out = plan.slice('out', outputs, outHeight, outWidth);
      const dy = plan.slice('dy', outputs, outHeight, outWidth);
      plan.call({ kind: 'conv', x, out, ...common });
      plan.call({ kind: 'convBackwardWeight', x, dy, ...common });
      // Kernels differ by it in the last line, and a device compiles each for seconds.
      const accumulate = index % 2 === 1;
      const dx = plan.slice('dx', inputs, height, width);
      plan.call({ kind: 'convBackwardInput', dy, dx, accumulate, kernel, stride, weight });
    },
  };
}

const PLANES: readonly [channels: number, height: number, width: number][] = [
  [1, 2, 1],
  [3, 7, 5],
  [33, 9, 13],
  [4, 61, 67],
];

function normCase([channels, height, width]: (typeof PLANES)[number], index: number): KernelCase {
  const activation = [LEAKY, SIGMOID, null][index % 3];
  return {
    name: `norm ${channels}×${height}×${width}, ${activation?.kind ?? 'no activation'}`,
    tolerance: 2e-5,
    build: (plan) => {
      const [gamma, beta] = [plan.parameter('gamma', channels), plan.parameter('beta', channels)];
      const slice = plan.slice('x', channels, height, width, 3);
      const affine = plan.affine(channels);
      plan.call({ kind: 'moments', x: slice, gamma, beta, epsilon: 1e-5, affine });
      const x: View = { ...slice, affine, activation };
      const dy = plan.slice('dy', channels, height, width);
      const sums = plan.buffer('sums', 2 * channels);
      const apart = plan.slice('dx', channels, height, width);
      plan.call({ kind: 'normGradients', dy, x, sums, gamma, beta });
      plan.call({ kind: 'normBackwardInput', dy, x, sums, dx: apart, accumulate: true });
      plan.call({ kind: 'normBackwardInput', dy, x, sums, dx: dy, accumulate: false });
    },
  };
}

function pointwiseCase([channels, height, width]: (typeof PLANES)[number], index: number): KernelCase {
  const [viewName, norm, activation] = VIEWS[(index + 1) % VIEWS.length];
  return {
    name: `pointwise ${channels}×${height}×${width}, ${viewName}`,
    tolerance: 2e-6,
    build: (plan) => {
      const x = plan.view(plan.slice('x', channels, height, width), norm, activation);
      for (const accumulate of [false, true])
        plan.call({
          kind: 'pointwise',
          x,
          out: plan.slice(`o${accumulate}`, channels, height, width),
          accumulate,
        });
      const dy = plan.slice('dy', channels, height, width);
      const plain: View = { ...x, affine: null, activation: index % 2 ? SIGMOID : LEAKY };
      const dx = plan.slice('dx', channels, height, width);
      plan.call({ kind: 'activationBackward', dy, x: plain, dx, accumulate: true });
      plan.call({ kind: 'activationBackward', dy, x: plain, dx: dy, accumulate: false });
      plan.call({ kind: 'noise', x: plan.slice('z', channels, height, width), out: x, std: 0.03, seed: 7 });
    },
  };
}

const RESAMPLINGS: readonly [name: string, rows: AxisTable, cols: AxisTable][] = [
  ['bilinear ×2', upsampleTable('bilinear', 7, 14), upsampleTable('bilinear', 5, 9)],
  [
    'bilinear ×2 of rows wider than a vector',
    upsampleTable('bilinear', 9, 17),
    upsampleTable('bilinear', 19, 38),
  ],
  ['nearest ×2', upsampleTable('nearest', 6, 11), upsampleTable('nearest', 9, 18)],
  ['a single sample', upsampleTable('bilinear', 1, 2), upsampleTable('bilinear', 1, 1)],
  ['average ÷2', averageTable(9), averageTable(14)],
  ['Lanczos2 ÷4', lanczosTable(37, 9, 2, 4), lanczosTable(21, 5, 2, 4)],
  ['Lanczos3 ×1.5', lanczosTable(8, 12, 3), lanczosTable(11, 17, 3)],
];

function resampleCase([name, rows, cols]: (typeof RESAMPLINGS)[number], index: number): KernelCase {
  const [viewName, norm, activation] = VIEWS[index % VIEWS.length];
  const channels = [3, 5, 1][index % 3];
  return {
    name: `resample ${name}, ${viewName}`,
    tolerance: 3e-6,
    build: (plan) => {
      const x = plan.view(plan.slice('x', channels, rows.inputs, cols.inputs), norm, activation);
      const tables = { rows: plan.table(rows), cols: plan.table(cols) };
      const adjoint = { rows: plan.table(transpose(rows)), cols: plan.table(transpose(cols)) };
      const dy = plan.slice('dy', channels, rows.outputs, cols.outputs);
      const plain: View = { ...dy, affine: null, activation: null };
      for (const accumulate of [false, true]) {
        const out = plan.slice(`out${accumulate}`, channels, rows.outputs, cols.outputs);
        const dx = plan.slice(`dx${accumulate}`, channels, rows.inputs, cols.inputs);
        plan.call({ kind: 'resample', x, out, ...tables, accumulate });
        plan.call({ kind: 'resample', x: plain, out: dx, ...adjoint, accumulate });
      }
    },
  };
}

function lossCase(channels: number, weighted: boolean, huber: number, totalVariation: boolean): KernelCase {
  const [height, width] = [67, 61];
  const terms = [weighted && 'weighted', huber > 0 && 'Huber', totalVariation && 'TV'].filter(Boolean);
  return {
    name: `loss of ${channels} channels ${terms.join(', ')}`,
    tolerance: 2e-5,
    steps: 2,
    build: (plan) => {
      const floats = channels * height * width;
      const x = plan.slice('x', channels, height, width);
      const target = plan.buffer('t', floats, plan.random(floats));
      const weight = weighted
        ? plan.buffer(
            'w',
            height * width,
            plan.random(height * width).map((v) => (v > 0 ? 1 : 0)),
          )
        : null;
      const dx = plan.slice('dx', channels, height, width);
      plan.call({ kind: 'dataTerm', x, target, weight, dx, huber });
      if (totalVariation) plan.call({ kind: 'totalVariation', x, dx, lambda: 0.3 });
    },
  };
}

function watcherCase(height: number, width: number): KernelCase {
  const floats = height * width;
  return {
    name: `average, variance and best of ${floats} floats`,
    tolerance: 1e-5,
    steps: 3,
    build: (plan) => {
      const x = plan.slice('z', 1, height, width);
      const noisy = plan.slice('x', 1, height, width);
      const mean = plan.buffer('mean', floats, plan.random(floats));
      const watched = plan.buffer('watched', floats, plan.random(floats));
      plan.call({ kind: 'noise', x, out: noisy, std: 0.5, seed: 4294967295 });
      plan.call({ kind: 'average', x: noisy, mean, decay: 0.99 });
      plan.call({ kind: 'variance', x: noisy, mean: watched, alpha: 0.1 });
      plan.call({ kind: 'keepBest', source: mean, best: plan.buffer('kept', floats), from: 1 });
    },
  };
}

function adamCase(floats: number): KernelCase {
  return {
    name: `adam on ${floats} floats`,
    tolerance: 2e-6,
    steps: 3,
    build: (plan) => {
      plan.parameter('weight', 7);
      const id = plan.parameter('weight', floats);
      plan.call({ kind: 'adam', from: 8, to: plan.arena, learningRate: 0.01 });
      plan.parameter('bias', id + 5);
    },
  };
}

const MUON_SHAPES: readonly [rows: number, cols: number][] = [
  [8, 9],
  [33, 20],
  [32, 288],
  [20, 180],
  [128, 36],
];

function muonCase(): KernelCase {
  return {
    name: `muon on ${MUON_SHAPES.map((shape) => shape.join('×')).join(', ')}`,
    tolerance: 1e-4,
    steps: 2,
    build: (plan) => {
      const matrices = MUON_SHAPES.map(([rows, cols]) => {
        return { parameter: plan.parameter('weight', rows, cols), rows, cols };
      });
      plan.call({ kind: 'muon', matrices, learningRate: 0.02, momentum: 0.95 });
    },
  };
}

/** One step from weights of 0 by a gradient whose singular values fall from 1 to 1e-3: the update is X orthogonalised. */
function illConditionedMuonCase(rows: number, cols: number): KernelCase {
  return {
    name: `ill-conditioned muon on ${rows}×${cols}`,
    // 4e-2 where one Gram matrix serves all five iterations.
    tolerance: 5e-5,
    build: (plan) => {
      const parameter = plan.parameter('weight', rows, cols);
      plan.call({ kind: 'muon', matrices: [{ parameter, rows, cols }], learningRate: 1, momentum: 0 });
      const [u, v] = [orthonormal(plan, rows, rows), orthonormal(plan, rows, cols)];
      const gradient = Float32Array.from({ length: rows * cols }, (_, at) => {
        const [r, c] = [Math.floor(at / cols), at % cols];
        return u.reduce((sum, _, i) => sum + u[r][i] * 10 ** ((-3 * i) / (rows - 1)) * v[i][c], 0);
      });
      plan.contents.set('gradient', gradient);
      for (const name of ['theta', 'moment1']) plan.contents.set(name, new Float32Array(rows * cols));
    },
  };
}

/** Rows that are orthonormal, by Gram-Schmidt. */
function orthonormal(plan: TinyPlan, rows: number, cols: number): number[][] {
  const all = Array.from(plan.random(rows * cols));
  const basis: number[][] = [];
  for (let r = 0; r < rows; r++) {
    let row = all.slice(r * cols, (r + 1) * cols);
    for (const other of basis) {
      const dot = row.reduce((sum, value, i) => sum + value * other[i], 0);
      row = row.map((value, i) => value - dot * other[i]);
    }
    const norm = Math.hypot(...row);
    basis.push(row.map((value) => value / norm));
  }
  return basis;
}

export const KERNEL_CASES: readonly KernelCase[] = [
  ...CONV_SHAPES.map(convCase),
  ...PLANES.map(normCase),
  ...PLANES.map(pointwiseCase),
  ...RESAMPLINGS.map(resampleCase),
  lossCase(3, false, 0, false),
  lossCase(1, true, 0, true),
  lossCase(4, true, 0.05, true),
  watcherCase(1, 1021),
  watcherCase(83, 241),
  adamCase(1001),
  adamCase(40_005),
  muonCase(),
  illConditionedMuonCase(20, 180),
];

/** Runs a case on `executor` and on the reference, and expects every buffer to agree. */
export async function expectCase(executor: Executor, kernelCase: KernelCase): Promise<void> {
  const expected = await outcome(createReferenceExecutor(), kernelCase);
  const actual = await outcome(executor, kernelCase);
  for (const [name, reference] of expected) {
    const { error, at } = worst(actual.get(name)!, reference);
    const what = `${kernelCase.name}: buffer "${name}" at ${at}: ${actual.get(name)![at]} for ${reference[at]}`;
    expect(error, what).toBeLessThanOrEqual(kernelCase.tolerance);
  }
}

async function outcome(executor: Executor, kernelCase: KernelCase): Promise<Map<string, Float32Array>> {
  const tiny = new TinyPlan();
  kernelCase.build(tiny);
  const plan = tiny.finish();
  const run = await executor.compile(plan);
  try {
    for (const [name, data] of tiny.contents) run.write(name, data);
    await run.steps(kernelCase.steps ?? 1);
    const result = new Map<string, Float32Array>();
    for (const name of plan.named.keys()) result.set(name, await run.read(name));
    return result;
  } finally {
    run.dispose();
  }
}

/** The greatest difference as a share of the reference's greatest finite magnitude; NaN counts as infinitely wrong. */
function worst(actual: Float32Array, reference: Float32Array): { error: number; at: number } {
  let scale = 1e-30;
  for (const value of reference) if (Number.isFinite(value)) scale = Math.max(scale, Math.abs(value));
  let [error, at] = [0, 0];
  reference.forEach((value, i) => {
    if (Object.is(value, actual[i])) return;
    const difference = Math.abs(actual[i] - value) / scale;
    if (difference <= error) return;
    [error, at] = [Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference, i];
  });
  return { error, at };
}
