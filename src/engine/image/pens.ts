import type { Pieces } from '../time-slicing.ts';
import type { Drawn } from './drawn.ts';
import { apart } from './laid-over.ts';
import type { Picture } from './picture.ts';

/** Smaller marks, px, are letters: made of strokes of several thicknesses, and of too few pixels to tell. */
const LETTER = 12;
/** Across a stroke its pixels are added up as far as this, px. */
const ACROSS = 5;
/** A stroke that lies along pixels, pale in so many of them at most, so much alike for so many px. */
const PALE = { wide: 2, most: 0.9, alike: 0.03, long: 3 } as const;
/** So much of its ink has a pixel that shows it; so many of them, and such a share, agree on how thick the pen is: more is where strokes meet. */
const FULL = { ink: 0.9, pixels: 4, share: 0.4 } as const;
/** How far from the pen's thickness a pale stroke's may be, as a share of it. */
const SAME_PEN = 0.12;
/** How far from the colours between ground and ink a pixel of a mark may be, beside a share of its own distance from the ground. */
const ONE_INK = { rounding: 3 / 255, share: 0.06 } as const;
/** Less ink than this, as a share, is none. */
const NO_INK = 0.02;

/** What hangs together on one ground, in one ink. */
interface Mark {
  readonly pixels: readonly number[];
  /** Per channel: the ground, and how far the ink is from it. */
  readonly ground: readonly number[];
  readonly ink: readonly number[];
  /** Per channel: the ink as it shows, alpha among them. */
  readonly shown: readonly number[];
}

/**
 * A drawing in which strokes that lie between rows or columns of pixels, and so are pale in two of them, are known to have the ink of
 * those that hang together with them: both hold as much of it across, as drawn by one pen.
 *
 * @param picture premultiplied.
 */
export function* withPens(picture: Picture, drawn: Drawn): Pieces<Drawn> {
  const { width, height } = picture;
  if (drawn.pixelArt || drawn.share.some((share) => share < 1)) return drawn;
  // A column that is no number ends what goes along a row.
  const stride = width + 1;
  const cover = new Float32Array(stride * height);
  for (let end = width; end < cover.length; end += stride) cover[end] = Number.NaN;
  const [flat, ink] = [drawn.flat.slice(), new Map<number, readonly number[]>()];
  for (const mark of yield* marksOf(picture)) {
    const places = mark.pixels.map((i) => i + Math.floor(i / width));
    places.forEach((at, k) => {
      cover[at] = coverAt(picture, mark, mark.pixels[k]);
    });
    for (const at of paleStrokes(places, cover, stride)) {
      const i = at - Math.floor(at / stride);
      flat[i] = 0;
      ink.set(i, mark.shown);
    }
    for (const at of places) cover[at] = 0;
    yield;
  }
  return ink.size > 0 ? { ...drawn, flat, ink } : drawn;
}

/**
 * Of a mark's pixels those of pale strokes of the pen that draws its dark ones, and those that touch them.
 *
 * @param cover how much ink each has, [height, stride].
 */
function paleStrokes(pixels: readonly number[], cover: Float32Array, stride: number): Set<number> {
  const thickness = (i: number) => {
    const [down, across] = [sumAcross(cover, i, stride), sumAcross(cover, i, 1)];
    return 1 / Math.hypot(1 / down, 1 / across);
  };
  const dark = pixels.filter((i) => cover[i] >= FULL.ink).map(thickness);
  const told = dark.filter(Number.isFinite).sort((a, b) => a - b);
  const pen = told[Math.floor(told.length / 4)];
  const isPen = (ink: number) => Math.abs(ink - pen) <= SAME_PEN * pen;
  const found = new Set<number>();
  if (told.filter(isPen).length < Math.max(FULL.pixels, FULL.share * told.length)) return found;
  for (const [step, along] of [
    [stride, 1],
    [1, stride],
  ])
    for (const i of pixels) {
      const run = runFrom(cover, i, along);
      if (run.length < PALE.long || !run.every((at) => isPale(cover, at, step))) continue;
      if (isPen(sumAcross(cover, i, step))) for (const at of run) found.add(at);
    }
  for (const i of [...found])
    for (const at of [-stride - 1, -stride, 1 - stride, -1, 1, stride - 1, stride, stride + 1])
      if (cover[i + at] > NO_INK) found.add(i + at);
  return found;
}

/** The next pixels along a row or column that are as a pixel is. */
function runFrom(cover: Float32Array, i: number, along: number): number[] {
  const run = [i];
  for (let at = i + along; run.length < PALE.long; at += along) {
    if (!(Math.abs(cover[at] - cover[i]) <= PALE.alike)) break;
    run.push(at);
  }
  return run;
}

