import type { Picture } from '../image/picture.ts';
import { inStretches, type Pieces } from '../time-slicing.ts';
import { isClipped } from './spectra.ts';

/** Of the 8 pixels around, and of the 24, so many are exactly alike on plain ground: impulses may have fallen side by side. */
const PLAIN = { ring: 7, square: 20 } as const;
/** Letters reach so far, px: closer to them a speck may be the dot of an i. */
const NEAR = 3;
/** Every so many plain pixels tell how much of the ground is near something drawn. */
const SAMPLED = 5;

/** Black or white on plain ground of another tone. */
export type Polarity = 'dark' | 'bright';
export const POLARITIES = ['dark', 'bright'] as const;

/** Specks of one polarity: single pixels, black or white in all colours, and the ground on which they would be seen. */
interface Scatter {
  /** Pixels. */
  readonly specks: number[];
  /** Plain pixels of another tone: all, in each of CELLS × CELLS cells, in each row and in each column. */
  readonly ground: Counts;
}

interface Counts {
  total: number;
  readonly cells: Float64Array;
  readonly rows: Float64Array;
  readonly columns: Float64Array;
}

/** What lies alone on a picture's plain ground. */
export interface Specks extends Readonly<Record<Polarity, Scatter>> {
  /** For each speck the pixel whose colour the ground has. */
  readonly groundOf: ReadonlyMap<number, number>;
  /** Pixels of plain ground, 1 for each, and as a share of all. */
  readonly plainAt: Uint8Array;
  readonly plain: number;
  /** Specks that are near something drawn. */
  readonly near: ReadonlySet<number>;
  /** Share of the plain ground that is. */
  readonly nearGround: number;
}

/** Cells a side over which impulses are spread as the ground is. */
const CELLS = 4;

const noCounts = (width: number, height: number): Counts => ({
  total: 0,
  cells: new Float64Array(CELLS ** 2),
  rows: new Float64Array(height),
  columns: new Float64Array(width),
});

function count(counts: Counts, at: number): void {
  const [width, height] = [counts.columns.length, counts.rows.length];
  const [x, y] = [at % width, Math.floor(at / width)];
  counts.total++;
  counts.rows[y]++;
  counts.columns[x]++;
  counts.cells[CELLS * Math.floor((CELLS * y) / height) + Math.floor((CELLS * x) / width)]++;
}

/** A number for each colour of a pixel; not a number where nothing is seen. */
function* keysOf({ colour, channels, width, height }: Picture): Pieces<Float64Array> {
  const n = width * height;
  const keys = new Float64Array(n);
  yield* inStretches(n, (from, to) => {
    for (let c = 0; c < channels; c++)
      for (let i = from; i < to; i++) keys[i] = 65536 * keys[i] + Math.round(65535 * colour[c * n + i]);
  });
  return keys;
}

/** A pixel of the ground around one, if that is plain; else −1. */
function plainAround(keys: Float64Array, at: number, width: number): number {
  const [left, right, above] = [at - 1, at + 1, at - width];
  const ground = keys[left] === keys[right] || keys[left] === keys[above] ? left : right;
  const key = keys[ground];
  if (ground === right && key !== keys[above]) return -1;
  let alike = 0;
  for (let dy = -1; dy <= 1; dy++)
    for (let dx = -1; dx <= 1; dx++) if (keys[at + dy * width + dx] === key) alike++;
  if (alike - Number(keys[at] === key) < PLAIN.ring) return -1;
  for (let d = -2; d <= 2; d++) {
    if (keys[at - 2 * width + d] === key) alike++;
    if (keys[at + 2 * width + d] === key) alike++;
  }
  for (let d = -1; d <= 1; d++) {
    if (keys[at + d * width - 2] === key) alike++;
    if (keys[at + d * width + 2] === key) alike++;
  }
  return alike - Number(keys[at] === key) < PLAIN.square ? -1 : ground;
}

