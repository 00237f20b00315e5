import { checkOptions } from './check-options.ts';
import { Journal } from './checkpoints/journal.ts';
import type { Task } from './choices.ts';
import { analysePicture, cleaningTask, type Diagnosis, findersFor } from './diagnosis/analyse.ts';
import { ImageSizeError } from './errors.ts';
import type { ExecutorName } from './executors/executor.ts';
import { checkForm } from './image/check-image.ts';
import { inFormOf, type RestorableImage, type RestoredImage, readForm } from './image/forms.ts';
import { type Picture, toPicture } from './image/picture.ts';
import { areSame } from './image/same.ts';
import { priorOf, type RasterImage, type RestoreOptions } from './options.ts';
import {
  CUT_SHORT,
  firstAnswer,
  GUIDE,
  isFinal,
  NO_EXECUTOR,
  reportOfFirst,
  type Surroundings,
} from './run/first-answer.ts';
import { Reporter } from './run/reporter.ts';
import { type RanOn, type RunReport, reportWithoutSteps } from './run/run-report.ts';
import { reasonOf, throwIfAborted } from './stopping/abort.ts';
import { jobOf, nothingToDo, TASK_KINDS } from './tasks/index.ts';
import type { EstimateContext, Job, LastWord, SmallFill } from './tasks/task.ts';
import { inTurns, inTurnsUntil, turn } from './time-slicing.ts';

export type { StoppedBy } from './run/optimise.ts';
export type { Stage } from './run/run-report.ts';

export interface RestoreResult<I extends RestorableImage = RasterImage> extends RunReport {
  /** In the form that was given: 8-bit RGBA, samples side by side, or as many planes; of a tensor planes too. */
  readonly image: RestoredImage<I>;
  /** What was done: the task asked for, or the one 'auto' chose; 'none': nothing is wrong, the image is as it was. */
  readonly task: Task | 'none';
  /** What the image was found to suffer from; undefined when neither asked for nor needed. */
  readonly diagnosis?: Diagnosis;
  /** How much of the change the last word kept, 0 … 1: what damage does not explain was given back. */
  readonly share: number;
  /** The same for each pixel of the image, [height, width], where the option `map` asked for it; 1 where nothing was changed. */
  readonly map?: Float32Array;
  /** What computed each stage, in order; where another one took over, both. */
  readonly ranOn: readonly RanOn[];
  /** What ran the network; 'none' where none was needed. */
  readonly executor: ExecutorName | 'none';
  readonly adapter: string;
  /** Why this executor, in words. */
  readonly reason: string;
  readonly seed: number;
}

/**
 * Restores one image from nothing but itself: by its own repetitions (src/engine/nonlocal), and by a deep image prior
 * (Ulyanov, Vedaldi & Lempitsky, CVPR 2018) where that pays. What the damage does not explain stays as it was; with
 * task 'auto' an undamaged image comes back unchanged.
 *
 * @param image 8-bit RGBA (ImageData), samples side by side (sharp's {data, info}), float planes in [0, 1] or a tfjs tensor
 * [height, width, channels]; sRGB, 8×8 pixels or more. It is read in pieces, and so are masks: leave them as they are until it is done.
 * @param options the task and how to run it; see RestoreOptions for defaults and ranges.
 * @returns the restored image, in the form of the input; known pixels come back exactly, and so does alpha unless enlarged.
 * @throws InvalidOptionError, ImageSizeError, InvalidSamplesError, MaskError for bad input; GpuUnavailableError,
 * OutOfMemoryError, DeviceLostError, DivergedError from the run; the reason of options.signal once it is aborted.
 * @example const { image } = await restore(imageData, { task: 'denoise' });
 */
export async function restore<I extends RestorableImage>(
  image: I,
  options: RestoreOptions,
): Promise<RestoreResult<I>> {
  checkOptions(options);
  checkForm(image);
  try {
    return await restoreWhole(image, options);
  } catch (error) {
    throw reasonOf(error, options.signal);
  }
}

async function restoreWhole<I extends RestorableImage>(
  image: I,
  options: RestoreOptions,
): Promise<RestoreResult<I>> {
  throwIfAborted(options);
  const { control, checkpoint } = options;
  const picture = await inTurns(readForm(image), options.signal);
  const subject = { picture, options };
  const earlier =
    checkpoint && (await import('./checkpoints/checkpoint.ts')).decodeCheckpoint(checkpoint, subject);
  const journal = earlier?.journal ?? Journal.of();
  const reporter = new Reporter(options, earlier?.elapsed);
  control?.begin({ subject, journal, elapsed: () => reporter.elapsed });
  try {
    return await restorePicture(image, picture, { options, reporter, journal });
  } finally {
    control?.end();
  }
}

