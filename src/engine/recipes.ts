import type { Architecture, NetworkInput, Quality, Task } from './choices.ts';
import type { Size } from './image/box.ts';
import { parseNet } from './network/parse-net.ts';
import type { ExpertOptions, RestoreOptions } from './options.ts';
import type { OptimiserSpec } from './plan/plan.ts';

/** Everything a run needs besides the image: network, optimiser, noise, averages, stop. */
export interface Recipe {
  architecture: Architecture;
  /** Channels a scale, e.g. [32, 32, 32, 32, 32]. */
  channels: readonly number[];
  /** Skip channels a scale; 0 = none. */
  skips: readonly number[];
  upsampling: 'nearest' | 'bilinear';
  /** What z is: uniform noise, or the x and y ramps (2 planes) for large holes. */
  input: NetworkInput;
  /** Planes of z. */
  inputDepth: number;
  /** How many of the waves that the image's own texture is made of are added to z, two planes each. */
  waves: number;
  /** Std of the noise added to z each step. */
  inputNoiseStd: number;
  /** For an estimate of a size: Muon's rate goes by it. */
  optimiser: (size: Size) => OptimiserSpec;
  /** Steps of one run, at most. */
  steps: number;
  /** Independent runs whose results are averaged: what each invents differs, what the image says agrees. */
  runs: number;
  /** Decay of the average of outputs, which is what is returned. */
  emaDecay: number;
  /** α of ES-EMV's variance. */
  varianceAlpha: number;
  /** Which average is returned: the one at the minimum of ES-EMV's variance, or the last. */
  keep: 'best' | 'last';
  /** With keep 'best': stop after this many steps without a new minimum. Infinity = never. */
  patience: number;
  /** First step that may be the best. */
  bestFrom: number;
  /** Stop once the loss is this multiple of what the measured noise alone makes; 0 = do not. */
  discrepancy: number;
  /** λ of the extra total-variation term. */
  totalVariation: number;
  /** Huber's δ of the data term; 0 = least squares. */
  huber: number;
  /** Larger images are worked on in parts of at most this side, px of the estimate; Infinity = only for memory's sake. */
  partSide: number;
}

/** What a recipe depends on besides task and quality. */
interface Situation {
  /** Inpainting: half of the hole's thickness, px. */
  readonly holeRadius?: number;
  /** The noise has outliers: salt and pepper, dust. */
  readonly impulse?: boolean;
}

const uniform = (width: number, scales: number): number[] => Array<number>(scales).fill(width);

const BASE = {
  architecture: 'skip',
  // Thin: 14 times cheaper a step than the paper's 128 channels and, at Muon's rates, 0.4 dB behind at 256².
  channels: uniform(32, 5),
  skip: 4,
  upsampling: 'bilinear',
  input: 'random',
  inputDepth: 32,
  waves: 0,
  // The paper's 1/30 is more than z's own deviation (.029), and most steps go into averaging it away: F16, 256², σ = 25,
  // is at 26.0 dB after 200 steps; with .01 it is at 29.9, and the mean of some runs makes up for what is lost in the end.
  inputNoiseStd: 0.01,
  steps: 1000,
  runs: 1,
  emaDecay: 0.98,
  // The paper's .1 lags 10 steps behind the output, too few under Muon: its minimum came 20 to 40 steps early
  // (0.25 dB); at .05 it fell on the best step of all 5 runs we traced (F16, kodim05, kodim23, 128², σ = 25).
  varianceAlpha: 0.05,
  keep: 'best',
  patience: 80,
  bestFrom: 60,
  discrepancy: 0,
  totalVariation: 0,
  huber: 0,
  // Larger images in parts of the size that all this was found at: at 512² one network needs more steps than it gets (F16,
  // σ = 25, fast: 29.89 dB at once in 200 steps, 31.21 in parts of 256 or 192 that take 107 to 140 each).
  partSide: 256,
} as const satisfies Partial<Recipe> & { skip: number };

type Preset = Partial<Omit<Recipe, 'skips' | 'optimiser'>> & {
  /** Skip channels at every scale. */
  skip?: number;
  /** Multiplies the rate that the size asks for. */
  rate?: number;
};

/** What each task and quality changes of BASE, and why. */
const PRESETS: Record<Task, { every: Preset } & Record<Quality, Preset>> = {
  denoise: {
    // Four scales fit noise later than five and cost less.
    every: { channels: uniform(32, 4) },
    // Next to no input noise: F16, 256², peaks at 29.7 dB after 180 steps. The variance sees that 100 steps too late, the
    // measured noise does not.
    fast: { steps: 200, bestFrom: 20, inputNoiseStd: 0.003, discrepancy: 1.03 },
    // Three short runs for the price of one long one: their mean gains more than late steps do.
    balanced: { runs: 3, steps: 400, rate: 0.7, patience: 60, discrepancy: 1 },
    // Twice the noise: one run peaks .4 dB higher (30.63 at step 460), at nearly twice the steps.
    best: { runs: 5, inputNoiseStd: 0.02 },
  },
  dejpeg: {
    every: { channels: uniform(32, 4), inputNoiseStd: 0.02 },
    fast: { steps: 160 },
    // Artefacts follow the image and are fitted late: PSNR still rose at step 300 of a 128² crop.
    balanced: { runs: 2, steps: 400 },
    best: { runs: 4, inputNoiseStd: 1 / 30 },
  },
  // Nothing of the known image is noise here, so fitting longer only helps: no variance stop.
  upscale: {
    every: { keep: 'last' },
    fast: { steps: 150 },
    balanced: { steps: 350 },
    best: { steps: 450, runs: 3 },
  },
  inpaint: {
    // Input noise is what keeps holes from being filled with it, but more of it takes longer (barbara, half missing, 128²
    // crop, step 300: 31.84 dB with .01, 32.62 with .02, 31.88 with .033). Lower rates fit better in the end (kate, 256²
    // crop, step 420: 26.9 dB at .03, 26.2 at .15). The waves of its texture: barbara's stripes end 4 dB higher, kate .4.
    // In parts each network has less to learn: kate 1.3 dB higher at as many steps, barbara in half of them.
    every: { keep: 'last', inputNoiseStd: 0.02, rate: 0.7, waves: 16, partSide: 160 },
    // Half the channels at full resolution, where half of the work is: two thirds of the time for 0.1 dB.
    fast: { channels: [16, 32, 32, 32, 32], steps: 100 },
    balanced: { steps: 300 },
    best: { steps: 500, runs: 5 },
  },
};

