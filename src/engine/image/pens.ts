import type { Size } from './box.ts';
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
export function withPens(picture: Picture, drawn: Drawn): Drawn {
  const { width, height } = picture;
  if (drawn.pixelArt || drawn.share.some((share) => share < 1)) return drawn;
  const cover = new Float32Array(width * height);
  const [flat, ink] = [drawn.flat.slice(), new Map<number, readonly number[]>()];
  for (const mark of marksOf(picture)) {
    for (const i of mark.pixels) cover[i] = coverAt(picture, mark, i);
    for (const i of paleStrokes(mark.pixels, cover, picture)) {
      flat[i] = 0;
      ink.set(i, mark.shown);
    }
    for (const i of mark.pixels) cover[i] = 0;
  }
  return ink.size > 0 ? { ...drawn, flat, ink } : drawn;
}

/** The pixels of pale strokes of the pen that draws the mark's dark ones, and those of the mark that touch them. */
function paleStrokes(pixels: readonly number[], cover: Float32Array, { width, height }: Size): Set<number> {
  const sums = (i: number, step: number) => sumAcross(cover, i, step, { width, height });
  const thickness = (i: number) => {
    const [down, across] = [sums(i, width), sums(i, 1)];
    return 1 / Math.hypot(1 / down, 1 / across);
  };
  const dark = pixels.filter((i) => cover[i] >= FULL.ink).map(thickness);
  const told = dark.filter(Number.isFinite).sort((a, b) => a - b);
  const pen = told[Math.floor(told.length / 4)];
  const isPen = (ink: number) => Math.abs(ink - pen) <= SAME_PEN * pen;
  const found = new Set<number>();
  if (told.filter(isPen).length < Math.max(FULL.pixels, FULL.share * told.length)) return found;
  for (const [step, along] of [
    [width, 1],
    [1, width],
  ])
    for (const i of pixels) {
      const run = runFrom(cover, i, along);
      if (run.length < PALE.long || !run.every((at) => isPale(cover, at, step))) continue;
      if (isPen(sums(i, step))) for (const at of run) found.add(at);
    }
  for (const i of [...found])
    for (const at of [-width - 1, -width, 1 - width, -1, 1, width - 1, width, width + 1])
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
function sumAcross(cover: Float32Array, i: number, step: number, { width, height }: Size): number {
  let sum = cover[i];
  for (const way of [-step, step])
    for (let k = 1; ; k++) {
      const at = i + k * way;
      const isOut =
        at < 0 || at >= width * height || (step === 1 && Math.floor(at / width) !== Math.floor(i / width));
      if (k > ACROSS || isOut) return Number.POSITIVE_INFINITY;
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
function marksOf(picture: Picture): Mark[] {
  const { width, height } = picture;
  const plain = plainPixels(picture);
  const seen = plain.slice();
  const found: Mark[] = [];
  for (let first = 0; first < seen.length; first++) {
    if (seen[first]) continue;
    seen[first] = 1;
    const pixels = [first];
    const beside: number[] = [];
    for (const i of pixels) {
      const [x, y] = [i % width, Math.floor(i / width)];
      for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++)
        for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
          const at = v * width + u;
          if (plain[at]) beside.push(at);
          else if (!seen[at]) {
            seen[at] = 1;
            pixels.push(at);
          }
        }
    }
    const mark = markOf(picture, pixels, beside);
    if (mark) found.push(mark);
  }
  return found;
}

function markOf(picture: Picture, pixels: readonly number[], beside: readonly number[]): Mark | undefined {
  const [base] = beside;
  if (base === undefined || isLetter(pixels, picture.width)) return undefined;
  if (beside.some((i) => apart(picture, i, base) > 0)) return undefined;
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
function plainPixels(picture: Picture): Uint8Array {
  const { width, height } = picture;
  const plain = new Uint8Array(width * height);
  const offsets = [-1, 0, 1].flatMap((v) => [-1, 0, 1].map((u) => v * width + u));
  for (let y = 1; y + 1 < height; y++)
    for (let x = 1; x + 1 < width; x++) {
      const i = y * width + x;
      if (offsets.every((at) => apart(picture, i, i + at) === 0)) for (const at of offsets) plain[i + at] = 1;
    }
  return plain;
}
