import type { Quality, Reduction } from '../choices.ts';
import { cleaningTask, type Diagnosis } from '../diagnosis/analyse.ts';
import { type AxisTable, cutTable, tablesApplied } from '../image/axis-table.ts';
import { cutPicture, type Size } from '../image/box.ts';
import { type Drawn, findDrawn, flatPixels } from '../image/drawn.ts';
import { withGradients } from '../image/gradients.ts';
import { stretch } from '../image/parts.ts';
import { withPens } from '../image/pens.ts';
import type { Picture } from '../image/picture.ts';
import { clampedPlanes, premultiply, unpremultiply } from '../image/premultiply.ts';
import { areaTable, lanczosTable, reductionTable, resized } from '../image/resize.ts';
import { sharpness } from '../image/sharpness.ts';
import { smoothPixels } from '../image/smooth-pixels.ts';
import { edgesOf, keepMeans } from '../image/transparency.ts';
import { mayBeCompressed } from '../jpeg/trace.ts';
import { NUMERIC_OPTIONS, priorOf, type RestoreOptions } from '../options.ts';
import { type IsOver, never, Pace } from '../stopping/pace.ts';
import { inTurns, type Pieces } from '../time-slicing.ts';
import { LEARNING } from '../zero-shot/settings.ts';
import { coloursChange } from './colours-change.ts';
import { consistent } from './consistent.ts';
import { toleranceOf } from './drawn-cleaned.ts';
import { resolvedShare } from './drawn-ranges.ts';
import { toleranceUnder } from './drawn-under-noise.ts';
import { refine, refinesAfter, roundsOf, sigmaOf } from './refine.ts';
import type { Job, LearningContext, Learnt } from './task.ts';

/**
 * Factor from which the network's estimate is taken as it is. The less is missing, the less there is to find, and the
 * plain enlargement's errors are others than the network's: of ×1.5 their mean is better than either.
 */
const ALL_NETWORK = 4;

/**
 * How much of a drawing's edges must lie between flat colours for a network to learn from it. Of forty drawings ×2 those with
 * a third or more gain by it (an icon 4 dB, a logo 3), text, with a twentieth, loses up to 1: strokes that are half as thick
 * are others.
 */
const TEACHES = 0.2;

/** Sharper than this no lens leaves an edge: taking a blur back that is not there would cost 10 dB. */
const SHARPEST_BEHIND_LENS = 0.78;

/**
 * Of fewer pixels than these nothing is learnt, and nothing made sharper. Compressed: as strongly as `coarse`, of five buttons and
 * icons what was learnt made the artefacts sharp and lost up to 3 dB against bicubic, and gained 0.1 at most; of quality 50 and 80
 * smaller ones (24², 62 × 23) lost 0.1 to 1.1. `unsure`: too few to tell noise from texture, where no place is quieter than `sigma`,
 * 1/255, and colours change by themselves as noise makes them do (`coloursChange`). Of six small drawings whose noise was not found
 * all are, 11 and more. Of grey ones there is less to go by: an icon of 16² gained 0.9 with its noise. `suspect`: too few blocks to say
 * that they were compressed, and yet they look so (`mayBeCompressed`).
 */
const TELLS_NOTHING = {
  compressed: 40 ** 2,
  coarsely: 80 ** 2,
  coarse: 30,
  unsure: 96 ** 2,
  sigma: 10,
  suspect: 160 ** 2,
} as const;

/** From what change of colours on: four small drawings have 6.2 and more with σ 10, without 1.7 at most; 30 photographs of 51² 2.2. */
const COLOURS_CHANGE = 4;

const TOO_LITTLE =
  'The image is small, and noisy or compressed for its size: nothing was learnt from it, and it was enlarged plainly.';
const NO_LENS = 'Edges are sharper than a lens leaves them: the image was taken for means over its pixels.';
const PIXEL_ART = 'The image is pixel art: its pixels stay squares.';
const SMOOTHED = 'The image is pixel art: its outlines were made smooth.';
const NOTHING_LEARNT = 'Smaller copies of the image tell nothing of its detail: it was enlarged plainly.';

/** How one axis of a part shrinks to the picture's, and grows from it. */
interface Axis {
  readonly down: AxisTable;
  readonly up: AxisTable;
}

/**
 * E = ‖d(x) − x0‖² / N with d the down-sampling by the factor (Ulyanov et al., eq. 5), by Lanczos2 unless another is asked
 * for. What the fit still lacks of x0 is enlarged by Lanczos3 and added: one step of back-projection (Irani & Peleg, 1991), since more of them enlarge
 * the rounding of x0 with it. For small factors Lanczos3's enlargement, treated alike, has its share in the result. Alpha
 * is one more plane, and the others are multiplied by it. A part's d is cut from the whole's, so that any factor and any
 * edge will do.
 *
 * @param doubt of a picture that was cleaned first: how far its pixels may be from what the result shrinks to.
 */
