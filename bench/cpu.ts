import { parseArgs } from 'node:util';
import { createWasmExecutor } from '../src/engine/executors/wasm/index.ts';
import { lower } from '../src/engine/executors/wasm/lower.ts';
import { compileKernels, instantiate } from '../src/engine/executors/wasm/module.ts';
import { LoadedProgram } from '../src/engine/executors/wasm/run.ts';
import type { KernelCall } from '../src/engine/plan/calls.ts';
import { nodeThreads } from '../src/node/threads.ts';
import { executorStepper } from './measure.ts';
import { type Workload, workload } from './workload.ts';

const HELP = `npm run bench:cpu -- [options]   where a step of the wasm executor spends its time, on one thread
  --net 32x5 --size 256
  --repeats 10            each kernel's best of so many steps counts, in CPU time: other processes disturb it little
  --plain                 without relaxed SIMD
  --each                  every convolution by itself
  --threads 2             then whole steps with 1 and with 2 threads in turn: medians, the speed-up, and what is the most
                          that 2 threads can gain here`;

/** Steps until V8 has compiled the kernels for good. */
const WARM_UP = 3;

type ConvKind = 'conv' | 'convBackwardInput' | 'convBackwardWeight';
type Conv = Extract<KernelCall, { kind: ConvKind }>;
const isConv = (call: KernelCall): call is Conv => call.kind.startsWith('conv');

function describe(call: Conv): { label: string; flops: number } {
  const x = call.kind === 'convBackwardInput' ? call.dx : call.x;
  const y = call.kind === 'conv' ? call.out : call.dy;
  const label = `${x.channels}→${y.channels} ${y.width}×${y.height} k${call.kernel} s${call.stride}`;
  return { label, flops: 2 * x.channels * y.channels * y.height * y.width * call.kernel ** 2 };
}

/** CPU milliseconds of this process. */
function cpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function profile({ plan, inputs }: Workload, repeats: number, plain: boolean, each: boolean) {
  const kernels = await compileKernels(false, plain ? false : undefined);
  const program = lower(plan, kernels.fma);
  const loaded = new LoadedProgram(plan, program, 1, false);
  for (const [name, data] of inputs) loaded.named(name).set(data);
  const { runOne } = instantiate(kernels.module, loaded.memory);
  const best = program.stages.map(() => Number.POSITIVE_INFINITY);
  for (let i = 0; i < repeats; i++)
    best.forEach((before, stage) => {
      const from = cpu();
      for (let task = 0; task < loaded.tasks[stage]; task++)
        runOne(loaded.control, stage, task, loaded.scratch[0]);
      best[stage] = Math.min(before, cpu() - from);
    });
  const calls = plan.calls.filter(isConv).map((call) => ({ kind: call.kind, ...describe(call) }));
  const totals = new Map<string, { ms: number; flops: number }>();
  program.stages.forEach(({ op }, i) => {
    const at = calls.findIndex((call) => call.kind === op);
    const conv = at < 0 ? undefined : calls.splice(at, 1)[0];
    const total = totals.get(op) ?? { ms: 0, flops: 0 };
    totals.set(op, { ms: total.ms + best[i], flops: total.flops + (conv?.flops ?? 0) });
    if (each && conv) print(`${op} ${conv.label}`, best[i], conv.flops);
  });
  for (const [op, { ms, flops }] of [...totals].sort((a, b) => b[1].ms - a[1].ms)) print(op, ms, flops);
  const ms = best.reduce((sum, value) => sum + value, 0);
  print(`the whole step (${program.stages.length} stages)`, ms, 0);
}

function print(label: string, ms: number, flops: number): void {
  const rate = flops > 0 ? `${(flops / ms / 1e6).toFixed(1).padStart(6)} GFLOP/s` : '';
  console.log(`${label.padEnd(52)} ${ms.toFixed(2).padStart(8)} ms ${rate}`);
}

/**
 * Steps of one run on 1 thread, of one on `threads`, and of `threads` independent runs on 1 thread each at once, which
 * is what the machine's shared caches and memory leave of the threads; in turn, so that all see the same machine.
 */
async function speedUp(work: Workload, threads: number, repeats: number): Promise<void> {
  const counts = [...new Array<number>(threads).fill(1), threads];
  const executors = await Promise.all(
    counts.map((count) => createWasmExecutor({ threads: nodeThreads(count) })),
  );
  const steppers = await Promise.all(executors.map((executor) => executorStepper(executor, work)));
  const ways = [steppers.slice(0, 1), steppers.slice(-1), steppers.slice(0, -1)];
  const times = ways.map((): number[] => []);
  for (const stepper of steppers) await stepper.steps(WARM_UP);
  for (let i = 0; i < repeats; i++)
    for (const [way, list] of ways.entries()) {
      const from = performance.now();
      await Promise.all(list.map((stepper) => stepper.steps(1)));
      times[way].push(performance.now() - from);
    }
  for (const executor of executors) executor.dispose();
  const [one, many, apart] = times.map((list) => list.sort((a, b) => a - b)[list.length >> 1]);
  const ms = (value: number) => `${value.toFixed(1)} ms`;
  console.log(`1 thread ${ms(one)}, ${threads} threads ${ms(many)}: × ${(one / many).toFixed(2)}`);
  console.log(`${threads} runs at once, ${ms(apart)}: × ${((threads * one) / apart).toFixed(2)} together`);
}

const { values } = parseArgs({
  options: {
    net: { type: 'string', default: '32x5' },
    size: { type: 'string', default: '256' },
    repeats: { type: 'string', default: '10' },
    plain: { type: 'boolean', default: false },
    each: { type: 'boolean', default: false },
    threads: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) console.log(HELP);
else {
  nodeThreads(1); // switches relaxed SIMD on where it needs a flag
  const work = workload(values.net, Number(values.size));
  await profile(work, Number(values.repeats), values.plain, values.each);
  if (values.threads) await speedUp(work, Number(values.threads), Number(values.repeats));
}
