import type { ExecutorChoice } from '../src/engine/choices.ts';
import { createExecutor } from '../src/engine/executors/choose.ts';
import { executorStepper, type Measurement, measure, type Stepper } from './measure.ts';
import { type Workload, workload } from './workload.ts';

/** The browser's side of the benchmark, called by browser.ts: first this. */
let work: Workload;
function prepare(net: string, size: number): void {
  work = workload(net, size);
}

/** Then this. */
async function benchmark(name: string, seconds: number): Promise<Measurement> {
  const measured = await measureOne(name, seconds);
  await new Promise((resume) => setTimeout(resume, AFTERWARDS_MS));
  return measured;
}

/** An executor's end may have work to do that nobody waits for. */
const AFTERWARDS_MS = 100;

async function measureOne(name: string, seconds: number): Promise<Measurement> {
  if (name === 'jax-js') return measure(await jax(work), seconds);
  const stock = /^stock-tfjs-(webgpu|webgl)$/.exec(name);
  const executor = (
    await createExecutor((stock ? `tfjs-${stock[1]}` : name) as ExecutorChoice, {
      tfjs: () => import('../src/engine/tfjs.ts'),
    })
  ).executor;
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

Object.assign(globalThis, { prepare, benchmark });
