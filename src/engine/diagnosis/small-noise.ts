import type { Picture } from '../image/picture.ts';
import type { Pieces } from '../time-slicing.ts';
import { evenNoise, type NoiseEstimate } from './noise.ts';
import { isClipped } from './spectra.ts';

/** Windows of so many pixels a side, and how far apart. */
const SIDE = 5;
const STEP = 2;
const AREA = SIDE * SIDE;
/** What a level and two slopes leave free. */
const FREE = AREA - 3;
/** Share of clipped samples up to which a window is looked at, and how much of the variance goes with each. */
const CLIPPED = { most: 0.6, lost: 1.32 } as const;
/** Up to this share nothing is lost, and the form of the distribution shows. */
const WHOLE = 0.05;
/** A window is the ground's where its variance is within these times the level, and less than noise leaves below the last. */
const GROUND = { least: 0.5, most: 1.7, quiet: 0.45 } as const;
/** Where the level is looked for first, among windows by their variance; and how often it is looked for anew. */
const BEGIN = { quantile: 0.15, rounds: 6 } as const;

/**
 * What noise of small pictures must have: σ in 1/255, of which more has the shapes of codes and letters; ground as windows and as a share; at
 * most so many windows exactly plain, or quieter than it; neighbours' products within `off` of what the slopes leave of them; the form of a normal
 * distribution; in colours no product of two of them, and all about as strong. `seen`: share of the windows that can be
 * looked at, where all of the ground is clipped. Of some 5500 icons and sprites of Debian's Adwaita, Tango, Pingus and
 * Crossfire, on which this was chosen, none has all of it; of 45 drawings with noise of σ 5, 10 and 25, 38 and more.
 */
const NOISE = {
  ...{ least: 4, most: 60, plain: 0.02, quiet: 0.04, share: 0.15, left: -0.1, seen: 0.25 },
  grey: { windows: 60, off: 0.1, kurtosis: { least: 2.4, most: 3.2 } },
  colour: { windows: 8, off: 0.22, kurtosis: { least: 2.3, most: 3.3 }, shared: 0.25, alike: 0.75 },
} as const;
/** Windows that tell of the form. */
const ENOUGH_WHOLE = 10;

interface Window {
  /** Of each channel what its best plane leaves, as strong as if nothing were clipped: [channel, 5, 5]. */
  readonly rest: Float64Array;
  /** Mean over the channels. */
  readonly variance: number;
  readonly isWhole: boolean;
}

/**
 * White noise of a picture with too few pixels to tell it from texture by its blocks: where it lies over plain or evenly
 * shaded ground, equally strong in all of it, without any order, and in colours each by itself, as hardly any texture
 * that is drawn. Null where too little shows.
 *
 * @param picture without its hidden colours.
 */
export function* smallNoise(picture: Picture): Pieces<NoiseEstimate | null> {
  const { channels } = picture;
  if (channels !== 1 && channels !== 3) return null;
  const { windows, visible, plain } = yield* windowsOf(picture);
  if (plain > NOISE.plain * visible || windows.length === 0) return null;
  const level = levelOf(windows);
  const own = channels === 1 ? NOISE.grey : NOISE.colour;
  const isGround = ({ variance }: Window) =>
    variance > GROUND.least * level && variance < GROUND.most * level;
  const ground = windows.filter(isGround);
  const quiet = windows.filter(({ variance }) => variance <= GROUND.quiet * level).length;
  const sigma = 255 * Math.sqrt(level);
  const enough = ground.length >= Math.max(own.windows, NOISE.share * windows.length);
  if (!(sigma >= NOISE.least && sigma <= NOISE.most) || !enough || quiet > NOISE.quiet * windows.length)
    return null;
  if (isOrdered(ground, own.off) || (channels === 3 && isShared(ground))) return null;
  const whole = ground.filter(({ isWhole }) => isWhole);
  if (whole.length >= ENOUGH_WHOLE) {
    const kurtosis = kurtosisOf(whole);
    if (kurtosis < own.kurtosis.least || kurtosis > own.kurtosis.most) return null;
  } else if (windows.length < NOISE.seen * visible) return null;
  return evenNoise(channels, sigma);
}

