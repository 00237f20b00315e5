import type { EngineHost } from '../executors/host.ts';
import { type Box, cutPlane, growBox, type Size } from '../image/box.ts';
import { type SumOver, summed } from '../image/summed-area.ts';
import { throwIfAborted } from '../stopping/abort.ts';
import { type Pace, unhurried } from '../stopping/pace.ts';
import { inStretches, inTurns, mapped, type Pieces, turn } from '../time-slicing.ts';
import { type FillSettings, type FillTile, fillTask } from './fill-tile.ts';
import { createPool, type Device, type KernelPool, withPool } from './pool.ts';

/** What is to be filled, and what it starts from. */
interface Incomplete {
  readonly width: number;
  readonly height: number;
  readonly planes: number;
  /** [planes, height, width] in [0, 1], the missing samples filled smoothly. */
  readonly start: Float32Array;
  /** [height, width] 1 = known, 0 = missing. */
  readonly known: Uint8Array;
  /** [height, width] 1 = missing, and wanted; absent = all that is missing is. */
  readonly wanted?: Uint8Array;
}

interface FillContext {
  readonly host?: EngineHost;
  readonly signal?: AbortSignal;
  /** Rounds at most; fewer where an earlier one changes next to nothing. */
  readonly rounds: number;
  /** Standard deviation of the known samples' noise, samples in [0, 1]; default 0. */
  readonly noise?: number;
  /** What there is no time for stays as it is, filled smoothly at least; absent = there is time for all. */
  readonly pace?: Pace;
  /** Told what has computed it, once it is done. */
  ran?(devices: readonly Device[]): void;
  /** Says how much is done, 0 … 1, and what the planes would be now. */
  progress?(done: number, planes: Float32Array): Promise<void>;
}

/** Reference patches of a tile begin in so many rows and columns; fixed, so that results do not depend on the workers. */
const TILE = 64;
/** Between reference patches, px: on a grid that moves each round, and a finer one in the last rounds. */
const STRIDE = { early: 3, late: 2, lateRounds: 2 } as const;
/** How much farther than its answer a round goes: it takes half as many rounds (barbara's trousers, half missing). */
const BEYOND = 0.8;
/** Root mean square change, in 1/255, that counts as rest. */
const REST = 0.25;

/** How closely known samples are kept, in 1/255: less so in the first round, whose groups are found by a smooth start. */
const DEVIATION = { first: 4, later: 2 } as const;

function settingsOf(planes: number, isFirst: boolean, noise: number): FillSettings {
  const deviation = Math.max(noise, (isFirst ? DEVIATION.first : DEVIATION.later) / 255);
  // Known samples count as that uncertain, and the covariance has a quarter of it on its diagonal.
  const variance = 1.25 * deviation ** 2;
  return { patch: planes === 1 ? 8 : 6, radius: planes === 1 ? 13 : 16, members: 90, variance };
}

/**
 * Fills what is missing from the picture's own repetitions: patches like one another are a Gaussian, and what one lacks
 * is its mean given what is known of it; overlapping patches are averaged, and all repeated to rest.
 *
 * @returns [planes, height, width]; known samples as they were.
 * @throws GpuUnavailableError without WebAssembly SIMD; a DOMException AbortError after `signal`.
 */
export async function fillNonlocal(picture: Incomplete, context: FillContext): Promise<Float32Array> {
  throwIfAborted(context);
  return withPool(createPool(context.host), context, (pool) => toRest(picture, pool, context));
}

async function toRest(picture: Incomplete, pool: KernelPool, context: FillContext): Promise<Float32Array> {
  const { rounds, noise = 0, progress, pace = unhurried() } = context;
  let estimate = picture.start;
  const missing = await inTurns(missingIn(picture));
  for (let round = 0, last = rounds - 1; ; round++) {
    const settings = settingsOf(picture.planes, round === 0, noise);
    const late = round > last - STRIDE.lateRounds;
    const grid = late ? { step: STRIDE.late, shift: 0 } : { step: STRIDE.early, shift: round };
    const tiles = await inTurns(tilesOf(picture, missing, settings, grid));
    const sums = new Sums(picture);
    const now = estimate;
    await inOrder(
      tiles,
      pool,
      pace,
      (tile) => workOn(tile, now, picture, settings, pool),
      async (part, tile, i) => {
        sums.add(part, tile.box);
        throwIfAborted(context);
        await progress?.((round + (i + 1) / tiles.length) / rounds, now);
      },
    );
    const next = await inTurns(sums.means(now));
    if (round === last || pace.refused) return next;
    if ((await inTurns(change(now, next))) < REST / 255) last = Math.min(last, round + STRIDE.lateRounds);
    estimate = await inTurns(mapped(next, (value, i) => clamp(value + BEYOND * (value - now[i]))));
  }
}

const clamp = (value: number) => Math.min(1, Math.max(0, value));

