import { parseArgs } from 'node:util';
import { createWasmExecutor } from '../src/engine/executors/wasm/index.ts';
import { lower } from '../src/engine/executors/wasm/lower.ts';
import { compileKernels, instantiate } from '../src/engine/executors/wasm/module.ts';
import { LoadedProgram } from '../src/engine/executors/wasm/run.ts';
import type { KernelCall } from '../src/engine/plan/plan.ts';
import { nodeThreads } from '../src/node/threads.ts';
import { executorStepper } from './measure.ts';
import { type Workload, workload } from './workload.ts';

const HELP = `npm run bench:cpu -- [options]   where a step of the wasm executor spends its time, on one thread
  --net 32x5 --size 256
  --repeats 10            each kernel's best of so many steps counts, in CPU time: other processes disturb it little
  --plain                 without relaxed SIMD
  --each                  every convolution by itself
  --threads 2             then whole steps with 1 and with 2 threads in turn, and the speed-up`;

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
  const { runStage } = instantiate(kernels.module, loaded.memory);
  const best = program.stages.map(() => Number.POSITIVE_INFINITY);
  for (let i = 0; i < repeats; i++)
    best.forEach((before, stage) => {
      const from = cpu();
      runStage(loaded.control, stage, loaded.scratch[0]);
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

/** Best of some steps with 1 and with `threads` threads, in turn so that both see the same machine. */
async function speedUp(work: Workload, threads: number, repeats: number): Promise<void> {
  const executors = await Promise.all(
    [1, threads].map((count) => createWasmExecutor({ threads: nodeThreads(count) })),
  );
  const steppers = await Promise.all(executors.map((executor) => executorStepper(executor, work)));
  const best = steppers.map(() => Number.POSITIVE_INFINITY);
  for (let i = 0; i < repeats; i++)
    for (const [j, stepper] of steppers.entries()) {
      const from = performance.now();
      await stepper.steps(1);
      best[j] = Math.min(best[j], performance.now() - from);
    }
  for (const executor of executors) executor.dispose();
  const [one, many] = best.map((ms) => ms.toFixed(1));
  console.log(`1 thread ${one} ms, ${threads} threads ${many} ms: × ${(best[0] / best[1]).toFixed(2)}`);
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
