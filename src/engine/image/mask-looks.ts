import type { PlanarImage } from '../options.ts';
import { countOf, marks } from './binary-plane.ts';
import { boxMeans } from './box-means.ts';
import { correlation } from './correlation.ts';
import { distanceTo } from './distance.ts';
import { luminance } from './luminance.ts';

/** Samples no farther apart than this are one colour. */
const NEAR = 0.1;
/** The share of the visible pixels that has to look alike: some on the rims are mixtures. */
const MOST = 0.97;
/** What is drawn on one colour differs by so much, farther than so many px from what is transparent, in so many pixels. */
const DRAWN = { by: 0.3, inside: 2, pixels: 8 } as const;
/** A picture and its copy, perhaps compressed: samples this near each other, for this share of the pixels. */
const SAME = { within: 0.08, share: 0.97 } as const;
/**
 * Tones told by dots: so many neighbours differ, the means of boxes so wide follow the picture's so closely, and the dots themselves
 * follow nothing that the picture shows, as writing or scratches that are seen in it would; where the tones are all there, they may
 * follow its texture. Of a picture of nearly one tone the means are only as bright as it is, so nearly.
 */
const DOTS = {
  differ: 0.1,
  box: 4,
  tones: 0.8,
  as: 0.03,
  shapes: 0.3,
  all: { tones: 0.97, shapes: 0.6 },
} as const;
/** The picture blurred: means of means of boxes so wide follow a drawing this closely, and so much of it is neither of two colours. */
const BLURRED = { reaches: [0, 1, 2, 4, 7, 11], alike: 0.97, mixed: 0.2, end: 0.1 } as const;
/** A palette has at most so many colours, and a picture of many tones so many times as many. */
const PALETTE = { colours: 64, times: 8, levels: 255 } as const;
/** Strokes of several colours: so many colours, of so many levels a channel, make up this share of them. */
const FEW = { colours: 8, levels: 8, share: 0.9 } as const;

/** 1 where a drawing with alpha shows more of itself than of what is under it. */
export function visibleIn(alpha: Float32Array): Uint8Array {
  return marks(alpha, (a) => a > 0.5);
}

/** Share of pixels that are set. */
export function shareOf(set: Uint8Array): number {
  return set.reduce((sum, inside) => sum + inside, 0) / set.length;
}

/** Whether the visible pixels have one colour, with nothing drawn on it. */
export function isOneColour({ planes, width, height }: PlanarImage, visible: Uint8Array): boolean {
  const hidden = visible.map((seen) => 1 - seen);
  const inside = hidden.includes(1) ? distanceTo(hidden, width, height) : undefined;
  return planes.slice(0, 3).every((plane) => {
    const values = plane.filter((_, i) => visible[i]).sort();
    const middle = values[values.length >> 1];
    const isDrawnOn = (value: number, i: number) =>
      Math.abs(value - middle) > DRAWN.by && (inside?.[i] ?? 0) > DRAWN.inside;
    return (
      values.filter((value) => Math.abs(value - middle) <= NEAR).length >= MOST * values.length &&
      countOf(plane, isDrawnOn) < DRAWN.pixels
    );
  });
}

/** Whether the visible pixels are black or white. */
export function isStark({ planes }: PlanarImage, visible: Uint8Array): boolean {
  const [r, g = r, b = r] = planes;
  const ends = visible.map((seen, i) => {
    const [least, most] = [Math.min(r[i], g[i], b[i]), Math.max(r[i], g[i], b[i])];
    return seen && (most <= NEAR || least >= 1 - NEAR) ? 1 : 0;
  });
  return shareOf(ends) >= FEW.share * shareOf(visible);
}

