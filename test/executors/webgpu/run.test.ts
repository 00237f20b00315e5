import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GpuUnavailableError } from '../../../src/engine/errors.ts';
import type { Executor, StepRecord } from '../../../src/engine/executors/executor.ts';
import { createReferenceExecutor } from '../../../src/engine/executors/reference.ts';
import { cut } from '../../../src/engine/executors/webgpu/cut.ts';
import { createWebGpuExecutor, WebGpuExecutor } from '../../../src/engine/executors/webgpu/executor.ts';
import { lower } from '../../../src/engine/executors/webgpu/lower.ts';
import { checkBuffers } from '../../../src/engine/executors/webgpu/memory.ts';
import { GPU_PROFILE, SOFTWARE_PROFILE } from '../../../src/engine/executors/webgpu/profile.ts';
import { Graph } from '../../../src/engine/network/graph.ts';
import { skip as hourglass } from '../../../src/engine/network/skip.ts';
import { compile } from '../../../src/engine/plan/compile.ts';
import { type Plan, planBytes } from '../../../src/engine/plan/plan.ts';
import { fakeGpu } from '../fake-gpus.ts';
import { RUN_CONTRACT } from '../run-contract.ts';
import { largestDifference, objective, prepare, STEP_CASES, type StepCase } from '../step-cases.ts';
import { COMPILES, missing, open } from './open.ts';

const STATE = ['theta', 'gradient', 'ema', 'varianceMean', 'best', 'image'] as const;

interface Trajectory {
  records: StepRecord[];
  state: Map<string, Float32Array>;
}

async function trajectory(executor: Executor, stepCase: StepCase, steps: number): Promise<Trajectory> {
  const { plan, inputs } = prepare(stepCase);
  const run = await executor.compile(plan);
  try {
    for (const [name, data] of inputs) run.write(name, data);
    const records = await run.steps(steps);
    const state = new Map<string, Float32Array>();
    for (const name of STATE) state.set(name, await run.read(name));
    return { records, state };
  } finally {
    run.dispose();
  }
}

const [skipNet, muonNet] = STEP_CASES;

function fiveScales(width: number, size: number): Plan {
  const g = new Graph();
  const z = g.noise(g.input('z', [32, size, size]), 0.03);
  const channels = [width, width, width, width, width];
  const image = hourglass(g, z, { channels, skips: [4, 4, 4, 4, 4], imageChannels: 3 });
  return compile(g, objective(image));
}

describe('a step', () => {
  it.each([
    ['what a program that imitates a card cannot do at once is split', SOFTWARE_PROFILE, 5, 20],
    ['a card gets all of it together', GPU_PROFILE, 1, 1],
  ])('%s, in the first step already', async (_, profile, least, most) => {
    // Compiling for a device that is none takes no time.
    const { device, info } = await createWebGpuExecutor({ gpu: fakeGpu({}) });
    const run = await new WebGpuExecutor(device, info, profile).compile(fiveScales(32, 128)); // 1.1 · 10⁹ multiply-adds
    const { dispatches, submissions } = run.shape;
    expect(submissions).toBeGreaterThanOrEqual(least);
    expect(submissions).toBeLessThanOrEqual(most);
    expect(most).toBeLessThan(dispatches);
    run.dispose();
  });
});

describe('dispatches of a step', () => {
  it.each([
    [32, 128],
    [32, 512],
    [128, 128],
    [128, 512],
  ])('the %i×5 net at %i² takes at most 250', (width, size) => {
    expect(lower(fiveScales(width, size), GPU_PROFILE).length).toBeLessThanOrEqual(250);
  });
});

describe('a long dispatch', () => {
  const [longest] = lower(fiveScales(32, 64), GPU_PROFILE).sort((a, b) => b.work - a.work);

  it('is cut into parts that cover each of its workgroups once', () => {
    const parts = cut(longest, longest.work / 3);
    expect(parts.length).toBeGreaterThanOrEqual(3);
    const axis = longest.workgroups.indexOf(Math.max(...longest.workgroups));
    let next = 0;
    for (const { constants, workgroups, work } of parts) {
      expect(constants[axis]).toBe(next);
      next += workgroups[axis];
      expect(work).toBeLessThanOrEqual(longest.work / 3);
    }
    expect(next).toBe(longest.workgroups[axis]);
    expect(cut(longest, longest.work)).toEqual([longest]);
  });
});

