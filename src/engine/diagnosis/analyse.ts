import type { Task } from '../choices.ts';
import type { isScratched } from '../defects/find.ts';
import { cutPicture } from '../image/box.ts';
import { withoutHidden } from '../image/hidden.ts';
import type { Picture } from '../image/picture.ts';
import type { RestoreOptions } from '../options.ts';
import type { Pieces } from '../time-slicing.ts';
import { isRoughAllOver } from './all-over.ts';
import { type Closer, closerLook } from './closer.ts';
import { hasImpulses } from './impulses.ts';
import { type JpegTrace, traceOf } from './jpeg.ts';
import { isMonochrome } from './monochrome.ts';
import {
  evenNoise,
  FLAT,
  measureNoise,
  NO_NOISE,
  type NoiseEstimate,
  noMoreThan,
  roughNoise,
  SMEARED,
} from './noise.ts';
import {
  type FoundNoise,
  findNoise,
  isDrawn,
  isEvenInBrightness,
  isLitFromASide,
  isOfAllColours,
  isTexture,
  type Looks,
  lookAt,
  mostWhiteNoise,
  photographic,
} from './noise-finder.ts';
import { isHalftone } from './screen.ts';
import { isBelievable, measuredBelievably } from './shown-by-colours.ts';
import { areImpulses, specksOf } from './specks.ts';
import { isTiled } from './tiled.ts';

/** What an image suffers from, and which task undoes that. */
export interface Diagnosis {
  /** 'none' where nothing is wrong that a task would undo, and nothing else was asked for. */
  readonly task: Task | 'none';
  /** Of all of the image, or of its noisy places. */
  readonly noise: NoiseEstimate;
  /** The noise may be another in each place, or none: each part must be judged by itself. */
  readonly patchy: boolean;
  /** Present when the image went through strong JPEG compression. */
  readonly jpeg?: JpegTrace;
  readonly impulse: boolean;
  /** Present when its colours were reduced to a few that are mixed of dots, everywhere. */
  readonly dithered?: true;
  /** Present when it is a JPEG that was cropped from an older one, on another grid. */
  readonly croppedJpeg?: true;
  /** Present when scratches or dust were looked for and seen. */
  readonly scratched?: true;
  /** Nothing was found: any restoration could only lose. */
  readonly clean: boolean;
  /** The findings in sentences, the decisive one first. */
  readonly findings: readonly string[];
}

/** What the caller knows besides the pixels. */
export type AnalyseOptions = Pick<RestoreOptions, 'mask' | 'scale' | 'file' | 'maxSeconds'>;

/** JPEG qualities above this leave no visible artefacts. */
const VISIBLE_QUALITY = 80;
/** Above this noise that survived is the worse of the two. */
const HARSH_QUALITY = 40;
/** σ up to which noise under such compression may be grain of the picture's own: a face at quality 80 shows 6.7, σ 12 beneath it 7.4 and more. */
const WEAK = 7;

/** The task that undoes what a picture was found to suffer from, whatever else was asked for; undefined where it is clean. */
export function cleaningTask({ task, jpeg, clean }: Diagnosis): 'denoise' | 'dejpeg' | undefined {
  if (clean) return undefined;
  if (task === 'denoise' || task === 'dejpeg') return task;
  return jpeg ? 'dejpeg' : 'denoise';
}

/** What looks for things that not every picture is asked about. */
interface Finders {
  /** Absent = scratches and dust are not looked for. */
  readonly isScratched?: typeof isScratched;
  /** Absent = loaded where it is needed: only `inTurns`. */
  readonly closer?: Closer;
}

/**
 * What `restore` looks with, where it is asked what is wrong: scratches decide nothing, take as long to look for as all the rest, and
 * a page that never asks loads none of it.
 */
export async function findersFor({ task }: RestoreOptions): Promise<Finders> {
  return task === 'auto' ? { isScratched: (await import('../defects/find.ts')).isScratched } : {};
}