async function restorePicture<I extends RestorableImage>(
  image: I,
  picture: Picture,
  around: Surroundings,
): Promise<RestoreResult<I>> {
  const { options } = around;
  const diagnosis = await diagnose(picture, around);
  throwIfAborted(options);
  const task = options.task !== 'auto' ? options.task : (diagnosis?.task ?? 'none');
  const { cleaned, doubt, notes, ranOn } = await cleanedFirst(picture, task, diagnosis, around);
  const nothing = task === 'none' ? undefined : nothingToDo(task, diagnosis, options);
  const { picture: result, ...done } =
    task === 'none' || nothing
      ? untouched(picture, diagnosis, nothing)
      : await workOnGrid(cleaned, task, diagnosis, around, doubt);
  const gained = nothing || task === 'none' || done.notes.length > 0 || changed(picture, result);
  return {
    ...done,
    ...(gained ? {} : { share: 1 }),
    ...(options.map ? { map: done.map ?? new Float32Array(result.width * result.height).fill(1) } : {}),
    notes: [...notes, ...done.notes, ...(gained ? [] : [NOTHING_GAINED])],
    ranOn: [...ranOn, ...done.ranOn],
    image: await inTurns(inFormOf(image, result)),
    task,
    ...(diagnosis ? { diagnosis } : {}),
    seed: options.seed ?? 0,
  };
}

/** Share of the time left that may go by before the task itself begins. */
const CLEANING_SHARE = 0.5;

/** The picture without what its task would take for picture. */
async function cleanedFirst(
  picture: Picture,
  task: Task | 'none',
  diagnosis: Diagnosis | undefined,
  around: Surroundings,
): Promise<{ readonly cleaned: Picture; readonly doubt?: Float32Array } & Pick<Outcome, 'notes' | 'ranOn'>> {
  const { options, journal, reporter } = around;
  const words = task !== 'none' && priorOf(options) === 'auto' ? TASK_KINDS[task].cleansFirst : undefined;
  const cleaning = words && diagnosis && cleaningTask(diagnosis);
  if (!cleaning) return { cleaned: picture, notes: [], ranOn: [] };
  const { onProgress: _, ...silent } = options;
  const first = { ...silent, task: cleaning, prior: 'nonlocal', map: false } as const;
  const { picture: cleaned, ranOn } = await reporter.within(CLEANING_SHARE, () =>
    workOnGrid(picture, cleaning, diagnosis, {
      ...{ ...around, options: first },
      journal: journal.within('cleaned'),
    }),
  );
  const [{ cleanedDrawing }, { doubtOf }] = await Promise.all([
    import('./tasks/cleaned-drawing.ts'),
    import('./tasks/doubt.ts'),
  ]);
  const over = () => reporter.left <= 0;
  const drawn = over() ? undefined : await cleanedDrawing(picture, cleaned, diagnosis, cleaning, over);
  const result = drawn ?? cleaned;
  return changed(picture, result)
    ? { cleaned: result, doubt: doubtOf(picture, result), notes: [words[cleaning]], ranOn }
    : { cleaned: result, notes: [], ranOn };
}

/** What comes of a picture, but for the form it is returned in. */
type Outcome = { readonly picture: Picture } & Omit<RestoreResult, 'image' | 'task' | 'diagnosis' | 'seed'>;

const changed = (given: Picture, { colour }: Picture): boolean => !areSame(colour, given.colour);

const NOTHING_GAINED = 'Nothing could be taken out without harm: the image is as it was.';
const NOTHING_WRONG = 'There is nothing to restore: the image is as it was.';

/** `diagnosis`: undefined where the time was too short for one; `why`: what to say where there is one. */
function untouched(picture: Picture, diagnosis: Diagnosis | undefined, why = NOTHING_WRONG): Outcome {
  const notes = [
    diagnosis ? why : 'The time ran out before it was known what is wrong: the image is as it was.',
  ];
  const ended = diagnosis ? 'none' : 'time';
  return { picture, ...reportWithoutSteps(0, [], notes, ended), share: 1, ...NO_EXECUTOR };
}

/** What a result starts from, where there is no time to do anything about it. */
function notBegun({ start, finish = (picture) => picture }: Job, { elapsed }: Reporter): Outcome {
  const report = reportWithoutSteps(elapsed / 1000, [], [CUT_SHORT.time], 'time');
  return { picture: finish(start()), ...report, share: 1, ...NO_EXECUTOR };
}

/** Of a picture that was cropped off the grid of its compression, the rim of less than a block stays. */
async function workOnGrid(...given: Parameters<typeof work>): Promise<Outcome> {
  const [picture, task, diagnosis, around] = given;
  const { enlarges, fills } = TASK_KINDS[task];
  const isCropped = !enlarges && !fills && diagnosis?.jpeg?.offset !== undefined;
  const inner = isCropped ? (await import('./run/on-its-grid.ts')).onItsGrid(picture, diagnosis) : undefined;
  if (!inner) return work(...given);
  const { picture: result, map, ...done } = await work(inner.picture, task, inner.diagnosis, around);
  const colour = inner.around(result.colour, picture.colour);
  const unchanged = new Float32Array(picture.width * picture.height).fill(1);
  return { ...done, picture: { ...picture, colour }, ...(map ? { map: inner.around(map, unchanged) } : {}) };
}

