/**
 * prior-art/webgpu: the WebGPU engine by itself, for programs that work on the GPU already. A graph is compiled into a
 * plan, a plan into a run; with TensorFlow.js on the executor's device (prior-art/tfjs), tensors go into a run and out of
 * it without leaving the GPU. Its types are those of TypeScript's own "dom" library, or of @webgpu/types.
 *
 * @example
 * const executor = await createWebGpuExecutor(undefined);
 * const { tf, release } = await shareWithTfjs(executor);
 * const g = new Graph();
 * const image = skip(g, g.input('z', [8, 64, 64]), { channels: [16, 16], skips: [4, 4], imageChannels: 3 });
 * const plan = compile(g, { image, observed: image, … }); // see Objective
 * const run = await executor.compile(plan);
 * run.write('theta', initialParameters(plan, 0));
 * await writeTensor(executor, run, 'target', tensor); // [3, 64, 64]
 * await run.steps(100);
 * const restored = await readTensor(run, tf, 'ema', [3, 64, 64]);
 */
export { createWebGpuExecutor, type WebGpuExecutor } from './executors/webgpu/executor.ts';
export type { WebGpuRun } from './executors/webgpu/run.ts';
export { Graph } from './network/graph.ts';
export { initialParameters, randomInput } from './network/initialise.ts';
export { skip } from './network/skip.ts';
export { compile } from './plan/compile.ts';
export { type Objective, type Plan, planBytes } from './plan/plan.ts';