/** `analyse` of a picture that was checked already, in pieces. */
export function* analysePicture(
  picture: Picture,
  options: AnalyseOptions,
  { isScratched, closer }: Finders = {},
): Pieces<Diagnosis> {
  const part = withoutHidden(middle(picture));
  yield;
  const halftone = yield* isHalftone(part);
  const trace = yield* traceOf(part, picture, options.file, closer);
  const looks = yield* lookAt(part);
  const ofFew = saysFewColours(options.file) ? yield* closerLook(closer) : undefined;
  const dithered = ofFew && !halftone && !isTooSmall(part) && (yield* ofFew.isDithered(part));
  const seen = dithered
    ? { ...NOTHING, found: true, noise: NO_NOISE }
    : yield* noiseOf(part, looks, { halftone, compressed: trace !== undefined }, closer);
  const tiled = seen.found && !dithered && (yield* isTiled(part));
  const told = tiled ? { ...NOTHING, noise: NO_NOISE } : seen;
  const jpeg = trace && trace.quality <= VISIBLE_QUALITY ? trace : undefined;
  const older = yield* olderGrid(part, trace, closer);
  const under = told.found || halftone ? undefined : yield* noiseBeneath(part, looks, trace, closer);
  // Among texture it is said, and left to what undoes the compression.
  const beneath = under?.isEven || jpeg ? under?.noise : undefined;
  const { noise, found, patchy, inPlaces } = beneath ? { ...told, found: true, noise: beneath } : told;
  const mayStay = isGif(options.file) && !dithered ? ofFew : undefined;
  const dots = mayStay && (yield* mayStay.isOfDots(part));
  const bands = mayStay && !dots ? yield* mayStay.bandedColours(part) : undefined;
  const impulse = !dithered && ((yield* hasImpulses(part)) || areImpulses(yield* specksOf(part)));
  const { maxSeconds = HURRIED } = options;
  const wanted = !options.mask && !halftone && maxSeconds >= HURRIED;
  const noisy = impulse || found;
  const isRough = noisy || jpeg !== undefined;
  const scratched = wanted && isScratched && (yield* isScratched(part, isRough));
  const isWorse = found && noise.sigma > WEAK && (!beneath || under?.isEven);
  const harsh = jpeg !== undefined && !(isWorse && jpeg.quality > HARSH_QUALITY);
  return {
    task: taskFor({ jpeg: harsh, noisy }, options),
    noise,
    patchy,
    ...(jpeg ? { jpeg } : {}),
    impulse,
    ...(dithered ? { dithered } : {}),
    ...(older ? { croppedJpeg: true } : {}),
    ...(scratched ? { scratched: true } : {}),
    clean: !jpeg && !noisy,
    findings: [
      ...given(options),
      ...(jpeg ? [jpegSentence(jpeg)] : []),
      ...(dithered ? ['Dither: its colours were reduced to a few, mixed of dots.'] : []),
      ...(noisy && !dithered ? [noiseSentence(noise, impulse, inPlaces)] : []),
      ...(jpeg || noisy
        ? []
        : [older ? 'No noise was found.' : 'No noise and no JPEG compression were found.']),
      ...whatStays({ older, dots, bands, halftone }),
      ...(scratched
        ? ['Scratches or dust: they can be found and filled (--mask auto), or marked with a mask.']
        : []),
    ],
  };
}

interface Staying {
  readonly older: boolean;
  readonly dots: boolean | undefined;
  /** How many colours are left. */
  readonly bands: number | undefined;
  readonly halftone: boolean;
}

/** What is said, and not undone. */
const whatStays = ({ older, dots, bands, halftone }: Staying): string[] => [
  ...(older ? ['Compressed before, on another grid than its own: it was cropped since. That stays.'] : []),
  ...(dots ? ['Dither: its colours were reduced to a few, mixed of dots. They stay.'] : []),
  ...(bands ? [`Few colours: what was smooth is left in flat bands of ${bands} colours. They stay.`] : []),
  ...(halftone ? ['Halftone: its tones are dots, as print has them. They stay.'] : []),
];

/** Seconds below which scratches are not looked for. */
const HURRIED = 20;

