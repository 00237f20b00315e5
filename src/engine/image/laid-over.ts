import { inStretches, type Pieces } from '../time-slicing.ts';
import type { Picture } from './picture.ts';

/** An area of at least so many pixels counts, of whose border at least this share is sharp. */
const AREA = { pixels: 64, sharp: 0.5 } as const;
/** A pixel lies at a sharp border where, so near, something differs by more than this. The bands of a sky are areas too, but next to each other. */
const SHARP = { reach: 2, step: 0.1 } as const;

/** Pixels that are looked at between two turns. */
const MANY = 2 ** 13;

/** How far two pixels are apart, in the channel that says most. */
export function apart({ width, height, channels, colour }: Picture, i: number, j: number): number {
  let most = 0;
  for (let c = 0; c < channels; c++) {
    const plane = c * width * height;
    most = Math.max(most, Math.abs(colour[plane + i] - colour[plane + j]));
  }
  return most;
}

/**
 * What is laid over a photograph, a label or a badge: [height, width] 1 = in an area of one colour with sharp borders.
 *
 * @param flat [height, width] 1 = of one colour with three neighbours.
 */
export function* laidOver(picture: Picture, flat: Uint8Array): Pieces<Uint8Array> {
  const found = new Uint8Array(flat.length);
  const seen = new Uint8Array(flat.length);
  for (let first = 0; first < flat.length; first++) {
    if (first % picture.width === 0) yield;
    if (!flat[first] || seen[first]) continue;
    const area = yield* areaFrom(first, picture, flat, seen);
    if (area.length < AREA.pixels) continue;
    let [border, sharp] = [0, 0];
    yield* inStretches(
      area.length,
      (from, to) => {
        for (const i of area.slice(from, to)) {
          if (!beside(picture, i).some((j) => apart(picture, i, j) > 0)) continue;
          border++;
          if (isSharp(picture, i)) sharp++;
        }
      },
      MANY,
    );
    if (sharp >= AREA.sharp * border) for (const i of area) found[i] = 1;
  }
  return found;
}

/** The flat pixels of one colour that hang together with the first. */
function* areaFrom(first: number, picture: Picture, flat: Uint8Array, seen: Uint8Array): Pieces<number[]> {
  const area = [first];
  seen[first] = 1;
  let looked = 0;
  for (const i of area) {
    for (const j of beside(picture, i)) {
      if (!flat[j] || seen[j] || apart(picture, i, j) > 0) continue;
      seen[j] = 1;
      area.push(j);
    }
    if (looked++ % MANY === MANY - 1) yield;
  }
  return area;
}

function beside({ width, height }: Picture, i: number): number[] {
  const found: number[] = [];
  const x = i % width;
  if (x > 0) found.push(i - 1);
  if (x + 1 < width) found.push(i + 1);
  if (i >= width) found.push(i - width);
  if (i + width < width * height) found.push(i + width);
  return found;
}

function isSharp(picture: Picture, i: number): boolean {
  const { width, height } = picture;
  const [x, y] = [i % width, Math.floor(i / width)];
  for (let v = Math.max(0, y - SHARP.reach); v <= Math.min(height - 1, y + SHARP.reach); v++)
    for (let u = Math.max(0, x - SHARP.reach); u <= Math.min(width - 1, x + SHARP.reach); u++)
      if (apart(picture, i, v * width + u) > SHARP.step) return true;
  return false;
}
