import { checkOptions } from '../check-options.ts';
import { QUALITIES, type Quality, type Task } from '../choices.ts';
import { analysePicture, cleaningTask, type Diagnosis, ENOUGH, findersFor } from '../diagnosis/analyse.ts';
import { traceOf } from '../diagnosis/jpeg.ts';
import type { Size } from '../image/box.ts';
import { checkForm } from '../image/check-image.ts';
import { type AnyImage, checkSize, type Picture } from '../image/picture.ts';
import { areSame } from '../image/same.ts';
import { priorOf, type RestoreOptions } from '../options.ts';
import type { Stage } from '../run/run-report.ts';
import { throwIfAborted } from '../stopping/abort.ts';
import { never } from '../stopping/pace.ts';
import { cleanedDrawing } from '../tasks/cleaned-drawing.ts';
import { doubtOf } from '../tasks/doubt.ts';
import { holeOf } from '../tasks/hole.ts';
import { THICK } from '../tasks/hole-parts.ts';
import { jobOf, nothingToDo, scaleOf, TASK_KINDS } from '../tasks/index.ts';
import { inTurns } from '../time-slicing.ts';
import { bytesHeld, bytesOfThreads } from './memory.ts';
import { neverLess } from './never-less.ts';
import { cornersOf, disc, madeUp, type Sample, sampleOf, sampleToFill, scattered } from './sample.ts';

/** What a restoration will take. */
export interface Cost {
  /** On this machine, as busy as it is, from the options' executor and host; of `nonlocal` stages on its processor, whatever card there is. */
  readonly seconds: number;
  /** Memory at most, beside the image that was given. */
  readonly bytes: number;
  /** What makes the result, in order. */
  readonly stages: readonly Stage[];
}

/** An image of which only this is at hand. */
export interface Subject {
  readonly width: number;
  readonly height: number;
  /** Pixels that are like the image's, such as some of them; none = as photographs are. */
  readonly sample?: AnyImage;
}

/**
 * Says what `restore` would take, before it is asked to: from a short run on some of the image's pixels, and for the
 * network from a few of its steps and how many it usually takes.
 *
 * @param image as for `restore`, and as long to be left as it is; or its size.
 * @param options as for `restore`; their `quality` does not matter.
 * @param qualities which to look at; default all three.
 * @throws as `restore` for what is asked for.
 * @example const { balanced } = await estimate(image, { task: 'denoise' }); // balanced.seconds
 */
export async function estimate<Q extends Quality = Quality>(
  image: AnyImage | Subject,
  given: RestoreOptions,
  qualities: readonly Q[] = QUALITIES as readonly Quality[] as readonly Q[],
): Promise<Record<Q, Cost>> {
  checkOptions(given);
  const { control: _control, checkpoint: _checkpoint, ...options } = given;
  checkSubject(image);
  const { width, height } = image;
  const sample = await sampleFor(image, options);
  const { diagnosis, seconds } = await diagnosed(sample, image, options);
  const found = options.task === 'auto' ? (diagnosis?.task ?? 'none') : options.task;
  const costs: Partial<Record<Quality, Cost>> = {};
  for (const quality of qualities) {
    throwIfAborted(options);
    const asked = { ...options, quality, diagnosis };
    if (found === 'none' || nothingToDo(found, diagnosis, asked)) costs[quality] = { ...NOTHING, seconds };
    else {
      const cost = await costOf({ width, height }, sample, found, asked);
      costs[quality] = { ...cost, seconds: seconds + cost.seconds };
    }
  }
  return neverLess(costs) as Record<Q, Cost>;
}

/** What the image suffers from, and how long `restore` takes to find out: nothing where it is told, or does not ask. */
async function diagnosed(
  { picture, share, middle = picture }: Sample,
  size: Size,
  options: RestoreOptions,
): Promise<{ readonly diagnosis?: Diagnosis; readonly seconds: number }> {
  if (options.diagnosis) return { diagnosis: options.diagnosis, seconds: 0 };
  const asks = options.task === 'auto' || TASK_KINDS[options.task].needsDiagnosis(priorOf(options));
  if (!asks) return { seconds: 0 };
  const finders = await findersFor(options);
  await inTurns(analysePicture(madeUp(), options, finders)); // the first one in a process compiles
  const began = performance.now();
  const found = await inTurns(analysePicture(picture, options, finders));
  const seconds = (performance.now() - began) / 1000;
  const jpeg = middle === picture ? found.jpeg : await inTurns(traceOf(middle, size, options.file));
  // Dark or smooth pieces side by side may show less of compression than a part in one piece.
  const diagnosis = jpeg && !found.jpeg ? await inTurns(analysePicture(middle, options, finders)) : found;
  const pixels = picture.width * picture.height;
  const ratio = Math.min(pixels / share, ENOUGH ** 2) / pixels;
  return {
    diagnosis: { ...diagnosis, ...(jpeg ? { jpeg } : {}) },
    seconds: seconds * ratio ** DIAGNOSIS_GROWS,
  };
}

