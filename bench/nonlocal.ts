import { parseArgs } from 'node:util';
import { QUALITIES, type Quality } from '../src/engine/choices.ts';
import type { Picture } from '../src/engine/image/picture.ts';
import { denoiseNonlocal } from '../src/engine/nonlocal/denoise.ts';
import { whiteNoise } from '../src/engine/nonlocal/noise-model.ts';
import { normal, streamKey } from '../src/engine/random.ts';
import { nodeWorkers } from '../src/node/workers.ts';

const HELP = `npm run bench:nonlocal -- [options]   the non-local stage on a drawn picture, whole, start included
  --sizes 256,1024        side of the square picture, px
  --qualities fast        ${QUALITIES.join(', ')}
  --sigma 25              of white noise, in 1/255
  --workers 1,2           numbers of workers; each row is also compared with the first
  --grey                  one plane instead of three`;

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
}

async function time(picture: Picture, sigma: number, quality: Quality, workers: number): Promise<Row> {
  const noise = whiteNoise(picture.channels as 1 | 3, sigma);
  const [from, cpu] = [performance.now(), process.cpuUsage()];
  await denoiseNonlocal(picture, noise, { quality, host: { workers: nodeWorkers(workers) } });
  const { user, system } = process.cpuUsage(cpu);
  return { seconds: (performance.now() - from) / 1000, cpuSeconds: (user + system) / 1e6 };
}

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '256,1024' },
    qualities: { type: 'string', default: 'fast' },
    sigma: { type: 'string', default: '25' },
    workers: { type: 'string', default: '1,2' },
    grey: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

async function main(): Promise<void> {
  const sigma = Number(values.sigma);
  for (const quality of values.qualities.split(',') as Quality[])
    for (const side of values.sizes.split(',').map(Number)) {
      const picture = drawn(side, values.grey ? 1 : 3, sigma);
      let first: number | undefined;
      for (const workers of values.workers.split(',').map(Number)) {
        const { seconds, cpuSeconds } = await time(picture, sigma, quality, workers);
        first ??= seconds;
        const perPixel = (1e6 * cpuSeconds) / side ** 2;
        console.log(
          `${quality} ${side}² workers ${workers}: ${seconds.toFixed(2)} s, ${cpuSeconds.toFixed(2)} CPU-s, ` +
            `${perPixel.toFixed(1)} CPU-µs a pixel, × ${(first / seconds).toFixed(2)}`,
        );
      }
    }
}

if (values.help) console.log(HELP);
else await main();
