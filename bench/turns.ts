import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parse } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { QUALITIES, TASKS, type TaskChoice } from '../src/engine/choices.ts';
import { restore } from '../src/engine/restore.ts';
import { stretches } from './stretches.ts';
import { asItIs, type Case, rowsOf, subjectOf } from './subject.ts';

const HELP = `npm run bench:turns -- [options]   what a page without workers waits for while it restores: one thread of Linux, its CPU time
  --tasks denoise         auto, ${TASKS.join(', ')} (default all)
  --qualities fast        ${QUALITIES.join(', ')}
  --megapixels 0.4        sizes of the damaged picture
  --image FILE            what it is made of, mirrored as often as needed (default the sample of npm start); may be said again
  --as-is                 the pictures as they are, neither damaged nor of another size
  --over 50               stretches without a turn that are longer are named by the function that takes them, ms
  --given 60              maxSeconds of each run
  --aborts 0              so many runs more, each aborted at another time: ms until it is over with`;

interface Row extends Case {
  readonly task: TaskChoice;
  /** CPU seconds after which it is aborted. */
  readonly abortAfter?: number;
}

interface Measured {
  readonly megapixels: number;
  /** CPU time of the thread, s, and until the first preview. */
  readonly seconds: number;
  readonly first: number;
  readonly previews: number;
  /** Longest stretch without a turn, ms, and functions that took more than `over`, the longest of each first. */
  readonly longest: number;
  readonly named: readonly string[];
  /** CPU time from an abort to the rejection, ms. */
  readonly answered: number;
}

/** CPU time of this thread, ms. */
const cpuTime = (): number => Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]) / 1e6;

/** In a process of its own, as a page is. */
async function measure({ file, task, quality, megapixels, abortAfter }: Row): Promise<Measured> {
  const kind = task === 'auto' ? 'denoise' : task;
  const { image, mask } =
    megapixels === undefined ? await asItIs(file) : await subjectOf(file, kind, megapixels);
  const abort = new AbortController();
  let [first, previews, aborted, ended] = [Number.NaN, 0, Number.NaN, Number.NaN];
  const began = cpuTime();
  const onTurn = (now: number) => {
    if (abortAfter === undefined || abort.signal.aborted || now - began < 1000 * abortAfter) return;
    aborted = cpuTime();
    abort.abort();
  };
  const found = await stretches(cpuTime, Number(values.over), onTurn, () =>
    restore(image, {
      ...{ task, quality, file: image.file, executor: 'wasm', signal: abort.signal },
      ...(task === 'inpaint' ? { mask } : {}),
      maxSeconds: Number(values.given),
      onProgress: ({ preview }) => {
        if (!preview) return;
        if (previews++ === 0) first = (cpuTime() - began) / 1000;
      },
    })
      .then(
        () => {},
        (error: unknown) => {
          if (!abort.signal.aborted) throw error;
        },
      )
      .finally(() => {
        ended = cpuTime();
      }),
  );
  return {
    ...{ first, previews, ...found },
    megapixels: Number(((image.width * image.height) / 1e6).toPrecision(2)),
    seconds: (ended - began) / 1000,
    answered: ended - aborted,
  };
}

const run = promisify(execFile);

async function inProcess(row: Row): Promise<Measured> {
  const args = [...process.argv.slice(1), '--row', JSON.stringify(row)];
  const { stdout } = await run(process.execPath, args, { maxBuffer: 2 ** 26 });
  return JSON.parse(stdout.trim().split('\n').at(-1)!);
}

/** The longest of the answers to aborts that are spread over the time a run takes. */
async function answers(row: Row, seconds: number, count: number): Promise<string> {
  const found: number[] = [];
  for (let i = 0; i < count; i++)
    found.push((await inProcess({ ...row, abortAfter: ((i + 0.5) / count) * seconds })).answered);
  return found.map((ms) => ms.toFixed(0)).join(', ');
}

const { values } = parseArgs({
  options: {
    tasks: { type: 'string', default: ['auto', ...TASKS].join(',') },
    qualities: { type: 'string', default: 'fast' },
    megapixels: { type: 'string', default: '0.4' },
    image: { type: 'string', multiple: true, default: ['samples/nagasaki-boats.png'] },
    'as-is': { type: 'boolean', default: false },
    over: { type: 'string', default: '50' },
    given: { type: 'string', default: '60' },
    aborts: { type: 'string', default: '0' },
    help: { type: 'boolean', default: false },
    row: { type: 'string' },
  },
});

async function main(): Promise<void> {
  const count = Number(values.aborts);
  console.log(
    `| picture | task | quality | Mpx | CPU s | first preview, s | previews | longest, ms | over ${values.over} ms |${count > 0 ? ' aborted, ms |' : ''}`,
  );
  console.log(`|${'---|'.repeat(count > 0 ? 10 : 9)}`);
  for (const row of rowsOf<Row>(values)) {
    const { megapixels, seconds, first, previews, longest, named } = await inProcess(row);
    const facts = [
      ...[parse(row.file).name, row.task, row.quality, megapixels, seconds.toFixed(1)],
      ...[first.toFixed(1), previews, longest.toFixed(0), named.join('; ') || '–'],
      ...(count > 0 ? [await answers(row, seconds, count)] : []),
    ];
    console.log(`| ${facts.join(' | ')} |`);
  }
}

if (values.help) console.log(HELP);
else if (values.row) console.log(JSON.stringify(await measure(JSON.parse(values.row))));
else await main();
