import { DENSE, flatColours, LARGEST, nearestOf } from '../image/flat-colours.ts';
import type { Picture } from '../image/picture.ts';
import type { Pieces } from '../time-slicing.ts';
import { deviationsOf } from './clipped-scale.ts';
import { tablesOf, valueAt, whereIs } from './clipping.ts';
import { type NoiseModel, varianceAt } from './noise-model.ts';

/** How far an answer may lie from its ground's colour, in deviations of the noise; and how many pixels of it tell of the noise. */
const GROUND = { off: 0.5, pixels: 1000 } as const;
/** What was chosen for lying so near has so much less noise. */
const CHOSEN = 1.04;
const ROUNDS = 3;
const CUT = { black: true, white: true } as const;

/**
 * The noise of a drawing by what its largest ground shows, which is nothing else: where strokes are everywhere each square of 8 px has
 * some, and σ = 25 is told as 28 to 33. Never more than before; as before of what is no drawing.
 *
 * @param answer a first one, [channels, height, width].
 */
export function* groundNoise(picture: Picture, answer: Float32Array, noise: NoiseModel): Pieces<NoiseModel> {
  if (picture.alpha || noise.light || picture.width * picture.height > LARGEST) return noise;
  const tolerance = GROUND.off * Math.sqrt(varianceAt(noise.planes[0], 0.5));
  const ground = yield* largestGround({ ...picture, colour: answer }, tolerance);
  if (ground.length < GROUND.pixels) return noise;
  const moments = noise.planes.map((_, c) => momentsOf(picture, c, ground));
  let told = noise;
  // What is cut off at an end of the range depends on how much there is.
  for (let round = 0; round < ROUNDS; round++) {
    let [is, was] = [0, 0];
    for (const [c, table] of tablesOf(told, picture.channels).entries()) {
      yield;
      const expected = deviationsOf(table, CUT);
      is += CHOSEN * moments[c].variance;
      was += valueAt(expected.deviation, whereIs(expected.mean, moments[c].mean)) ** 2;
    }
    if (!(is < was)) break;
    told = times(told, is / was);
  }
  return told;
}

const times = (noise: NoiseModel, share: number): NoiseModel => ({
  ...noise,
  planes: noise.planes.map((plane) => {
    return { ...plane, black: share * plane.black, slope: share * plane.slope };
  }),
});

/** The pixels of the commonest of a drawing's colours that have no other next to them. */
function* largestGround(picture: Picture, tolerance: number): Pieces<readonly number[]> {
  const colours = yield* flatColours(picture, tolerance, undefined, DENSE);
  if (!colours) return [];
  const nearest = yield* nearestOf(picture, colours, tolerance);
  const counts = colours.map(() => 0);
  for (const colour of nearest) if (colour >= 0) counts[colour]++;
  const largest = counts.indexOf(Math.max(...counts));
  const steps = [0, 1, -1, picture.width, -picture.width];
  const ground: number[] = [];
  for (let i = 0; i < nearest.length; i++)
    if (steps.every((step) => nearest[i + step] === largest)) ground.push(i);
  return ground;
}

function momentsOf({ width, height, colour }: Picture, c: number, pixels: readonly number[]) {
  const first = c * width * height;
  let [sum, squares] = [0, 0];
  for (const i of pixels) {
    sum += colour[first + i];
    squares += colour[first + i] ** 2;
  }
  const mean = sum / pixels.length;
  return { mean, variance: squares / pixels.length - mean ** 2 };
}
