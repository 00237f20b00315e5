import { parseArgs } from 'node:util';
import type { ExecutorChoice } from '../src/engine/choices.ts';
import { createExecutor } from '../src/engine/executors/choose.ts';
import { nodeHost } from '../src/node/host.ts';
import { CONV_KERNELS, type ConvShape, timeConvKernel } from './kernels.ts';
import { executorStepper, measure } from './measure.ts';
import { type Row, table } from './rows.ts';
import { workload } from './workload.ts';

const HELP = `bench/gpu.ts: the convolution kernels by themselves as a share of the device's peak, then whole steps
  --peak 66.9             fp32 peak of the device, TFLOP/s (known for the adapters below)
  --channels 128 --size 512
  --nets 128x5,32x5 --sizes 256,512
  --executor webgpu       which executor
  --also tfjs-webgpu      another one for the whole steps
  --seconds 3             time budget of each measurement
The last line is one object of JSON: {adapter, peak, kernels, steps}.`;

/** fp32 TFLOP/s without tensor cores, by the vendors' data sheets. */
const PEAKS: readonly (readonly [name: RegExp, teraflops: number])[] = [
  [/H100 PCIe/i, 51.2],
  [/H100|H200/i, 66.9],
  [/A100/i, 19.5],
  [/L40S/i, 91.6],
  [/RTX 4090/i, 82.6],
  [/\bT4\b/i, 8.1],
];

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      peak: { type: 'string' },
      channels: { type: 'string', default: '128' },
      size: { type: 'string', default: '512' },
      nets: { type: 'string', default: '128x5,32x5' },
      sizes: { type: 'string', default: '256,512' },
      executor: { type: 'string', default: 'webgpu' },
      also: { type: 'string' },
      seconds: { type: 'string', default: '3' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(HELP);
  const seconds = Number(values.seconds);
  const name = values.executor as ExecutorChoice;
  const { executor } = await createExecutor(name, await nodeHost(name));
  const { adapter } = executor;
  const peak = values.peak ? Number(values.peak) : PEAKS.find(([pattern]) => pattern.test(adapter))?.[1];
  console.log(`${adapter}, fp32 peak ${peak ? `${peak} TFLOP/s` : 'unknown: give --peak'}`);

  const kernels = [];
  for (const shape of shapes(Number(values.channels), Number(values.size)))
    for (const kernel of CONV_KERNELS) {
      const time = await timeConvKernel(executor, kernel, shape, seconds);
      kernels.push(time);
      const share = peak ? `${(time.gflops / peak / 10).toFixed(1)} % of peak` : '';
      const { channels, size, kernel: k, stride } = shape;
      console.log(
        `${kernel.padEnd(18)} ${channels}→${channels} ${k}×${k} stride ${stride} at ${size}²: ` +
          `${time.ms.toFixed(3)} ms, ${time.gflops.toFixed(0)} GFLOP/s ${share}, ${time.flopsPerByte.toFixed(0)} FLOP/byte`,
      );
    }

  const steps: Row[] = [];
  for (const net of values.nets.split(','))
    for (const size of values.sizes.split(',').map(Number)) {
      const work = workload(net, size);
      const measured = await measure(await executorStepper(executor, work), seconds);
      steps.push({ executor: name, net, size, gflops: work.flops / measured.msPerStep / 1e6, ...measured });
    }
  executor.dispose();
  if (values.also) steps.push(...(await others(values.also as ExecutorChoice, steps, seconds)));
  console.log(table(steps));
  console.log(JSON.stringify({ adapter, peak: peak ?? null, kernels, steps }));
  process.exit(0); // Dawn keeps Node alive as long as its instance exists
}

/** The same steps on another executor. */
async function others(name: ExecutorChoice, like: readonly Row[], seconds: number): Promise<Row[]> {
  const { executor } = await createExecutor(name, await nodeHost(name));
  const rows: Row[] = [];
  for (const { net, size } of like) {
    const work = workload(net, size);
    const measured = await measure(await executorStepper(executor, work), seconds);
    rows.push({ executor: name, net, size, gflops: work.flops / measured.msPerStep / 1e6, ...measured });
  }
  executor.dispose();
  return rows;
}

function shapes(channels: number, size: number): ConvShape[] {
  return [
    { channels, size, kernel: 3, stride: 1 },
    { channels, size, kernel: 3, stride: 2 },
    { channels, size, kernel: 1, stride: 1 },
  ];
}

await main();
