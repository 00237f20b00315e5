import { execFile } from 'node:child_process';
import { parseArgs, promisify } from 'node:util';
import { TASKS, type Task } from '../src/engine/choices.ts';
import { estimate } from '../src/engine/estimate.ts';
import type { Mask, RasterImage, RestoreOptions } from '../src/engine/options.ts';
import { normal, streamKey } from '../src/engine/random.ts';
import { restore } from '../src/engine/restore.ts';
import { nodeHost } from '../src/node/host.ts';

const HELP = `npm run bench:memory -- [options]   peak memory of a restoration beside what estimate() says, each in a process of its own
  --megapixels 0.25,1,4     sizes of the input
  --tasks denoise,inpaint   default all
  --qualities fast          default all
  --seconds 60              a run is cut after so long: its memory is what it has been until then`;

/** A photograph of waves with grain, of which a tenth is missing where it is to be filled. */
function picture(side: number, sigma: number): RasterImage {
  const data = new Uint8ClampedArray(4 * side * side);
  const key = streamKey(0, 0);
  for (let i = 0; i < side * side; i++) {
    const [x, y] = [i % side, Math.floor(i / side)];
    const wave = 128 + 40 * Math.sin(x / 7) * Math.cos(y / 11) + 30 * Math.sin(x / 23 + y / 17);
    for (let c = 0; c < 3; c++) data[4 * i + c] = wave + 10 * c + sigma * normal(key, 3 * i + c);
    data[4 * i + 3] = 255;
  }
  return { data, width: side, height: side };
}

function strokes(side: number): Mask {
  const data = new Uint8Array(side * side).fill(255);
  for (let i = 0; i < data.length; i++)
    if (Math.floor(i / side) % 60 < 6 && i % side > 20 && i % side < side - 20) data[i] = 0;
  return { data, width: side, height: side };
}

interface Asked {
  readonly task: Task;
  readonly quality: NonNullable<RestoreOptions['quality']>;
  readonly megapixels: number;
  readonly seconds: number;
}

interface Measured {
  /** Beside the image, MB. */
  readonly predicted: number;
  readonly peak: number;
  readonly wasCut: boolean;
}

/** In a process of its own: what it took at most above what it had with the image in its memory. */
async function measure({ task, quality, megapixels, seconds }: Asked): Promise<Measured> {
  const side = Math.round(Math.sqrt(megapixels * 1e6));
  const image = picture(side, task === 'denoise' ? 20 : 0);
  const host = await nodeHost('wasm');
  const options: RestoreOptions = {
    ...{ task, quality, host, executor: 'wasm', previewEveryMs: 0 },
    ...(task === 'inpaint' ? { mask: strokes(side) } : {}),
  };
  if (process.argv.includes('--predict')) {
    const cost = (await estimate(image, options, [quality]))[quality];
    return { predicted: cost.bytes / 1e6, peak: 0, wasCut: false };
  }
  const before = process.memoryUsage().rss;
  const { stoppedBy } = await restore(image, { ...options, maxSeconds: seconds });
  const peak = process.resourceUsage().maxRSS * 1024 - before;
  return { predicted: 0, peak: peak / 1e6, wasCut: stoppedBy === 'time' };
}

const run = promisify(execFile);

async function inProcess(asked: Asked, ...more: string[]): Promise<Measured> {
  const { stdout } = await run(process.execPath, [process.argv[1], '--one', JSON.stringify(asked), ...more]);
  return JSON.parse(stdout.trim().split('\n').at(-1)!);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      megapixels: { type: 'string', default: '0.25,1,4' },
      tasks: { type: 'string', default: TASKS.join() },
      qualities: { type: 'string', default: 'fast,balanced,best' },
      seconds: { type: 'string', default: '60' },
      one: { type: 'string' },
      predict: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return console.log(HELP);
  if (values.one) return console.log(JSON.stringify(await measure(JSON.parse(values.one))));
  console.log('| task | quality | megapixels | predicted, MB | peak, MB | |\n|---|---|---|---|---|---|');
  for (const task of values.tasks.split(',') as Task[])
    for (const quality of values.qualities.split(',') as Asked['quality'][])
      for (const megapixels of values.megapixels.split(',').map(Number)) {
        const asked = { task, quality, megapixels, seconds: Number(values.seconds) };
        const { predicted } = await inProcess(asked, '--predict');
        const { peak, wasCut } = await inProcess(asked);
        const off = Math.round(100 * (predicted / peak - 1));
        const facts = [task, quality, megapixels, predicted.toFixed(0), peak.toFixed(0)];
        console.log(`| ${facts.join(' | ')} | ${off > 0 ? '+' : ''}${off} %${wasCut ? ', cut' : ''} |`);
      }
}

await main();
