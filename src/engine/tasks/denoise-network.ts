import type { Diagnosis } from '../diagnosis/analyse.ts';
import type { Picture } from '../image/picture.ts';
import { type NoiseModel, whiteNoise } from '../nonlocal/noise-model.ts';

/** Longest side of a picture that is worked on in one part, px, as in ../recipes.ts. */
const ONE_PART = 256;
/** Shortest side, px, of one that a network learns from: of smaller crops it sees too little. */
const TEACHES = 64;

/** Correlation from which neighbours' noise is alike: it is not drawn anew. */
const ALIKE = 0.1;

/**
 * Which network has a share in a denoised picture at `best`: one from nothing where the picture is one part, where there is
 * more of it one that learns from the whole, if noise of its kind can be drawn anew; else none.
 */
export function denoisingNetwork(
  { width, height, alpha }: Pick<Picture, 'width' | 'height' | 'alpha'>,
  { patchy }: Diagnosis,
  model: NoiseModel,
): 'ofPart' | 'ofWhole' | undefined {
  if (Math.max(width, height) <= ONE_PART) return 'ofPart';
  const teaches = Math.min(width, height) >= TEACHES && !alpha && !patchy && isIndependent(model);
  return teaches ? 'ofWhole' : undefined;
}

/** Whether no two pixels' noise is more alike than that. */
export const isIndependent = ({ planes }: NoiseModel, most = ALIKE) =>
  planes.every(({ correlation }) =>
    correlation.every((value, i) => i === correlation.length >> 1 || Math.abs(value) < most),
  );

/** The noise that was diagnosed, of so many planes. */
export function noiseModelOf({ noise }: Diagnosis, planes: 1 | 3): NoiseModel {
  return noise.model ?? whiteNoise(planes, noise.sigma, noise.growth);
}
