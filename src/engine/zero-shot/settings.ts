import type { Quality } from '../choices.ts';

/** How a network learns from the picture as a whole, and how it is applied. */
export interface LearningSettings {
  /** Channels of the network at every scale. */
  readonly channels: number;
  /** Steps of the first enlargement; the later ones go on from what it learnt. */
  readonly steps: number;
  readonly laterSteps: number;
  /** By how much a picture is enlarged at once, at most, where it is to be enlarged by more than 2: the less, the more alike are both. */
  readonly largestStep: number;
  /** Networks from different seeds whose answers are averaged. */
  readonly seeds: number;
  /** Mirrored and transposed views of the picture whose answers are averaged, 1 … 8. */
  readonly views: number;
}

export const LEARNING: Readonly<Record<Quality, LearningSettings>> = {
  fast: { channels: 24, steps: 100, laterSteps: 60, largestStep: 2, seeds: 1, views: 2 },
  balanced: { channels: 24, steps: 300, laterSteps: 150, largestStep: 1.6, seeds: 1, views: 8 },
  // Wider networks and longer training came to no more; two of them have errors of their own (butterfly and woman ×4 + 0.06 dB).
  best: { channels: 24, steps: 300, laterSteps: 150, largestStep: 1.6, seeds: 2, views: 8 },
};

/** Of denoising, at `best`: what it gains was measured with these. */
export const LEARNING_NOISE: LearningSettings = LEARNING.balanced;

/** Pixels that all views and seeds of one enlargement have together, at most: of large pictures fewer views are taken. */
export const MOST_VIEWED = 2 ** 23;
