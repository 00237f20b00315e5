import { type MeanAround, meansIn } from '../image/box-means.ts';
import { luminance } from '../image/luminance.ts';
import { type Picture, planesIn } from '../image/picture.ts';
import { mapped, type Pieces } from '../time-slicing.ts';

/**
 * A stroke of a pixel stands out by at least so much from both sides; its ground on both, and what is next to it beyond it, may differ by
 * so much, all in deviations of the noise; and from what touches it by this share of what it stands out by.
 */
const STROKE = { least: 1, ground: 0.8, thin: 0.4 } as const;
/** How far around strokes are taken together, px, and the most that they are strengthened by. */
const TOGETHER = { reach: 32, most: 0.4 } as const;

/**
 * An estimate of a drawing whose strokes of a pixel stand out as much, in the mean of those around, as in the noisy picture: denoising
 * makes them paler, of a single one nobody knows by how much, of many the noise's mean is none. [channels, height, width]
 */
export function* strokesStrengthened(
  { width, height, channels, colour }: Picture,
  estimate: Float32Array,
  sigma: number,
): Pieces<Float32Array> {
  const n = width * height;
  const out = estimate.slice();
  const [noisy, clean] = [colour, estimate].map((planes) => luminance(planesIn(planes, channels)));
  yield;
  const strokes: Strokes[] = [];
  for (const step of [1, width]) strokes.push(yield* strokesAcross(clean, width, height, step, sigma));
  const means: MeanAround[] = [];
  for (const plane of [clean, noisy]) {
    const sums = new Float32Array(n);
    for (const { step, at } of strokes)
      for (const i of at) sums[i] += Math.sign(standsOut(clean, i, step)) * standsOut(plane, i, step);
    means.push(yield* meansIn(sums, width, height));
  }
  const [is, was] = means;
  for (const { step, at } of strokes)
    for (const i of at) {
      const stands = is(i, TOGETHER.reach);
      const paler = stands > 0 ? was(i, TOGETHER.reach) / stands - 1 : 0;
      const by = Math.min(TOGETHER.most, Math.max(0, paler));
      for (let p = 0; p < channels; p++) out[i + p * n] += by * standsOut(estimate, i + p * n, step);
    }
  return yield* mapped(out, (value) => Math.min(1, Math.max(0, value)));
}

const standsOut = (plane: Float32Array, i: number, step: number): number =>
  plane[i] - (plane[i - 2 * step] + plane[i + 2 * step]) / 2;

/** Pixels of strokes that go across a step. */
interface Strokes {
  readonly step: number;
  readonly at: readonly number[];
}

function* strokesAcross(
  y: Float32Array,
  width: number,
  height: number,
  step: number,
  sigma: number,
): Pieces<Strokes> {
  const at: number[] = [];
  for (let row = 2; row < height - 2; row++) {
    yield;
    for (let i = row * width + 2; i < (row + 1) * width - 2; i++) {
      const contrast = Math.abs(standsOut(y, i, step));
      if (contrast < STROKE.least * sigma) continue;
      const [one, other] = [Math.abs(y[i] - y[i - step]), Math.abs(y[i] - y[i + step])];
      const even = Math.abs(y[i - 2 * step] - y[i + 2 * step]) <= STROKE.ground * sigma;
      const thin = Math.min(one, other) >= STROKE.thin * contrast;
      if (even && thin && Math.max(one, other) <= contrast + STROKE.ground * sigma) at.push(i);
    }
  }
  return { step, at };
}