export async function upscale(
  given: Picture,
  options: RestoreOptions,
  diagnosis?: Diagnosis,
  doubt?: Float32Array,
): Promise<Job> {
  const picture = premultiply(given);
  const { scale = NUMERIC_OPTIONS.scale.default, quality = 'balanced', host, executor } = options;
  const size = { width: Math.round(picture.width * scale), height: Math.round(picture.height * scale) };
  const known = await knownOf(picture, size, options, { diagnosis, doubt });
  const { enlarged, isDrawing, isSmoothed, inDrawings, tellsNothing, note } = known;
  const withEdges = edgesOf(given, size);
  function* lastWord(colour: Float32Array, over: IsOver): Pieces<Float32Array> {
    if (tellsNothing) return (yield* resized(picture, size.width, size.height, 'bicubic')).colour;
    if (isSmoothed) return (yield* smoothPixels(picture, size, over)) ?? enlarged.colour;
    const found = yield* settled(known, { ...enlarged, colour }, over);
    const edged = withEdges(found, { x: 0, y: 0, ...size });
    return isDrawing && given.alpha ? keepMeans(edged, picture, size) : edged;
  }
  return {
    picture,
    area: { x: 0, y: 0, width: picture.width, height: picture.height },
    ...size,
    otherwise: 'is enlarged plainly',
    touches: () => true,
    problem: problemOf(known, scale, withEdges),
    start: () => enlarged,
    ...(isDrawing || tellsNothing
      ? {
          estimate: async ({ stopped = never }) => ({
            colour: await inTurns(lastWord(enlarged.colour, stopped), options.signal),
            networkShare: inDrawings,
          }),
        }
      : {}),
    learn: (context) => learnt(known, { quality, host, executor }, context),
    *lastWord(planes, over = never) {
      return {
        colour: yield* lastWord(planes, over),
        share: 1,
        ...(note ? { note } : {}),
      };
    },
    finish: unpremultiply,
  };
}

/** Looks at a picture, which `doubt` says was cleaned first. */
async function knownOf(
  picture: Picture,
  size: Size,
  options: RestoreOptions,
  { diagnosis, doubt }: { readonly diagnosis?: Diagnosis; readonly doubt?: Float32Array },
): Promise<Known> {
  const { quality = 'balanced', expert: { reduction: asked = 'lanczos', pixelArt = 'keep' } = {} } = options;
  const hasNoLens = asked === 'camera' && (sharpness(picture) ?? 1) > SHARPEST_BEHIND_LENS;
  const work = <T>(pieces: Pieces<T>) => inTurns(pieces, options.signal);
  const enlarged = await work(resized(picture, size.width, size.height, 'lanczos3'));
  const found = await work(findDrawn(picture));
  const shaded = doubt ? found : await work(withGradients(picture, found));
  const drawn = doubt ? found : await work(withPens(picture, shaded));
  const isDrawing = drawn.share.every((share) => share === 1);
  const isSmoothed = drawn.pixelArt && pixelArt === 'smooth';
  const mayTeach = quality !== 'fast' && !drawn.pixelArt && drawn.share.some((share) => share > 0);
  const cleaning = doubt && diagnosis && cleaningTask(diagnosis);
  const mayLearn = priorOf(options) === 'auto' && !isDrawing;
  const isSuspect = mayLearn && !cleaning && picture.width * picture.height < TELLS_NOTHING.suspect;
  const tellsNothing =
    mayLearn &&
    (isTooSmall(picture, cleaning, diagnosis) || (isSuspect && (await work(mayBeCompressed(picture)))));
  const byMeans = cleaning !== undefined && asked !== 'camera';
  const reduction = hasNoLens || byMeans ? 'area' : asked;
  const isThin = byMeans && !(await work(isThick(picture, toleranceAfter(cleaning, diagnosis))));
  return {
    ...{ picture, enlarged, drawn, isDrawing, isSmoothed, tellsNothing, reduction, doubt },
    inDrawings: mayTeach && (await work(resolvedShare(picture, shaded))) >= TEACHES ? 1 : 0,
    mayRefine: !isDrawing && refinesAfter(cleaning),
    lessons: isDrawing ? 'area' : isThin ? 'lanczos' : reduction,
    note: noteOf({ drawn, isSmoothed, tellsNothing }, hasNoLens && !isDrawing),
  };
}

