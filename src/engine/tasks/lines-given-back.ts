import { luminance } from '../image/luminance.ts';
import { type Picture, planesIn } from '../image/picture.ts';
import { median } from '../quantile.ts';
import { mapped, type Pieces } from '../time-slicing.ts';

/** Pixels of a row or column that are taken together; where they begin, from one of them. */
const LENGTH = 33;
const BEGINS = [-16, 0, 1 - LENGTH];
/** What is on either side of a line, px from it: what is next to it may be part of its edge. */
const SIDES = [2, 3];
/** Standard deviations of the noise's means by which a line must differ from both sides, and what was taken of it from nothing. */
const SURE = { line: 4, taken: 1.5 } as const;
/** Lines between which other work may have its turn. */
const ROWS = 16;
/** How much more it may vary along itself than noise does: dashes and ends of lines do. */
const EVEN = 1.5;
/** Of a normal variate, its median distance from the middle. */
const MIDDLE = 0.6745;

/**
 * An estimate of a drawing, given back the faint lines along rows and columns that were taken for noise: what was taken out must be
 * noise along any of them too. Of 33 pixels the noise's mean is a sixth of it, so lines come back that no patch of 8 px shows: of a grid
 * 35 levels off its paper at σ = 25 81 % of the contrast instead of 37, and 3.7 dB.
 * Measured on twelve drawings with faint strokes at σ 10 and 25; eighteen others with strong ones change by .01 dB at most.
 *
 * @param estimate [channels, height, width]; itself where there are none.
 */
export function* linesGivenBack(
  picture: Picture,
  estimate: Float32Array,
  sigma: number,
): Pieces<Float32Array> {
  const { width, height, channels, colour } = picture;
  const n = width * height;
  const taken = yield* mapped(colour, (value, i) => value - estimate[i]);
  const [seen, lost] = [colour, taken].map((of) => luminance(planesIn(of, channels)));
  yield;
  // Brightness is .299, .587 and .114 of the channels.
  const variance = (channels === 3 ? 0.447 : 1) * sigma ** 2;
  const out = estimate.slice();
  const planes = planesIn(taken, channels);
  for (const axis of [
    { lines: height, length: width, across: width, along: 1 },
    { lines: width, length: height, across: 1, along: width },
  ]) {
    if (axis.length < LENGTH || axis.lines <= 2 * SIDES[1]) continue;
    const noise = noiseOf(yield* stretchesOf(lost, axis), variance);
    for (const { at, from } of linesIn(yield* stretchesOf(seen, axis), axis, noise)) {
      const missing = standsOut(lost, from, axis);
      const sure = 1 - (SURE.taken * noise.means) ** 2 / missing ** 2;
      if (!(sure > 0) || missing * standsOut(seen, from, axis) < 0) continue;
      for (const [c, plane] of planes.entries()) out[c * n + at] += sure * standsOut(plane, from, axis);
    }
    yield;
  }
  return yield* mapped(out, (value) => Math.min(1, Math.max(0, value)));
}

interface Axis {
  readonly lines: number;
  readonly length: number;
  /** From a pixel to the next line's, and to the next of its own. */
  readonly across: number;
  readonly along: number;
}

/** By how much the mean of the pixels of a line from one on differs from those on both sides. */
function standsOut(taken: Float32Array, from: number, { across, along }: Axis): number {
  let sum = 0;
  for (let k = 0, i = from; k < LENGTH; k++, i += along) {
    sum += taken[i];
    for (const side of SIDES) sum -= (taken[i - side * across] + taken[i + side * across]) / 4;
  }
  return sum / LENGTH;
}

/** All stretches of all lines, [lines, stretches]. */
interface Stretches {
  /** How much their means differ from those on both sides; and at least from either, 0 where it lies between. */
  readonly differs: Float32Array;
  readonly least: Float32Array;
  /** Variance along them. */
  readonly spread: Float32Array;
}

const countOf = ({ length }: Axis): number => length - LENGTH + 1;

function* stretchesOf(plane: Float32Array, axis: Axis): Pieces<Stretches> {
  const { lines, length, across, along } = axis;
  const [near, far] = SIDES;
  const [differs, least, spread] = Array.from({ length: 3 }, () => new Float32Array(lines * countOf(axis)));
  for (let line = far; line < lines - far; line++) {
    let [before, after, squares, all] = [0, 0, 0, 0];
    const add = (k: number, sign: number) => {
      const i = line * across + k * along;
      const own = plane[i];
      before += sign * (own - (plane[i - near * across] + plane[i - far * across]) / 2);
      after += sign * (own - (plane[i + near * across] + plane[i + far * across]) / 2);
      squares += sign * own * own;
      all += sign * own;
    };
    for (let k = 0; k < length; k++) {
      add(k, 1);
      if (k >= LENGTH) add(k - LENGTH, -1);
      if (k < LENGTH - 1) continue;
      const to = line * countOf(axis) + k - LENGTH + 1;
      differs[to] = (before + after) / 2 / LENGTH;
      least[to] = before * after > 0 ? Math.min(Math.abs(before), Math.abs(after)) / LENGTH : 0;
      spread[to] = squares / LENGTH - (all / LENGTH) ** 2;
    }
    if (line % ROWS === 0) yield;
  }
  return { differs, least, spread };
}

/** The deviation of the noise's means, and its variance: as what was taken out shows it, or white noise of its level has it; less of it is cut off on lines than at white. */
function noiseOf({ differs, spread }: Stretches, variance: number) {
  const sides = 1 / (2 * SIDES.length);
  const means = median(Array.from(differs, Math.abs)) / MIDDLE;
  return {
    means: Math.max(means, Math.sqrt((variance * (1 + sides)) / LENGTH)),
    spread: Math.max(median(Array.from(spread)), variance),
  };
}

/** Pixels of lines, and where the stretch begins that tells of each most clearly. */
function linesIn({ least, spread }: Stretches, axis: Axis, noise: ReturnType<typeof noiseOf>) {
  const { lines, length, across, along } = axis;
  const count = countOf(axis);
  const found: { readonly at: number; readonly from: number }[] = [];
  for (let line = 0; line < lines; line++)
    for (let k = 0; k < length; k++) {
      let best = -1;
      for (const begin of BEGINS) {
        const to = line * count + Math.min(count - 1, Math.max(0, k + begin));
        const isLine = least[to] > SURE.line * noise.means && spread[to] < EVEN * noise.spread;
        if (isLine && (best < 0 || least[to] > least[best])) best = to;
      }
      if (best < 0) continue;
      found.push({ at: line * across + k * along, from: line * across + (best % count) * along });
    }
  return found;
}
