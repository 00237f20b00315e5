/** What runs inside the browser: bundled by browser.ts, called by the tests by name. */
import type { Executor, StepRecord } from '../../../src/engine/executors/executor.ts';
import { createReferenceExecutor } from '../../../src/engine/executors/reference.ts';
import { createWebgl2Executor, type Webgl2Executor } from '../../../src/engine/executors/webgl2/executor.ts';
import { initialParameters, randomInput } from '../../../src/engine/network/initialise.ts';
import { compileForward } from '../../../src/engine/plan/compile.ts';
import { networkFor } from '../../../src/engine/zero-shot/network.ts';
import { expectCase, KERNEL_CASES, type KernelCase } from '../kernel-cases.ts';
import { RUN_CONTRACT } from '../run-contract.ts';
import { largestDifference, prepare, STEP_CASES } from '../step-cases.ts';

let shared: Promise<Webgl2Executor> | undefined;
const webgl2 = () => {
  shared ??= createWebgl2Executor();
  return shared;
};

const messageOf = (error: unknown) =>
  error instanceof Error ? `${error.name}: ${error.message}` : `${error}`;

/** A run of a step case with its inputs written. */
async function start(executor: Executor, name: string) {
  const { plan, inputs } = prepare(STEP_CASES.find((stepCase) => stepCase.name === name)!);
  const run = await executor.compile(plan);
  for (const [input, data] of inputs) run.write(input, data);
  return run;
}

/** Runs a kernel case; the message of what went wrong, or an empty string. */
async function kernel(name: string): Promise<string> {
  try {
    await expectCase(await webgl2(), KERNEL_CASES.find((kernelCase) => kernelCase.name === name)!);
    return '';
  } catch (error) {
    return messageOf(error);
  }
}

/** Kernel cases on a GPU of fewer attachments and smaller textures than this one's, so that tiles stand in columns. */
async function limited(pattern: string): Promise<string[]> {
  const gl = new OffscreenCanvas(1, 1).getContext('webgl2')!;
  const ask = gl.getParameter.bind(gl);
  const limits = new Map<number, number>([
    [gl.MAX_DRAW_BUFFERS, 4],
    [gl.MAX_TEXTURE_SIZE, 1024],
  ]);
  gl.getParameter = (name: number) => limits.get(name) ?? ask(name);
  const executor = await createWebgl2Executor({ webgl2: () => gl });
  const outcomes: string[] = [];
  try {
    for (const kernelCase of [...KERNEL_CASES, TALL].filter(({ name }) => new RegExp(pattern).test(name)))
      outcomes.push(
        await expectCase(executor, kernelCase).then(
          () => 'ok',
          (error) => `${kernelCase.name}: ${messageOf(error)}`,
        ),
      );
  } finally {
    executor.dispose();
  }
  return outcomes;
}

/** Five tiles of 350 texels: more than one column of 1024. */
const TALL: KernelCase = {
  name: 'tall conv',
  tolerance: 1e-5,
  build: (plan) => {
    const weight = plan.parameter('weight', 8, 12, 3, 3);
    const common = { kernel: 3, stride: 1, weight, bias: null } as const;
    const x = plan.view(plan.slice('x', 12, 700, 3), true, { kind: 'leakyRelu', slope: 0.2 });
    const dy = plan.slice('dy', 8, 700, 3);
    plan.call({ kind: 'conv', x, out: plan.slice('out', 8, 700, 3), ...common });
    plan.call({ kind: 'convBackwardWeight', x, dy, ...common });
    plan.call({
      kind: 'convBackwardInput',
      dy,
      dx: plan.slice('dx', 12, 700, 3),
      accumulate: true,
      ...common,
    });
  },
};

/** The greatest relative difference of the losses and variances of `count` steps from the reference's. */
async function trajectory(name: string, count: number) {
  const follow = async (executor: Executor) => {
    const run = await start(executor, name);
    try {
      run.control(0.5, 2);
      const records = await run.steps(count);
      return { records, image: await run.read('image'), best: await run.read('best') };
    } finally {
      run.dispose();
    }
  };
  const expected = await follow(createReferenceExecutor());
  const actual = await follow(await webgl2());
  const worst = (key: 'loss' | 'variance') => {
    const scale = Math.max(...expected.records.map((record) => Math.abs(record[key])));
    const differences = expected.records.map((record, i) => Math.abs(actual.records[i][key] - record[key]));
    return Math.max(...differences) / scale;
  };
  return {
    steps: actual.records.map(({ step }) => step),
    loss: worst('loss'),
    variance: worst('variance'),
    image: largestDifference(actual.image, expected.image),
    best: largestDifference(actual.best, expected.best),
  };
}

