import {
  areImpulses,
  endOf,
  impulsesAmong,
  mayAllBeImpulses,
  POLARITIES,
  type Polarity,
  type Specks,
  specksOf,
} from '../diagnosis/specks.ts';
import { isClipped } from '../diagnosis/spectra.ts';
import { withoutHidden } from '../image/hidden.ts';
import type { Picture } from '../image/picture.ts';
import type { Pieces } from '../time-slicing.ts';

/** What of a picture impulses hit. */
export interface Impulses {
  /** The picture's samples, those on plain ground with the ground's colour. */
  readonly colour: Float32Array;
  /** 1 for each other sample that was hit. [channels, height, width] */
  readonly hit: Uint8Array;
}

/** Of a drawing what lies alone on its plain ground, and among what is drawn no more than must have fallen there. */
export function* impulsesIn(picture: Picture): Pieces<Impulses> {
  const { width, height, channels } = picture;
  const n = width * height;
  const seen = withoutHidden(picture);
  const specks = yield* specksOf(seen);
  if (!areImpulses(specks)) return { colour: picture.colour, hit: yield* outliersOf(picture) };
  const colour = picture.colour.slice();
  const found = impulsesAmong(specks);
  for (const at of [...found.dark, ...found.bright])
    for (let c = 0; c < channels; c++) colour[c * n + at] = colour[c * n + specks.groundOf.get(at)!];
  const hit = new Uint8Array(colour.length);
  const filled = {
    ...seen,
    colour: colour.map((value, i) => (Number.isNaN(seen.colour[i]) ? Number.NaN : value)),
  };
  for (const at of yield* amongDrawn(filled, specks, found))
    for (let c = 0; c < channels; c++) hit[c * n + at] = 1;
  return { colour, hit };
}

/**
 * Pixels off the plain ground that were hit: all that are black or white if these are no more than fell there; else those that
 * stand alone, if these are no more than would; else none, since dots and the insides of letters look so too.
 */
function* amongDrawn(picture: Picture, specks: Specks, found: Record<Polarity, number[]>): Pieces<number[]> {
  const n = picture.width * picture.height;
  const told = found.dark.length + found.bright.length;
  const rates = POLARITIES.map((of) => found[of].length / Math.max(1, specks[of].ground.total));
  /** For each pixel that was not hit so many were. */
  const odds = Math.max(...rates) / (1 - Math.max(...rates));
  const hit: number[] = [];
  for (const polarity of POLARITIES) {
    yield;
    const tone = polarity === 'bright' ? 1 : 0;
    const [all, others]: [number[], number[]] = [[], []];
    for (let at = 0; at < n; at++)
      if (!specks.plainAt[at]) (endOf(picture, at) === polarity ? all : others).push(at);
    if (mayAllBeImpulses(all.length, odds * others.length, told)) hit.push(...all);
    else {
      const alone = (at: number) => standsAlone(picture, at, tone);
      const single = all.filter(alone);
      if (mayAllBeImpulses(single.length, odds * others.filter(alone).length, told)) hit.push(...single);
    }
  }
  return hit;
}

/** How far what stands alone is off its neighbours, of the full range: what letters are smoothed with is nearer. */
const ALONE = 0.25;

/** Whether a pixel of a tone, black or white, is or would be far from all of its neighbours but one. */
function standsAlone({ colour, channels, width, height }: Picture, at: number, tone: 0 | 1): boolean {
  const n = width * height;
  const [x, y] = [at % width, Math.floor(at / width)];
  if (x === 0 || y === 0 || x + 1 === width || y + 1 === height) return false;
  for (let c = 0; c < channels; c++) {
    let far = 0;
    for (let dy = -1; dy <= 1; dy++)
      for (let dx = -1; dx <= 1; dx++)
        if ((dx || dy) && Math.abs(colour[c * n + at + dy * width + dx] - tone) > ALONE) far++;
    if (far >= 7) return true;
  }
  return false;
}

/**
 * What an impulse hit differs from the mean of its neighbours within the range, by so much of it; and so many of them may
 * be like it, where impulses fell side by side.
 */
const HIT = { off: 0.08, alike: 2 } as const;

/** 1 for each sample that an impulse hit: at an end of the range, and nearly alone there. [channels, height, width] */
function* outliersOf({ colour, channels, width, height }: Picture): Pieces<Uint8Array> {
  const hit = new Uint8Array(colour.length);
  for (let row = 0; row < channels * height; row++) {
    const y = row % height;
    for (let x = 0; x < width; x++) {
      const at = row * width + x;
      if (!isClipped(colour[at])) continue;
      let [alike, sum, others] = [-1, 0, 0];
      for (let dy = y > 0 ? -1 : 0; dy <= (y + 1 < height ? 1 : 0); dy++)
        for (let dx = x > 0 ? -1 : 0; dx <= (x + 1 < width ? 1 : 0); dx++) {
          const value = colour[at + dy * width + dx];
          if (Math.abs(value - colour[at]) < 1 / 64) alike++;
          if (isClipped(value)) continue;
          sum += value;
          others++;
        }
      if (alike <= HIT.alike && others > 0 && Math.abs(colour[at] - sum / others) > HIT.off) hit[at] = 1;
    }
    yield;
  }
  return hit;
}
