import { interpolated } from '../image/interpolate.ts';
import { throwIfAborted } from '../stopping/abort.ts';
import { type Pieces, turn } from '../time-slicing.ts';
import { type Afar, Labelling, type Labels, neighbourOf, type Scene } from './labelling.ts';
import { type Features, featuresOf, halved, type Level, texturesOf, tonesOf } from './level.ts';
import { SLOTS } from './max-flow.ts';
import { dominantOffsets, type Offset, refined } from './offsets.ts';
import { copied } from './seams.ts';

/** Offsets that pixels choose from; labels are bytes. */
const OFFSETS = 120;
/** Offsets and labels are found where the hole and the picture have at most so many pixels, and refined at finer levels. */
const MOST = { hole: 9000, picture: 70_000 } as const;
/** Rounds of all expansions, and the share of pixels that must change for another one. */
const ROUNDS = { most: 3, least: 1 / 200 } as const;
/** How far along seams finer levels look, px. */
const BAND = 3;
/** From how far the picture is looked at: radius of the means, px at full resolution. */
const AFAR = 5;

export interface CopyContext {
  readonly seed: number;
  readonly signal?: AbortSignal;
  /** Whether to come to an end with what there is. */
  stopped?(): boolean;
  /** Says how much is done, 0 … 1. */
  progress?(done: number): Promise<void>;
}

export interface Copied {
  /** [channels, height, width] */
  readonly colour: Float32Array;
  /** What the seams cost, a pixel of the hole, at the level where labels are found: the less, the better it fits. */
  readonly seams: number;
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
 * @throws a DOMException AbortError after `signal`.
 */
export async function fillByCopying(level: Level, context: CopyContext): Promise<Copied> {
  const { seed, stopped = () => false, progress } = context;
  const work = <T>(pieces: Pieces<T>) => watched(pieces, context);
  const levels = await work(pyramid(level));
  const last = levels.length - 1;
  const features = await work(featuresOf(levels[last]));
  const found = await work(dominantOffsets(levels[last], features, OFFSETS, seed));
  await progress?.(0.4);
  const scene = await work(sceneOf(levels[last], features, [{ x: 0, y: 0 }, ...found], last));
  let { labels, seams } = await work(coarsest(scene, stopped));
  await progress?.(0.8);
  let offsets = scene.offsets;
  for (let depth = last - 1; depth >= 0; depth--) {
    const at = levels[depth];
    const features = await work(featuresOf(at));
    offsets = [offsets[0], ...(await work(refined(offsets.slice(1), at, features)))];
    labels = await work(
      finer({ level: at, features, offsets, depth }, labels, levels[depth + 1].width, stopped),
    );
  }
  const colour = await work(copied(level, offsets, labels));
  await progress?.(1);
  return { colour, seams, ...whence(level, offsets, labels) };
}

async function watched<T>(pieces: Pieces<T>, context: CopyContext): Promise<T> {
  for (;;) {
    await turn();
    throwIfAborted(context);
    const piece = pieces.next();
    if (piece.done) return piece.value;
  }
}

/** The level and its halves, down to one that is small enough. */
function* pyramid(level: Level): Pieces<Level[]> {
  const levels = [level];
  const size = (set: Uint8Array) => set.reduce((sum, s) => sum + s, 0);
  for (let last = level; size(last.hole) > MOST.hole || last.hole.length > MOST.picture; levels.push(last))
    last = yield* halved(last);
  return levels;
}

function* sceneOf(
  level: Level,
  features: Features,
  offsets: readonly Offset[],
  depth: number,
): Pieces<Scene & { readonly afar: Afar }> {
  const { width, height } = level;
  const radius = Math.max(1, Math.round(AFAR / 2 ** depth));
  const known = level.hole.map((h) => 1 - h);
  const tones = yield* tonesOf(level, known, radius);
  const wanted = yield* tonesOf(level, undefined, radius);
  const textures = yield* texturesOf(level, features, known, radius);
  const wantedTexture = yield* interpolated(textures, known, width, height, 'membrane');
  return { level, features, offsets, depth, afar: { tones, wanted, textures, wantedTexture } };
}

function* coarsest(scene: Scene, stopped: () => boolean): Pieces<{ labels: Labels; seams: number }> {
  const { hole } = scene.level;
  const labelling = new Labelling(scene, new Uint8Array(hole.length));
  yield* labelling.start();
  const moving = [...hole.keys()].filter((i) => hole[i]);
  const all = [...scene.offsets.keys()];
  for (let round = 0; round < ROUNDS.most; round++)
    if ((yield* labelling.sweep(moving, all, stopped)) < ROUNDS.least * moving.length) break;
  return { labels: labelling.labels, seams: yield* labelling.seams() };
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
  const used = [...new Set(band.map((i) => labels[i]))].sort((a, b) => a - b);
  yield* labelling.sweep(band, used, stopped);
  return labels;
}

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

function whence({ width, hole }: Level, offsets: readonly Offset[], labels: Labels) {
  let [left, all] = [0, 0];
  const from = Int32Array.from(hole.keys());
  hole.forEach((h, i) => {
    if (!h) return;
    all++;
    if (labels[i] === 0) left++;
    const { x, y } = offsets[labels[i]];
    from[i] += y * width + x;
  });
  return { left: left / Math.max(1, all), from };
}
