import type { Diagnosis } from '../diagnosis/analyse.ts';
import { findDrawn } from '../image/drawn.ts';
import { flatColours, LARGEST, laidFlat } from '../image/flat-colours.ts';
import type { Picture } from '../image/picture.ts';
import { compressedAgain } from '../jpeg/compressed-again.ts';
import type { JpegComponent } from '../jpeg/file.ts';
import { FileTiles } from '../jpeg/file-tiles.ts';
import { toPlanes } from '../jpeg/ycbcr.ts';
import { median } from '../quantile.ts';
import type { IsOver } from '../stopping/pace.ts';
import type { Pieces } from '../time-slicing.ts';
import { insideIntervals } from './inside-intervals.ts';
import type { LastWord } from './task.ts';

/** Rounds between flat colours and the intervals of the coefficients. */
const ROUNDS = 3;
/** How far a pixel of a flat area may be off, by the error of its samples if every coefficient were cut; and at most. */
const OFF = 1.5;
const MOST_OFF = 28 / 255;

/**
 * How far what is laid may be off the file when it is compressed again: beyond what the decoded picture is, or as a share of what the filter's
 * answer is; and by how much sharper it may be. Of 24 drawings .00 to .07, or .52 at most, and − .1 to .01 sharper; of what has soft edges,
 * walls and shadows, .09 to .39 and more than .8, or .02 to .5 sharper: laid, these lose up to 11 dB.
 */
const AGAIN = { off: 0.075, byAnswer: 0.65, sharper: 0.012 } as const;

/**
 * A drawing whose compression was undone, its flat areas laid in their colour, in turns with what the file says of its
 * coefficients, so that edges are found better too; it ends with what the file says. Undefined of what is no drawing even then, and of
 * what is laid sharper or plainer than the file has it.
 *
 * @param answer of the filter, before the file had its word.
 */
export function* drawnCleaned(
  picture: Picture,
  cleaned: Picture,
  file: FileTiles,
  over: IsOver,
  answer: Float32Array = cleaned.colour,
): Pieces<LastWord | undefined> {
  if (!mayBeDrawn(picture)) return undefined;
  const tolerance = toleranceOf(file.components[0]);
  const colours = yield* flatColours(cleaned, tolerance);
  if (!colours) return undefined;
  let found: LastWord | undefined;
  let laid: Float32Array | undefined;
  for (let round = 0; round < ROUNDS && !over(); round++) {
    const now = { ...cleaned, colour: found?.colour ?? cleaned.colour };
    const flat = yield* laidFlat(now, colours, tolerance);
    if (!found && !(yield* isDrawn({ ...cleaned, colour: flat }))) return undefined;
    const inside = yield* insideIntervals(picture, flat, file, over);
    if (!found && !over() && !(yield* isPlain(picture, flat, inside.colour))) return undefined;
    // What the time was too short for is as compressed as before.
    if (over()) break;
    found = inside;
    laid = flat;
  }
  if (!laid) return undefined;
  const all = yield* compressedAgain(picture, [laid, picture.colour, answer], file);
  const [ours, decoded, filtered] = all.map(({ off }) => off);
  const isOff = ours > Math.max(decoded + AGAIN.off, AGAIN.byAnswer * filtered);
  return isOff || all[0].more > AGAIN.sharper ? undefined : found;
}

/** Blocks of one colour that the file agrees with to about a level, px and share of those that have one. */
const PLAIN = { side: 8, within: 1.25 / 255, share: 0.85, same: 0.6 / 255 } as const;

/**
 * Whether what is laid in one colour is so by the file, too: the shades of a photograph lie on both sides of it, and the file knows. Blocks
 * of one colour have one brightness in a file; those of a soft wall had three at quality 80, and half a decibel was lost.
 */
function* isPlain(picture: Picture, flat: Float32Array, inside: Float32Array): Pieces<boolean> {
  const { width, height, channels, colour } = picture;
  const { side } = PLAIN;
  const n = width * height;
  const [seen] = toPlanes(colour, channels);
  const isSame = (i: number, j: number) => {
    for (let at = 0; at < flat.length; at += n) if (flat[at + i] !== flat[at + j]) return false;
    return true;
  };
  let [plain, agreed] = [0, 0];
  /** Of each colour, the brightness of its blocks by the file. */
  const means = new Map<string, number[]>();
  for (let top = 0; top + side <= height; top += side) {
    for (let left = 0; left + side <= width; left += side) {
      let [same, off, sum] = [true, 0, 0];
      const first = top * width + left;
      for (let i = 0; i < side * side && same; i++) {
        const at = first + Math.floor(i / side) * width + (i % side);
        same = isSame(at, first);
        off += Math.abs(inside[at] - flat[at]);
        sum += seen[at];
      }
      if (!same) continue;
      plain++;
      if (off <= PLAIN.within * side * side) agreed++;
      const key = Array.from({ length: channels }, (_, c) => flat[c * n + first]).join();
      const brightness = means.get(key) ?? [];
      brightness.push(sum / side ** 2 / 255);
      means.set(key, brightness);
    }
    yield;
  }
  let alike = 0;
  for (const of of means.values()) {
    const middle = median(of);
    alike += of.filter((mean) => Math.abs(mean - middle) <= PLAIN.same).length;
  }
  return Math.min(agreed, alike) >= PLAIN.share * plain;
}

/**
 * The ground of a drawing laid in its colour: what is left around letters would be enlarged as rows of dots. Undefined where
 * there are shapes, whose edges networks learn, strokes being too thin to learn from; or where the file knows of shades in it.
 *
 * @param picture as it was given, with its compression.
 */
export function* flatGround(
  picture: Picture,
  cleaned: Picture,
  { jpeg }: Diagnosis,
  over: IsOver,
): Pieces<Picture | undefined> {
  if (!jpeg?.onGrid || !mayBeDrawn(cleaned)) return undefined;
  const file = FileTiles.of(picture, jpeg);
  const tolerance = toleranceOf(file.components[0]);
  const colours = yield* flatColours(cleaned, tolerance);
  if (colours?.length !== 1) return undefined;
  const flat = { ...cleaned, colour: yield* laidFlat(cleaned, colours, tolerance) };
  if (!(yield* isDrawn(flat))) return undefined;
  const inside = yield* insideIntervals(picture, flat.colour, file, over);
  return (yield* isPlain(picture, flat.colour, inside.colour)) ? flat : undefined;
}

const mayBeDrawn = ({ alpha, width, height }: Picture): boolean => !alpha && width * height <= LARGEST;

function* isDrawn(picture: Picture): Pieces<boolean> {
  return (yield* findDrawn(picture)).share.every((share) => share === 1);
}

/** How far a sample of a flat area may be off where compression was undone. */
export function toleranceOf({ table }: JpegComponent): number {
  const mean = table.reduce((sum, step) => sum + step ** 2, 0) / table.length;
  return Math.min(MOST_OFF, (OFF * Math.sqrt(mean / 12)) / 255);
}