/** By which power of the pixels the diagnosis takes longer: 0.96, 2.1 and 2.8 CPU s of 0.07, 0.4 and 1 megapixels. */
const DIAGNOSIS_GROWS = 0.4;

function checkSubject(image: AnyImage | Subject): void {
  if (typeof image === 'object' && image !== null && !('data' in image) && !('planes' in image))
    checkSize(image);
  else checkForm(image);
}

const NOTHING: Omit<Cost, 'seconds'> = { bytes: 0, stages: [] };

type Asked = RestoreOptions & { readonly quality: Quality };

/** What is timed: some of the image, or what is like it. */
async function sampleFor(
  image: AnyImage | Subject,
  { task, mask, maskGrow = 0, maskFeather = 0 }: RestoreOptions,
): Promise<Sample> {
  const fills = task !== 'auto' && TASK_KINDS[task].fills;
  const { width, height } = image;
  if ('data' in image || 'planes' in image) {
    if (!fills) return sampleOf(image);
    const hole = await inTurns(holeOf(mask, width, height, { grow: maskGrow, feather: maskFeather }));
    return { ...(await inTurns(sampleToFill(image, mask!, hole, maskGrow + maskFeather))), hole };
  }
  const { picture } = image.sample ? sampleOf(image.sample) : { picture: madeUp() };
  const share = (picture.width * picture.height) / (width * height);
  return { picture, share, ...(fills ? { mask: scattered(picture) } : {}) };
}

/** The first answer is timed on the sample; the network's steps are, and counted by the recipe. */
async function costOf(size: Size, sample: Sample, task: Task, asked: Asked): Promise<Cost> {
  const { enlarges, cleansFirst } = TASK_KINDS[task];
  const auto = priorOf(asked) === 'auto';
  const { diagnosis } = asked;
  const cleaning = auto && cleansFirst && diagnosis ? cleaningTask(diagnosis) : undefined;
  const cleaned = cleaning && (await timeFirst(sample, cleaning, { ...asked, prior: 'nonlocal' }));
  const first = await (cleaned && diagnosis
    ? timeCleaned(sample, cleaned, task, cleaning, { ...asked, diagnosis })
    : timeParts(sample, task, asked));
  const pixels = size.width * size.height * scaleOf(task, asked) ** 2;
  const threads = asked.host?.workers?.count ?? 1;
  const copies = first !== undefined && (sample.hole ? sample.hole.thickness >= THICK : first.copies);
  const { width, height } = (copies ? sample.hole?.sources : sample.hole?.box) ?? size;
  const held = { task, pixels, planes: sample.picture.channels, threads, copies };
  const bytes = bytesHeld({ ...held, worked: width * height });
  const seconds = (first?.seconds ?? 0) + (cleaned ? cleaned.seconds : 0);
  const before: Cost = { seconds, bytes, stages: first ? ['nonlocal'] : [] };
  if (first?.guide && auto) {
    const { networkCost } = await import('./network.ts');
    const guide = await networkCost(first.guide, sample, task, {
      ...asked,
      expert: { ...asked.expert, runs: 1 },
    });
    return {
      seconds: before.seconds + guide.seconds,
      bytes: bytes + guide.bytes,
      stages: ['network', 'nonlocal'],
    };
  }
  if (first && (first.networkShare === 0 || asked.prior === 'nonlocal')) return before;
  const network: Pick<Cost, 'seconds' | 'bytes'> & Partial<Cost> = await (auto &&
  (enlarges || (first && task === 'denoise'))
    ? import('./learning.ts').then(({ enlargingCost, denoisingCost }) =>
        enlarges ? enlargingCost(size, sample, asked, cleaning) : denoisingCost(size, sample, asked),
      )
    : import('./network.ts').then(({ networkCost }) => networkCost(size, sample, task, asked)));
  const hasBoth = first !== undefined || network.stages?.includes('nonlocal') === true;
  return {
    seconds: before.seconds + network.seconds,
    // The network's threads come beside those of the non-local stage.
    bytes: bytes + network.bytes + (hasBoth ? bytesOfThreads(asked.host?.threads?.count ?? 0) : 0),
    stages: [...before.stages, ...(network.stages ?? [asked.prior === 'tv' ? 'tv' : 'network'])],
  };
}

interface First {
  /** Of the whole image. */
  readonly seconds: number;
  readonly networkShare: number;
  readonly guide?: Size;
  /** Whether a thick hole is filled with copies. */
  readonly copies: boolean;
  /** What came of the sample. */
  readonly colour: Float32Array;
}

/** The task, once the picture was cleaned: how much there is still to be learnt depends on what came of that. */
async function timeCleaned(
  sample: Sample,
  { colour }: First,
  task: Task,
  cleaning: 'denoise' | 'dejpeg',
  asked: Asked & { readonly diagnosis: Diagnosis },
): Promise<First | undefined> {
  const { picture } = sample;
  const cleaned = { ...picture, colour };
  const drawn = await cleanedDrawing(picture, cleaned, asked.diagnosis, cleaning, never);
  const result = drawn ?? cleaned;
  const doubt = areSame(result.colour, picture.colour) ? undefined : doubtOf(picture, result);
  return timeParts({ ...sample, picture: result }, task, asked, doubt);
}

