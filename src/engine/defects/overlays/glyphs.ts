import type { Box } from '../../image/box.ts';
import type { Picture } from '../../image/picture.ts';
import type { Pieces } from '../../time-slicing.ts';
import { boxOf } from '../defect.ts';

/** What may be a letter, a digit, a part of one, or a dot. */
export interface Glyph extends Box {
  readonly pixels: readonly number[];
  /** Mean of its fullest pixels: samples of each channel, and ink, 0 … 1. */
  readonly colour: readonly number[];
  readonly ink: number;
  /** Mean of the ink beside it. */
  readonly ground: number;
  /** Width of its strokes, px: pixels for each of its outline, twice. */
  readonly stroke: number;
}

/** Sides of what is looked at at most, of the picture's shorter side; and in strokes of the widest kind. */
const MOST = { side: 0.16, pixels: 40 } as const;
/** The share of a glyph's pixels that are its fullest. */
const FULLEST = 1 / 3;

/**
 * Pixels of ink that hang together, or lie at most `bridge` px apart: digits of displays are in pieces.
 *
 * @param strokes [height, width] 1 = ink; becomes 2
 */
export function* glyphsIn(
  picture: Picture,
  plane: Uint8Array,
  strokes: Uint8Array,
  bridge: number,
): Pieces<Glyph[]> {
  const { width, height } = picture;
  const most = Math.max(MOST.pixels, MOST.side * Math.min(width, height));
  const glyphs: Glyph[] = [];
  for (let start = 0; start < strokes.length; start++) {
    if (start % width === 0) yield;
    if (strokes[start] !== 1) continue;
    const pixels = together(strokes, width, height, start, bridge);
    const box = boxOf(pixels, width);
    if (pixels.length < 2 || box.width > 3 * most || box.height > 3 * most) continue;
    if (Math.min(box.width, box.height) > most) continue;
    glyphs.push(glyphOf(picture, plane, strokes, pixels, box));
    yield;
  }
  return glyphs;
}

/** Marks them 2. */
function together(
  strokes: Uint8Array,
  width: number,
  height: number,
  start: number,
  bridge: number,
): number[] {
  const found = [start];
  strokes[start] = 2;
  for (let i = 0; i < found.length; i++) {
    const [x, y] = [found[i] % width, Math.floor(found[i] / width)];
    for (let v = Math.max(0, y - bridge); v <= Math.min(height - 1, y + bridge); v++)
      for (let u = Math.max(0, x - bridge); u <= Math.min(width - 1, x + bridge); u++) {
        const at = v * width + u;
        if (strokes[at] !== 1) continue;
        strokes[at] = 2;
        found.push(at);
      }
  }
  return found;
}

function glyphOf(
  { colour, channels, width, height }: Picture,
  plane: Uint8Array,
  strokes: Uint8Array,
  pixels: readonly number[],
  box: Box,
): Glyph {
  const n = width * height;
  const sorted = Float32Array.from(pixels, (at) => plane[at]).sort();
  const full = sorted[Math.floor((1 - FULLEST) * (sorted.length - 1))];
  const core = pixels.filter((at) => plane[at] >= full);
  const mean = (of: (at: number) => number) => core.reduce((sum, at) => sum + of(at), 0) / core.length;
  let edges = 0;
  for (const at of pixels) for (const step of [-1, 1, -width, width]) if (!(strokes[at + step] > 0)) edges++;
  const [left, top] = [Math.max(0, box.x - BESIDE), Math.max(0, box.y - BESIDE)];
  const [right, bottom] = [box.x + box.width + BESIDE, box.y + box.height + BESIDE];
  let [ground, beside] = [0, 0];
  for (let y = top; y < Math.min(height, bottom); y++)
    for (let x = left; x < Math.min(width, right); x++)
      if (strokes[y * width + x] === 0) [ground, beside] = [ground + plane[y * width + x], beside + 1];
  return {
    ...box,
    pixels,
    colour: Array.from({ length: Math.min(3, channels) }, (_, c) => mean((at) => colour[c * n + at])),
    ink: mean((at) => plane[at]) / 255,
    ground: beside > 0 ? ground / beside / 255 : 0,
    stroke: (2 * pixels.length) / Math.max(1, edges),
  };
}

/** How far around a glyph its ground is looked at, px. */
const BESIDE = 2;
