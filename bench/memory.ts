import { execFile } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { TASKS, type Task } from '../src/engine/choices.ts';
import { estimate } from '../src/engine/estimate.ts';
import { bytesOfThreads } from '../src/engine/estimate-memory.ts';
import type { WorkerHost } from '../src/engine/executors/host.ts';
import type { RestoreOptions } from '../src/engine/options.ts';
import { restore } from '../src/engine/restore.ts';
import { nodeHost } from '../src/node/host.ts';
import { countCpuTime } from './cpu-clock.ts';
import { type Subject, subjectOf } from './subject.ts';

const HELP = `npm run bench:memory -- [options]   peak memory of a restoration beside what estimate() says, each in a process of its own
  --megapixels 0.25,1,4     sizes of the input
  --tasks denoise,inpaint   default all
  --qualities fast          default all
  --image FILE              what it is made of, mirrored as often as needed (default the sample of npm start)
  --hollow                  kernels answer nothing, at once, and count as what is said of their threads: for sizes that would take hours
  --seconds 60              a run is cut after so many of CPU time: its memory is what it has been until then`;

interface Asked {
  readonly task: Task;
  readonly quality: NonNullable<RestoreOptions['quality']>;
  readonly megapixels: number;
  readonly seconds: number;
  readonly hollow?: boolean;
}

interface Measured {
  /** Beside the image, MB. */
  readonly predicted: number;
  readonly peak: number;
  readonly wasCut: boolean;
}

/** A subject as a file of raw samples: a process that decoded or damaged one would have taken memory of its own for that. */
interface Stored {
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly planes: number;
  readonly masked: boolean;
}

function store(folder: string, { image, mask }: Subject): Stored {
  const { width, height, planes } = image;
  const file = join(folder, 'samples');
  writeFileSync(file, Buffer.concat(planes.map(({ buffer }) => new Uint8Array(buffer))));
  if (mask) appendFileSync(file, Uint8Array.from(mask.data));
  return { file, width, height, planes: planes.length, masked: mask !== undefined };
}

function load({ file, width, height, planes, masked }: Stored): Subject {
  const { buffer, byteOffset } = readFileSync(file);
  const n = width * height;
  const image = {
    ...{ width, height },
    planes: Array.from({ length: planes }, (_, p) => new Float32Array(buffer, byteOffset + 4 * p * n, n)),
  };
  const data = new Uint8Array(buffer, byteOffset + 4 * planes * n, masked ? n : 0);
  return { image, ...(masked ? { mask: { data, width, height } } : {}) };
}

/** What they are asked changes nothing: all that is held and done around the kernels is as ever. */
const hollowWorkers: WorkerHost = {
  count: 2,
  start: () => ({
    ask: async (task) => {
      const { from, to } = task as { from: number; to: number };
      return new ArrayBuffer(to - from);
    },
    terminate: () => {},
  }),
};

/** In a process of its own: what it took at most above what it had with the image in its memory. */
async function measure({
  task,
  quality,
  seconds,
  stored,
  hollow,
}: Asked & { readonly stored: Stored }): Promise<Measured> {
  const { image, mask } = load(stored);
  const predicts = process.argv.includes('--predict');
  const given = await nodeHost('wasm');
  const host = hollow && !predicts ? { workers: hollowWorkers } : given;
  const options: RestoreOptions = { task, quality, host, mask, executor: 'wasm', previewEveryMs: 0 };
  if (predicts) {
    const cost = (await estimate(image, options, [quality]))[quality];
    return { predicted: cost.bytes / 1e6, peak: 0, wasCut: false };
  }
  countCpuTime();
  const before = process.memoryUsage().rss;
  const { stoppedBy } = await restore(image, { ...options, maxSeconds: seconds });
  const peak = process.resourceUsage().maxRSS * 1024 - before;
  const threads = hollow ? bytesOfThreads(given.workers?.count ?? 0) : 0;
  return { predicted: 0, peak: (peak + threads) / 1e6, wasCut: stoppedBy === 'time' };
}

const run = promisify(execFile);

async function inProcess(asked: Asked & { readonly stored: Stored }, ...more: string[]): Promise<Measured> {
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
      image: { type: 'string', default: 'samples/nagasaki-boats.png' },
      one: { type: 'string' },
      predict: { type: 'boolean' },
      hollow: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return console.log(HELP);
  if (values.one) return console.log(JSON.stringify(await measure(JSON.parse(values.one))));
  console.log('| task | quality | megapixels | predicted, MB | peak, MB | |\n|---|---|---|---|---|---|');
  const { hollow } = values;
  const folder = mkdtempSync(join(tmpdir(), 'bench-memory-'));
  try {
    for (const task of values.tasks.split(',') as Task[])
      for (const megapixels of values.megapixels.split(',').map(Number)) {
        const stored = store(folder, await subjectOf(values.image, task, megapixels));
        for (const quality of values.qualities.split(',') as Asked['quality'][])
          console.log(
            await row({ task, quality, megapixels, seconds: Number(values.seconds), hollow, stored }),
          );
      }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function row(asked: Asked & { readonly stored: Stored }): Promise<string> {
  const { predicted } = await inProcess(asked, '--predict');
  const { peak, wasCut } = await inProcess(asked);
  const off = Math.round(100 * (predicted / peak - 1));
  const facts = [asked.task, asked.quality, asked.megapixels, predicted.toFixed(0), peak.toFixed(0)];
  return `| ${facts.join(' | ')} | ${off > 0 ? '+' : ''}${off} %${wasCut ? ', cut' : ''} |`;
}

await main();
