import { findDefectsIn, isScratched, withOverlays } from '../engine/defects/find.ts';
import { describeDefects, describeOverlays } from '../engine/defects/words.ts';
import { analysePicture, cleaningTask, type Diagnosis } from '../engine/diagnosis/analyse.ts';
import { ImageSizeError, InvalidOptionError } from '../engine/errors.ts';
import { erasedArea } from '../engine/image/erased.ts';
import { toPicture } from '../engine/image/picture.ts';
import type { RestoreOptions } from '../engine/options.ts';
import { inTurns, inTurnsUntil } from '../engine/time-slicing.ts';
import { type FileImage, type ImageSource, readImage } from '../node/image-file.ts';
import { readMask, writeMask } from '../node/mask-file.ts';
import { AUTO_WITH_OVERLAYS, isAutoMask, type RestoreFlags } from './restore-options.ts';
import { LEAST_SECONDS, type TimeIsOver } from './seconds-left.ts';

export interface Inputs {
  readonly image: FileImage;
  readonly reference?: FileImage;
  /** What --task auto found. */
  readonly findings?: readonly string[];
  /** How the files were understood. */
  readonly notes: readonly string[];
}

export const silent = ({ quiet, json }: RestoreFlags) => quiet === true || json === true;

/** Reads all that a restoration needs, into `options` too, and tells on stderr how it was understood. */
export async function readInputs(
  { source, name }: { readonly source: ImageSource /** Of bytes. */; readonly name: string },
  flags: RestoreFlags,
  options: RestoreOptions,
  over: TimeIsOver,
): Promise<Inputs> {
  const { maxPixels, keepProfile } = flags;
  const given = await readImage(source, { maxPixels, keepProfile, name });
  const { image, notes: ours } =
    options.task === 'inpaint' && !isAutoMask(flags.mask)
      ? await settleMask(given, flags, options)
      : { image: given, notes: given.notes };
  const notes = [...ours, ...(await settleSources(image, flags, options))];
  if (!silent(flags)) for (const note of notes) process.stderr.write(`${note}\n`);
  const expect = sizeCheck(image, options);
  if (flags.guide !== undefined)
    options.guide = expect('guide', flags.guide, await readImage(flags.guide, { maxPixels }));
  if (image.file) options.file = image.file;
  const findings = await settleFindings(image, flags, options, over);
  if (flags.reference === undefined) return { image, findings, notes };
  const reference = expect('reference', flags.reference, await readImage(flags.reference, { maxPixels }));
  return { image, reference, findings, notes };
}

/** Returns other pictures of the same scene, throws ImageSizeError for those that have not the size of the result. */
function sizeCheck(image: FileImage, { task, scale = 2 }: RestoreOptions) {
  const by = task === 'upscale' ? scale : 1;
  const [width, height] = [image.width, image.height].map((side) => Math.round(side * by));
  return (what: string, path: string, other: FileImage): FileImage => {
    if (other.width === width && other.height === height) return other;
    throw new ImageSizeError(
      `Expected a ${what} of ${width}×${height}, the size of the result, but ${path} is ${other.width}×${other.height}.`,
    );
  };
}

/** The area to fill: of the mask, else what was erased from the image itself. */
async function settleMask(
  image: FileImage,
  { mask: path, maskKnown, maskFit, maxPixels }: RestoreFlags,
  options: RestoreOptions,
): Promise<{ image: FileImage; notes: readonly string[] }> {
  if (path !== undefined) {
    const white = maskKnown && (maskKnown === 'white' ? 'known' : 'fill');
    const { notes, ...mask } = await readMask(path, white, { image, fit: maskFit, maxPixels });
    options.mask = mask;
    return { image, notes: [...image.notes, ...notes] };
  }
  const erased = erasedArea(image);
  if (!erased)
    throw new InvalidOptionError(
      '--task inpaint needs --mask FILE, white where the image is to be filled, --mask auto, or an image with an erased area.',
    );
  options.mask = erased.mask;
  const format = { ...image.format, alpha: erased.image.planes.length === 4 };
  return { image: { ...image, ...erased.image, format }, notes: [...image.notes, erased.note] };
}