/** Thick parts of a hole, and the rest; both have grown already. */
async function timeParts(
  sample: Sample,
  task: Task,
  asked: Asked,
  doubt?: Float32Array,
): Promise<First | undefined> {
  if (!sample.thick) return timeFirst(sample, task, asked, doubt);
  const { picture, mask, thin } = sample.thick;
  const grown = { ...asked, maskGrow: 0, maskFeather: 0 };
  const copies = await timeCopies(picture, { ...grown, mask });
  const rest = thin && (await timeFirst(thin, task, grown));
  return copies && { ...copies, seconds: copies.seconds + (rest?.seconds ?? 0) };
}

/** What thick parts of a hole take, whatever the quality; with a network's guide, which `fast` does without, they are copied again. */
interface Copies extends First {
  readonly again: number;
}

/** Of a picture that is asked about. */
const copiesKnown = new WeakMap<Picture, Promise<Copies | undefined>>();

async function timeCopies(picture: Picture, asked: Asked): Promise<First | undefined> {
  const prior = priorOf(asked);
  if (prior === 'network' || prior === 'tv') return undefined;
  const known = copiesKnown.get(picture) ?? timeCopying(picture, asked);
  copiesKnown.set(picture, known);
  const found = await known;
  if (!found) return undefined;
  const { again, guide, ...once } = found;
  return asked.quality === 'fast' || !guide ? once : { ...once, guide, seconds: once.seconds + again };
}

async function timeCopying(picture: Picture, asked: Asked): Promise<Copies | undefined> {
  const { host, signal, seed = 0, diagnosis } = asked;
  const run = { host, signal, seed, quality: 'best', progress: async () => undefined } as const;
  const compiled = await jobOf('inpaint', madeUp(SMALL, SMALL), {
    task: 'inpaint',
    mask: disc(SMALL, THICK),
  });
  await compiled.estimate?.({ ...run, foretold: () => undefined });
  const began = performance.now();
  let [less, copying] = [0, 0];
  const job = await jobOf('inpaint', picture, asked, diagnosis);
  const first = await job.estimate?.({
    ...run,
    foretold: (spent, all) => {
      less += spent;
      copying += all;
    },
  });
  if (!first) return undefined;
  const { networkShare, guide, colour } = first;
  const took = (performance.now() - began) / 1000 - less;
  // A drawing's are made to tell of them.
  const again = less > 0 ? copying : took;
  return { seconds: took + copying, again, networkShare, guide, colour, copies: true };
}

/** Side of what the first copies of a process are made in, px, which compile. */
const SMALL = 64;

/**
 * The first run compiles, and takes up to two and a half times as long as those after the second: it is run again, up to so many times
 * by the sample's share of the image, until it no longer gets faster than `settled` of the run before. All of an image is run again
 * where it takes less than this, s.
 */
const AGAIN = { seconds: 2, twice: 0.2, once: 0.5, settled: 0.8 } as const;

async function timeFirst(
  sample: Sample,
  task: Task,
  asked: Asked,
  doubt?: Float32Array,
): Promise<First | undefined> {
  const prior = priorOf(asked);
  if (prior === 'network' || prior === 'tv') return undefined;
  const { mask: hole, picture, share, areaShare = share } = sample;
  const run = async (mask = hole) => {
    const { host, signal, quality, seed = 0, diagnosis } = asked;
    const started = performance.now();
    const job = await jobOf(task, picture, { ...asked, mask }, diagnosis, doubt);
    const progress = async () => undefined;
    let [less, glance] = [0, 0];
    const glanced = (seconds: number, most: number) => {
      less += seconds;
      glance += seconds * Math.max(1, Math.min(1 / share, most / (picture.width * picture.height)));
    };
    const first = await job.estimate?.({ host, signal, quality, seed, progress, glanced });
    if (!first) return undefined;
    const colour = job.lastWord ? (await inTurns(job.lastWord(first.colour))).colour : first.colour;
    return {
      seconds: (performance.now() - started) / 1000 - less,
      glance,
      colour,
      networkShare: first.networkShare,
      guide: first.guide,
      copies: 2 * (job.holeRadius ?? 0) >= THICK,
    };
  };
  let first = await run();
  if (!first) return undefined;
  const again = share < AGAIN.once || first.seconds + first.glance < AGAIN.seconds;
  for (let left = share < AGAIN.twice ? 2 : Number(again); left > 0; left--) {
    const next = await run();
    if (!next) return undefined;
    const isSettled = next.seconds > AGAIN.settled * first.seconds;
    if (next.seconds < first.seconds) first = next;
    if (isSettled) break;
  }
  // Some of the work is a hole's, some goes over all of the area around, however little is missing of it.
  const around = hole && share < 1 ? ((await run(cornersOf(picture)))?.seconds ?? 0) : 0;
  const { glance, ...rest } = first;
  return { ...rest, seconds: glance + Math.max(0, first.seconds - around) / share + around / areaShare };
}