describe.skipIf(missing !== null)(`WebGPU runs${missing ? ` (${missing})` : ''}`, COMPILES, () => {
  let executor: WebGpuExecutor;

  beforeAll(async () => {
    executor = await open();
  });

  afterAll(() => executor.dispose());

  // Making pipelines of all of these takes a software adapter minutes, checking their text no time; see kernels.test.ts.
  it.each([
    [16, 16384],
    [32, 32768],
    [128, 32768],
  ])(
    'what a graphics card gets is valid WGSL: %i×5, %i bytes of workgroup memory',
    async (width, workgroupMemory) => {
      const { device } = executor;
      const kernels = lower(fiveScales(width, 61), { ...GPU_PROFILE, workgroupMemory });
      const codes = new Map(kernels.map(({ code, label }) => [code, label]));
      for (const [code, label] of codes) {
        device.pushErrorScope('validation');
        const { messages } = await device.createShaderModule({ label, code }).getCompilationInfo();
        const error = await device.popErrorScope();
        expect({
          label,
          error: error?.message ?? null,
          messages: messages.map(({ message }) => message),
        }).toEqual({
          label,
          error: null,
          messages: [],
        });
      }
    },
  );

  // Muon amplifies the smallest singular values' rounding some 480 times a step, so its case is compared earlier.
  it.each(STEP_CASES)('10 steps (Muon 3) as the reference: $name', async (stepCase) => {
    const muon = stepCase === muonNet;
    const expected = await trajectory(createReferenceExecutor(), stepCase, muon ? 3 : 10);
    const actual = await trajectory(executor, stepCase, muon ? 3 : 10);
    expected.records.forEach(({ step, loss, variance }, i) => {
      expect(actual.records[i].step).toBe(step);
      expect(actual.records[i].loss).toBeCloseTo(loss, muon ? 4 : 6);
      expect(actual.records[i].variance).toBeCloseTo(variance, muon ? 5 : 7);
    });
    for (const name of ['ema', 'varianceMean', 'best', 'image'])
      expect(largestDifference(actual.state.get(name)!, expected.state.get(name)!), name).toBeLessThan(
        muon ? 2e-3 : 1e-5,
      );
  });

  it('one step gives the gradient of the whole net', async () => {
    const expected = (await trajectory(createReferenceExecutor(), skipNet, 1)).state.get('gradient')!;
    const actual = (await trajectory(executor, skipNet, 1)).state.get('gradient')!;
    const scale = Math.max(...expected.map(Math.abs));
    expect(largestDifference(actual, expected)).toBeLessThan(1e-4 * scale);
  });

  it.each([skipNet, muonNet])('the same seed gives the same bits: $name', async (stepCase) => {
    const [a, b] = [await trajectory(executor, stepCase, 5), await trajectory(executor, stepCase, 5)];
    expect(a.records).toEqual(b.records);
    for (const name of STATE) expect(a.state.get(name), name).toEqual(b.state.get(name));
  });

  it.each(RUN_CONTRACT)('as every run: $name', ({ check }) => check(executor));

  it('frees every buffer when disposed, and allocates none after the first step', async () => {
    const baseline = executor.liveBuffers;
    const { plan, inputs } = prepare(skipNet);
    const run = await executor.compile(plan);
    for (const [name, data] of inputs) run.write(name, data);
    await run.steps(4);
    const [buffers, bytes] = [executor.liveBuffers, run.bytes];
    expect(bytes).toBeGreaterThan(planBytes(plan));
    for (let i = 0; i < 3; i++) await run.steps(4);
    expect([executor.liveBuffers, run.bytes]).toEqual([buffers, bytes]);
    run.dispose();
    expect(executor.liveBuffers).toBe(baseline);
  });

  it('may be disposed with steps in flight: they reject as aborted, nothing leaks', async () => {
    const baseline = executor.liveBuffers;
    const { plan, inputs } = prepare(skipNet);
    const run = await executor.compile(plan);
    for (const [name, data] of inputs) run.write(name, data);
    const pending = run.steps(200);
    const outcome = expect(pending).rejects.toMatchObject({ name: 'AbortError' });
    run.dispose();
    await outcome;
    expect(executor.liveBuffers).toBe(baseline);
    await expect(run.steps(1)).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('reads the log across its end', async () => {
    const { plan, inputs } = prepare(STEP_CASES.at(-1)!);
    const run = await executor.compile(plan);
    for (const [name, data] of inputs) run.write(name, data);
    await run.steps(1020);
    const [wrapped, next] = await Promise.all([run.steps(8), run.steps(2)]);
    expect(wrapped.map(({ step }) => step)).toEqual([1020, 1021, 1022, 1023, 1024, 1025, 1026, 1027]);
    expect(next.map(({ step }) => step)).toEqual([1028, 1029]);
    for (const { loss } of [...wrapped, ...next]) expect(loss).toBeGreaterThan(0);
    run.dispose();
  });

  it('refuses a plan beyond the device before it allocates anything', async () => {
    const { plan } = prepare(skipNet);
    const most = executor.device.limits.maxStorageBufferBindingSize;
    const slots = [...plan.slots, most / 4 + 1];
    const baseline = executor.liveBuffers;
    await expect(executor.compile({ ...plan, slots })).rejects.toMatchObject({ code: 'out-of-memory' });
    expect(executor.liveBuffers).toBe(baseline);
  });

  it('counts the scratch of the kernels in that check', () => {
    const { plan } = prepare(skipNet);
    const { device, profile } = executor;
    const kernels = lower(plan, profile);
    expect(() => checkBuffers(device, plan, kernels)).not.toThrow();
    const floats = device.limits.maxStorageBufferBindingSize / 4 + 1;
    const buffer = { kind: 'scratch', name: 'padded x', floats } as const;
    const large = { ...kernels[0], bindings: [{ buffer, access: 'read_write' as const }] };
    expect(() => checkBuffers(device, plan, [...kernels, large])).toThrow('"padded x"');
  });

  it('tells a lost device from other failures', async () => {
    const other = await open();
    const { plan, inputs } = prepare(STEP_CASES.at(-1)!);
    const run = await other.compile(plan);
    for (const [name, data] of inputs) run.write(name, data);
    const outcome = expect(run.steps(500)).rejects.toMatchObject({ code: 'device-lost' });
    other.lose('test');
    await outcome;
    await expect(other.compile(plan)).rejects.toMatchObject({ code: 'device-lost' });
    other.dispose();
  });

  it('names the kernel and the line that does not compile', async () => {
    const { pipelines } = executor as unknown as {
      pipelines: { get(kernel: object, patience: number): Promise<GPUComputePipeline> };
    };
    const code =
      '@group(0) @binding(0) var<uniform> constants: vec4<u32>;\n@compute @workgroup_size(1) fn main() {\n  let a = missing_name;\n}';
    const broken = pipelines.get({ label: 'conv 3×3 of a test', code, bindings: [] }, 60_000);
    await expect(broken).rejects.toThrow(/"conv 3×3 of a test".*missing_name/);
    await expect(broken).rejects.toBeInstanceOf(GpuUnavailableError);
  });
});
