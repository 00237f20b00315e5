import { Command } from 'commander';
import { QUALITIES, type Quality, type Task } from '../engine/choices.ts';
import { analyse } from '../engine/diagnosis/at-once.ts';
import { type Cost, estimate } from '../engine/estimate/estimate.ts';
import { nodeHost } from '../node/host.ts';
import { type FileImage, readImage } from '../node/image-file.ts';
import { EXIT_CODES, errorOf } from './exit-codes.ts';
import { duration } from './progress.ts';
import { findSources, nameSeveral, STREAM } from './sources.ts';
import { readStandardInput, STANDARD_INPUT } from './streams.ts';

interface Flags {
  readonly recursive?: boolean;
  readonly times: boolean;
  readonly json?: boolean;
}

/** What --json tells of an image. Lengths in px, times in s. */
interface Analysis {
  readonly input: string;
  readonly width: number;
  readonly height: number;
  /** What kind of file it is. */
  readonly container: string;
  readonly bits: 8 | 16;
  /** How the file was understood, in sentences. */
  readonly notes: readonly string[];
  /** What is wrong with the picture, in sentences. */
  readonly findings: readonly string[];
  /** What restoring would do. */
  readonly task: Task | 'none';
  /** Standard deviation of its noise, in 1/255. */
  readonly noise: number;
  /** The quality it was compressed with, where that shows. */
  readonly jpegQuality?: number;
  /** What each quality takes here; nothing where nothing would be done. */
  readonly costs?: Readonly<Record<Quality, Cost>>;
}

/** `prior-art analyse`. */
export function analyseCommand(): Command {
  return new Command('analyse')
    .alias('analyze')
    .description('Say what is wrong with images, what restoring would do, and how long it would take.')
    .argument('<inputs...>', 'files, folders, patterns, or - for standard input')
    .option('--recursive', 'search folders in depth')
    .option('--no-times', 'do not measure how long each quality takes')
    .option('--json', 'print one line of JSON for each image')
    .action(run);
}

async function run(inputs: readonly string[], flags: Flags): Promise<void> {
  const several = await nameSeveral(inputs);
  for (const { path } of await findSources(inputs, { recursive: flags.recursive, suffix: '' }))
    try {
      const analysis = await analyseFile(path, flags.times);
      console.log(flags.json ? JSON.stringify(analysis) : words(analysis));
    } catch (error) {
      if (!several) throw error;
      const { stack, ...told } = errorOf(error);
      process.stderr.write(`error: ${path}: ${stack ?? told.message}\n`);
      if (flags.json) console.log(JSON.stringify({ input: path, error: told }));
      process.exitCode = EXIT_CODES['some-failed'];
    }
}

async function analyseFile(path: string, timed: boolean): Promise<Analysis> {
  const source = path === STREAM ? await readStandardInput() : path;
  const image: FileImage = await readImage(source, { name: STANDARD_INPUT });
  const diagnosis = analyse(image, { file: image.file });
  const { width, height, container, format, notes } = image;
  const { findings, task, noise, jpeg } = diagnosis;
  const options = { task: 'auto', diagnosis, file: image.file } as const;
  const costs =
    timed && task !== 'none'
      ? await estimate(image, { ...options, host: await nodeHost() }, QUALITIES)
      : undefined;
  return {
    ...{
      input: path,
      width,
      height,
      container,
      bits: format.bits,
      notes,
      findings,
      task,
      noise: noise.sigma,
    },
    ...(jpeg ? { jpegQuality: jpeg.quality } : {}),
    ...(costs ? { costs } : {}),
  };
}

function words({ input, width, height, container, bits, notes, findings, task, costs }: Analysis): string {
  const times = costs && QUALITIES.map((name) => `${name} ${duration(1000 * costs[name].seconds)}`);
  const would =
    task === 'none'
      ? 'Nothing would be done.'
      : `Would be done: ${task}${times ? `; ${times.join(', ')}` : ''}.`;
  return [`${input}: ${width} × ${height}, ${container}, ${bits} bits`, ...notes, ...findings, would].join(
    '\n  ',
  );
}