function noteOf(
  { drawn, isSmoothed, tellsNothing }: Pick<Known, 'drawn' | 'isSmoothed' | 'tellsNothing'>,
  hasNoLens: boolean,
): string | undefined {
  if (drawn.pixelArt) return isSmoothed ? SMOOTHED : PIXEL_ART;
  if (tellsNothing) return TOO_LITTLE;
  return hasNoLens ? NO_LENS : undefined;
}

function isTooSmall(picture: Picture, cleaning?: Cleaning, diagnosis?: Diagnosis): boolean {
  const { width, height, channels } = picture;
  const { compressed, coarsely, coarse, unsure, sigma } = TELLS_NOTHING;
  const isBelow = (pixels: number) => width * height < pixels;
  if (cleaning === 'dejpeg')
    return isBelow((diagnosis?.jpeg?.quality ?? 100) <= coarse ? coarsely : compressed);
  const mayBeNoisy = channels >= 3 && !cleaning && (diagnosis?.noise.sigma ?? 0) >= sigma;
  return mayBeNoisy && isBelow(unsure) && coloursChange(picture) >= COLOURS_CHANGE;
}

/**
 * Whether what was cleaned, so that its samples may be off by `tolerance`, may be drawn in thick shapes: these teach by means, as
 * they are drawn; of thin strokes means would teach that they are half as thick.
 */
function* isThick(picture: Picture, tolerance: number): Pieces<boolean> {
  const flat = yield* flatPixels(picture, tolerance);
  return (yield* resolvedShare(picture, { flat }, tolerance)) >= TEACHES;
}

function toleranceAfter(cleaning?: Cleaning, diagnosis?: Diagnosis): number {
  if (!cleaning || !diagnosis) return 0;
  const { jpeg, noise } = diagnosis;
  return cleaning === 'dejpeg' && jpeg ? toleranceOf(jpeg.components[0]) : toleranceUnder(noise);
}

type Cleaning = ReturnType<typeof cleaningTask>;

/** A picture, and what is known of its enlargement before any network. */
interface Known {
  readonly picture: Picture;
  /** By Lanczos3. */
  readonly enlarged: Picture;
  readonly drawn: Drawn;
  readonly isDrawing: boolean;
  /** It is pixel art whose outlines are to be smooth. */
  readonly isSmoothed: boolean;
  /** It is too small, for what is wrong with it, to learn anything from. */
  readonly tellsNothing: boolean;
  /** The network's share in what is drawn in flat colours. */
  readonly inDrawings: 0 | 1;
  /** Whether what was learnt gains by the picture's own repetitions. */
  readonly mayRefine: boolean;
  /** What a result is held against. */
  readonly reduction: Reduction;
  /** What it is learnt from. */
  readonly lessons: Reduction;
  readonly doubt: Float32Array | undefined;
  readonly note: string | undefined;
}

/** What of an enlargement to any size shrinks to the picture again. */
function* settled(known: Known, { colour, ...size }: Picture, over: IsOver): Pieces<Float32Array> {
  const { picture, enlarged, drawn, isDrawing, inDrawings, reduction, doubt } = known;
  const plain =
    size.width === enlarged.width ? enlarged : yield* resized(picture, size.width, size.height, 'lanczos3');
  if (over()) return plain.colour;
  // A network that learnt little of the lines of a drawing may draw others: what shrinks to another picture is left out.
  const strays =
    isDrawing && (yield* strayOf(picture, colour, size)) > (yield* strayOf(picture, plain.colour, size));
  const drawing = (isDrawing ? !strays : inDrawings === 1) ? colour : plain.colour;
  return yield* consistent(colour, drawing, {
    ...{ picture, drawn, doubt, reduction, plain: plain.colour, over },
    ...size,
  });
}

/** How far the means over the picture's pixels are from the picture, as a sum of squares. */
function* strayOf(picture: Picture, colour: Float32Array, size: Size): Pieces<number> {
  const [rows, cols] = [areaTable(size.height, picture.height), areaTable(size.width, picture.width)];
  const shrunk = yield* tablesApplied(colour, picture.channels, rows, cols);
  return shrunk.reduce((sum, value, i) => sum + (value - picture.colour[i]) ** 2, 0);
}