/** Whether the visible pixels have few colours, as strokes do and photographs do not. */
export function hasColoursOfStrokes({ planes }: PlanarImage, visible: Uint8Array): boolean {
  const [r, g = r, b = r] = planes;
  const bins = new Uint32Array(FEW.levels ** 3);
  const level = (value: number) => Math.round(value * (FEW.levels - 1));
  for (let i = 0; i < visible.length; i++)
    if (visible[i]) bins[(level(r[i]) * FEW.levels + level(g[i])) * FEW.levels + level(b[i])]++;
  const commonest = bins.sort().subarray(-FEW.colours);
  const shown = visible.reduce((sum, seen) => sum + seen, 0);
  return commonest.reduce((sum, pixels) => sum + pixels, 0) >= FEW.share * shown;
}

/** Whether the visible pixels, or all, are those of the picture itself. */
export function isCopyOf(
  picture: PlanarImage,
  drawn: PlanarImage,
  visible: Uint8Array = new Uint8Array(drawn.width * drawn.height).fill(1),
): boolean {
  if (picture.width !== drawn.width || picture.height !== drawn.height) return false;
  const colour = ({ planes }: PlanarImage, c: number) => planes[planes.length < 3 ? 0 : c];
  const same = visible.map((seen, i) => {
    const near = [0, 1, 2].every((c) => Math.abs(colour(drawn, c)[i] - colour(picture, c)[i]) <= SAME.within);
    return seen && near ? 1 : 0;
  });
  return shareOf(same) >= SAME.share * shareOf(visible);
}

/** Whether a drawing has a few colours and the picture many, as where it was posterised or given a palette. */
export function isOfFewerColours(picture: PlanarImage, drawn: PlanarImage): boolean {
  const few = coloursIn(drawn, PALETTE.colours);
  return few <= PALETTE.colours && coloursIn(picture, PALETTE.times * few) > PALETTE.times * few;
}

/** How many colours there are; where more than `most`, one more than that. */
function coloursIn({ planes }: PlanarImage, most: number): number {
  const [r, g = r, b = r] = planes;
  const level = (value: number) => Math.round(value * PALETTE.levels);
  const seen = new Set<number>();
  for (let i = 0; i < r.length && seen.size <= most; i++)
    seen.add((level(r[i]) * (PALETTE.levels + 1) + level(g[i])) * (PALETTE.levels + 1) + level(b[i]));
  return seen.size;
}

/** Whether a drawing of two colours and what lies between them is the picture without its detail. */
export function isBlurred({ planes, width, height }: PlanarImage, light: Float32Array): boolean {
  if (light.length !== width * height) return false;
  const mixed = countOf(light, (t) => t > BLURRED.end && t < 1 - BLURRED.end);
  if (mixed < BLURRED.mixed * light.length) return false;
  const tone = luminance(planes);
  return BLURRED.reaches.some((reach) => {
    const once = boxMeans(tone, width, height, reach);
    return Math.abs(correlation(light, boxMeans(once, width, height, reach))) >= BLURRED.alike;
  });
}

/** Whether a drawing of two colours is the picture dithered. */
export function isDithered({ planes, width, height }: PlanarImage, light: Float32Array): boolean {
  const n = width * height;
  if (light.length !== n) return false;
  const differ = light.reduce((sum, t, i) => sum + (i + 1 < n && t < 0.5 !== light[i + 1] < 0.5 ? 1 : 0), 0);
  if (differ < DOTS.differ * n) return false;
  const tone = luminance(planes);
  const [ofDots, ofTones] = [light, tone].map((values) => boxMeans(values, width, height, DOTS.box));
  const minus = (plane: Float32Array, means: Float32Array) => plane.map((value, i) => value - means[i]);
  const bright = ofDots.reduce((sum, dots, i) => sum + (dots - ofTones[i]) ** 2, 0);
  const dark = ofDots.reduce((sum, dots, i) => sum + (1 - dots - ofTones[i]) ** 2, 0);
  if (Math.min(bright, dark) <= DOTS.as ** 2 * n) return true;
  const tones = Math.abs(correlation(ofDots, ofTones));
  if (tones <= DOTS.tones) return false;
  const shapes = Math.abs(correlation(minus(light, ofDots), minus(tone, ofTones)));
  return shapes < (tones > DOTS.all.tones ? DOTS.all.shapes : DOTS.shapes);
}
