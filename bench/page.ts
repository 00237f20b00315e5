import { createExecutor } from '../src/engine/executors/choose.ts';
import type { ExecutorChoice } from '../src/engine/options.ts';
import { executorStepper, type Measurement, measure, type Stepper } from './measure.ts';
import { type Workload, workload } from './workload.ts';

/** The browser's side of the benchmark, called by browser.ts. */
async function benchmark(name: string, net: string, size: number, seconds: number): Promise<Measurement> {
  const work = workload(net, size);
  if (name === 'jax-js') return measure(await jax(work), seconds);
  const stock = /^stock-tfjs-(webgpu|webgl)$/.exec(name);
  const executor = (await createExecutor((stock ? `tfjs-${stock[1]}` : name) as ExecutorChoice, undefined))
    .executor;
  try {
    return await measure(
      stock ? await stockTfjs(work, executor.adapter) : await executorStepper(executor, work),
      seconds,
    );
  } finally {
    executor.dispose();
  }
}

async function jax(work: Workload): Promise<Stepper> {
  const adapter = await navigator.gpu?.requestAdapter();
  const { vendor = '', architecture = '', description = '' } = adapter?.info ?? {};
  return (await import('./jax-net.ts')).jaxStepper(work, description || `${vendor} ${architecture}`);
}

/** On the backend that the executor just started. */
async function stockTfjs(work: Workload, adapter: string): Promise<Stepper> {
  const tf = await import('@tensorflow/tfjs');
  return (await import('./stock-tfjs.ts')).stockTfjsStepper(tf, adapter, work);
}

Object.assign(globalThis, { benchmark });
