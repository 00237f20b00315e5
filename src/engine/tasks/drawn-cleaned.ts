import type { Diagnosis } from '../diagnosis/analyse.ts';
import { findDrawn } from '../image/drawn.ts';
import { flatColours, laidFlat } from '../image/flat-colours.ts';
import type { Picture } from '../image/picture.ts';
import type { JpegComponent } from '../jpeg/file.ts';
import type { IsOver } from '../stopping/pace.ts';
import type { Pieces } from '../time-slicing.ts';
import { insideIntervals } from './inside-intervals.ts';
import type { LastWord } from './task.ts';

/** Pixels of the assets that this is for. */
const LARGEST = 2 ** 20;
/** Rounds between flat colours and the intervals of the coefficients. */
const ROUNDS = 3;
/** How far a pixel of a flat area may be off, by the error of its samples if every coefficient were cut; and at most. */
const OFF = 1.5;
const MOST_OFF = 28 / 255;

/**
 * A drawing whose compression was undone, its flat areas laid in their colour, in turns with what the file says of its
 * coefficients, so that edges are found better too; it ends with what the file says. Undefined of what is no drawing even then.
 */
export function* drawnCleaned(
  picture: Picture,
  cleaned: Picture,
  jpeg: Trace | undefined,
  over: IsOver,
): Pieces<LastWord | undefined> {
  if (!jpeg || !mayBeDrawn(picture, jpeg)) return undefined;
  const components = jpeg.components.slice(0, picture.channels);
  const tolerance = toleranceOf(components[0]);
  const colours = yield* flatColours(cleaned, tolerance);
  if (!colours) return undefined;
  let found: LastWord | undefined;
  for (let round = 0; round < ROUNDS && !over(); round++) {
    const now = { ...cleaned, colour: found?.colour ?? cleaned.colour };
    const flat = yield* laidFlat(now, colours, tolerance);
    if (!found && !isDrawn({ ...cleaned, colour: flat })) return undefined;
    const inside = yield* insideIntervals(picture, flat, components, over);
    // What the time was too short for is as compressed as before.
    if (!over()) found = inside;
  }
  return found;
}

/**
 * The ground of a drawing laid in its colour: what is left around letters would be enlarged as rows of dots. Undefined where
 * there are shapes, whose edges networks learn; strokes are too thin to learn from.
 */
export function* flatGround(picture: Picture, { jpeg }: Diagnosis): Pieces<Picture | undefined> {
  if (!jpeg || !mayBeDrawn(picture, jpeg)) return undefined;
  const tolerance = toleranceOf(jpeg.components[0]);
  const colours = yield* flatColours(picture, tolerance);
  if (colours?.length !== 1) return undefined;
  const flat = { ...picture, colour: yield* laidFlat(picture, colours, tolerance) };
  return isDrawn(flat) ? flat : undefined;
}

type Trace = NonNullable<Diagnosis['jpeg']>;

const mayBeDrawn = ({ alpha, width, height }: Picture, { onGrid }: Trace): boolean =>
  onGrid && !alpha && width * height <= LARGEST;

const isDrawn = (picture: Picture): boolean => findDrawn(picture).share.every((share) => share === 1);

function toleranceOf({ table }: JpegComponent): number {
  const mean = table.reduce((sum, step) => sum + step ** 2, 0) / table.length;
  return Math.min(MOST_OFF, (OFF * Math.sqrt(mean / 12)) / 255);
}
