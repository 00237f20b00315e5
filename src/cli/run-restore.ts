import { extname } from 'node:path';
import { abortError } from '../engine/errors.ts';
import type { PlanarImage, Progress, RestoreOptions } from '../engine/options.ts';
import { type RestoreResult, restore, type StoppedBy } from '../engine/restore.ts';
import { checkWritable, writeWhole } from '../node/atomic-write.ts';
import { nodeHost } from '../node/host.ts';
import {
  checkOutputName,
  type FileImage,
  isTransparent,
  writeImage,
  writeUntouched,
} from '../node/image-file.ts';
import { announce } from './announce.ts';
import { sideBySide } from './compare.ts';
import { FrameRecorder } from './gif.ts';
import { listenForInterrupt } from './interrupt.ts';
import { refuseOverwriting } from './paths.ts';
import { duration, type ProgressView, pace, progressView } from './progress.ts';
import { rgbOfPlanes, rgbOfRaster } from './raster.ts';
import { type Inputs, readInputs, silent } from './read-inputs.ts';
import { type Report, reportOf, shownDecibels } from './report.ts';
import { engineOptions, type RestoreFlags } from './restore-options.ts';

/** Milliseconds between the pictures of an animation. */
const FRAME_EVERY_MS = 100;

/** Reads, restores, writes. Everything that can be refused is refused before the long work starts. */
export async function runRestore(input: string, flags: RestoreFlags): Promise<void> {
  const options = engineOptions(flags);
  const output = flags.output ?? `${input.slice(0, input.length - extname(input).length)}-restored.png`;
  await checkOutputs(input, output, flags);
  const inputs = await readInputs(input, flags, options);
  checkOutputName(output, '--output', isTransparent(inputs.image));
  const frames = flags.gif === undefined ? undefined : new FrameRecorder();
  const view = progressView(silent(flags));
  const interrupt = listenForInterrupt(() => {
    view.close();
    if (!silent(flags))
      process.stderr.write('Stopping; the best so far will be written. Ctrl-C again quits at once.\n');
  });
  try {
    options.stopSignal = interrupt.signal;
    options.host = await nodeHost(options.executor);
    if (!silent(flags)) await announce(inputs.image, options);
    const result = await restoreWatched(inputs.image, options, view, frames);
    const written = await writeResult(input, output, inputs, result, flags);
    const report = reportOf({ input, output: written }, inputs, options, result);
    await writeExtras(inputs, result, report, flags, frames);
    if (flags.json) console.log(JSON.stringify(report));
    else if (!flags.quiet) printSummary(report, result.notes, flags);
  } finally {
    interrupt.dispose();
  }
}

/** The result under the name asked for; a picture that was left alone is copied only where one was. */
async function writeResult(
  input: string,
  output: string,
  { image }: Inputs,
  result: RestoreResult<PlanarImage>,
  flags: RestoreFlags,
): Promise<string | null> {
  if (result.task !== 'none') await writeImage(output, result.image, image.format, image.metadata);
  else if (flags.output !== undefined) await writeUntouched(output, input, image);
  else return null;
  return output;
}

async function checkOutputs(input: string, output: string, flags: RestoreFlags): Promise<void> {
  const inputs = [input, flags.mask, flags.guide, flags.reference].filter((path) => path !== undefined);
  checkOutputName(output, '--output');
  if (flags.compare !== undefined) checkOutputName(flags.compare, '--compare');
  const { compare, gif, report } = flags;
  const written: string[] = [];
  for (const [name, path] of Object.entries({
    '--output': output,
    '--compare': compare,
    '--gif': gif,
    '--report': report,
  })) {
    if (path === undefined) continue;
    await refuseOverwriting(path, name, [...inputs, ...written]);
    await checkWritable(path);
    written.push(path);
  }
}

/** Runs the engine with progress shown. */
async function restoreWatched(
  image: FileImage,
  options: RestoreOptions,
  view: ProgressView,
  frames: FrameRecorder | undefined,
): Promise<RestoreResult<PlanarImage>> {
  const onProgress = (progress: Progress) => {
    view.update(progress);
    if (frames && progress.preview) frames.add(rgbOfRaster(progress.preview));
  };
  try {
    if (options.stopSignal?.aborted) throw abortError(); // there is no best so far yet
    const previewEveryMs = frames ? FRAME_EVERY_MS : 0;
    return await restore<PlanarImage>(image, { ...options, onProgress, previewEveryMs });
  } finally {
    view.close();
  }
}

async function writeExtras(
  { image, reference }: Inputs,
  result: RestoreResult<PlanarImage>,
  report: Report,
  flags: RestoreFlags,
  frames: FrameRecorder | undefined,
): Promise<void> {
  const [before, after] = [rgbOfPlanes(image), rgbOfPlanes(result.image)];
  if (flags.gif !== undefined && frames) await writeWhole(flags.gif, await frames.encode(before, after));
  if (flags.compare !== undefined) {
    const decibels = (value: number | undefined) => (value === undefined ? '' : ` ${value.toFixed(2)} dB`);
    const sheet = await sideBySide([
      { label: `before${decibels(report.psnrInput)}`, image: before },
      { label: `after${decibels(report.psnrOutput)}`, image: after },
      ...(reference ? [{ label: 'reference', image: rgbOfPlanes(reference) }] : []),
    ]);
    await writeWhole(
      flags.compare,
      await sheet.toFormat(extname(flags.compare).slice(1).toLowerCase() as 'png').toBuffer(),
    );
  }
  if (flags.report !== undefined) await writeWhole(flags.report, `${JSON.stringify(report, null, 2)}\n`);
}

const ENDINGS: Readonly<Record<StoppedBy, string>> = {
  variance: 'stopped by itself',
  discrepancy: 'stopped where it met the noise',
  steps: 'all steps done',
  time: 'the time was up',
  user: 'stopped on request',
};

function printSummary(
  report: Report,
  notes: readonly string[],
  { gif, compare, report: reportFile }: RestoreFlags,
): void {
  const { steps, bestStep, stoppedBy, seconds, msPerStep, executor, adapter } = report;
  if (report.output !== null) console.log(`${report.output}: ${report.outWidth} × ${report.outHeight}`);
  if (stoppedBy !== 'none')
    console.log(
      `${steps} steps in ${duration(seconds * 1000)} (${pace(msPerStep)} ms each) on ${executor}, ${adapter}; ${ENDINGS[stoppedBy]}, best step ${bestStep}`,
    );
  else if (report.task !== 'none') console.log(`Done in ${duration(seconds * 1000)}, without a network.`);
  if (report.psnrOutput !== undefined)
    console.log(`PSNR ${shownDecibels(report.psnrInput)} → ${shownDecibels(report.psnrOutput)} dB`);
  for (const note of notes) console.log(note);
  const extras = Object.entries({ 'side by side': compare, animation: gif, report: reportFile });
  for (const [what, path] of extras) if (path !== undefined) console.log(`${what}: ${path}`);
}
