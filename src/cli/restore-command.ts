import { Command, Option } from 'commander';
import { QUALITIES, REDUCTIONS, TASK_CHOICES } from '../engine/choices.ts';
import { NUMERIC_OPTIONS } from '../engine/options.ts';
import { OUTPUT_FORMATS } from '../node/encode.ts';
import { READABLE } from '../node/formats.ts';
import { number } from '../shared/number-argument.ts';
import { NODE_EXECUTORS, type RestoreFlags } from './restore-options.ts';
import { runRestore } from './run-restore.ts';

const EXAMPLES = `
Examples:
  prior-art restore scan.jpg                                  what is wrong is found; if nothing is, nothing is done
  prior-art restore photo.png --mask scratches.png            white = area to fill
  prior-art restore scan.jpg --mask auto                      scratches and dust are found and filled
  prior-art restore small.png --scale 2 -o large.png
  prior-art restore scans -o restored --recursive             a folder, with its folders
  prior-art restore "scans/*.jpg" --suffix -clean --shard 1/4
  curl -s URL | prior-art restore - --format png > clean.png

Reads ${READABLE}; writes ${OUTPUT_FORMATS.join(', ')}.`;

/** `prior-art restore`. */
export function restoreCommand(): Command {
  const list = (names: readonly string[]) => names.join(', ');
  return new Command('restore')
    .description('Restore damaged images, one after the other.')
    .argument(
      '<inputs...>',
      `files, folders, patterns such as "scans/*.jpg", or - for standard input: ${READABLE}`,
    )
    .option(
      '-o, --output <file>',
      'the result: a file, a folder, or - for standard output (default: INPUT-restored beside the input)',
    )
    .option('--suffix <text>', 'what is added to the names of results (default: -restored; none in a folder)')
    .option('--format <format>', `${list(OUTPUT_FORMATS)} (default: as the input, else png)`)
    .option(
      '--keep-profile',
      "keep the input's colour profile, e.g. Display P3, instead of converting to sRGB",
    )
    .option('--strip', 'leave all metadata out of the result')
    .option('--recursive', 'search folders in depth')
    .option('--force', 'replace files that exist')
    .option('--skip-existing', 'leave out inputs whose result exists')
    .option('--resume', 'go on with a run that was interrupted, to the same pixels')
    .option(
      '--checkpoint-every <s>',
      'seconds between checkpoints beside the result; 0 = none (default: 30)',
      number,
    )
    .option('--shard <i/n>', 'only the i-th of n equal shares of the inputs')
    .option(
      '--task <task>',
      `${list(TASK_CHOICES)} (default: inpaint with --mask, upscale with --scale, else auto)`,
    )
    .option(
      '--mask <file>',
      'inpaint: white, or painted on transparency = area to fill; auto: scratches and dust are found; auto+overlays: date stamps and light text, too',
    )
    .option('--mask-out <file>', 'with --mask auto: write what was found, white = area to fill')
    .addOption(
      new Option('--mask-known <colour>', 'which colour of the mask is known').choices(['white', 'black']),
    )
    .option('--mask-fit', 'scale a mask of another size to that of the image')
    .option('--mask-grow <px>', 'widen the area to fill', number)
    .option('--mask-feather <px>', 'let the filled area fade into the known one', number)
    .option('--exclude <file>', 'inpaint: a mask like that of --mask; what it marks is not copied from')
    .option('--scale <factor>', `upscale: above 1 to ${NUMERIC_OPTIONS.scale.max}`, number)
    .option('--guide <file>', "another picture of the same scene, in the result's size, e.g. with flash")
    .option('--quality <quality>', `${list(QUALITIES)} (default: balanced)`)
    .option('--executor <name>', `${list(NODE_EXECUTORS)} (default: auto)`)
    .option(
      '--prior <prior>',
      'auto, network, nonlocal: from repetitions alone, or tv: total variation (default: auto)',
    )
    .option('--seed <n>', 'everything random follows from it (default: 0)', number)
    .option('--max-seconds <s>', 'at most this long', number)
    .option('--max-pixels <n>', 'read no file of more pixels than this (default: 100 million)', number)
    .option('--gif <file>', 'write an animation of the run')
    .option('--compare <file>', 'write before and after side by side')
    .option('--report <file>', 'write what was done and how it went, as JSON')
    .option('--reference <file>', 'the undamaged image: report PSNR and SSIM against it')
    .option('--quiet', 'print nothing but errors')
    .option('--json', 'print the report as one line of JSON on stdout, and no progress')
    .optionsGroup('Expert options:')
    .option('--steps <n>', 'at most this many steps of the network (default: by quality)', number)
    .option(
      '--tv <lambda>',
      'weight of total variation: alone with --prior tv, else as an extra term',
      number,
    )
    .option(
      '--reduction <filter>',
      `upscale: how a photograph is taken to have been reduced, ${list(REDUCTIONS)} (default: lanczos)`,
    )
    .option(
      '--pixel-art <look>',
      'upscale: keep the pixels of pixel art, or smooth its outlines (default: keep)',
    )
    .addHelpText('after', EXAMPLES)
    .action((inputs: string[], flags: RestoreFlags) => runRestore(inputs, flags));
}
