import { meansIn } from '../image/box-means.ts';
import type { Picture } from '../image/picture.ts';
import type { Pieces } from '../time-slicing.ts';
import { type NoiseModel, varianceAt } from './noise-model.ts';
import { colourShare } from './opponent.ts';

/** Steps of the tables over the range of brightness. */
export const LEVELS = 1024;
/** A sample is at an end of the range when rounding to 8 bits would put it there. */
const ROUNDING = 0.5 / 255;
/** Samples between turns for the page. */
const PIECE = 65536;
/** Levels at which so large a share of the samples is cut off tell whether noise was. */
const TELLING = 0.05;
/** So many cut off samples at least are to be expected where that is judged. */
const ENOUGH = 50;
/** What is left of the expected number in rounding and in doubt; noise added after the cut leaves next to none. */
const MOST_OF_THEM = 0.7;
/** Of a ground at an end of the range half the samples are cut off: so large a share of all is a fifth of the picture. */
const GROUND = 0.1;
/** How far the squares reach whose means tell of levels before anything was denoised, px. */
const AROUND = 2;

/** Of one colour: what the mean of its noisy samples is at each true level, and the shares cut off at either end. */
export interface Table {
  readonly mean: Float64Array;
  /** Deviation of the noise before anything was cut off. */
  readonly sigmas: Float64Array;
  readonly cut: { readonly black: Float64Array; readonly white: Float64Array };
}

/**
 * Takes back the bias of noise that was cut off at black and white: there the mean of the noisy samples, which is what
 * similar patches tell, lies inside the range (Foi, Signal Processing 89(12), 2009). Only at an end where about as many
 * samples of the picture are at the very end as such noise makes. In place, where alpha does not blend.
 */
export function* undoClipping(estimate: Float32Array, picture: Picture, noise: NoiseModel): Pieces<void> {
  const { channels, alpha, colour } = picture;
  const n = colour.length / channels;
  for (let c = 0; c < channels; c++) {
    const table = tableOf(noise, c);
    yield;
    const plane = estimate.subarray(c * n, (c + 1) * n);
    const before = colour.subarray(c * n, (c + 1) * n);
    const [black, white] = [new Cut(table.cut.black), new Cut(table.cut.white)];
    const [from, to] = untold(table);
    for (let i = 0; i < n; i++) {
      if (i % PIECE === 0) yield;
      if (plane[i] > from && plane[i] < to) continue;
      const level = whereIs(table.mean, plane[i]);
      black.count(level, before[i] <= ROUNDING);
      white.count(level, before[i] >= 1 - ROUNDING);
    }
    if (!black.certain && !white.certain) continue;
    for (let i = 0; i < n; i++) {
      if (i % PIECE === 0) yield;
      const level = whereIs(table.mean, plane[i]);
      const end = level < plane[i] ? black : white;
      if (end.certain && (alpha?.[i] ?? 1) === 1) plane[i] = level;
    }
  }
}

/** Means of levels of which next to nothing is cut off, and that therefore tell nothing: what lies between the two returned. */
function untold({ mean, cut }: Table): readonly [from: number, to: number] {
  let [first, last] = [0, LEVELS];
  while (first < LEVELS && cut.black[first] >= TELLING) first++;
  while (last > 0 && cut.white[last] >= TELLING) last--;
  return first < last ? [mean[first], mean[last]] : [1, 0];
}

/** Whether a picture has a ground at black, and at white, whose noise was cut off. */
export interface ClippedGrounds {
  readonly black: boolean;
  readonly white: boolean;
}

/** Of each colour of a noisy picture. */
export function* clippedGrounds(picture: Picture, tables: readonly Table[]): Pieces<ClippedGrounds[]> {
  const { width, height, colour } = picture;
  const n = width * height;
  const found: ClippedGrounds[] = [];
  for (const [c, table] of tables.entries()) {
    const plane = colour.subarray(c * n, (c + 1) * n);
    const mean = yield* meansIn(plane, width, height);
    const [black, white] = [new Cut(table.cut.black), new Cut(table.cut.white)];
    const [from, to] = untold(table);
    for (let i = 0; i < n; i++) {
      if (i % PIECE === 0) yield;
      const around = mean(i, AROUND);
      if (around > from && around < to) continue;
      const level = whereIs(table.mean, around);
      black.count(level, plane[i] <= ROUNDING);
      white.count(level, plane[i] >= 1 - ROUNDING);
    }
    found.push({ black: black.isGround(n), white: white.isGround(n) });
  }
  return found;
}

/** Whether about as many samples are cut off at one end as are to be expected of their true levels. */
class Cut {
  private expected = 0;
  private found = 0;

  constructor(private readonly share: Float64Array) {}

  count(level: number, isCut: boolean): void {
    const cut = this.share[Math.round(level * LEVELS)];
    if (cut < TELLING) return;
    this.expected += cut;
    if (isCut) this.found++;
  }

  isGround(all: number): boolean {
    return this.certain && this.found >= GROUND * all;
  }

  get certain(): boolean {
    return this.expected >= ENOUGH && this.found > MOST_OF_THEM * this.expected;
  }
}

/** Of each colour. */
export const tablesOf = (noise: NoiseModel, channels: number): Table[] =>
  Array.from({ length: channels }, (_, c) => tableOf(noise, c));

function tableOf({ planes, light }: NoiseModel, c: number): Table {
  const [mean, sigmas, black, white] = [0, 1, 2, 3].map(() => new Float64Array(LEVELS + 1));
  for (let i = 0; i <= LEVELS; i++) {
    const x = i / LEVELS;
    const variance = light
      ? varianceAt(light, x)
      : planes.reduce((sum, plane, p) => sum + colourShare(planes.length, p, c) * varianceAt(plane, x), 0);
    const sigma = Math.sqrt(variance);
    sigmas[i] = sigma;
    const [a, b] = [-x / sigma, (1 - x) / sigma];
    // The mean of a normal variate that is cut off at 0 and 1.
    mean[i] = x * (below(b) - below(a)) + sigma * (density(a) - density(b)) + 1 - below(b);
    black[i] = below(a + ROUNDING / sigma);
    white[i] = 1 - below(b - ROUNDING / sigma);
  }
  return { mean, sigmas, cut: { black, white } };
}

/** Where in 0 … 1 a table that grows has a value. */
export function whereIs(table: Float64Array, value: number): number {
  if (value <= table[0]) return 0;
  if (value >= table[LEVELS]) return 1;
  let [low, high] = [0, LEVELS];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (table[middle] <= value) low = middle;
    else high = middle;
  }
  return (low + (value - table[low]) / (table[high] - table[low])) / LEVELS;
}

/** The value of a table at a place in 0 … 1. */
export function valueAt(table: Float64Array, place: number): number {
  const low = Math.min(LEVELS - 1, Math.floor(place * LEVELS));
  return table[low] + (place * LEVELS - low) * (table[low + 1] - table[low]);
}

/** Density of the normal distribution. */
const density = (x: number) => Math.exp(-(x * x) / 2) / Math.sqrt(2 * Math.PI);

/** Its integral up to x, to 1e-7 (Abramowitz & Stegun, 26.2.17). */
function below(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const poly =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = density(x) * poly;
  return x >= 0 ? 1 - tail : tail;
}
