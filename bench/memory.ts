import { execFile } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { TASKS, type Task } from '../src/engine/choices.ts';
import { estimate } from '../src/engine/estimate/estimate.ts';
import type { RestoreOptions } from '../src/engine/options.ts';
import { restore, type Stage } from '../src/engine/restore.ts';
import { nodeHost } from '../src/node/host.ts';
import { countCpuTime } from './cpu-clock.ts';
import { GIVEN, hollow, slowClock } from './hollow.ts';
import { type Subject, subjectOf } from './subject.ts';

const HELP = `npm run bench:memory -- [options]   peak memory of a restoration beside what estimate() says, each in a process of its own
  --megapixels 0.25,1,4     sizes of the input
  --tasks denoise,inpaint   default all
  --qualities fast          default all
  --image FILE              what it is made of, mirrored as often as needed (default the sample of npm start)
  --seconds 60              a run is cut after so many of CPU time: its memory is what it has been until then
  --hollow                  kernels compute their first pieces alone (bench/hollow.ts), and what is cut after --seconds is the last
                            word alone, and a JPEG's tiles: every stage is gone through, of sizes too that would take hours`;

interface Asked {
  readonly task: Task;
  readonly quality: NonNullable<RestoreOptions['quality']>;
  readonly megapixels: number;
  readonly seconds: number;
  readonly hollow?: boolean;
}

interface Measured {
  /** Beside the image, MB. */
  readonly peak: number;
  /** Of CPU time. */
  readonly seconds: number;
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

/** Pixels of a result that is not refined after it was learnt: of smaller ones the last word is not cut. */
const CUT_FROM = 2 ** 22;

/** What comes before the last word, where there is one. */
function lastStage(task: Task, quality: Asked['quality']): Stage | undefined {
  if (task === 'inpaint') return undefined;
  return task === 'upscale' || (task === 'denoise' && quality === 'best') ? 'network' : 'nonlocal';
}

/** Share of a JPEG's tiles, each of which holds the same, after which it is enough of them. */
const SOME_TILES = 0.15;

/** In a process of its own: what it took at most above what it had with the image in its memory. */
async function measure({
  task,
  quality,
  seconds,
  stored,
  hollow: isHollow,
}: Asked & { readonly stored: Stored }): Promise<Measured> {
  const { image, mask } = load(stored);
  const host = await nodeHost('wasm');
  const on = isHollow ? hollow(host) : ({ host, executor: 'wasm' } as const);
  const hurry = isHollow ? slowClock(seconds) : countCpuTime();
  const last = lastStage(task, quality);
  const pixels = image.width * image.height * (task === 'upscale' ? 4 : 1);
  const before = process.memoryUsage().rss;
  const { stoppedBy } = await restore(image, {
    ...{ task, quality, mask, ...on, previewEveryMs: 0, maxSeconds: isHollow ? GIVEN : seconds },
    onProgress: ({ done, stage }) => {
      if (done >= (task === 'dejpeg' ? SOME_TILES : 1) && stage === last && pixels > CUT_FROM) hurry?.();
    },
  });
  const peak = (process.resourceUsage().maxRSS * 1024 - before) / 1e6;
  const { user, system } = process.cpuUsage();
  return { peak, seconds: (user + system) / 1e6, wasCut: stoppedBy === 'time' };
}

/** MB that estimate() says for each quality; how long its pieces take does not matter. */
async function predict(
  task: Task,
  qualities: readonly Asked['quality'][],
  stored: Stored,
): Promise<Record<string, number>> {
  const { image, mask } = load(stored);
  const whole = await nodeHost('wasm');
  const host = { ...whole, ...hollow(whole).host, tfjs: whole.tfjs };
  const costs = await estimate(image, { task, mask, host, executor: 'wasm' }, qualities);
  return Object.fromEntries(qualities.map((quality) => [quality, costs[quality].bytes / 1e6]));
}

const run = promisify(execFile);

async function inProcess<T>(work: object): Promise<T> {
  const { stdout } = await run(process.execPath, [process.argv[1], '--one', JSON.stringify(work)]);
  return JSON.parse(stdout.trim().split('\n').at(-1)!);
}

type Work =
  | ({ readonly what: 'measure'; readonly stored: Stored } & Asked)
  | {
      readonly what: 'predict';
      readonly task: Task;
      readonly qualities: Asked['quality'][];
      readonly stored: Stored;
    };

async function one(work: Work): Promise<unknown> {
  return work.what === 'measure' ? measure(work) : predict(work.task, work.qualities, work.stored);
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
      hollow: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return console.log(HELP);
  if (values.one) return console.log(JSON.stringify(await one(JSON.parse(values.one))));
  console.log(
    '| task | quality | megapixels | predicted, MB | peak, MB | | CPU s |\n|---|---|---|---|---|---|---|',
  );
  const { hollow } = values;
  const qualities = values.qualities.split(',') as Asked['quality'][];
  const folder = mkdtempSync(join(tmpdir(), 'bench-memory-'));
  try {
    for (const task of values.tasks.split(',') as Task[])
      for (const megapixels of values.megapixels.split(',').map(Number)) {
        const stored = store(folder, await subjectOf(values.image, task, megapixels));
        const said = await inProcess<Record<string, number>>({ what: 'predict', task, qualities, stored });
        for (const quality of qualities) {
          const asked = { task, quality, megapixels, seconds: Number(values.seconds), hollow };
          const measured = await inProcess<Measured>({ what: 'measure', stored, ...asked });
          console.log(row(asked, said[quality], measured));
        }
      }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function row(
  { task, quality, megapixels }: Asked,
  said: number,
  { peak, seconds, wasCut }: Measured,
): string {
  const off = Math.round(100 * (said / peak - 1));
  const facts = [task, quality, megapixels, said.toFixed(0), peak.toFixed(0)];
  const comparison = `${off > 0 ? '+' : ''}${off} %${wasCut ? ', cut' : ''}`;
  return `| ${facts.join(' | ')} | ${comparison} | ${seconds.toFixed(0)} |`;
}

await main();
