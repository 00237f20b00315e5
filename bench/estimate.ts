import { execFileSync } from 'node:child_process';
import { parse } from 'node:path';
import { parseArgs } from 'node:util';
import { QUALITIES, type Task } from '../src/engine/choices.ts';
import { estimate } from '../src/engine/estimate/estimate.ts';
import { restore } from '../src/engine/restore.ts';
import { nodeThreads } from '../src/node/threads.ts';
import { nodeWorkers } from '../src/node/workers.ts';
import { countCpuTime } from './cpu-clock.ts';
import { asItIs, type Case, rowsOf, subjectOf } from './subject.ts';

const TASKS: readonly Task[] = ['denoise', 'dejpeg', 'inpaint', 'upscale'];

const HELP = `npm run bench:estimate -- [options]   what a restoration was said to take, beside what it took, on the CPU
  --tasks denoise         ${TASKS.join(', ')} (default all)
  --qualities fast        ${QUALITIES.join(', ')}
  --megapixels 0.1,0.4    sizes of the damaged picture
  --image FILE            what it is made of, mirrored as often as needed (default the sample of npm start); may be said again
  --as-is                 the pictures as they are, neither damaged nor of another size
  --limit 180             leaves out what is said to take longer, s
  --given 8               so many seconds are given instead of told
  --cpu                   one thread whose clock counts the process's CPU time, so that other processes do not matter`;

interface Row extends Case {
  readonly task: Task;
}

interface Measured {
  readonly megapixels: number;
  readonly told: number;
  readonly took: number;
}

/** In a process of its own, as a command is. */
async function measure({ file, task, quality, megapixels }: Row): Promise<Measured> {
  const { image, mask } =
    megapixels === undefined ? await asItIs(file) : await subjectOf(file, task, megapixels);
  const size = Number(((image.width * image.height) / 1e6).toPrecision(2));
  if (values.cpu) countCpuTime();
  const host = values.cpu ? { threads: nodeThreads(1) } : { threads: nodeThreads(), workers: nodeWorkers() };
  const options = { task, quality, mask, host, executor: 'wasm', file: image.file } as const;
  const given = values.given === undefined ? undefined : Number(values.given);
  const told = given ?? (await estimate(image, options, [quality]))[quality].seconds;
  if (told > Number(values.limit)) return { megapixels: size, told, took: Number.NaN };
  const began = performance.now();
  await restore(image, { ...options, maxSeconds: given });
  return { megapixels: size, told, took: (performance.now() - began) / 1000 };
}

const { values } = parseArgs({
  options: {
    tasks: { type: 'string', default: TASKS.join(',') },
    qualities: { type: 'string', default: 'fast' },
    megapixels: { type: 'string', default: '0.1,0.4' },
    image: { type: 'string', multiple: true, default: ['samples/nagasaki-boats.png'] },
    'as-is': { type: 'boolean', default: false },
    limit: { type: 'string', default: '180' },
    given: { type: 'string' },
    cpu: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
    row: { type: 'string' },
  },
});

function main(): void {
  console.log(
    '| picture | task | quality | Mpx | told, s | took, s | told / took |\n|---|---|---|---|---|---|---|',
  );
  for (const row of rowsOf<Row>(values)) {
    const args = [...process.argv.slice(1), '--row', JSON.stringify(row)];
    const output = execFileSync(process.execPath, args, { encoding: 'utf8' });
    const { megapixels, told, took } = JSON.parse(output) as Measured;
    const figures = [told, took, told / took].map((x) => (Number.isFinite(x) ? x.toFixed(2) : '–'));
    console.log(`| ${[parse(row.file).name, row.task, row.quality, megapixels, ...figures].join(' | ')} |`);
  }
}

if (values.help) console.log(HELP);
else if (values.row) console.log(JSON.stringify(await measure(JSON.parse(values.row))));
else main();