/** Whether a file's bytes are those of a GIF, whose colours are few. */
const isGif = (file?: Uint8Array): boolean => file?.[0] === 0x47 && file[1] === 0x49 && file[2] === 0x46;

/** Colour type of a PNG whose header says that it has a palette, and where it says so. */
const PNG = { palette: 3, at: 25 } as const;

/** Whether a file says that its colours are few. */
const saysFewColours = (file?: Uint8Array): boolean =>
  isGif(file) || (file?.[0] === 0x89 && file[1] === 0x50 && file[PNG.at] === PNG.palette);

/** The noise of all of a picture, or else of the places where it has some. */
function* noiseOf(
  picture: Picture,
  looks: Looks,
  { halftone, compressed }: { halftone: boolean; compressed: boolean },
  closer?: Closer,
) {
  // Among the dots of a screen there is no telling noise.
  if (halftone || isTooSmall(picture)) return yield* overGround(picture, looks, !halftone, closer);
  const all = { found: true, patchy: false, inPlaces: false };
  const found = (yield* findNoise(picture, looks)) ?? (yield* findCloser(picture, looks, closer));
  if (found) {
    const noise = yield* measuredBelievably(picture, looks, found, compressed);
    return noise ? { ...all, noise } : yield* overGround(picture, looks, false, closer);
  }
  const { clippedNoise, noisePatches, noiseOver } = yield* closerLook(closer);
  const clipped = yield* clippedNoise(picture);
  if (clipped)
    return (yield* isTexture(picture, looks))
      ? yield* overGround(picture, looks, false, closer)
      : { ...all, noise: clipped };
  const patches = yield* noisePatches(picture, looks);
  const noisy = patches.filter(({ noise }) => noise);
  const noise = noiseOver(noisy, { x: 0, y: 0, width: picture.width, height: picture.height });
  if (noise) return { ...all, noise, patchy: true, inPlaces: noisy.length < patches.length };
  return yield* overGround(picture, looks, picture.width * picture.height <= SMALL, closer);
}

/** Noise of all of a picture that only a closer look tells. */
function* findCloser(picture: Picture, looks: Looks, closer?: Closer): Pieces<FoundNoise | null> {
  const { findSureGrain, findWideBlotches } = yield* closerLook(closer);
  return findSureGrain(picture, looks) ?? (yield* findWideBlotches(picture, looks));
}

/** Noise that compression has left little of: as much as is seen of it, and whether it shows evenly. */
function* noiseBeneath(picture: Picture, looks: Looks, trace: JpegTrace | undefined, closer?: Closer) {
  if (!trace?.onGrid) return undefined;
  const { hasNoiseBeneath } = yield* closerLook(closer);
  if (!(yield* hasNoiseBeneath(picture, trace.components[0].table))) return undefined;
  const { fine } = looks;
  const blocks = photographic(fine);
  if (isLitFromASide(picture, looks) || isRoughAllOver(fine, blocks)) return undefined;
  const noise = yield* measureNoise({ kind: 'soft', spectra: fine, blocks });
  if (!(yield* isBelievable(picture, looks, noise))) return undefined;
  return { noise, isEven: isEvenInBrightness(fine, blocks) };
}

/** Whether a JPEG of good quality was cropped from another. */
function* olderGrid(part: Picture, trace: JpegTrace | undefined, closer?: Closer) {
  if (trace?.source !== 'file' || trace.quality < VISIBLE_QUALITY) return false;
  return yield* (yield* closerLook(closer)).showsOlderGrid(part);
}

/** Pixels of pictures whose plain ground is looked at for noise that nothing else told of. */
const SMALL = 160 ** 2;

/** Noise over plain ground, where that may tell; else too little to be called noise, but what a user who insists is meant to have taken out. */
function* overGround(picture: Picture, looks: Looks, tells: boolean, closer?: Closer) {
  const noise = tells ? yield* (yield* closerLook(closer)).smallNoise(picture) : null;
  return noise ? { ...NOTHING, found: true, noise } : { ...NOTHING, noise: yield* weakNoise(picture, looks) };
}

