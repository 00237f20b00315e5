import { distanceTo } from '../image/distance.ts';
import { interpolated } from '../image/interpolate.ts';
import { throwIfAborted } from '../stopping/abort.ts';
import { type IsOver, never } from '../stopping/pace.ts';
import { inTurns, inTurnsUntil, type Pieces } from '../time-slicing.ts';
import { carriedOn } from './carried.ts';
import { flatColours } from './flat.ts';
import { type Afar, Labelling, type Labels, neighbourOf, type Scene, type Weights } from './labelling.ts';
import { featuresOf, halved, type Level, texturesOf, tonesOf } from './level.ts';
import { linesContinued } from './lines.ts';
import { SLOTS } from './max-flow.ts';
import { dominantOffsets, type Offset, placeOf, refined } from './offsets.ts';
import { copied } from './seams.ts';

/** Offsets that pixels choose from; labels are bytes. */
const OFFSETS = 120;
/** Offsets and labels are found where the hole and the picture have at most so many pixels, and refined at finer levels. */
const MOST = { hole: 9000, picture: 100_000 } as const;
/** From that many levels it is tried: patches of as many pixels see bricks from the coarser one, gravel from the finer. */
const STARTS = 2;
/** Pixels that a hole has at a level to start from at least. */
const LEAST = 200;
/** Rounds of expansions, and the share of pixels that must change for another one. */
const ROUNDS = { most: 3, least: 1 / 200 } as const;
/** How far along seams finer levels look, px. */
const BAND = 3;
/** What surroundings may count for beside seams: nobody knows beforehand what suits a picture, so all are tried. */
const TRIALS: readonly Weights[] = [
  { tone: 0.05, texture: 0.3, copy: 0 },
  { tone: 0.03, texture: 0.06, copy: 0 },
];
/** How a hole is filled. */
interface Manner {
  /** From how many levels it is tried, of those that are small enough the finest first. */
  readonly starts: number;
  readonly trials: readonly Weights[];
  /** Whether flat colours may be laid, too. */
  readonly flats: boolean;
  /** Whether copies as rough as what lies around are wanted, and their seams blended. */
  readonly texture: boolean;
}
const PHOTOGRAPH: Manner = { starts: STARTS, trials: TRIALS, flats: false, texture: true };
/** In a drawing a mean of the tones around is no colour at all, and thin lines are paler at coarser levels. */
const REPEATED: Manner = {
  ...{ starts: 1, flats: false, texture: false },
  trials: [{ tone: 0, texture: 0, copy: 0 }],
};
/** What does not repeat itself must be worth copying. */
const DRAWING: Manner = { ...REPEATED, flats: true, trials: [{ tone: 0, texture: 0, copy: 0.03 }] };
/** What copies cost at most, a pixel, that repeat a pattern as it is. */
const REPEATS = 2;
/** The trial is taken with the least seams, each factor of 2 in the strength of its texture beyond the first of these counting as the second times as many. */
const ROUGH = { fair: 1.25, each: 3 } as const;
/** The ring around the hole whose texture tells what is wanted, px at full resolution. */
const RING = [2, 16] as const;
/** From how far the picture is looked at: radius of the means, px at full resolution. */
const AFAR = 5;

interface CopyContext {
  readonly seed: number;
  /** Whether the guide knows what is where, and not only how tones change smoothly: then it counts everywhere. */
  readonly drawn?: boolean;
  /**
   * Whether what lies around is drawn in flat colours: then seams alone count and nothing is blended; what does not repeat
   * itself is drawn on in lines and flat colours.
   */
  readonly flat?: boolean;
  readonly signal?: AbortSignal;
  /** Whether to come to an end with what there is. */
  stopped?(): boolean;
  /** Says how much is done, 0 … 1. */
  progress?: ((done: number) => Promise<void>) | undefined;
}

