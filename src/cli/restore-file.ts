import { mkdtemp, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { areSame } from '../engine/image/same.ts';
import type { PlanarImage, Progress, RestoreOptions } from '../engine/options.ts';
import { type RestoreResult, restore } from '../engine/restore.ts';
import { unlessAborted } from '../engine/stopping/abort.ts';
import { checkWritable, makeFolder, writeWhole } from '../node/atomic-write.ts';
import {
  checkHoldsAlpha,
  checkHoldsSize,
  checkOutputName,
  encodeAs,
  formatOfName,
  type OutputFormat,
} from '../node/encode.ts';
import { FileError, reasonOf } from '../node/file-error.ts';
import { type FileImage, type ImageSource, isTransparent, readBytes } from '../node/image-file.ts';
import { withMetadata } from '../node/jpeg-metadata.ts';
import { resultFormatOf, writtenFormatOf } from '../node/output-format.ts';
import { rgbOfPlanes, rgbOfRaster } from '../shared/rgb.ts';
import { sheetSize, sideBySide } from '../shared/side-by-side.ts';
import { announce } from './announce.ts';
import { CHECKPOINT_EVERY, CheckpointKeeper, hasCheckpoint, readCheckpoint } from './checkpoint-file.ts';
import { FrameRecorder } from './gif.ts';
import { refuseOverwriting, refuseReplacing } from './paths.ts';
import type { ProgressView } from './progress.ts';
import { type Inputs, readInputs, silent } from './read-inputs.ts';
import { type Report, reportOf, shownDecibels } from './report.ts';
import { isAutoMask, type RestoreFlags } from './restore-options.ts';
import { secondsLeft, timeOf } from './seconds-left.ts';
import { STREAM } from './sources.ts';
import { checkStandardOutput, readStandardInput, STANDARD_INPUT, writeStandardOutput } from './streams.ts';
import type { Target, Work } from './targets.ts';

/** Milliseconds between the pictures of an animation. */
const FRAME_EVERY_MS = 100;

const NOTHING_YET = 'Stopped before there was anything to keep: nothing is written.';
const RESUMABLE = 'The same command with --resume goes on where it was stopped.';

/** Finding out how long it takes is itself some seconds, which less time than this is not spent on. */
const WORTH_ANNOUNCING = 60;

export interface Restored {
  readonly report: Report;
  /** What to know about the result, in sentences. */
  readonly notes: readonly string[];
}

interface RestoreFileOptions {
  /** The engine's, the host and the stop signal among them. */
  readonly options: RestoreOptions;
  readonly view: ProgressView;
  /** Whether it says how long it will take, where that is worth knowing. */
  readonly announced: boolean;
  /** When the command began that may take --max-seconds, as performance.now() counts; 0 = with the process. */
  readonly began: number;
}

/** Reads, restores and writes one image. Everything that can be refused is refused before the long work starts. */
export async function restoreFile(
  { source, target }: Work,
  flags: RestoreFlags,
  { options: given, view, announced, began }: RestoreFileOptions,
): Promise<Restored> {
  const options = { ...given };
  const isInterrupted = await hasCheckpoint(target);
  const goesOn = flags.resume === true && isInterrupted;
  await checkOutputs(source.path, target, { ...flags, force: flags.force || goesOn });
  const over = timeOf(options.maxSeconds, began);
  // Whatever is waited for: there is no best so far yet.
  const reading = async () => {
    const input = await readOnce(source.path);
    const name = source.path === STREAM ? STANDARD_INPUT : source.path;
    return { input, inputs: await readInputs({ source: input, name }, flags, options, over) };
  };
  const { input, inputs } = await unlessAborted(reading(), options.stopSignal);
  const format = target.format ?? (await resultFormatOf(input));
  checkHoldsAlpha(format, isTransparent(inputs.image));
  const scale = options.task === 'upscale' ? (options.scale ?? 2) : 1;
  checkSizes(format, inputs, flags, scale);
  const frames = flags.gif === undefined ? undefined : new FrameRecorder();
  const { maxSeconds } = options;
  if (announced && !silent(flags) && (maxSeconds ?? WORTH_ANNOUNCING) >= WORTH_ANNOUNCING)
    await announce(inputs.image, options);
  if (goesOn) options.checkpoint = await readCheckpoint(target);
  else if (isInterrupted && !silent(flags))
    process.stderr.write('An earlier run was interrupted; --resume would go on with it. Beginning anew.\n');
  const keeper = new CheckpointKeeper(
    target,
    1000 * (flags.checkpointEvery ?? CHECKPOINT_EVERY),
    options.stopSignal,
  );
  options.control = keeper.control;
  if (maxSeconds !== undefined) {
    options.maxSeconds = await secondsLeft({ seconds: maxSeconds, began }, inputs.image, { format, scale });
  }
  const result = await restoreWatched(inputs.image, options, view, frames).finally(() => keeper.end());
  const written = await writeResult(input, { path: target.path, format }, inputs, result, flags);
  const report = reportOf({ input: source.path, output: written }, inputs, options, result);
  await writeExtras(inputs, result, report, flags, frames);
  if (result.stoppedBy !== 'user') await keeper.remove();
  const resumable = result.stoppedBy === 'user' && (await hasCheckpoint(target));
  return { report, notes: resumable ? [...result.notes, RESUMABLE] : result.notes };
}

/** A file's path, and the bytes of what can be read but once. */
async function readOnce(path: string): Promise<string | Uint8Array> {
  if (path === STREAM) return readStandardInput();
  const isPipe = await stat(path).then(
    (file) => file.isFIFO(),
    () => false,
  );
  return isPipe ? readBytes(path) : path;
}

async function checkOutputs(input: string, target: Target, flags: RestoreFlags): Promise<void> {
  const mask = isAutoMask(flags.mask) ? undefined : flags.mask;
  const inputs = [input, mask, flags.exclude, flags.guide, flags.reference].filter(
    (path) => path !== undefined,
  );
  const { compare, gif, report, maskOut, force } = flags;
  if (maskOut !== undefined) checkOutputName(maskOut, '--mask-out');
  if (compare !== undefined) checkOutputName(compare, '--compare');
  if (target.path === STREAM) checkStandardOutput();
  else if (flags.output !== undefined && flags.output !== target.path) await makeFolder(dirname(target.path));
  const written: string[] = [];
  for (const [name, path] of Object.entries({
    '--output': target.path === STREAM ? undefined : target.path,
    '--compare': compare,
    '--gif': gif,
    '--report': report,
    '--mask-out': maskOut,
  })) {
    if (path === undefined) continue;
    await refuseOverwriting(path, name, [...inputs, ...written]);
    await checkWritable(path);
    await refuseReplacing(path, force);
    written.push(path);
  }
}

/** Throws ImageSizeError where a result would be too wide or high for its format, or its picture beside the input for its. */
function checkSizes(
  format: OutputFormat,
  { image, reference }: Inputs,
  { compare }: RestoreFlags,
  scale: number,
): void {
  const [width, height] = [image.width, image.height].map((side) => Math.round(side * scale));
  checkHoldsSize(format, { width, height });
  if (compare !== undefined)
    checkHoldsSize(formatOfName(compare)!, sheetSize(reference ? 3 : 2, { width, height }));
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
    if (options.stopSignal?.aborted) throw new DOMException(NOTHING_YET, 'AbortError');
    const previewEveryMs = frames ? FRAME_EVERY_MS : 0;
    return await restore<PlanarImage>(image, { ...options, onProgress, previewEveryMs });
  } finally {
    view.close();
  }
}