const NOTHING = { found: false, patchy: false, inPlaces: false } as const;

/**
 * Least pixels that are seen of a picture before its noise is told from the texture of what is drawn: of an opaque one,
 * and of a cut-out, which is an asset (sprites are full of painted sand, fire and stone). Chosen on 2565 icons,
 * sprites and screenshots of Debian's packages of graphics, checked on 1747 others.
 */
const LEAST_SEEN = { opaque: 80 ** 2, cutOut: 128 ** 2 } as const;
/** Share of hidden pixels from which a picture is a cut-out. */
const CUT_OUT = 0.02;

/** Of a picture `withoutHidden`. */
function isTooSmall({ colour, width, height }: Picture): boolean {
  const area = width * height;
  let hidden = 0;
  for (let i = 0; i < area; i++) if (Number.isNaN(colour[i])) hidden++;
  return area - hidden < (hidden > CUT_OUT * area ? LEAST_SEEN.cutOut : LEAST_SEEN.opaque);
}

/**
 * σ of noise that may be overlooked where a picture has enough to be seen, 1/255: of 29 crops of 80² and more σ 25 was
 * found in all, σ 5 in 27. What looks like more is knitted, or gravel.
 */
const OVERLOOKED = 10;

/** The noise of a picture that shows none worth the name; a drawing has none. */
function* weakNoise(picture: Picture, { fine }: Looks): Pieces<NoiseEstimate> {
  if (isDrawn(fine)) return NO_NOISE;
  const blocks = photographic(fine);
  const few = blocks.length < FLAT.least;
  // Where the colours' differences are a texture's, that is what flat places have too.
  const textured = !few && !(yield* isMonochrome(picture)) && !isOfAllColours(fine, blocks, 'middle');
  if (textured) return evenNoise(3, mostWhiteNoise(fine, blocks));
  const noise = few ? roughNoise(picture) : yield* measureNoise({ kind: 'white', spectra: fine, blocks });
  return isTooSmall(picture) ? noise : noMoreThan(OVERLOOKED, noise);
}

/** Enough of a large image to judge it by, on the grid of JPEG's blocks. */
export function middle(picture: Picture, enough = ENOUGH): Picture {
  const { width, height } = picture;
  if (width * height <= enough ** 2) return picture;
  const [w, h] = [Math.min(width, enough), Math.min(height, enough)];
  const onGrid = (n: number) => 16 * Math.floor(n / 32);
  return cutPicture(picture, { x: onGrid(width - w), y: onGrid(height - h), width: w, height: h });
}

/** Largest side of the part that is looked at, px. */
export const ENOUGH = 1024;

function taskFor(
  { jpeg, noisy }: { jpeg: boolean; noisy: boolean },
  { mask, scale }: AnalyseOptions,
): Diagnosis['task'] {
  if (mask) return 'inpaint';
  if (scale !== undefined) return 'upscale';
  if (jpeg) return 'dejpeg';
  return noisy ? 'denoise' : 'none';
}

function given({ mask, scale }: AnalyseOptions): string[] {
  if (mask) return ['A mask says what is missing.'];
  return scale === undefined ? [] : [`It is to be enlarged ${scale}×.`];
}

function jpegSentence({ quality, source }: JpegTrace): string {
  const from = source === 'file' ? "by the file's tables" : 'by its pixels';
  return `JPEG compression of quality about ${quality}, ${from}.`;
}

function noiseSentence(
  { sigma, correlation, shot }: NoiseEstimate,
  impulse: boolean,
  inPlaces: boolean,
): string {
  if (impulse) return 'Impulse noise: isolated pixels far off their neighbours.';
  const kind = `${shot ? 'shot noise, stronger where it is brighter' : 'noise'}${inPlaces ? ', only in places' : ''}`;
  const spread =
    correlation > SMEARED ? 'smeared over neighbouring pixels' : 'independent from pixel to pixel';
  return `${kind[0].toUpperCase()}${kind.slice(1)}, σ about ${sigma.toFixed(sigma < 10 ? 1 : 0)} of 255, ${spread}.`;
}