/** Whether a stroke's pixels across are few and all of them pale. */
function isPale(cover: Float32Array, i: number, step: number): boolean {
  let wide = 0;
  let first = i;
  while (cover[first - step] > NO_INK && i - first < ACROSS * step) first -= step;
  for (let at = first; cover[at] > NO_INK; at += step) {
    if (cover[at] > PALE.most || ++wide > PALE.wide) return false;
  }
  return true;
}

/** How much ink there is across a pixel; infinite where it goes on for too long, or to the picture's end. */
function sumAcross(cover: Float32Array, i: number, step: number): number {
  let sum = cover[i];
  for (const way of [-step, step])
    for (let k = 1; ; k++) {
      const at = i + k * way;
      if (k > ACROSS || !Number.isFinite(cover[at])) return Number.POSITIVE_INFINITY;
      if (cover[at] <= NO_INK) break;
      sum += cover[at];
    }
  return sum;
}

function coverAt({ width, height, colour }: Picture, { ground, ink }: Mark, i: number): number {
  const n = width * height;
  let [product, length] = [0, 0];
  for (let c = 0; c < ink.length; c++) {
    product += (colour[c * n + i] - ground[c]) * ink[c];
    length += ink[c] ** 2;
  }
  return product / length;
}

/** What hangs together beside plain ground, where this and the ink are of one colour each. */
function* marksOf(picture: Picture): Pieces<Mark[]> {
  const { width, height } = picture;
  const plain = yield* plainPixels(picture);
  const seen = plain.slice();
  const found: Mark[] = [];
  for (let first = 0; first < seen.length; first++) {
    if (first % width === 0) yield;
    if (seen[first]) continue;
    seen[first] = 1;
    const pixels = [first];
    let [ground, isOnOne]: [number | undefined, boolean] = [undefined, true];
    for (const i of pixels) {
      const [x, y] = [i % width, Math.floor(i / width)];
      for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++)
        for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
          const at = v * width + u;
          if (plain[at]) {
            ground ??= at;
            isOnOne &&= apart(picture, at, ground) === 0;
          } else if (!seen[at]) {
            seen[at] = 1;
            pixels.push(at);
          }
        }
    }
    if (ground === undefined || !isOnOne || isLetter(pixels, width)) continue;
    const mark = markOf(picture, pixels, ground);
    if (mark) found.push(mark);
  }
  return found;
}

/** @param base a pixel of the ground. */
function markOf(picture: Picture, pixels: readonly number[], base: number): Mark | undefined {
  const n = picture.width * picture.height;
  const channels = Array.from({ length: picture.channels }, (_, c) => c * n);
  const from = (i: number) => channels.map((at) => picture.colour[at + i] - picture.colour[at + base]);
  const size = (vector: readonly number[]) => Math.hypot(...vector);
  let ink: number[] = from(base);
  for (const i of pixels) if (size(from(i)) > size(ink)) ink = from(i);
  const length = size(ink);
  if (length === 0) return undefined;
  const isInked = (i: number) => {
    const own = from(i);
    const along = own.reduce((sum, value, c) => sum + value * ink[c], 0) / length;
    const off = Math.sqrt(Math.max(0, size(own) ** 2 - along ** 2));
    return along >= -ONE_INK.rounding && off <= ONE_INK.rounding + ONE_INK.share * along;
  };
  if (!pixels.every(isInked)) return undefined;
  const ground = channels.map((at) => picture.colour[at + base]);
  const planes = ground.map((value, c) => value + ink[c]);
  const alpha = planes.length % 2 === 0 ? planes[planes.length - 1] : 1;
  if (alpha === 0) return undefined;
  const shown = planes.map((value, c) =>
    c % 2 === 1 && c === planes.length - 1 ? value : Math.min(1, value / alpha),
  );
  return { pixels, ground, ink, shown };
}

function isLetter(pixels: readonly number[], width: number): boolean {
  let [left, right, top, bottom] = [width, 0, Number.POSITIVE_INFINITY, 0];
  for (const i of pixels) {
    const [x, y] = [i % width, Math.floor(i / width)];
    [left, right, top, bottom] = [
      Math.min(left, x),
      Math.max(right, x),
      Math.min(top, y),
      Math.max(bottom, y),
    ];
  }
  return Math.max(right - left, bottom - top) < LETTER;
}

/** [height, width] 1 = in a square of three by three of one colour. */
function* plainPixels(picture: Picture): Pieces<Uint8Array> {
  const { width, height } = picture;
  const plain = new Uint8Array(width * height);
  const isRun = (i: number) => apart(picture, i, i - 1) === 0 && apart(picture, i, i + 1) === 0;
  for (let y = 1; y + 1 < height; y++) {
    for (let x = 1; x + 1 < width; x++) {
      const i = y * width + x;
      if (apart(picture, i, i - width) !== 0 || apart(picture, i, i + width) !== 0) continue;
      if (!isRun(i - width) || !isRun(i) || !isRun(i + width)) continue;
      for (let row = i - width; row <= i + width; row += width) plain.fill(1, row - 1, row + 2);
    }
    yield;
  }
  return plain;
}
