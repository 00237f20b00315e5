import { applyTables, kernelTable, tentTable } from './axis-table.ts';
import { type Box, cutPlane, type Size } from './box.ts';
import type { Picture } from './picture.ts';
import { areaTable } from './resize.ts';

/** How far about it a pixel's alpha is looked at, px of the picture: as far as its enlargement may ring. */
const ABOUT = 3;
/** How far a mean of ones may be from 1, for rounding. */
const ROUNDING = 1e-5;
/** Reach over which rims take their colour: a pixel of the picture, and at least so many of the result. */
const LEAST_REACH = 2;
/** How steeply trust in a pixel's own colour falls as it gets more transparent than what is about it. */
const STEEPNESS = 4;

/**
 * The way to make clean edges of the premultiplied planes of any box of an enlargement: opaque or hidden exactly where
 * the picture is, and rims in the colour of what they are the rims of. Opaque pictures stay as they are.
 */
export function edgesOf(
  { alpha, width, height }: Picture,
  result: Size,
): (planes: Float32Array, box: Box) => Float32Array {
  if (!alpha) return (planes) => planes;
  const box = (from: number, to: number) =>
    kernelTable({ label: 'box', support: ABOUT, weightAt: () => 1 }, from, to);
  const about = applyTables(alpha, 1, box(height, result.height), box(width, result.width));
  const reach = Math.max(LEAST_REACH, result.width / width);
  return (planes, box) => colourRims(keepPlain(planes, cutPlane(about, result.width, box)), box, reach);
}

/** What is a hair's breadth off opaque or hidden cannot be seen, but whoever trims or selects by it misses the edge. */
function keepPlain(planes: Float32Array, about: Float32Array): Float32Array {
  const n = about.length;
  const alpha = planes.subarray(-n);
  return planes.map((value, i) => {
    const [mean, opacity] = [about[i % n], alpha[i % n]];
    if (mean < ROUNDING) return 0;
    return mean > 1 - ROUNDING && opacity > 0 ? Math.min(1, value / opacity) : value;
  });
}

/**
 * Where little shows, colour is a small number by a small number, and what is slightly wrong makes a dark or coloured
 * line: what shows more nearby knows better. Even transparency is no rim, and keeps its colours.
 */
function colourRims(planes: Float32Array, { width, height }: Box, reach: number): Float32Array {
  const n = width * height;
  const alpha = planes.subarray(-n);
  const [rows, cols] = [tentTable(height, reach), tentTable(width, reach)];
  const shown = applyTables(alpha, 1, rows, cols);
  // Each pixel counts by its alpha; that of alpha, the last plane, sums what they count.
  const counted = planes.map((value, i) => value * alpha[i % n]);
  const sums = applyTables(counted, planes.length / n, rows, cols);
  const counts = sums.subarray(-n);
  return planes.map((value, i) => {
    const at = i % n;
    if (i >= planes.length - n || alpha[at] < ROUNDING || alpha[at] === 1) return value;
    const trust = Math.min(1, (alpha[at] * shown[at]) / counts[at]) ** STEEPNESS;
    return trust * value + (1 - trust) * alpha[at] * (sums[i] / counts[at]);
  });
}

/**
 * Premultiplied planes whose colours shrink to the picture's again by means over its pixels, after rims took theirs from around
 * them: in each pixel all move by one share of their way to black, or to as bright as their alpha is. Alpha stays; so do all where
 * samples lie across the picture's pixels.
 */
export function keepMeans(planes: Float32Array, picture: Picture, { width, height }: Size): Float32Array {
  const { channels } = picture;
  if (width % picture.width || height % picture.height) return planes;
  const [n, m] = [width * height, picture.width * picture.height];
  const down = [areaTable(height, picture.height), areaTable(width, picture.width)] as const;
  const up = [areaTable(picture.height, height), areaTable(picture.width, width)] as const;
  const alpha = planes.subarray(-n);
  const now = applyTables(planes, channels, ...down);
  const room = now.subarray(-m);
  const way = picture.colour.map((value, i) => {
    const most = value > now[i] ? room[i % m] - now[i] : now[i];
    const isAlpha = i >= now.length - m;
    return isAlpha || most <= 0 ? 0 : Math.max(-1, Math.min(1, (value - now[i]) / most));
  });
  const share = applyTables(way, channels, ...up);
  return planes.map((value, i) => value + Math.abs(share[i]) * ((share[i] > 0 ? alpha[i % n] : 0) - value));
}