/** Half thickness, px, from which a hole is large: skips would bring the noise of z into it, hence none. */
const LARGE_HOLE = 12;
const LARGE_HOLE_PRESET: Preset = {
  channels: uniform(32, 6),
  skip: 0,
  upsampling: 'nearest',
  partSide: Number.POSITIVE_INFINITY,
};

/**
 * Outliers are a minority of large errors: a penalty that grows linearly beyond δ lets the network ignore them, where
 * squares would be led by them.
 */
const IMPULSE_DELTA = 0.02;

/** Muon's rate: larger images want larger steps (.03 was best at 128², .07 at 256²), up to where it saturates. */
function muonRate({ width, height }: Size): number {
  const side = Math.sqrt(width * height);
  return Math.min(0.07, Math.max(0.02, 0.03 * (side / 128) ** 1.2));
}

const adam = (learningRate: number) => (): OptimiserSpec => ({ kind: 'adam', learningRate });

const muon = (learningRate: number): OptimiserSpec => ({
  kind: 'muon',
  learningRate,
  momentum: 0.95,
  adamLearningRate: 0.01,
});

/**
 * The pixels themselves, by gradient descent on E + λ·TV: convex, so no average, no noise and no early stop. λ by how
 * much of each task's error is noise.
 */
const TV_PRESET = {
  steps: 400,
  runs: 1,
  emaDecay: 0,
  keep: 'last',
  discrepancy: 0,
  partSide: Number.POSITIVE_INFINITY,
  learningRate: 0.01,
} as const;
const TV_LAMBDA: Record<Task, number> = { denoise: 0.12, dejpeg: 0.05, upscale: 0.005, inpaint: 0.01 };

/** The recipe of a run by task and quality, with what the options, checked, override. */
export function recipeFor(task: Task, options: RestoreOptions, situation: Situation = {}): Recipe {
  const { expert = {} } = options;
  const { every, ...presets } = PRESETS[task];
  const large = (situation.holeRadius ?? 0) >= LARGE_HOLE ? LARGE_HOLE_PRESET : {};
  const {
    skip,
    rate = 1,
    ...preset
  } = {
    ...BASE,
    ...every,
    ...presets[options.quality ?? 'balanced'],
    ...large,
  };
  const channels = (expert.net === undefined ? undefined : parseNet(expert.net)) ?? preset.channels;
  const recipe: Recipe = {
    ...preset,
    channels,
    skips: channels.map(() => skip),
    optimiser: (size) => muon(expert.learningRate ?? rate * muonRate(size)),
    huber: situation.impulse ? IMPULSE_DELTA : preset.huber,
    ...(expert.optimiser === 'adam' ? adamInstead(preset, expert) : {}),
  };
  return { ...recipe, ...(options.prior === 'tv' ? tvInstead(task, expert) : {}), ...overrides(options) };
}

/** Adam learns four to five times slower, so everything that counts steps is given that much longer. */
function adamInstead(
  { steps, patience, bestFrom }: Pick<Recipe, 'steps' | 'patience' | 'bestFrom'>,
  { learningRate = 0.01 }: ExpertOptions,
) {
  return {
    optimiser: adam(learningRate),
    steps: 5 * steps,
    patience: 4 * patience,
    bestFrom: 2 * bestFrom,
    emaDecay: 0.99,
    // The paper's, made for it: with .01 F16 (128², 32×5, three runs) ends at 30.2 dB, its best step at 30.6.
    inputNoiseStd: 1 / 30,
    // On F16 (32×5, 128², σ = 25) its minimum fell on step 925, the best one; that of .02 and .05 125 steps early.
    varianceAlpha: 0.0125,
  };
}

function tvInstead(task: Task, { learningRate = TV_PRESET.learningRate }: ExpertOptions) {
  const { learningRate: _, ...preset } = TV_PRESET;
  return {
    ...preset,
    optimiser: adam(learningRate),
    totalVariation: TV_LAMBDA[task],
  };
}

/** What the options say in so many words. */
function overrides({ expert = {}, prior }: RestoreOptions): Partial<Recipe> {
  const { steps, emaDecay, totalVariation, architecture, input, partSide, earlyStop } = expert;
  // Whoever counts steps means all of them, not those of each of several runs.
  const runs = expert.runs ?? (steps === undefined ? undefined : 1);
  const given = {
    steps,
    emaDecay,
    totalVariation,
    architecture,
    input,
    partSide,
    ...(prior === 'tv' ? {} : { runs }),
  };
  return {
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    ...(earlyStop === false ? { patience: Number.POSITIVE_INFINITY, discrepancy: 0 } : {}),
  };
}