/** The greatest difference of what a network makes of one input after the other without learning, from the reference's. */
async function forward(): Promise<number> {
  const { graph, objective } = networkFor(12, 8, 3, 8);
  const plan = compileForward(graph, objective);
  const images = async (executor: Executor) => {
    const run = await executor.compile(plan);
    const seen: number[] = [];
    try {
      run.write('theta', initialParameters(plan, 3));
      for (const seed of [1, 2, 3]) {
        run.write('blurred', randomInput(3 * 12 * 8, seed, 1));
        await run.steps(1);
        seen.push(...(await run.read('image')));
      }
    } finally {
      run.dispose();
    }
    return Float32Array.from(seen);
  };
  return largestDifference(await images(await webgl2()), await images(createReferenceExecutor()));
}

/** Bits of everything after a few steps, asked for in pieces and without waiting in between. */
async function fingerprint(name: string, pieces: readonly number[]): Promise<number[]> {
  const run = await start(await webgl2(), name);
  try {
    const records: Promise<StepRecord[]>[] = pieces.map((count) => run.steps(count));
    const theta = run.read('theta');
    const best = run.read('best');
    const losses = (await Promise.all(records)).flat().map(({ loss }) => loss);
    const floats = Float32Array.from([...losses, ...(await theta), ...(await best)]);
    return [...new Uint32Array(floats.buffer)];
  } finally {
    run.dispose();
  }
}

/** Runs a case of the contract of runs; the message of what went wrong, or an empty string. */
async function contract(name: string): Promise<string> {
  const executor = await webgl2();
  return RUN_CONTRACT.find((one) => one.name === name)!
    .check(executor)
    .then(() => '', messageOf);
}

/** How a run that is disposed with steps in flight ends, and what it leaves alive. */
async function abort(name: string) {
  const executor = await webgl2();
  const run = await start(executor, name);
  const during = executor.alive;
  const steps = run.steps(500).then(() => 'finished', messageOf);
  const read = run.read('theta').then(() => 'read', messageOf);
  await new Promise((resolve) => setTimeout(resolve, 20));
  run.dispose();
  return { during, steps: await steps, read: await read, after: executor.alive };
}

/** What is alive after compiling and disposing a plan so many times. */
async function leak(name: string, times: number) {
  const executor = await webgl2();
  const counts = [];
  for (let i = 0; i < times; i++) {
    const run = await start(executor, name);
    await run.steps(1);
    await run.read('image');
    run.dispose();
    counts.push(executor.alive);
  }
  return counts;
}

/** The losses of the first steps, and where they were computed. */
async function losses(name: string, count: number) {
  const executor = await webgl2();
  const run = await start(executor, name);
  try {
    const records = await run.steps(count);
    return {
      losses: records.map(({ loss }) => loss),
      adapter: executor.adapter,
      secure: globalThis.isSecureContext,
      gpu: 'gpu' in navigator && Boolean(navigator.gpu),
    };
  } finally {
    run.dispose();
  }
}

/** How steps end when the context is lost, or when it answers nothing any more. */
async function lose(name: string, hung: boolean): Promise<string> {
  const gl = new OffscreenCanvas(1, 1).getContext('webgl2')!;
  const executor = await createWebgl2Executor({ webgl2: () => gl }, { patience: hung ? 4000 : undefined });
  const run = await start(executor, name);
  try {
    await run.steps(2);
    if (hung) gl.getSyncParameter = () => gl.UNSIGNALED;
    const going = run.steps(4).then(() => 'finished', messageOf);
    if (!hung) gl.getExtension('WEBGL_lose_context')!.loseContext();
    return await going;
  } finally {
    run.dispose();
    executor.dispose();
  }
}

Object.assign(globalThis, {
  kernel,
  trajectory,
  forward,
  fingerprint,
  contract,
  abort,
  leak,
  limited,
  losses,
  lose,
  renderer: async () => (await webgl2()).adapter,
  alive: async () => (await webgl2()).alive,
});