interface Copied {
  /** [channels, height, width] */
  readonly colour: Float32Array;
  /** What the seams cost, a pixel of the hole, at the level where labels are found, and more the less it is as rough as what lies around. */
  readonly cost: number;
  /** Mean squared change from pixel to pixel over that of what lies around, at that level: 1 = as rough. */
  readonly roughness: number;
  /** Share of the hole's pixels that nothing could be copied to: they are as the guide has them. */
  readonly left: number;
  /** [height, width] where each pixel of the hole was copied from, or itself. */
  readonly from: Int32Array;
}

/**
 * Fills a hole with copies of the rest of the picture, shifted by the offsets at which it is most like itself, each pixel by the
 * one that fits best: what it looks like from afar is as in the guide and as strongly textured as around, and copies meet where
 * they agree (He & Sun, IEEE PAMI 36(12), 2014; the guide and the texture are ours). The seams are blended.
 *
 * @returns undefined where it was stopped before anything was found.
 * @throws a DOMException AbortError after `signal`.
 */
export async function fillByCopying(level: Level, context: CopyContext): Promise<Copied | undefined> {
  if (!context.flat) return filled(level, context, PHOTOGRAPH);
  const repeated = await filled(level, { ...context, progress: undefined }, REPEATED);
  if (!repeated || repeated.cost <= REPEATS || context.stopped?.()) return repeated;
  const lines = await inTurns(watched(linesContinued(level), context));
  const drawn = await filled(lines, context, DRAWING);
  return drawn && drawn.cost < repeated.cost ? drawn : repeated;
}

const sizeOf = (set: Uint8Array): number => set.reduce((sum, s) => sum + s, 0);

async function filled(level: Level, context: CopyContext, manner: Manner): Promise<Copied | undefined> {
  const { seed, drawn = false, stopped = never, progress } = context;
  const work = <T>(pieces: Pieces<T>) => inTurns(watched(pieces, context));
  const levels = await work(pyramid(level));
  const inTime = <T>(pieces: Pieces<T>) => inTurnsUntil(stopped, watched(pieces, context));
  const starts: Start[] = [];
  let best: Trial | undefined;
  const first = Math.max(0, levels.length - STARTS);
  for (let depth = first; depth < Math.min(first + manner.starts, levels.length); depth++) {
    const start = await inTime(startAt(levels[depth], depth, seed, manner));
    const guide = start && { wanted: start.level.colour, drawn };
    const trial = guide && (await inTime(trialOf(start, guide, manner, stopped)));
    if (!trial) break;
    starts.push(start);
    if (!best || trial.cost < best.cost) best = trial;
    await progress?.(depth + 1 < levels.length ? 0.4 : 0.6);
  }
  if (!best) return undefined;
  // What goes on into the hole tells what is where, too, but bends where it meets: only where the above does not do.
  for (const start of drawn || !manner.texture ? [] : starts) {
    if (isFair(best.roughness)) break;
    const wanted = await inTime(carriedOn(start.level));
    const trial = wanted && (await inTime(trialOf(start, { wanted, drawn: true }, manner, stopped)));
    if (!trial) break;
    if (trial.cost < best.cost) best = trial;
    await progress?.(0.8);
  }
  let { labels, offsets } = best;
  for (let depth = best.depth - 1; depth >= 0; depth--) {
    const at = levels[depth];
    const features = await work(featuresOf(at, !manner.texture));
    offsets = [offsets[0], ...(await work(refined(offsets.slice(1), at, features)))];
    const scene = { level: at, features, offsets, depth, weights: TRIALS[0] };
    labels = await work(finer(scene, labels, levels[depth + 1].width, stopped));
  }
  const colour = await work(copied(level, offsets, labels, manner.texture));
  await progress?.(1);
  const { cost, roughness } = best;
  return { colour, cost, roughness, ...whence(level, offsets, labels) };
}

function* watched<T>(pieces: Pieces<T>, context: CopyContext): Pieces<T> {
  for (;;) {
    throwIfAborted(context);
    const piece = pieces.next();
    if (piece.done) return piece.value;
    yield;
  }
}