/** Whether a pixel is black or white in all colours. */
export function endOf({ colour, channels, width, height }: Picture, at: number): Polarity | undefined {
  const n = width * height;
  for (let c = 0; c < channels; c++) {
    const value = colour[c * n + at];
    if (!isClipped(value) || Math.abs(value - colour[at]) > 0.5) return undefined;
  }
  return colour[at] > 0.5 ? 'bright' : 'dark';
}

/** Looks for single black and white pixels on plain ground, as impulses leave them and hardly anything that is drawn. */
export function* specksOf(picture: Picture): Pieces<Specks> {
  const { width, height } = picture;
  const n = width * height;
  const keys = yield* keysOf(picture);
  const groundOf = new Map<number, number>();
  const found = { dark: [] as number[], bright: [] as number[] };
  const grounds = { dark: noCounts(width, height), bright: noCounts(width, height) };
  const sampled: number[] = [];
  const plainAt = new Uint8Array(n);
  let plain = 0;
  for (let y = NEAR; y + NEAR < height; y++) {
    for (let x = NEAR; x + NEAR < width; x++) {
      const at = y * width + x;
      const ground = plainAround(keys, at, width);
      if (ground < 0) continue;
      plainAt[at] = 1;
      if (plain++ % SAMPLED === 0) sampled.push(at);
      const own = endOf(picture, ground);
      for (const polarity of POLARITIES) if (own !== polarity) count(grounds[polarity], at);
      const polarity = keys[at] === keys[ground] ? undefined : endOf(picture, at);
      if (!polarity || own === polarity) continue;
      found[polarity].push(at);
      groundOf.set(at, ground);
    }
    yield;
  }
  const isNear = (at: number) => {
    const key = keys[groundOf.get(at) ?? at];
    for (let dy = -NEAR; dy <= NEAR; dy++)
      for (let dx = -NEAR; dx <= NEAR; dx++) {
        const other = at + dy * width + dx;
        if (keys[other] !== key && !groundOf.has(other)) return true;
      }
    return false;
  };
  const scatter = (polarity: Polarity): Scatter => ({ specks: found[polarity], ground: grounds[polarity] });
  return {
    ...{ dark: scatter('dark'), bright: scatter('bright'), groundOf },
    ...{ plainAt, plain: plain / n },
    near: new Set([...groundOf.keys()].filter(isNear)),
    nearGround: sampled.filter(isNear).length / Math.max(1, sampled.length),
  };
}

/**
 * Impulses are black and white alike often wherever each would be seen: so many of each at least, and as a share of the
 * ground; how many times as often one may be found. `plain`: share of the picture that must be plain ground.
 */
const BOTH = { count: 10, share: 0.0015, times: 2, plain: 0.05 } as const;
/** Dots of a dither are more than so much of the ground between them. */
const MOST = 0.1;
/**
 * On white paper only the black ones are seen: so many, and their share, of paper that has hardly any other ground, `other` at
 * most, or so many white ones there, give or take `deviations`, as fit the black ones; and something drawn on it.
 */
const ON_PAPER = { count: 40, share: 0.0025, other: 0.03, fit: 3, deviations: 2, drawn: 0.02 } as const;
/**
 * What fell by chance: how unevenly it lies over cells and over lines, by chi-square as so many times its mean; pairs within
 * `reach` mean distances, by how many chance makes: dots that were set, or dithered, keep apart or follow each other.
 */
const CHANCE = { cells: 3, lines: 1.8, reach: 0.55, pairs: { least: 0.4, most: 1.9 } } as const;

/** Whether what lies alone on plain ground are impulses, and not dots that were drawn. */
export function areImpulses({ dark, bright, plain, plainAt }: Specks): boolean {
  const rates = [dark, bright].map(({ specks, ground }) => specks.length / Math.max(1, ground.total));
  if (plain < BOTH.plain || Math.max(...rates) > MOST) return false;
  const enough = [dark, bright].every(({ specks }) => specks.length >= BOTH.count);
  if (enough && Math.min(...rates) >= Math.max(BOTH.share, Math.max(...rates) / BOTH.times))
    return fellByChance(dark, plainAt) && fellByChance(bright, plainAt);
  if (dark.specks.length < ON_PAPER.count || rates[0] < ON_PAPER.share) return false;
  const fitting = rates[0] * bright.ground.total;
  const fit =
    bright.specks.length >= ON_PAPER.fit &&
    Math.abs(bright.specks.length - fitting) <= ON_PAPER.deviations * Math.sqrt(fitting);
  const isPaper = fit || bright.ground.total <= ON_PAPER.other * dark.ground.total;
  return isPaper && 1 - plain >= ON_PAPER.drawn && fellByChance(dark, plainAt);
}