/** What is minimised in a box of the picture. */
function problemOf(
  { picture, enlarged, reduction }: Known,
  scale: number,
  withEdges: ReturnType<typeof edgesOf>,
): Job['problem'] {
  const across = axisOf(picture.width, enlarged.width, reduction);
  const along = axisOf(picture.height, enlarged.height, reduction);
  return (box) => {
    const [x, cols] = across(box.x, box.width);
    const [y, rows] = along(box.y, box.height);
    const place = { x: x.start, y: y.start, width: x.length, height: y.length };
    const part = cutPicture(picture, box);
    const guess = cutPicture(enlarged, place).colour;
    const consistent = (x: Float32Array) => backProject(x, part, rows, cols);
    return {
      width: place.width,
      height: place.height,
      channels: picture.channels,
      box: place,
      target: part.colour,
      weight: null,
      guess,
      observe: (graph, x) => graph.resample('observed', x, rows.down, cols.down),
      *settle(restored) {
        return {
          colour: yield* consistent(yield* mixed(restored, () => consistent(guess), scale)),
          share: 1,
        };
      },
      compose: (planes) => withEdges(planes, place),
    };
  };
}

/** What networks learn of the picture's enlargement from the picture as a whole, and what its repetitions make of that. */
async function learnt(
  known: Known,
  { quality, host, executor }: { quality: Quality } & Pick<RestoreOptions, 'host' | 'executor'>,
  { report, ...context }: LearningContext,
): Promise<Learnt> {
  const { enlargeByLearning } = await import('../zero-shot/enlarge.ts');
  const { picture, enlarged, mayRefine, lessons } = known;
  const { allowed, clock, over, signal, stopped } = context;
  const began = clock();
  const settings = LEARNING[quality];
  const settle = (stage: Picture) => inTurns(settled(known, stage, over), signal);
  const left = () => (stopped() ? Number.NEGATIVE_INFINITY : allowed - (clock() - began));
  const pace = new Pace(left, clock);
  let isRefined = false;
  const refineBy = async (stage: Picture, isLast: boolean) => {
    const by = stage.width / picture.width;
    const refined = await refine(stage, {
      ...{ host, executor, signal, pace, settle },
      rounds: roundsOf(quality, stage, isLast),
      sigma: sigmaOf(by, isRefined),
    });
    isRefined = true;
    return refined;
  };
  const {
    picture: found,
    learnt,
    ...how
  } = await enlargeByLearning(picture, enlarged, {
    ...context,
    settings,
    reduction: lessons,
    report: (at, now) => report(at, async () => (await now()).colour),
    settle: async (stage, learnt) => {
      const whole = { ...stage, colour: await settle(stage) };
      return learnt && mayRefine && roundsOf(quality, stage, false) > 0 ? refineBy(whole, false) : whole;
    },
  });
  const isLastRefined = learnt && mayRefine && how.ended === 'steps' && roundsOf(quality, found, true) > 0;
  const refined = isLastRefined ? await refineBy(found, true) : undefined;
  return {
    ...how,
    colour: refined?.colour ?? found.colour,
    refinedOn: refined?.devices,
    networks: settings.seeds,
    ...(learnt || how.ended !== 'steps' ? {} : { note: NOTHING_LEARNT }),
  };
}

/** Cuts the tables of an axis of n samples, `enlarged` in the result, to a part; tells where in the result it lies. */
function axisOf(n: number, enlarged: number, reduction: Reduction) {
  const [down, up] = [reductionTable(reduction, enlarged, n), lanczosTable(n, enlarged, 3)];
  return (start: number, length: number) => {
    const inputs = { start, length };
    const place = stretch(inputs, n, enlarged);
    return [place, { down: cutTable(down, inputs, place), up: cutTable(up, place, inputs) }] as const;
  };
}

/** The estimate with the plain enlargement's share, which is made only where it has one. */
function* mixed(
  estimate: Float32Array,
  enlarge: () => Pieces<Float32Array>,
  scale: number,
): Pieces<Float32Array> {
  return scale >= ALL_NETWORK ? estimate : mixture(estimate, yield* enlarge(), scale / ALL_NETWORK);
}

/** `share` of the estimate, and the rest of the plain enlargement. */
function mixture(estimate: Float32Array, plain: Float32Array, share: number): Float32Array {
  return estimate.map((value, i) => plain[i] + share * (value - plain[i]));
}

/** The estimate, made to shrink to nearly the picture. */
function* backProject(
  estimate: Float32Array,
  picture: Picture,
  rows: Axis,
  cols: Axis,
): Pieces<Float32Array> {
  const { channels, colour } = picture;
  const shrunk = yield* tablesApplied(estimate, channels, rows.down, cols.down);
  const missing = colour.map((value, i) => value - shrunk[i]);
  const change = yield* tablesApplied(missing, channels, rows.up, cols.up);
  const put = estimate.map((value, i) => value + change[i]);
  return yield* clampedPlanes(put, channels);
}