async function work(
  picture: Picture,
  task: Task,
  diagnosis: Diagnosis | undefined,
  around: Surroundings,
  doubt?: Float32Array,
): Promise<Outcome> {
  const { options, reporter } = around;
  const job = await jobOf(task, picture, options, diagnosis, doubt);
  checkGuide(job, options);
  const impulse = diagnosis?.impulse;
  if (reporter.isOver && !TASK_KINDS[task].fills) return notBegun(job, reporter);
  let isLong = true;
  if (options.maxSeconds !== undefined && !TASK_KINDS[task].fills) {
    const { lastWordTime } = await import('./run/last-word-time.ts');
    const ms = await lastWordTime(picture, task, options, diagnosis);
    isLong = ms > 0 || picture.width * picture.height > LONG_FROM;
    reporter.reserve(ms);
  }
  const pace = reporter.pace();
  const first = await firstAnswer(job, around, pace, (...small) => smallFill(small, around));
  throwIfAborted(options);
  const { colour, ...done } =
    first && (pace.refused || isFinal(first, options, reporter))
      ? { colour: first.colour, ...reportOfFirst(first, options, reporter, pace) }
      : await (await import('./run/by-network.ts')).byNetwork({ job, task, impulse, first, ...around });
  await turn();
  reporter.extend();
  // The last word may change what it is given, which a checkpoint may be made of.
  const given = options.control || options.map ? colour.slice() : colour;
  let isCut = false;
  const over = () => {
    isCut ||= reporter.isOver && isLong;
    return isCut;
  };
  const { note, ...kept }: LastWord = job.lastWord
    ? await inTurns(job.lastWord(given, over), options.signal)
    : { colour, share: 1 };
  const map =
    options.map && kept.share < 1 ? (kept.map ?? (await mapOf(job.picture, colour, kept))) : undefined;
  const whole = { ...job.start(), colour: kept.colour };
  const wasCut = done.stoppedBy === 'time' || done.stoppedBy === 'user';
  const cut = isCut && !wasCut ? CUT_SHORT.time : undefined;
  const nonlocal = (first?.devices ?? []).map((device) => ({ stage: 'nonlocal' as const, ...device }));
  return {
    ...done,
    ranOn: [...nonlocal, ...done.ranOn],
    ...(cut ? { stoppedBy: 'time' } : {}),
    picture: job.finish ? job.finish(whole) : whole,
    notes: [...done.notes, ...(cut ? [cut] : []), ...(note ? [note] : [])],
    share: kept.share,
    ...(map ? { map } : {}),
  };
}

async function mapOf({ width, height, colour }: Picture, wanted: Float32Array, kept: LastWord) {
  const { keptMap } = await import('./run/kept-map.ts');
  return inTurns(keptMap(colour, wanted, kept.colour, width * height));
}

/** Pixels from which a last word takes more than an instant. */
const LONG_FROM = 2 ** 18;

/** Share of the time left that a small picture may take. */
const SMALL_SHARE = 0.6;

/** A small picture filled by the network alone, by the options of the large one. */
async function smallFill(
  [{ mask, ...small }, progress]: Parameters<NonNullable<EstimateContext['network']>>,
  { options, reporter, journal }: Surroundings,
): Promise<SmallFill> {
  const { quality, seed, executor, host, signal, stopSignal, control } = options;
  const ours = { quality, seed, executor, host, signal, stopSignal, control, expert: { runs: 1 } };
  const left = (SMALL_SHARE * reporter.left) / 1000;
  // What the caller's onProgress throws ends this run too.
  let failure: { readonly error: unknown } | undefined;
  const theirs: RestoreOptions = {
    ...{ ...ours, mask, task: 'inpaint', prior: 'network' },
    ...(Number.isFinite(left) ? { maxSeconds: Math.min(Math.max(left, 0.1), 86400) } : {}),
    previewEveryMs: 0,
    onProgress: ({ done }) => {
      if (failure) throw failure.error;
      progress(done).catch((error: unknown) => {
        failure = { error };
      });
    },
  };
  const { image, ...facts } = await restorePicture(small, toPicture(small), {
    options: theirs,
    reporter: new Reporter(theirs),
    journal: journal.within(GUIDE),
  });
  return { image, facts };
}

/** What the damage is: as the caller knows it, or where the task, the loss or the last word over the result need it, and there is time. */
async function diagnose(
  picture: Picture,
  { options, reporter }: Surroundings,
): Promise<Diagnosis | undefined> {
  if (options.diagnosis) return options.diagnosis;
  const needed = options.task === 'auto' || TASK_KINDS[options.task].needsDiagnosis(priorOf(options));
  if (!needed) return undefined;
  const work = analysePicture(picture, options, await findersFor(options));
  return inTurnsUntil(() => reporter.isOver, work, options.signal);
}

function checkGuide({ width, height }: Job, { guide }: RestoreOptions): void {
  if (!guide || (guide.width === width && guide.height === height)) return;
  throw new ImageSizeError(
    `Expected a guide in the result's size, ${width}×${height}, but received ${guide.width}×${guide.height}.`,
  );
}
