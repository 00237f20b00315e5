import type { Diagnosis } from '../diagnosis/analyse.ts';
import { findDrawn } from '../image/drawn.ts';
import { flatColours, laidFlat } from '../image/flat-colours.ts';
import type { Picture } from '../image/picture.ts';
import type { JpegComponent } from '../jpeg/file.ts';
import type { IsOver } from '../stopping/pace.ts';
import type { Pieces } from '../time-slicing.ts';
import { insideIntervals } from './inside-intervals.ts';

/** Pixels of the assets that this is for. */
const LARGEST = 2 ** 20;
/** Rounds between flat colours and the intervals of the coefficients. */
const ROUNDS = 3;
/** How far a pixel of a flat area may be off, by the error of its samples if every coefficient were cut; and at most. */
const OFF = 1.5;
const MOST_OFF = 28 / 255;

/**
 * A drawing whose compression was undone, its flat areas laid in their colour: what is left around letters and edges would be
 * enlarged as rows of dots. In turns with what the file says of its coefficients, so that edges are found better too.
 * Undefined of what is no drawing even then. Where only the ground is flat, its strokes are too thin to learn from, and it stays
 * a drawing in flat colours; where there are shapes, it ends with what the file says, and networks learn their edges.
 */
export function* drawnCleaned(
  picture: Picture,
  cleaned: Picture,
  { jpeg }: Diagnosis,
  over: IsOver,
): Pieces<Picture | undefined> {
  if (!jpeg?.onGrid || picture.alpha || picture.width * picture.height > LARGEST) return undefined;
  const components = jpeg.components.slice(0, picture.channels);
  const tolerance = toleranceOf(components[0]);
  const colours = yield* flatColours(cleaned, tolerance);
  if (!colours) return undefined;
  let found = cleaned;
  for (let round = 0; round < ROUNDS && !over(); round++) {
    const flat = { ...found, colour: yield* laidFlat(found, colours, tolerance) };
    if (findDrawn(flat).share.some((share) => share < 1)) return undefined;
    if (round === ROUNDS - 1 && colours.length === 1) return flat;
    found = { ...flat, colour: (yield* insideIntervals(picture, flat.colour, components, over)).colour };
  }
  return found;
}

function toleranceOf({ table }: JpegComponent): number {
  const mean = table.reduce((sum, step) => sum + step ** 2, 0) / table.length;
  return Math.min(MOST_OFF, (OFF * Math.sqrt(mean / 12)) / 255);
}
