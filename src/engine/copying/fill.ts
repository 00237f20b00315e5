import { countOf, placesOf } from '../image/binary-plane.ts';
import { distanceTo } from '../image/distance.ts';
import { interpolated } from '../image/interpolate.ts';
import { never } from '../stopping/pace.ts';
import { inTurns, inTurnsUntil, type Pieces } from '../time-slicing.ts';
import { announcedBy, evened } from './announced.ts';
import { barsOf, layOver } from './bars.ts';
import { finer, inUse } from './finer.ts';
import { flatColours } from './flat.ts';
import { timesOfSearch } from './foretold.ts';
import { type Afar, Labelling, type Labels, type Scene, type Weights } from './labelling.ts';
import { featuresOf, halved, type Level, texturesOf, tonesOf } from './level.ts';
import { linesContinued } from './lines.ts';
import { dominantOffsets, type Offset, placeOf, refined } from './offsets.ts';
import type { Whole } from './rounded.ts';
import { copied } from './seams.ts';

/** Offsets that pixels choose from; labels are bytes. */
const OFFSETS = 120;
/** Offsets and labels are found where the hole and the picture have at most so many pixels, and refined at finer levels. */
const MOST = { hole: 9000, picture: 100_000 } as const;
/** Rounds of expansions, and the share of pixels that must change for another one. */
const ROUNDS = { most: 3, least: 1 / 200 } as const;
/** What surroundings may count for beside seams: nobody knows beforehand what suits a picture, so all are tried. */
const TRIALS: readonly Weights[] = [
  { likely: 20, copy: 0 },
  { likely: 6, copy: 0 },
];
/**
 * The likeliest copies are of the commonest kind. Where they are calmer than the rim by that much, a logarithm, kinds that came short are
 * made likelier, up to so many times, as long as that brings this down to such a share of what it was and seams cost no more than
 * so many times as much: a tower goes on into the hole, but no stones are laid into water. Not where its rim is so different on its
 * sides: there a thing ends in the hole, and what comes short may be no more of it, as hair beside a neckline.
 */
const EVENED = { calmer: 0.35, apart: 32, rounds: 2, down: 0.9, worth: 1.4 } as const;
/**
 * Of unlike copies the calm ones meet with the least difference. Where what is copied is less rough than that share of the ring around the
 * hole, px, a difference counts by how rough it is there, up to so many times, as it is seen (after Kwatra et al., SIGGRAPH 2003): taken
 * where what comes of it is as rough as the ring and seams, as they were told before, cost no more than above.
 */
const ROUGH = { least: 0.7, most: 1.3, ring: [2, 16], counts: 8 } as const;
/** What is unlikely counts that much beside seams where trials are compared. */
const LIKELY = 10;
/** Where more of the hole than this finds nothing to be copied from, copies are no answer. */
export const MOST_LEFT = 0.2;
/** How a hole is filled. */
interface Manner {
  readonly trials: readonly Weights[];
  /** Whether flat colours may be laid, too. */
  readonly flats: boolean;
  /** Whether seams are blended. */
  readonly blended: boolean;
}
const PHOTOGRAPH: Manner = { trials: TRIALS, flats: false, blended: true };
/** In a drawing a mean of the tones around is no colour at all, and thin lines are paler at coarser levels. */
const REPEATED: Manner = { trials: [{ likely: 0, copy: 0 }], flats: false, blended: false };
/** What does not repeat itself must be worth copying. */
const DRAWING: Manner = { ...REPEATED, flats: true, trials: [{ likely: 0, copy: 0.03 }] };
/** What copies cost at most, a pixel, that repeat a pattern as it is. */
const REPEATS = 1;
/** From how far the picture is looked at: radius of the means, px at full resolution. */
const AFAR = 3;

interface CopyContext {
  readonly seed: number;
  /** Whether the guide knows what is where, and not only how tones change smoothly: then its tones count. */
  readonly drawn?: boolean;
  /**
   * Whether what lies around is drawn in flat colours: then seams alone count and nothing is blended; what does not repeat
   * itself is drawn on in lines and flat colours.
   */
  readonly flat?: boolean;
  /** The picture that it is a part of, and where it lies in that. */
  readonly whole?: Whole | undefined;
  readonly signal?: AbortSignal;
  /** Whether to come to an end with what there is. */
  stopped?(): boolean;
  /** Says how much is done, 0 … 1. */
  progress?: ((done: number) => Promise<void>) | undefined;
  /** Told after a glance at a photograph's copies, instead of the choice: the seconds that it took, and that all would take. */
  foretold?: ((spent: number, all: number) => void) | undefined;
}