/**
 * The result where it is to go; a picture that was left alone only where an output was asked for, as the file it was if
 * that is of the same format and not damaged.
 */
async function writeResult(
  input: ImageSource,
  { path, format }: Required<Target>,
  { image }: Inputs,
  result: RestoreResult<PlanarImage>,
  { output, strip }: RestoreFlags,
): Promise<string | null> {
  if (result.task === 'none' && output === undefined && path !== STREAM) return null;
  const isAsItWas = result.task === 'none' || hasSamplesOf(result.image, image);
  const { profile } = image.metadata; // says what the samples mean
  const metadata = strip ? { profile } : image.metadata;
  const untouched =
    isAsItWas && !strip ? await asItWas(input, image, format, result.task === 'none') : undefined;
  if (untouched) await writeTo(path, untouched);
  else {
    const encoded = (as: OutputFormat) => encodeAs(as, result.image, image.format, metadata);
    await encoded(format)
      .then((bytes) => writeTo(path, bytes))
      .catch((error: Error) => keepElsewhere(error, () => encoded('png')));
  }
  return path;
}

/**
 * The file that a picture was, where it is of the format wanted and not damaged; undefined where it must be encoded anew. Where a task
 * was asked for, what is about the picture is left behind as in any other result: of formats without loss by encoding.
 */