function fellByChance({ specks, ground }: Scatter, plainAt: Uint8Array): boolean {
  const [width, height] = [ground.columns.length, ground.rows.length];
  const rate = specks.length / ground.total;
  const found = noCounts(width, height);
  for (const at of specks) count(found, at);
  if (unevenness(found.cells, ground.cells, rate) > CHANCE.cells) return false;
  if (unevenness(found.rows, ground.rows, rate) > CHANCE.lines) return false;
  if (unevenness(found.columns, ground.columns, rate) > CHANCE.lines) return false;
  const reach = Math.max(3, Math.round(CHANCE.reach / Math.sqrt(rate)));
  const expected = (rate * plainWithin(reach, specks, plainAt, width)) / 2;
  const pairs = pairsWithin(reach, specks, width);
  const { least, most } = CHANCE.pairs;
  return pairs + 1 >= least * expected && pairs - 1 <= most * expected;
}

/** Plain pixels around some, that are at most so many rows and columns off. */
function plainWithin(reach: number, pixels: readonly number[], plainAt: Uint8Array, width: number): number {
  let plain = 0;
  for (const at of pixels) {
    const column = at % width;
    const [left, right] = [Math.max(0, column - reach), Math.min(width - 1, column + reach)];
    for (let row = at - column - reach * width; row <= at - column + reach * width; row += width)
      for (let x = left; x <= right; x++) if (plainAt[row + x]) plain++;
    plain--;
  }
  return plain;
}

/** How far counts are from what chance makes of so much ground: near 1 if it was chance. */
function unevenness(counts: Float64Array, ground: Float64Array, rate: number): number {
  let [distance, expected] = [0, 0];
  counts.forEach((found, i) => {
    distance += (found - rate * ground[i]) ** 2;
    expected += rate * ground[i];
  });
  return distance / expected;
}

/** Pairs of pixels, which are in order, that are at most so many rows and columns apart. */
function pairsWithin(reach: number, pixels: readonly number[], width: number): number {
  const rows = pixels.map((at) => Math.floor(at / width));
  let pairs = 0;
  for (let i = 0; i < rows.length; i++)
    for (let j = i + 1; j < rows.length && rows[j] - rows[i] <= reach; j++)
      if (Math.abs((pixels[j] % width) - (pixels[i] % width)) <= reach) pairs++;
  return pairs;
}

/** So many times as many as chance has it, and so many of its deviations, are more than fell: then some were drawn. */
const DRAWN = { times: 1.1, deviations: 2 } as const;

/** Whether all of some black or white pixels may be impulses, of which so many are expected, as `told` elsewhere say. */
export function mayAllBeImpulses(count: number, expected: number, told: number): boolean {
  const deviation = Math.sqrt(expected * (1 + expected / Math.max(1, told)));
  return count <= DRAWN.times * expected + DRAWN.deviations * deviation;
}

/** The specks that are impulses: all of them, or where some near letters must be their dots, those that are far from any. */
export function impulsesAmong({ near, nearGround, ...specks }: Specks): Record<Polarity, number[]> {
  const ofPolarity = (polarity: Polarity) => {
    const own = specks[polarity].specks;
    const far = own.filter((at) => !near.has(at));
    const expected = (far.length * nearGround) / Math.max(1e-3, 1 - nearGround);
    return mayAllBeImpulses(own.length - far.length, expected, far.length) ? own : far;
  };
  return { dark: ofPolarity('dark'), bright: ofPolarity('bright') };
}