type Start = Pick<Scene, 'level' | 'features' | 'offsets' | 'depth'>;

/** What labels are found among at a level, `depth` halvings down. */
function* startAt(
  level: Level,
  depth: number,
  seed: number,
  { flats: laid, texture }: Manner,
): Pieces<Start> {
  const features = yield* featuresOf(level, !texture);
  const flats = laid ? yield* flatColours(level, features) : [];
  const found = yield* dominantOffsets(level, features, OFFSETS, seed);
  return { level, features, offsets: [{ x: 0, y: 0 }, ...flats, ...found], depth };
}

interface Guide {
  /** [channels, height, width] what the level should look like from afar. */
  readonly wanted: Float32Array;
  /** As in CopyContext. */
  readonly drawn: boolean;
}

function* trialOf(start: Start, guide: Guide, manner: Manner, stopped: IsOver): Pieces<Trial> {
  return yield* bestOf(yield* sceneOf(start, guide), manner, stopped);
}

/** By what factor copies are rougher or smoother than what lies around, as a power of 2. */
const offBy = (roughness: number): number => Math.abs(Math.log2(Math.max(roughness, 1e-3)));

const isFair = (roughness: number): boolean => offBy(roughness) <= Math.log2(ROUGH.fair);

/** The level and its halves, down to one that is small enough. */
function* pyramid(level: Level): Pieces<Level[]> {
  const levels = [level];
  let last = level;
  for (; sizeOf(last.hole) > MOST.hole || last.hole.length > MOST.picture; levels.push(last))
    last = yield* halved(last);
  for (let more = 1; more < STARTS; more++) {
    last = yield* halved(last);
    if (sizeOf(last.hole) >= LEAST) levels.push(last);
  }
  return levels;
}

function* sceneOf(
  { level, features, offsets, depth }: Start,
  guide: Guide,
): Pieces<Scene & { readonly afar: Afar }> {
  const { width, height } = level;
  const radius = Math.max(1, Math.round(AFAR / 2 ** depth));
  const known = level.hole.map((h) => 1 - h);
  const tones = yield* tonesOf(level, known, radius);
  const wanted = yield* tonesOf({ ...level, colour: guide.wanted }, undefined, radius);
  const textures = yield* texturesOf(level, features, known, radius);
  const wantedTexture = yield* interpolated(textures, known, width, height, 'membrane');
  const doubt = guide.drawn ? new Float32Array(known.length) : yield* doubtOf(level, tones, known);
  const afar = { tones, wanted, doubt, textures, wantedTexture };
  return { level, features, offsets, depth, afar, weights: TRIALS[0] };
}

/** [height, width] the variance of what the membrane mixes at each pixel of the hole: tones of all its rim, the near ones most. */
function* doubtOf(
  { width, height, channels }: Level,
  tones: Float32Array,
  known: Uint8Array,
): Pieces<Float32Array> {
  const doubt = new Float32Array(width * height);
  for (let c = 0; c < channels; c++) {
    const plane = doubt.map((_, i) => tones[i * channels + c]);
    const mean = yield* interpolated(plane, known, width, height, 'membrane');
    const squares = plane.map((value) => value * value);
    const square = yield* interpolated(squares, known, width, height, 'membrane');
    for (let i = 0; i < doubt.length; i++) doubt[i] += Math.max(0, square[i] - mean[i] ** 2);
  }
  return doubt;
}

interface Trial {
  readonly depth: number;
  readonly offsets: readonly Offset[];
  readonly labels: Labels;
  readonly cost: number;
  readonly roughness: number;
}