interface Copied {
  /** [channels, height, width] */
  readonly colour: Float32Array;
  /** What seams and what is unlikely here cost, a pixel of the hole, at the level where labels are found. */
  readonly cost: number;
  /** Share of the hole's pixels that nothing could be copied to: they are as the guide has them. */
  readonly left: number;
  /** Mean squared change in what is copied, over that in the ring around the hole, at that level. */
  readonly rough: number;
  /** [height, width] where each pixel of the hole was copied from, or itself. */
  readonly from: Int32Array;
}

/**
 * Fills a hole with copies of the rest of the picture, shifted by the offsets at which it is most like itself, each pixel by the
 * one that fits best: what lies around it is such as the hole's rim shows near there, and copies meet where they agree (He & Sun,
 * IEEE PAMI 36(12), 2014; what the rim announces is ours). The seams are blended.
 *
 * @returns undefined where it was stopped before anything was found, or nothing can be copied to more than MOST_LEFT of a photograph's hole.
 * @throws a DOMException AbortError after `signal`.
 */
export async function fillByCopying(level: Level, context: CopyContext): Promise<Copied | undefined> {
  if (!context.flat) {
    const sure = await inTurns(linesContinued(level, true), context.signal);
    const bars = await inTurns(barsOf(level, sure.hole), context.signal);
    const result = await filled(sure, context, PHOTOGRAPH);
    if (result) for (const bar of bars) layOver(level, bar, result.colour);
    return result;
  }
  const repeated = await filled(level, { ...context, progress: undefined }, REPEATED);
  if (!repeated || context.stopped?.()) return repeated;
  const lines = await inTurns(linesContinued(level, false, context.whole), context.signal);
  // Straight edges put together to a corner fit as well as one that is as round as others.
  if (repeated.cost <= REPEATS && !lines.isRounded) return repeated;
  const drawn = await filled(lines, context, DRAWING);
  if (!drawn) return repeated;
  return drawn.cost < repeated.cost || (lines.isRounded && drawn.cost === repeated.cost) ? drawn : repeated;
}

const sizeOf = (set: Uint8Array): number => set.reduce((sum, s) => sum + s, 0);

async function filled(level: Level, context: CopyContext, manner: Manner): Promise<Copied | undefined> {
  const { seed, drawn = false, signal, stopped = never, progress } = context;
  const work = <T>(pieces: Pieces<T>) => inTurns(pieces, signal);
  const began = performance.now();
  const levels = await work(pyramid(level));
  const inTime = <T>(pieces: Pieces<T>) => inTurnsUntil(stopped, pieces, signal);
  const last = levels.length - 1;
  const start = await inTime(sceneAt(levels[last], last, { seed, drawn }, manner));
  if (!start || (manner.blended && outOfReach(start) > MOST_LEFT)) return undefined;
  if (context.foretold && manner.blended) {
    const searched = (performance.now() - began) / 1000;
    const { labels } = await work(labelled(start, stopped, 1));
    const trials = goesOn(start) ? USUAL_TRIALS : TRIALS.length;
    const times = await work(timesOfSearch(levels, { offered: start.offsets.length, labels, trials }));
    context.foretold((performance.now() - began) / 1000, searched * (1 + times));
    const left = countOf(start.level.hole, (h, i) => h === 1 && labels[i] === 0) / sizeOf(start.level.hole);
    return { colour: level.colour, cost: 0, rough: 1, left, from: new Int32Array() };
  }
  await progress?.(0.4);
  const best = await inTime(bestOf(start, manner, stopped));
  if (!best) return undefined;
  await progress?.(0.8);
  let { labels, offsets } = best;
  for (let depth = last - 1; depth >= 0; depth--) {
    const at = levels[depth];
    const features = await work(featuresOf(at, !manner.blended));
    offsets = [offsets[0], ...(await work(refined(offsets.slice(1), at, features)))];
    const scene = { level: at, features, offsets, depth, weights: TRIALS[0] };
    labels = await work(finer(scene, labels, levels[depth + 1].width, stopped));
  }
  const colour = await work(copied(level, offsets, labels, manner.blended));
  await progress?.(1);
  return { colour, cost: best.cost, rough: roughnessOf(start, best), ...whence(level, offsets, labels) };
}

