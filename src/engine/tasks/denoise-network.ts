import type { Diagnosis } from '../diagnosis/analyse.ts';
import type { Picture } from '../image/picture.ts';
import { type NoiseModel, whiteNoise } from '../nonlocal/noise-model.ts';

/** Shortest side, px, of one that a network learns from: of smaller crops it sees too little. */
const TEACHES = 64;

/** Correlation from which neighbours' noise is alike: it is not drawn anew. */
const ALIKE = 0.1;

/**
 * Whether a network learns from a noisy picture at `best`: where there is enough of it, all seen and all as noisy, and noise of
 * its kind can be drawn anew.
 */
export function isLearntFrom(
  { width, height, alpha }: Pick<Picture, 'width' | 'height' | 'alpha'>,
  { patchy }: Diagnosis,
  model: NoiseModel,
): boolean {
  return Math.min(width, height) >= TEACHES && !alpha && !patchy && isIndependent(model);
}

const isIndependent = ({ planes }: NoiseModel) =>
  planes.every(({ correlation }) =>
    correlation.every((value, i) => i === correlation.length >> 1 || Math.abs(value) < ALIKE),
  );

/** The noise that was diagnosed, of so many planes. */
export function noiseModelOf({ noise }: Diagnosis, planes: 1 | 3): NoiseModel {
  return noise.model ?? whiteNoise(planes, noise.sigma, noise.growth);
}
