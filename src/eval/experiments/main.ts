import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Argument, Command } from 'commander';
import type { ExecutorChoice } from '../../engine/choices.ts';
import { number } from '../../shared/number-argument.ts';
import { run } from '../command.ts';
import { EXPERIMENTS } from './experiments.ts';
import { centre } from './runs.ts';

interface Flags {
  image: string;
  size: number;
  steps: number;
  seed: number;
  executor: string;
  out: string;
}

const root = resolve(fileURLToPath(import.meta.url), '../..');

run(
  new Command('experiment')
    .description("Repeat one of the article's experiments and draw its figure.")
    .addArgument(new Argument('<name>').choices(Object.keys(EXPERIMENTS)))
    .option('--image <file>', 'undamaged picture', join(root, 'samples/nagasaki-boats.png'))
    .option('--size <px>', 'side of its central square that is used', number, 96)
    .option('--steps <n>', 'steps of each run', number, 600)
    .option('--seed <n>', 'everything random follows from it', number, 0)
    .option('--executor <name>', 'as in restore', 'auto')
    .option('--out <folder>', 'where the figure goes', join(root, 'docs/experiments'))
    .action(async (name: string, { image, size, steps, seed, executor, out }: Flags) => {
      const options = { executor: executor as ExecutorChoice, seed };
      const figure = await EXPERIMENTS[name]({ image: await centre(image, size), steps, options });
      await mkdir(out, { recursive: true });
      const path = join(out, name + figure.ending);
      await writeFile(path, figure.content);
      console.log(path);
    }),
);
