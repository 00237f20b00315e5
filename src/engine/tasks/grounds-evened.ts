import type { Diagnosis } from '../diagnosis/analyse.ts';
import { type MeanAround, meansIn } from '../image/box-means.ts';
import { DENSE, type FlatColours, flatColours, LARGEST, laidFlat } from '../image/flat-colours.ts';
import type { Picture } from '../image/picture.ts';
import type { IsOver } from '../stopping/pace.ts';
import { mapped, type Pieces } from '../time-slicing.ts';

/**
 * In deviations of the noise: how far an estimate may lie from a ground's colour, how far its means over squares near and far
 * from each other, and how far the noisy pixel from them in brightness, of which a faint dot keeps hardly more.
 */
const OFF = { colour: 0.5, means: 0.08, pixel: 2.5 } as const;
/** How far those squares reach, px. */
const REACH = { near: 8, far: 16 } as const;
/**
 * How much the colour of a ground may vary from place to place, by how much it does around each: grounds of drawings have .05 to .6,
 * one with a shadow .6, plain walls and skies 1.2 to 9. Above the second it is a photograph.
 */
const SHADED = { most: 0.55, photograph: 0.7 } as const;

/**
 * An estimate of a drawing, its grounds evened: what is left of the noise is seen most around letters. Shades, faint dots, and
 * all of what is not drawn in flat colours stay. With the drawing's colours; undefined of what is no drawing.
 */
export function* groundsEvened(
  picture: Picture,
  estimate: Float32Array,
  { noise, impulse, patchy }: Diagnosis,
  over: IsOver,
): Pieces<{ readonly colour: Float32Array; readonly colours: FlatColours } | undefined> {
  const isLarge = picture.width * picture.height > LARGEST;
  if (picture.alpha || impulse || patchy || noise.shot || isLarge) return undefined;
  const sigma = noise.sigma / 255;
  const colours = yield* flatColours({ ...picture, colour: estimate }, OFF.colour * sigma, undefined, DENSE);
  if (!colours) return undefined;
  let laid = estimate;
  // Twice: what lies beside a colour that was laid may be seen to be of it.
  for (let round = 0; round < 2; round++) {
    if (over()) return undefined;
    laid = yield* laidFlat({ ...picture, colour: laid }, colours, OFF.colour * sigma);
  }
  const out = estimate.slice();
  for (const colour of colours) {
    if (over()) return undefined;
    const ground = yield* groundOf(picture, estimate, laid, colour);
    yield;
    if (ground.shaded > SHADED.photograph) return undefined;
    if (ground.shaded < SHADED.most) yield* even(picture, out, ground, sigma);
  }
  return { colour: out, colours };
}

/** One colour of a drawing. */
interface Ground {
  /** [height, width] 1 = laid in it. */
  readonly own: Float32Array;
  readonly share: MeanAround;
  /** Of each channel, the sum of what is its own, by the number of pixels around. */
  readonly planes: readonly MeanAround[];
  /** Variation of means far around by what is around them: of one colour it is what is left of the noise at that scale. */
  readonly shaded: number;
}

function* groundOf(
  { width, height }: Picture,
  estimate: Float32Array,
  laid: Float32Array,
  colour: readonly number[],
): Pieces<Ground> {
  const n = width * height;
  const flat = colour.map(Math.fround);
  const own = Float32Array.from({ length: n }, (_, i) =>
    Number(flat.every((value, c) => laid[c * n + i] === value)),
  );
  yield;
  const share = yield* meansIn(own, width, height);
  const planes: MeanAround[] = [];
  for (const c of colour.keys()) {
    const ours = yield* mapped(own, (is, i) => is * estimate[c * n + i]);
    planes.push(yield* meansIn(ours, width, height));
  }
  let [shades, rest] = [0, 0];
  for (let i = 0; i < n; i++) {
    if (i % width === 0) yield;
    if (!own[i]) continue;
    const far = share(i, REACH.far);
    planes.forEach((mean, c) => {
      const around = mean(i, REACH.far) / far;
      shades += (around - colour[c]) ** 2;
      rest += (estimate[c * n + i] - around) ** 2;
    });
  }
  return { own, share, planes, shaded: rest > 0 ? shades / rest : 0 };
}

/** In place. */
function* even(
  { width, height, channels, colour }: Picture,
  estimate: Float32Array,
  { own, share, planes }: Ground,
  sigma: number,
): Pieces<void> {
  const n = width * height;
  for (let i = 0; i < n; i++) {
    if (i % width === 0) yield;
    if (!own[i]) continue;
    const [near, far] = [share(i, REACH.near), share(i, REACH.far)];
    const means = planes.map((mean) => mean(i, REACH.far) / far);
    const isShade = planes.some(
      (mean, c) => Math.abs(mean(i, REACH.near) / near - means[c]) > OFF.means * sigma,
    );
    const off = means.reduce((sum, mean, c) => sum + colour[c * n + i] - mean, 0);
    if (isShade || Math.abs(off) > OFF.pixel * sigma * Math.sqrt(channels)) continue;
    means.forEach((mean, c) => {
      estimate[c * n + i] = mean;
    });
  }
}