/** Root mean square of what changes. */
function* change(before: Float32Array, after: Float32Array): Pieces<number> {
  let [squares, count] = [0, 0];
  yield* inStretches(after.length, (from, to) => {
    for (let i = from; i < to; i++) {
      if (after[i] === before[i]) continue;
      squares += (after[i] - before[i]) ** 2;
      count++;
    }
  });
  return Math.sqrt(squares / Math.max(1, count));
}

interface Tile {
  /** What its reference patches look at, in the picture. */
  readonly box: Box;
  /** Their offsets in the box. */
  readonly references: readonly number[];
}

/** Sums over boxes of what is to be filled. */
function* missingIn({ wanted, known, width, height }: Incomplete): Pieces<SumOver> {
  const missing = wanted ?? known.map((k) => 1 - k);
  yield;
  return yield* summed(missing, width, height);
}

/** The tiles with anything to fill. */
function* tilesOf(
  { width, height }: Size,
  missing: SumOver,
  { patch, radius }: FillSettings,
  grid: Grid,
): Pieces<Tile[]> {
  const tiles: Tile[] = [];
  for (let y = 0; y < height; y += TILE) {
    yield;
    for (let x = 0; x < width; x += TILE) {
      const size = { width: Math.min(TILE, width - x), height: Math.min(TILE, height - y) };
      if (missing(x, y, Math.min(width, x + TILE + patch), Math.min(height, y + TILE + patch)) === 0)
        continue;
      const box = growBox({ x, y, ...size }, radius + patch, width, height);
      const references: number[] = [];
      const columns = starts(x, size.width, width - patch, grid);
      for (const v of starts(y, size.height, height - patch, grid))
        for (const u of columns)
          if (missing(u, v, u + patch, v + patch) > 0) references.push((v - box.y) * box.width + u - box.x);
      if (references.length > 0) tiles.push({ box, references });
    }
  }
  return tiles;
}

/** Reference patches begin every `step` px, the first one `shift` px before the picture. */
interface Grid {
  readonly step: number;
  readonly shift: number;
}

/** Where reference patches begin along a stretch of an axis: on the grid, and the first and the last that fit. */
function starts(from: number, length: number, last: number, { step, shift }: Grid): number[] {
  const all = Array.from({ length }, (_, i) => from + i);
  return all.filter((i) => i <= last && ((i + shift) % step === 0 || i === 0 || i === last));
}

async function workOn(
  { box, references }: Tile,
  estimate: Float32Array,
  { width, height, planes, known }: Incomplete,
  settings: FillSettings,
  pool: KernelPool,
): Promise<Float32Array> {
  const n = width * height;
  const cut = new Float32Array(planes * box.width * box.height);
  for (let p = 0; p < planes; p++)
    cut.set(cutPlane(estimate.subarray(p * n, (p + 1) * n), width, box), p * box.width * box.height);
  const tile: FillTile = {
    ...{ width: box.width, height: box.height, planes, references },
    estimate: cut,
    known: new Float32Array(cutPlane(known, width, box)),
  };
  return pool.run(() => fillTask(tile, settings));
}

/** Works on as many at once as the pool takes, until all are done or the time is over, and hands the answers over in order: sums of floats depend on it. */
async function inOrder<T, R>(
  items: readonly T[],
  pool: KernelPool,
  pace: Pace,
  work: (item: T) => Promise<R>,
  then: (answer: R, item: T, index: number) => Promise<void>,
): Promise<void> {
  const running: Promise<R>[] = [];
  let begun = 0;
  for (const [i, item] of items.entries()) {
    while (begun < items.length && running.length < pool.count && pace.allows()) {
      const item = items[begun++];
      const begin = pace.time(() => work(item));
      begin.catch(() => {}); // heard of when its turn comes, if it does
      running.push(begin);
    }
    const next = running.shift();
    if (!next) break;
    await then(await next, item, i);
    await turn();
  }
}

/** Estimates of each missing sample, summed, and their numbers. */
class Sums {
  private readonly sums: Float32Array;

  constructor(private readonly picture: Incomplete) {
    this.sums = new Float32Array((picture.planes + 1) * picture.width * picture.height);
  }

  add(part: Float32Array, box: Box): void {
    const { planes, width, height } = this.picture;
    for (let p = 0; p <= planes; p++)
      for (let y = 0; y < box.height; y++) {
        const to = (p * height + box.y + y) * width + box.x;
        const from = (p * box.height + y) * box.width;
        for (let x = 0; x < box.width; x++) this.sums[to + x] += part[from + x];
      }
  }

  /** The means of what is missing; the rest as it is. */
  *means(estimate: Float32Array): Pieces<Float32Array> {
    const { planes, width, height } = this.picture;
    const n = width * height;
    const out = estimate.slice();
    yield* inStretches(n, (from, to) => {
      for (let i = from; i < to; i++) {
        const count = this.sums[planes * n + i];
        if (count > 0) for (let p = i; p < planes * n; p += n) out[p] = clamp(this.sums[p] / count);
      }
    });
    return out;
  }
}
