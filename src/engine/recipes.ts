import { InvalidOptionError } from './errors.ts';
import type { Quality, RestoreOptions, Task } from './options.ts';
import type { OptimiserSpec } from './plan/plan.ts';

/** Everything a run needs besides the image: network, optimiser, noise, averages, stop. */
export interface Recipe {
  /** Channels a scale, e.g. [32, 32, 32, 32, 32]. */
  channels: readonly number[];
  /** Skip channels a scale; 0 = none. */
  skips: readonly number[];
  upsampling: 'nearest' | 'bilinear';
  /** What z is: uniform noise, or the x and y ramps (inputDepth 2) for large holes. */
  input: 'random' | 'meshgrid';
  /** Planes of z. */
  inputDepth: number;
  /** Std of the noise added to z each step. */
  inputNoiseStd: number;
  optimiser: OptimiserSpec;
  steps: number;
  /** Decay of the average of outputs, which is what is returned. */
  emaDecay: number;
  /** Which average is returned: the one at the minimum of ES-EMV's variance, or the last. */
  keep: 'best' | 'last';
  /** With keep 'best': stop after this many steps without a new minimum. Infinity = never. */
  patience: number;
  /** First step that may be the best. */
  bestFrom: number;
  /** λ of the extra total-variation term. */
  totalVariation: number;
}

const thin = [32, 32, 32, 32, 32];
const muon = (learningRate: number): OptimiserSpec => ({
  kind: 'muon',
  learningRate,
  momentum: 0.95,
  adamLearningRate: 0.01,
});

const BASE: Recipe = {
  channels: thin,
  skips: thin.map(() => 4),
  upsampling: 'bilinear',
  input: 'random',
  inputDepth: 32,
  inputNoiseStd: 1 / 30,
  optimiser: muon(0.02),
  steps: 600,
  emaDecay: 0.98,
  keep: 'best',
  patience: 150,
  bestFrom: 60,
  totalVariation: 0,
};

/** Why each differs from BASE stands beside it. */
const BY_TASK: Record<Task, Partial<Recipe>> = {
  denoise: {},
  dejpeg: {},
  // Nothing of the known image is noise here, so fitting longer only helps: no variance stop.
  upscale: { inputNoiseStd: 0.03, keep: 'last' },
  inpaint: { inputNoiseStd: 0.03, keep: 'last' },
};

const STEPS: Record<Quality, number> = { fast: 0.4, balanced: 1, best: 3 };

/**
 * The pixels themselves, by gradient descent on E + λ·TV: convex, so no average, no noise and no early stop. λ by how
 * much of each task's error is noise.
 */
const TV_RECIPE = {
  optimiser: { kind: 'adam', learningRate: 0.01 },
  steps: 400,
  emaDecay: 0,
  keep: 'last',
} as const;
const TV_LAMBDA: Record<Task, number> = { denoise: 0.12, dejpeg: 0.05, upscale: 0.005, inpaint: 0.01 };

function tvRecipe({ task, steps, learningRate, totalVariation }: RestoreOptions): Recipe {
  return {
    ...BASE,
    ...TV_RECIPE,
    optimiser: { kind: 'adam', learningRate: learningRate ?? TV_RECIPE.optimiser.learningRate },
    steps: steps ?? TV_RECIPE.steps,
    totalVariation: totalVariation ?? TV_LAMBDA[task],
  };
}

/** The recipe of a task and quality, with what the options override. Throws InvalidOptionError for `net`. */
export function recipeFor(options: RestoreOptions): Recipe {
  const { task, quality = 'balanced' } = options;
  if (options.prior === 'tv') return tvRecipe(options);
  const preset: Recipe = { ...BASE, ...BY_TASK[task] };
  const channels = options.net === undefined ? preset.channels : parseNet(options.net);
  const skip = preset.skips[0];
  const adam = options.optimiser === 'adam';
  return {
    ...preset,
    channels,
    skips: channels.map((_, i) => preset.skips[i] ?? skip),
    optimiser: optimiserFor(preset, options),
    steps: options.steps ?? Math.round(preset.steps * STEPS[quality] * (adam ? 4 : 1)),
    emaDecay: options.emaDecay ?? (adam ? 0.99 : preset.emaDecay),
    // Adam learns two to four times slower, so it is given that much longer.
    patience: options.earlyStop === false ? Number.POSITIVE_INFINITY : preset.patience * (adam ? 3 : 1),
    bestFrom: preset.bestFrom * (adam ? 2 : 1),
    totalVariation: options.totalVariation ?? preset.totalVariation,
  };
}

function optimiserFor(preset: Recipe, { optimiser, learningRate }: RestoreOptions): OptimiserSpec {
  if (optimiser === 'adam') return { kind: 'adam', learningRate: learningRate ?? 0.01 };
  return learningRate === undefined ? preset.optimiser : { ...preset.optimiser, learningRate };
}

/** 'WIDTHxSCALES' or a list of channels. */
function parseNet(net: string): number[] {
  const uniform = /^(\d+)x(\d+)$/.exec(net);
  const channels = uniform
    ? Array<number>(Number(uniform[2])).fill(Number(uniform[1]))
    : net.split(',').map(Number);
  const valid =
    channels.length > 0 &&
    channels.length <= 8 &&
    channels.every((c) => Number.isInteger(c) && c >= 1 && c <= 512);
  if (!valid)
    throw InvalidOptionError.of(
      'net',
      "'WIDTHxSCALES' such as '32x5', or 1 to 8 channel counts such as '16,32,64'",
      net,
    );
  return channels;
}
