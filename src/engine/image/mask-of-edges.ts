import type { PlanarImage } from '../options.ts';
import { countOf, marks } from './binary-plane.ts';
import { distanceTo } from './distance.ts';
import { luminance } from './luminance.ts';

/**
 * Outlines, as an edge detector draws them: at most this share of the picture, no farther inside than so many px, but for a few. Of their
 * pixels so many are among as many that are steepest, and lie on a step, from what is so far, px, on one side to the other; scratches
 * and writing lie on ridges.
 */
const OUTLINES = { share: 0.4, inside: 2, thick: 0.02, steepest: 0.43, across: 3, steps: 0.25 } as const;
/** Pixels enough to know how steep the steepest are. */
const SAMPLES = 50_000;

/**
 * Whether a drawing of two colours is the picture's outlines rather than strokes over it; bounds chosen on 18 outlines of three photographs.
 *
 * @param light [height, width] 0 … 1, of the picture's size.
 */
export function isOfOutlines({ planes, width, height }: PlanarImage, light: Float32Array): boolean {
  const isLight = marks(light, (t) => t >= 0.5);
  const lights = countOf(isLight, (set) => set === 1);
  const ground = lights > light.length / 2 ? isLight : isLight.map((set) => 1 - set);
  const strokes = Math.min(lights, light.length - lights);
  if (light.length !== width * height || strokes === 0 || strokes > OUTLINES.share * light.length)
    return false;
  const thick = countOf(distanceTo(ground, width, height), (d) => d > OUTLINES.inside);
  if (thick > OUTLINES.thick * strokes) return false;
  const tone = luminance(planes.slice(0, planes.length < 3 ? 1 : 3));
  const steepness = tone.map((_, i) => steepnessOf(tone, i, width));
  const sorted = steepness.filter((_, i) => i % Math.ceil(tone.length / SAMPLES) === 0).sort();
  const steep = sorted[Math.floor(sorted.length * (1 - strokes / tone.length))];
  let [steepest, steps] = [0, 0];
  for (let i = 0; i < tone.length; i++) {
    if (ground[i]) continue;
    if (steepness[i] >= steep) steepest++;
    if (isStep(tone, i, width)) steps++;
  }
  return steepest >= OUTLINES.steepest * strokes && steps >= OUTLINES.steps * strokes;
}

/** Whether both sides of a pixel differ more from each other than their mean from it. */
function isStep(tone: Float32Array, i: number, width: number): boolean {
  let [step, ridge] = [0, 0];
  for (const way of offsets(width)) {
    const [before, after] = [
      tone[i - OUTLINES.across * way] ?? tone[i],
      tone[i + OUTLINES.across * way] ?? tone[i],
    ];
    step = Math.max(step, Math.abs(after - before));
    ridge = Math.max(ridge, Math.abs(after + before - 2 * tone[i]));
  }
  return step > ridge;
}

/** The largest difference of what lies beside a pixel. */
function steepnessOf(tone: Float32Array, i: number, width: number): number {
  let most = 0;
  for (const way of offsets(width))
    most = Math.max(most, Math.abs((tone[i + way] ?? tone[i]) - (tone[i - way] ?? tone[i])));
  return most;
}

/** To what lies on the right, below, and between; at a border it comes to the other one, which is a few pixels. */
const offsets = (width: number) => [1, width, width + 1, width - 1];
