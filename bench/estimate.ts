import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { QUALITIES, type Quality, type Task } from '../src/engine/choices.ts';
import { estimate } from '../src/engine/estimate/estimate.ts';
import { restore } from '../src/engine/restore.ts';
import { nodeThreads } from '../src/node/threads.ts';
import { nodeWorkers } from '../src/node/workers.ts';
import { countCpuTime } from './cpu-clock.ts';
import { subjectOf } from './subject.ts';

const TASKS: readonly Task[] = ['denoise', 'dejpeg', 'inpaint', 'upscale'];

const HELP = `npm run bench:estimate -- [options]   what a restoration was said to take, beside what it took, on the CPU
  --tasks denoise         ${TASKS.join(', ')} (default all)
  --qualities fast        ${QUALITIES.join(', ')}
  --megapixels 0.1,0.4    sizes of the damaged picture
  --image FILE            what it is made of, mirrored as often as needed (default the sample of npm start)
  --limit 180             leaves out what is said to take longer, s
  --given 8               so many seconds are given instead of told
  --cpu                   one thread whose clock counts the process's CPU time, so that other processes do not matter`;

interface Row {
  readonly task: Task;
  readonly quality: Quality;
  readonly megapixels: number;
}

interface Measured {
  readonly told: number;
  readonly took: number;
}

/** In a process of its own, as a command is. */
async function measure({ task, quality, megapixels }: Row): Promise<Measured> {
  const { image, mask } = await subjectOf(values.image, task, megapixels);
  if (values.cpu) countCpuTime();
  const host = values.cpu ? { threads: nodeThreads(1) } : { threads: nodeThreads(), workers: nodeWorkers() };
  const options = { task, quality, mask, host, executor: 'wasm' } as const;
  const given = values.given === undefined ? undefined : Number(values.given);
  const told = given ?? (await estimate(image, options, [quality]))[quality].seconds;
  if (told > Number(values.limit)) return { told, took: Number.NaN };
  const began = performance.now();
  await restore(image, { ...options, maxSeconds: given });
  return { told, took: (performance.now() - began) / 1000 };
}

function rows(): Row[] {
  const list = (name: 'tasks' | 'qualities' | 'megapixels') => values[name].split(',');
  return list('megapixels').flatMap((megapixels) =>
    list('tasks').flatMap((task) =>
      list('qualities').map((quality) => ({ task, quality, megapixels: Number(megapixels) }) as Row),
    ),
  );
}

const { values } = parseArgs({
  options: {
    tasks: { type: 'string', default: TASKS.join(',') },
    qualities: { type: 'string', default: 'fast' },
    megapixels: { type: 'string', default: '0.1,0.4' },
    image: { type: 'string', default: 'samples/nagasaki-boats.png' },
    limit: { type: 'string', default: '180' },
    given: { type: 'string' },
    cpu: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
    row: { type: 'string' },
  },
});

function main(): void {
  console.log('| task | quality | Mpx | told, s | took, s | told / took |\n|---|---|---|---|---|---|');
  for (const row of rows()) {
    const args = [...process.argv.slice(1), '--row', JSON.stringify(row)];
    const output = execFileSync(process.execPath, args, { encoding: 'utf8' });
    const { told, took } = JSON.parse(output) as Measured;
    const figures = [told, took, told / took].map((x) => (Number.isFinite(x) ? x.toFixed(2) : '–'));
    console.log(`| ${[row.task, row.quality, row.megapixels, ...figures].join(' | ')} |`);
  }
}

if (values.help) console.log(HELP);
else if (values.row) console.log(JSON.stringify(await measure(JSON.parse(values.row))));
else main();