/** The windows that may tell, how many are visible at all, and how many of these are of exactly one colour. */
function* windowsOf(picture: Picture) {
  const { width, height, channels } = picture;
  const windows: Window[] = [];
  let [visible, plain] = [0, 0];
  for (let y = 0; y + SIDE <= height; y += STEP) {
    for (let x = 0; x + SIDE <= width; x += STEP) {
      const { rest, cut, isPlain } = windowAt(picture, x, y);
      if (Number.isNaN(rest[0])) continue;
      visible++;
      if (isPlain) plain++;
      if (Math.max(...cut) > CLIPPED.most) continue;
      let sum = 0;
      for (let i = 0; i < rest.length; i++) {
        rest[i] /= Math.sqrt(1 - CLIPPED.lost * cut[Math.floor(i / AREA)]);
        sum += rest[i] ** 2;
      }
      windows.push({ rest, variance: sum / FREE / channels, isWhole: Math.max(...cut) <= WHOLE });
    }
    yield;
  }
  return { windows, visible, plain };
}

function windowAt({ width, height, channels, colour }: Picture, x: number, y: number) {
  const rest = new Float64Array(channels * AREA);
  const cut = new Array<number>(channels).fill(0);
  let isPlain = true;
  for (let c = 0; c < channels; c++) {
    let [mean, across, down] = [0, 0, 0];
    const first = c * width * height + y * width + x;
    for (let i = 0; i < AREA; i++) {
      const [u, v] = [i % SIDE, Math.floor(i / SIDE)];
      const value = colour[first + v * width + u];
      rest[c * AREA + i] = value;
      if (value !== colour[first]) isPlain = false;
      if (isClipped(value)) cut[c] += 1 / AREA;
      mean += value / AREA;
      across += (value * (u - 2)) / (10 * SIDE);
      down += (value * (v - 2)) / (10 * SIDE);
    }
    for (let i = 0; i < AREA; i++)
      rest[c * AREA + i] -= mean + across * ((i % SIDE) - 2) + down * (Math.floor(i / SIDE) - 2);
  }
  return { rest, cut, isPlain };
}

/** The variance that most of the quieter windows have about. */
function levelOf(windows: readonly Window[]): number {
  const sorted = Float64Array.from(windows, ({ variance }) => variance).sort();
  let level = sorted[Math.floor(BEGIN.quantile * sorted.length)];
  for (let round = 0; round < BEGIN.rounds; round++) {
    const within = sorted.filter((variance) => variance < GROUND.most * level);
    level = within[within.length >> 1] ?? level;
  }
  return level;
}

/** Whether what neighbours along either axis, or aslant, have in common is other than what fitted planes leave of noise. */
function isOrdered(windows: readonly Window[], off: number): boolean {
  return [1, SIDE, SIDE + 1].some((lag) => {
    let [products, pairs, squares, count] = [0, 0, 0, 0];
    for (const { rest } of windows)
      for (let i = 0; i < rest.length; i++) {
        const at = i % AREA;
        squares += rest[i] ** 2;
        count++;
        if (at + lag >= AREA || (lag !== SIDE && at % SIDE === SIDE - 1)) continue;
        products += rest[i] * rest[i + lag];
        pairs++;
      }
    return Math.abs(products / pairs / (squares / count) - NOISE.left) >= off;
  });
}

/** Whether colours go together, as brightness does, or one of them is quieter. */
function isShared(windows: readonly Window[]): boolean {
  const product = (a: number, b: number) => {
    let sum = 0;
    for (const { rest } of windows)
      for (let i = 0; i < AREA; i++) sum += rest[a * AREA + i] * rest[b * AREA + i];
    return sum;
  };
  const own = [0, 1, 2].map((c) => product(c, c));
  const pairs = [
    [0, 1],
    [0, 2],
    [1, 2],
  ] as const;
  const { shared, alike } = NOISE.colour;
  if (Math.min(...own) <= alike ** 2 * Math.max(...own)) return true;
  return pairs.some(([a, b]) => Math.abs(product(a, b)) >= shared * Math.sqrt(own[a] * own[b]));
}

/** Mean fourth power by the squared mean square, within each window and channel: of noise a little less than 3. */
function kurtosisOf(windows: readonly Window[]): number {
  let [sum, count] = [0, 0];
  for (const { rest } of windows)
    for (let from = 0; from < rest.length; from += AREA) {
      let [squares, fourths] = [0, 0];
      for (let i = from; i < from + AREA; i++) {
        squares += rest[i] ** 2;
        fourths += rest[i] ** 4;
      }
      sum += (AREA * fourths) / squares ** 2;
      count++;
    }
  return sum / count;
}
