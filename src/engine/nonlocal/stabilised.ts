import { inStretches, type Pieces } from '../time-slicing.ts';
import type { LightNoise, NoiseModel } from './noise-model.ts';

/** A scale of samples, 0 … 1, on which noise of light is as strong at every level of every colour. */
export interface StableScale {
  /** The noise on it. */
  readonly noise: NoiseModel;
  /** Samples on that scale. */
  to(samples: Float32Array): Pieces<Float32Array>;
  /** Means of noisy samples on it, back as levels; in place. */
  from(means: Float32Array): Pieces<Float32Array>;
}

/**
 * Anscombe's square root, with noise that light does not make (Mäkitalo & Foi, IEEE TIP 22(1), 2013), and the closed form of its
 * unbiased inverse. Then all colours have the same noise, whatever they are, and opponent ones are independent: in a blue sky red has
 * next to none and blue twice as much as the mean, of which a model by brightness leaves a half.
 */
export function stableScale({ planes }: NoiseModel, { black, slope }: LightNoise): StableScale {
  /** Levels below the one at which there would be no noise at all, in samples. */
  const offset = (3 / 8) * slope + black / slope;
  const [root, range] = [Math.sqrt(offset), Math.sqrt(1 + offset) - Math.sqrt(offset)];
  const variance = slope / 4 / range ** 2;
  return {
    noise: { planes: planes.map(({ correlation }) => ({ black: variance, slope: 0, correlation })) },
    *to(samples) {
      const out = new Float32Array(samples.length);
      yield* inStretches(out.length, (from, to) => {
        for (let i = from; i < to; i++) out[i] = (Math.sqrt(samples[i] + offset) - root) / range;
      });
      return out;
    },
    *from(means) {
      yield* inStretches(means.length, (from, to) => {
        for (let i = from; i < to; i++) {
          const d = Math.max(LEAST, (2 * (range * means[i] + root)) / Math.sqrt(slope));
          const counted = d ** 2 / 4 - 1 / 8 + R / 4 / d - 11 / 8 / d ** 2 + ((5 / 8) * R) / d ** 3;
          means[i] = slope * counted - black / slope;
        }
      });
      return means;
    },
  };
}

const R = Math.sqrt(3 / 2);
/** What no photon at all becomes. */
const LEAST = 2 * Math.sqrt(3 / 8);