/** What may be copied into a hole, from a mask of what may not; how that was understood. */
async function settleSources(
  image: FileImage,
  { exclude, maskFit, maxPixels }: RestoreFlags,
  options: RestoreOptions,
): Promise<readonly string[]> {
  if (exclude === undefined) return [];
  const { notes, ...copyFrom } = await readMask(exclude, undefined, {
    image,
    fit: maskFit,
    selects: true,
    maxPixels,
  });
  options.copyFrom = copyFrom;
  return notes.map((note) => `--exclude: ${note}`);
}

/** What was found, where anything was looked for: defects to be filled, or what is to be done at all. */
async function settleFindings(
  image: FileImage,
  flags: RestoreFlags,
  options: RestoreOptions,
  over: TimeIsOver,
): Promise<readonly string[] | undefined> {
  if (isAutoMask(flags.mask)) return settleDefects(image, flags, options, over);
  return options.task === 'auto' ? settleTask(image, options, silent(flags), over) : undefined;
}

/** Share of the time after which what is damaged is no longer looked for: the rest is for filling what was found. */
const LOOKING = 0.5;

/** Finds what is to be filled, as far as there is time to; where that is nothing, nothing is to be done. */
async function settleDefects(
  image: FileImage,
  { maskOut, mask, ...flags }: RestoreFlags,
  options: RestoreOptions,
  over: TimeIsOver,
): Promise<readonly string[]> {
  let isCut = false;
  const enough = () => {
    isCut ||= over(LOOKING);
    return isCut;
  };
  const picture = toPicture(image);
  const found = await inTurns(findDefectsIn(picture, enough));
  const too = mask === AUTO_WITH_OVERLAYS && found.overlays.length > 0;
  const toFill = too ? withOverlays(found) : found.mask;
  const diagnosis = await inTurnsUntil(enough, analysePicture(picture, options));
  if (too || found.defects.length > 0) options.mask = toFill;
  else {
    options.task = 'auto';
    if (diagnosis) options.diagnosis = { ...diagnosis, task: 'none' };
    else options.maxSeconds = LEAST_SECONDS; // the engine then says that nobody knows
  }
  if (maskOut !== undefined) await writeMask(maskOut, toFill);
  const written = describeOverlays(found);
  const findings = [
    isCut ? SEARCH_CUT : '',
    describeDefects(found),
    written && `${written} ${too ? TOO : STAYS}`,
    diagnosis && besides(diagnosis),
  ]
    .filter(Boolean)
    .join(' ');
  if (!silent(flags)) process.stderr.write(`${findings}\n`);
  return [findings];
}

/** What else is wrong, in words; empty where nothing is. */
function besides(diagnosis: Diagnosis): string {
  const task = cleaningTask(diagnosis);
  return task ? `${diagnosis.findings[0]} That stays: --task ${task}, on the result, takes it out.` : '';
}

const TOO = 'It is filled, too.';
const STAYS = `It stays: --mask ${AUTO_WITH_OVERLAYS} fills it, too.`;

const SEARCH_CUT = 'Half of the time went by before all of the picture was searched.';

/** Decides what 'auto' means before the run, and says why; where the time is too short for that, the engine says so. */
async function settleTask(
  image: FileImage,
  options: RestoreOptions,
  quiet: boolean,
  over: TimeIsOver,
): Promise<readonly string[] | undefined> {
  const diagnosis = await inTurnsUntil(over, analysePicture(toPicture(image), options, { isScratched }));
  if (!diagnosis) return undefined;
  const { task, findings } = diagnosis;
  options.diagnosis = diagnosis;
  if (!quiet) process.stderr.write(`${findings.join(' ')}${task === 'none' ? '' : ` Task: ${task}.`}\n`);
  return findings;
}
