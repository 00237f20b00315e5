import { execFileSync, spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { findVulkan } from '../scripts/machine.mjs';
import { EXECUTORS, type ExecutorChoice } from '../src/engine/choices.ts';
import { createExecutor } from '../src/engine/executors/choose.ts';
import { describePlan } from '../src/engine/plan/describe.ts';
import { nodeHost } from '../src/node/host.ts';
import { type BrowserBench, startBrowser } from './browser.ts';
import { executorStepper, type Measurement, measure } from './measure.ts';
import { occupancyTable } from './occupancy.ts';
import { rooflineTable } from './roofline.ts';
import { type Row, table } from './rows.ts';
import { workload } from './workload.ts';

const HELP = `npm run bench -- [options]            times one training step; every row by the same plan
  --nets 32x5,128x5       WIDTHxSCALES each (default 32x5)
  --sizes 128,256         side of the square image, px (default 128,256)
  --executors A,B,...     ${EXECUTORS.filter((name) => name !== 'auto').join(', ')};
                          stock-tfjs-webgpu, stock-tfjs-webgl (tf's own operations, gradients and Adam), jax-js;
                          NAME@chromium runs in Chromium, which webgl and jax-js rows always do (default webgpu,wasm)
  --seconds 3             time budget of each row
  --software              WebGPU in Node on SwiftShader instead of the system's driver
  --torch SCRIPT.py       a PyTorch row too, by a script such as bench/torch_step.py
  --python PROGRAM        that runs it (default python3)
  --roofline 66.9,3350    no measurement: the least time of a step on a device of so many TFLOP/s and GB/s, and
                          what its multiprocessors (a third number, default 132) hold of each kernel
  --plan                  no measurement: what one step does, line by line, with its cost and the memory it needs
  --json                  the last line of output is one array of all rows`;

interface Settings {
  nets: string[];
  sizes: number[];
  executors: string[];
  seconds: number;
  torch: string | undefined;
  python: string;
  json: boolean;
}

const CHROMIUM = '@chromium';
const BROWSER_ONLY = ['webgl2', 'jax-js', 'tfjs-webgl', 'stock-tfjs-webgl', 'stock-tfjs-webgpu'];

let browser: BrowserBench | undefined;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      nets: { type: 'string', default: '32x5' },
      sizes: { type: 'string', default: '128,256' },
      executors: { type: 'string', default: 'webgpu,wasm' },
      seconds: { type: 'string', default: '3' },
      software: { type: 'boolean', default: false },
      torch: { type: 'string' },
      python: { type: 'string', default: 'python3' },
      roofline: { type: 'string' },
      plan: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(HELP);
  if (values.software && !process.env.VK_ICD_FILENAMES) return rerunOnSwiftShader();
  const list = (text: string) => text.split(',').filter(Boolean);
  if (values.plan) {
    for (const net of list(values.nets))
      for (const size of list(values.sizes).map(Number))
        console.log(`\n${net} at ${size}²\n${describePlan(workload(net, size).plan)}`);
    return;
  }
  if (values.roofline) {
    const [teraflops, gigabytes, multiprocessors = 132] = list(values.roofline).map(Number);
    for (const net of list(values.nets))
      for (const size of list(values.sizes).map(Number)) {
        const { plan } = workload(net, size);
        console.log(`\n${net} at ${size}²\n${rooflineTable(plan, teraflops, gigabytes)}`);
        console.log(`\n${occupancyTable(plan, multiprocessors)}`);
      }
    return;
  }
  const rows = await measureAll({
    nets: list(values.nets),
    sizes: list(values.sizes).map(Number),
    executors: list(values.executors),
    seconds: Number(values.seconds),
    torch: values.torch,
    python: values.python,
    json: values.json,
  });
  console.log(table(rows));
  if (values.json) console.log(JSON.stringify(rows));
  process.exit(0); // Dawn keeps Node alive as long as its instance exists
}

/** The Vulkan loader reads its environment once, when the process starts. */
function rerunOnSwiftShader(): void {
  const vulkan = findVulkan();
  if (vulkan?.kind !== 'swiftshader') throw new Error('SwiftShader was not found; it comes with Chromium.');
  const { status } = spawnSync(process.execPath, process.argv.slice(1), {
    stdio: 'inherit',
    env: { ...process.env, ...vulkan.env },
  });
  process.exitCode = status ?? 1;
}

async function measureAll(settings: Settings): Promise<Row[]> {
  const rows: Row[] = [];
  for (const net of settings.nets)
    for (const size of settings.sizes) {
      const { flops } = workload(net, size);
      const add = (executor: string, measured: Measurement) => {
        const gflops = flops / measured.msPerStep / 1e6;
        const row = { executor, net, size, gflops, ...measured };
        rows.push(row);
        console.error(table([row]).split('\n').pop());
      };
      for (const name of settings.executors) {
        try {
          add(name, await measureOne(name, net, size, settings.seconds));
        } catch (error) {
          console.error(
            `${name}, ${net} at ${size}²: skipped: ${error instanceof Error ? error.message : error}`,
          );
        }
      }
      if (settings.torch) add('pytorch', torchRow(settings, net, size));
    }
  await browser?.close();
  return rows;
}

async function measureOne(name: string, net: string, size: number, seconds: number): Promise<Measurement> {
  if (name.endsWith(CHROMIUM) || BROWSER_ONLY.includes(name)) {
    browser ??= await startBrowser();
    const measured = await browser.run(name.replace(CHROMIUM, ''), net, size, seconds);
    return { ...measured, adapter: `${measured.adapter} in Chromium` };
  }
  if (!(EXECUTORS as readonly string[]).includes(name))
    throw new Error(`there is no executor "${name}"; see --help`);
  const choice = name as ExecutorChoice;
  const { executor } = await createExecutor(choice, await nodeHost(choice));
  try {
    return await measure(await executorStepper(executor, workload(net, size)), seconds);
  } finally {
    executor.dispose();
  }
}

function torchRow({ torch, python, seconds }: Settings, net: string, size: number): Measurement {
  const args = [torch!, '--net', net, '--size', String(size), '--seconds', String(seconds)];
  args.push('--threads', String(availableParallelism()));
  const lines = execFileSync(python, args, { encoding: 'utf8' }).trim().split('\n');
  return { dispatches: null, longestTaskMs: null, ...JSON.parse(lines[lines.length - 1]) };
}

await main();
