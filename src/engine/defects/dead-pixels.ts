import type { Picture } from '../image/picture.ts';
import type { Pieces } from '../time-slicing.ts';
import type { Polarity } from './sheet.ts';

/** A pixel that a sensor always told the same of, with what was made of it around. */
export interface DeadPixel {
  /** What it changed of the 3 × 3 around it, as indices, itself first. */
  readonly pixels: readonly number[];
  readonly polarity: Polarity;
}

/**
 * What a channel has of one, of its height, beside it and at the corners: alone; of the green and of the red or blue samples of a Bayer
 * mosaic that was interpolated; and how far it may be off.
 */
const SHAPES = [
  { beside: 0, corner: 0, off: 0.2 },
  { beside: 0.25, corner: 0, off: 0.25 },
  { beside: 0.5, corner: 0.25, off: 0.25 },
] as const;
/** By how much it is off the ring of 5 × 5 around it at least, of the full range, how often that ring's range, and what stands out about it: chosen on six photographs. */
const OUT = { least: 0.15, ring: 1, others: 3, floor: 0.02 } as const;
/** Around it, px, so many may stand out as much. */
const ABOUT = { reach: 32, own: 3, alike: 3 } as const;
/** What is spread over 3 × 3 is of one sample where the other channels have at most so much of it: specks, stars and sparks have colour in all. */
const ONE_CHANNEL = 0.3;
/** Of the ring, how many are exactly alike at most: a dot on a flat ground is drawn. */
const ALIKE = 8;
/** Share of all pixels from which they are no defects of a sensor: noise, stars, dots of a pattern. */
const MOST = 1e-4;
/** What is beside it was changed with it where it leaves the ring by so much. */
const CHANGED = 0.01;

interface Found extends DeadPixel {
  readonly spread: boolean;
  readonly oneChannel: boolean;
}

/** Single pixels, stuck in one colour or all, alone or as interpolated from a mosaic, where nothing else stands out like them. */
export function* deadPixels(picture: Picture): Pieces<DeadPixel[]> {
  const { colour, channels, width, height } = picture;
  const around = stepsAround(width);
  const found: Found[] = [];
  for (let y = 2; y + 2 < height; y++) {
    for (let x = 2; x + 2 < width; x++) {
      for (let c = 0; c < channels; c++) {
        const at = c * width * height + y * width + x;
        // Nearly all pixels end here.
        if (!(Math.abs(colour[at] - colour[at - 2]) >= OUT.least)) continue;
        const one = lookAt(picture, around, x, y, c);
        if (one === undefined) continue;
        found.push(one);
        break;
      }
    }
    yield;
  }
  return found.length > Math.max(1, MOST * width * height) ? [] : found.filter((one) => isDead(one, found));
}

/** What is soft and of all channels tells that such specks, and stars, belong to the picture: unless fewer than what is sharp. */
function isDead({ spread, oneChannel, polarity }: Found, all: readonly Found[]): boolean {
  if (oneChannel) return true;
  const alike = all.filter((other) => !other.oneChannel && other.polarity === polarity);
  return !spread && 2 * alike.filter((other) => other.spread).length < alike.length;
}

interface Around {
  readonly ring: readonly number[];
  readonly beside: readonly number[];
  readonly corner: readonly number[];
}

function stepsAround(width: number): Around {
  const all = Array.from({ length: 25 }, (_, i) => [(i % 5) - 2, Math.floor(i / 5) - 2] as const);
  const of = (is: (dx: number, dy: number) => boolean) =>
    all.filter(([x, y]) => is(Math.abs(x), Math.abs(y))).map(([x, y]) => y * width + x);
  return {
    ring: of((x, y) => Math.max(x, y) === 2),
    beside: of((x, y) => x + y === 1),
    corner: of((x, y) => x === 1 && y === 1),
  };
}

function lookAt(picture: Picture, around: Around, x: number, y: number, c: number): Found | undefined {
  const { colour, channels, width, height } = picture;
  const n = width * height;
  const [pixel, at] = [y * width + x, c * n + y * width + x];
  const { least, most, mean, alike } = ringOf(colour, at, around.ring);
  const out = Math.max(colour[at] - most, least - colour[at]);
  if (!(out >= OUT.least && out >= OUT.ring * (most - least)) || alike > ALIKE) return undefined;
  const rise = colour[at] - mean;
  const shape = SHAPES.findIndex(({ beside, corner, off }) => {
    const fits = (share: number) => (step: number) =>
      Math.abs((colour[at + step] - mean) / rise - share) <= off;
    return around.beside.every(fits(beside)) && around.corner.every(fits(corner));
  });
  if (shape < 0) return undefined;
  const about = outAbout(picture, around.ring, x, y, c, Math.sign(rise));
  if (out < OUT.others * Math.max(OUT.floor, about)) return undefined;
  const rings = Array.from({ length: channels }, (_, k) => ringOf(colour, k * n + pixel, around.ring));
  const others = rings.map((ring, k) => Math.abs((colour[k * n + pixel] - ring.mean) / rise));
  const isChanged = (step: number) =>
    rings.some(
      (ring, k) =>
        Math.max(colour[k * n + pixel + step] - ring.most, ring.least - colour[k * n + pixel + step]) >
        CHANGED,
    );
  const pixels = [0, ...around.beside, ...around.corner].filter((step) => step === 0 || isChanged(step));
  return {
    pixels: pixels.map((step) => pixel + step),
    polarity: rise > 0 ? 'bright' : 'dark',
    spread: shape > 0,
    oneChannel: channels > 1 && others.every((share, k) => k === c || share <= ONE_CHANNEL),
  };
}

function ringOf(colour: Float32Array, at: number, ring: readonly number[]) {
  let [least, most, sum, alike] = [1, 0, 0, 0];
  for (const step of ring) {
    const value = colour[at + step];
    if (value === colour[at + ring[0]]) alike++;
    [least, most, sum] = [Math.min(least, value), Math.max(most, value), sum + value];
  }
  return { least, most, mean: sum / ring.length, alike };
}

/** By how much other pixels about one leave their rings to the same side, but for the few that do most. */
function outAbout(
  { colour, width, height }: Picture,
  ring: readonly number[],
  x: number,
  y: number,
  c: number,
  side: number,
): number {
  const most = new Float64Array(ABOUT.alike + 1);
  for (let v = Math.max(2, y - ABOUT.reach); v < Math.min(height - 2, y + ABOUT.reach + 1); v++)
    for (let u = Math.max(2, x - ABOUT.reach); u < Math.min(width - 2, x + ABOUT.reach + 1); u++) {
      if (Math.max(Math.abs(u - x), Math.abs(v - y)) <= ABOUT.own) continue;
      const at = c * width * height + v * width + u;
      let out = Number.POSITIVE_INFINITY;
      for (let i = 0; i < ring.length && out > most[0]; i++)
        out = Math.min(out, side * (colour[at] - colour[at + ring[i]]));
      if (!(out > most[0])) continue;
      most[0] = out;
      most.sort();
    }
  return most[0];
}