/** The level and its halves, down to one that is small enough. */
function* pyramid(level: Level): Pieces<Level[]> {
  const levels = [level];
  let last = level;
  for (; sizeOf(last.hole) > MOST.hole || last.hole.length > MOST.picture; levels.push(last))
    last = yield* halved(last);
  return levels;
}

/** What labels are found among at a level, `depth` halvings down, and what they are judged by. */
function* sceneAt(
  level: Level,
  depth: number,
  { seed, drawn }: { readonly seed: number; readonly drawn: boolean },
  { flats: laid, blended }: Manner,
): Pieces<Scene> {
  const features = yield* featuresOf(level, !blended);
  const flats = laid ? yield* flatColours(level, features) : [];
  const found = yield* dominantOffsets(level, features, OFFSETS, seed);
  const offsets = [{ x: 0, y: 0 }, ...flats, ...found];
  const scene = { level, features, offsets, depth, weights: TRIALS[0] };
  if (!blended) return scene;
  const radius = Math.max(1, Math.round(AFAR / 2 ** depth));
  const known = level.hole.map((h) => 1 - h);
  const tones = yield* tonesOf(level, known, radius);
  const textures = yield* texturesOf(level, features, known, radius);
  const announced = yield* announcedBy(level, tones, textures);
  const rim = yield* texturesOf(level, features, known, 1);
  const wantedTexture = yield* interpolated(rim, known, level.width, level.height, 'membrane');
  const wanted = drawn ? yield* tonesOf(level, undefined, radius) : undefined;
  return { ...scene, afar: { announced, tones, wanted, textures, wantedTexture } };
}

/** The share of the hole that no offset reaches from what may be copied. */
function outOfReach({ level: { width, height, hole, source }, offsets }: Scene): number {
  const isReached = (i: number) =>
    offsets.some((offset, label) => {
      const from = label > 0 ? placeOf(offset, i % width, Math.floor(i / width), width, height) : -1;
      return from >= 0 && source[from] === 1;
    });
  return countOf(hole, (h, i) => h === 1 && !isReached(i)) / Math.max(1, sizeOf(hole));
}

interface Trial {
  readonly offsets: readonly Offset[];
  readonly labels: Labels;
  readonly seams: number;
  readonly cost: number;
  /** By how much it is calmer than the rim, a logarithm. */
  readonly calmer: number;
}

/** Of all trials the one that fits best, with as much of each kind as its rim announces where that was missed. */
function* bestOf(scene: Scene, { trials }: Manner, stopped: () => boolean): Pieces<Trial> {
  let best: Trial | undefined;
  for (const weights of trials) {
    if (best && stopped()) break;
    const trial = yield* tried({ ...scene, weights }, stopped);
    if (!best || trial.cost < best.cost) best = trial;
  }
  if (!goesOn(scene)) return best!;
  const even = yield* lessCalm(scene, scene.afar, best!, stopped);
  return yield* asRough(scene, scene.afar, even, EVENED.worth * best!.seams, stopped);
}

/** Whether what lies around a hole may be one thing that goes on into it. */
const goesOn = (scene: Scene): scene is Scene & { readonly afar: Afar } =>
  scene.afar !== undefined && scene.afar.announced.apart <= EVENED.apart;

/** How many it then usually takes: two to five in eight photographs. */
const USUAL_TRIALS = 4;

const sourcesOf =
  ({ level: { width, height } }: Scene, { offsets, labels }: Pick<Trial, 'offsets' | 'labels'>) =>
  (i: number): number =>
    Math.max(0, placeOf(offsets[labels[i]], i % width, Math.floor(i / width), width, height));

