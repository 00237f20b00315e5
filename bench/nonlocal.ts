import { parseArgs } from 'node:util';
import { QUALITIES, type Quality } from '../src/engine/choices.ts';
import type { Picture } from '../src/engine/image/picture.ts';
import { denoiseNonlocal, FIRST } from '../src/engine/nonlocal/denoise.ts';
import { whiteNoise } from '../src/engine/nonlocal/noise-model.ts';
import { openGpuPool } from '../src/engine/nonlocal/webgpu/open.ts';
import { denoiseInWindows } from '../src/engine/nonlocal/windows.ts';
import { normal, streamKey } from '../src/engine/random.ts';
import { unhurried } from '../src/engine/stopping/pace.ts';
import { nodeGpu } from '../src/node/gpu.ts';
import { nodeWorkers } from '../src/node/workers.ts';

const HELP = `npm run bench:nonlocal -- [options]   the non-local stage on a drawn picture, whole, start included
  --sizes 256,1024        side of the square picture, px
  --qualities fast        ${QUALITIES.join(', ')}
  --sigma 25              of white noise, in 1/255
  --workers 1,2           numbers of workers; each row is also compared with the first
  --windows               windows of adapted shape alone, guided by the picture without noise
  --grey                  one plane instead of three
  --gpu                   on the graphics card too (512² or more), and how far its answer is from the processor's`;

/** Waves, edges and noise. */
function drawn(side: number, channels: 1 | 3, sigma: number): Picture {
  const n = side * side;
  const key = streamKey(1, 1);
  const colour = Float32Array.from({ length: channels * n }, (_, i) => {
    const [x, y, c] = [i % side, Math.floor(i / side) % side, Math.floor(i / n)];
    const edge = (x * 3 + y) % 97 > 48 ? 0.15 : 0;
    const value = 0.4 + edge + 0.2 * Math.sin(x / 9 + c) * Math.cos(y / 14);
    return Math.min(1, Math.max(0, value + (sigma / 255) * normal(key, i)));
  });
  return { width: side, height: side, channels, colour, alpha: null };
}

interface Row {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly result: Float32Array;
}

/** With 0 workers on the graphics card. */
async function time(picture: Picture, sigma: number, quality: Quality, workers: number): Promise<Row> {
  const noise = whiteNoise(picture.channels as 1 | 3, sigma);
  const way =
    workers === 0
      ? ({ executor: 'webgpu', host: await nodeGpu() } as const)
      : ({ executor: 'wasm', host: { workers: nodeWorkers(workers) } } as const);
  const guide = drawn(picture.width, noise.planes.length as 1 | 3, 0).colour;
  const progress = async () => undefined;
  const [from, cpu] = [performance.now(), process.cpuUsage()];
  const result = await (values.windows
    ? denoiseInWindows(picture, guide, noise, { host: way.host, pace: unhurried(), progress })
    : denoiseNonlocal(picture, noise, { quality, ...way }));
  const { user, system } = process.cpuUsage(cpu);
  return { seconds: (performance.now() - from) / 1000, cpuSeconds: (user + system) / 1e6, result };
}

/** Why no graphics card would be used, or null. */
async function noCard(): Promise<string | null> {
  try {
    (await openGpuPool(await nodeGpu(), whiteNoise(1, 25), [FIRST])).dispose();
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Root mean square difference, in 1/255. */
function apart(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return 255 * Math.sqrt(sum / a.length);
}

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '256,1024' },
    qualities: { type: 'string', default: 'fast' },
    sigma: { type: 'string', default: '25' },
    workers: { type: 'string', default: '1,2' },
    windows: { type: 'boolean', default: false },
    grey: { type: 'boolean', default: false },
    gpu: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

async function main(): Promise<void> {
  const sigma = Number(values.sigma);
  const refused = values.gpu ? await noCard() : null;
  if (refused) console.log(`Not on the graphics card: ${refused}`);
  const ways = values.workers.split(',').map(Number);
  if (values.gpu && !refused) ways.push(0);
  for (const quality of values.qualities.split(',') as Quality[])
    for (const side of values.sizes.split(',').map(Number)) {
      const picture = drawn(side, values.grey ? 1 : 3, sigma);
      let first: Row | undefined;
      for (const workers of ways) {
        const row = await time(picture, sigma, quality, workers);
        const { seconds, cpuSeconds } = row;
        first ??= row;
        const perPixel = (1e6 * cpuSeconds) / side ** 2;
        console.log(
          `${values.windows ? 'windows' : quality} ${side}² ${workers === 0 ? 'graphics card' : `workers ${workers}`}: ${seconds.toFixed(2)} s, ${cpuSeconds.toFixed(2)} CPU-s, ` +
            `${perPixel.toFixed(1)} CPU-µs a pixel, × ${(first.seconds / seconds).toFixed(2)}, ` +
            `${apart(row.result, first.result).toFixed(3)}/255 from the first`,
        );
      }
    }
}

if (values.help) console.log(HELP);
else await main();