async function asItWas(
  input: ImageSource,
  { rescued, metadata, orientation }: FileImage,
  format: OutputFormat,
  whole: boolean,
): Promise<Uint8Array | undefined> {
  if (rescued) return undefined;
  const bytes = await readBytes(input);
  if (writtenFormatOf(bytes) !== format) return undefined;
  if (whole || (format === 'avif' && !metadata.exif && !metadata.xmp)) return bytes;
  return format === 'jpeg' ? withMetadata(bytes, metadata, orientation) : undefined;
}

const hasSamplesOf = (result: PlanarImage, { planes }: PlanarImage): boolean =>
  result.planes.length === planes.length && result.planes.every((plane, c) => areSame(plane, planes[c]));

const writeTo = (path: string, bytes: Uint8Array): Promise<void> =>
  path === STREAM ? writeStandardOutput(bytes) : writeWhole(path, bytes);

/**
 * A result that took its time is not lost with the disk it was meant for, nor with what encodes it. Always throws, and says
 * where it is.
 */
async function keepElsewhere(cause: Error, encoded: () => Promise<Uint8Array>): Promise<never> {
  const told =
    cause instanceof FileError
      ? cause
      : new FileError('unwritable', `Cannot encode the result: ${reasonOf(cause)}.`, { cause });
  const kept = await mkdtemp(join(tmpdir(), 'prior-art-'))
    .then(async (folder) => {
      const path = join(folder, 'restored.png');
      await writeWhole(path, await encoded());
      return path;
    })
    .catch(() => {
      throw told;
    });
  throw new FileError('unwritable', `${told.message} The result is in ${kept}.`, { cause });
}

async function writeExtras(
  { image, reference }: Inputs,
  result: RestoreResult<PlanarImage>,
  report: Report,
  flags: RestoreFlags,
  frames: FrameRecorder | undefined,
): Promise<void> {
  if (flags.gif !== undefined && frames)
    await writeWhole(flags.gif, await frames.encode(rgbOfPlanes(image), rgbOfPlanes(result.image)));
  if (flags.compare !== undefined) {
    const decibels = (value: Report['psnrInput']) =>
      value === undefined ? '' : ` ${shownDecibels(value)} dB`;
    const sheet = await sideBySide([
      { label: `before${decibels(report.psnrInput)}`, image: rgbOfPlanes(image) },
      { label: `after${decibels(report.psnrOutput)}`, image: rgbOfPlanes(result.image) },
      ...(reference ? [{ label: 'reference', image: rgbOfPlanes(reference) }] : []),
    ]);
    await writeWhole(
      flags.compare,
      await sheet.toFormat(extname(flags.compare).slice(1).toLowerCase() as 'png').toBuffer(),
    );
  }
  if (flags.report !== undefined) await writeWhole(flags.report, `${JSON.stringify(report, null, 2)}\n`);
}