/** Of all trials the one that fits best and is as rough as what lies around. */
function* bestOf(scene: Scene, { trials, texture }: Manner, stopped: () => boolean): Pieces<Trial> {
  const { level, depth, offsets } = scene;
  const away = distanceTo(level.hole, level.width, level.height);
  const [near, far] = RING.map((px) => px / 2 ** depth);
  const ring = Uint8Array.from(away, (px, i) => (level.source[i] && px >= near && px <= far ? 1 : 0));
  let best: Trial | undefined;
  for (const weights of trials) {
    if (best && stopped()) break;
    const labelling = yield* labelled({ ...scene, weights }, stopped);
    // A seam is shorter at a coarser level, the area it is a seam of four times as small.
    const seams = (yield* labelling.seams()) / 2 ** depth;
    const roughness = labelling.roughness(ring);
    const off = texture ? Math.max(0, offBy(roughness) - Math.log2(ROUGH.fair)) : 0;
    const cost = (1 + ROUGH.each * off) * (1 + seams);
    if (!best || cost < best.cost) best = { depth, offsets, labels: labelling.labels, cost, roughness };
  }
  return best!;
}

function* labelled(scene: Scene, stopped: () => boolean): Pieces<Labelling> {
  const { hole } = scene.level;
  const labelling = new Labelling(scene, new Uint8Array(hole.length));
  yield* labelling.start();
  const moving = [...hole.keys()].filter((i) => hole[i]);
  // What no pixel has taken once is seldom taken later.
  let labels = [...scene.offsets.keys()];
  for (let round = 0; round < ROUNDS.most; round++) {
    if ((yield* labelling.sweep(moving, labels, stopped)) < ROUNDS.least * moving.length) break;
    labels = inUse(labelling.labels, moving);
  }
  return labelling;
}

/** The labels of a level at half the resolution, and along their seams those that fit better. */
function* finer(scene: Scene, coarse: Labels, stride: number, stopped: () => boolean): Pieces<Labels> {
  const { width, hole } = scene.level;
  const labelling = new Labelling(scene, new Uint8Array(hole.length));
  const { labels } = labelling;
  const moving = new Uint8Array(hole.length);
  for (let i = 0; i < labels.length; i++) {
    if (!hole[i]) continue;
    labels[i] = coarse[(Math.floor(i / width) >> 1) * stride + ((i % width) >> 1)];
    if (!labelling.isValid(i, labels[i])) [labels[i], moving[i]] = [0, 1];
  }
  yield;
  yield* markSeams(scene.level, labels, moving);
  const band = [...moving.keys()].filter((i) => moving[i]);
  yield* labelling.sweep(band, inUse(labels, band), stopped);
  return labels;
}

const inUse = (labels: Labels, pixels: readonly number[]): number[] =>
  [...new Set(pixels.map((i) => labels[i]))].sort((a, b) => a - b);

/** Marks the hole's pixels within BAND of where labels meet each other or what is known. */
function* markSeams({ width, height, hole }: Level, labels: Labels, marks: Uint8Array): Pieces<void> {
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      if (!hole[i]) continue;
      let meets = false;
      for (let k = 0; k < SLOTS && !meets; k++) {
        const j = neighbourOf(i, x, y, k, width, height);
        meets = j >= 0 && (!hole[j] || labels[j] !== labels[i]);
      }
      if (!meets) continue;
      for (let v = Math.max(0, y - BAND); v <= Math.min(height - 1, y + BAND); v++)
        for (let u = Math.max(0, x - BAND); u <= Math.min(width - 1, x + BAND); u++)
          marks[v * width + u] |= hole[v * width + u];
    }
    if (y % 64 === 0) yield;
  }
}

function whence({ width, height, hole }: Level, offsets: readonly Offset[], labels: Labels) {
  let [left, all] = [0, 0];
  const from = Int32Array.from(hole.keys());
  hole.forEach((h, i) => {
    if (!h) return;
    all++;
    if (labels[i] === 0) left++;
    from[i] = placeOf(offsets[labels[i]], i % width, Math.floor(i / width), width, height);
  });
  return { left: left / Math.max(1, all), from };
}