/** What it costs is still told by the first, since all are tried in turn by what is likeliest. */
function* lessCalm(scene: Scene, afar: Afar, first: Trial, stopped: () => boolean): Pieces<Trial> {
  let [best, { announced }] = [first, afar];
  for (let round = 0; round < EVENED.rounds && best.calmer > EVENED.calmer && !stopped(); round++) {
    announced = evened(announced, scene.level.hole, sourcesOf(scene, best));
    const trial = yield* tried({ ...scene, afar: { ...afar, announced } }, stopped);
    if (Math.abs(trial.calmer) > EVENED.down * best.calmer || trial.seams > EVENED.worth * first.seams) break;
    best = { ...trial, cost: first.cost };
  }
  return best;
}

function* asRough(
  scene: Scene,
  afar: Afar,
  first: Trial,
  most: number,
  stopped: () => boolean,
): Pieces<Trial> {
  if (stopped() || roughnessOf(scene, first) >= ROUGH.least) return first;
  const inside = placesOf(scene.level.hole);
  const usual = inside.reduce((sum, i) => sum + afar.wantedTexture[i], 0) / inside.length;
  const counts = afar.textures.map((texture) =>
    Math.min(ROUGH.counts, Math.max(1 / ROUGH.counts, Math.exp((usual - texture) / 2))),
  );
  const trial = yield* tried(scene, stopped, counts);
  if (trial.seams > most || !isRough(roughnessOf(scene, trial))) return first;
  return { ...trial, cost: first.cost };
}

/** Whether what is copied is about as rough as the ring around the hole. */
export const isRough = (rough: number): boolean => rough >= ROUGH.least && rough <= ROUGH.most;

/** Mean squared change in what is copied, over that in the ring around the hole. */
function roughnessOf(scene: Scene, trial: Trial): number {
  const { level, features } = scene;
  const { width, height, hole } = level;
  const away = distanceTo(hole, width, height);
  const ring = placesOf(hole.map((_, i) => (away[i] >= ROUGH.ring[0] && away[i] <= ROUGH.ring[1] ? 1 : 0)));
  const change = (i: number) => {
    const at = (i + 1) * features.depth - 2;
    return features.data[at] ** 2 + features.data[at + 1] ** 2;
  };
  const mean = (places: readonly number[], value: (i: number) => number) =>
    places.reduce((sum, i) => sum + value(i), 0) / Math.max(1, places.length);
  const from = sourcesOf(scene, trial);
  return mean(placesOf(hole), (i) => change(from(i))) / (mean(ring, change) || 1);
}

/** `counts`: what differences count for in the choice of labels, which are judged as always. */
function* tried(scene: Scene, stopped: () => boolean, counts?: Float32Array): Pieces<Trial> {
  const chosen = yield* labelled(counts ? { ...scene, counts } : scene, stopped);
  const labelling = counts ? new Labelling(scene, chosen.labels) : chosen;
  // A seam is shorter at a coarser level, the area it is a seam of four times as small.
  const seams = (yield* labelling.seams()) / 2 ** scene.depth;
  const { surprise, calmer } = yield* labelling.surprise();
  const cost = seams + LIKELY * surprise;
  return { offsets: scene.offsets, labels: labelling.labels, seams, cost, calmer };
}

function* labelled(scene: Scene, stopped: () => boolean, rounds: number = ROUNDS.most): Pieces<Labelling> {
  const { hole } = scene.level;
  const labelling = new Labelling(scene, new Uint8Array(hole.length));
  yield* labelling.start();
  const moving = placesOf(hole);
  // What no pixel has taken once is seldom taken later.
  let labels = [...scene.offsets.keys()];
  for (let round = 0; round < rounds; round++) {
    if ((yield* labelling.sweep(moving, labels, stopped)) < ROUNDS.least * moving.length) break;
    labels = inUse(labelling.labels, moving);
  }
  return labelling;
}

function whence({ width, height, hole }: Level, offsets: readonly Offset[], labels: Labels) {
  let [left, all] = [0, 0];
  const from = new Int32Array(hole.length);
  hole.forEach((h, i) => {
    from[i] = i;
    if (!h) return;
    all++;
    if (labels[i] === 0) left++;
    from[i] = placeOf(offsets[labels[i]], i % width, Math.floor(i / width), width, height);
  });
  return { left: left / Math.max(1, all), from };
}
