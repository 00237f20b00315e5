import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Executor } from '../../../src/engine/executors/executor.ts';
import { createReferenceExecutor } from '../../../src/engine/executors/reference.ts';
import type { WebGpuExecutor } from '../../../src/engine/executors/webgpu/executor.ts';
import { TinyPlan } from '../kernel-cases.ts';
import { COMPILES, missing, open } from './open.ts';

const [ROWS, COLS] = [20, 180];

/** Rows that are orthonormal, by Gram-Schmidt. */
function orthonormal(tiny: TinyPlan, rows: number, cols: number): number[][] {
  const all = Array.from(tiny.random(rows * cols));
  const basis: number[][] = [];
  for (let r = 0; r < rows; r++) {
    let row = all.slice(r * cols, (r + 1) * cols);
    for (const other of basis) {
      const dot = row.reduce((sum, v, i) => sum + v * other[i], 0);
      row = row.map((v, i) => v - dot * other[i]);
    }
    const norm = Math.hypot(...row);
    basis.push(row.map((v) => v / norm));
  }
  return basis;
}

/** What one Muon step adds to weights of 0, its gradient's singular values falling from 1 to 1e-3. */
async function update(executor: Executor): Promise<Float32Array> {
  const tiny = new TinyPlan();
  const [u, v] = [orthonormal(tiny, ROWS, ROWS), orthonormal(tiny, ROWS, COLS)];
  const parameter = tiny.parameter('weight', ROWS, COLS);
  tiny.call({ kind: 'muon', parameter, rows: ROWS, cols: COLS, learningRate: 1, momentum: 0 });
  const plan = tiny.finish();
  const gradient = new Float32Array(plan.arenaFloats);
  for (let r = 0; r < ROWS; r++)
    for (let c = 0; c < COLS; c++)
      for (let i = 0; i < ROWS; i++)
        gradient[r * COLS + c] += u[r][i] * 10 ** ((-3 * i) / (ROWS - 1)) * v[i][c];
  const run = await executor.compile(plan);
  run.write('gradient', gradient);
  run.write('theta', new Float32Array(plan.arenaFloats));
  run.write('moment1', new Float32Array(plan.arenaFloats));
  await run.steps(1);
  const theta = await run.read('theta');
  run.dispose();
  return theta;
}

describe.skipIf(missing !== null)(`Muon on WebGPU${missing ? ` (${missing})` : ''}`, COMPILES, () => {
  let executor: WebGpuExecutor;

  beforeAll(async () => {
    executor = await open();
  });

  afterAll(() => executor.dispose());

  it('orthogonalises a gradient whose singular values span three decades', async () => {
    const expected = await update(createReferenceExecutor());
    const actual = await update(executor);
    const scale = Math.max(...expected.map(Math.abs));
    const worst = Math.max(...expected.map((value, i) => Math.abs(value - actual[i])));
    expect(worst / scale).toBeLessThan(2e-5);
  });

  it('names the kernel and the line that does not compile', async () => {
    const { pipelines } = executor as unknown as {
      pipelines: { get(kernel: object): Promise<GPUComputePipeline> };
    };
    const code =
      '@group(0) @binding(0) var<uniform> constants: vec4<u32>;\n@compute @workgroup_size(1) fn main() {\n  let a = missing_name;\n}';
    const broken = pipelines.get({ label: 'conv 3×3 of a test', code, bindings: [] });
    await expect(broken).rejects.toThrow(/"conv 3×3 of a test".*missing_name/);
  });
});
