import type { AxisTable } from '../image/axis-table.ts';
import type { Activation, Graph, NodeId, Parameter } from '../network/graph.ts';

/**
 * A plan is one training step as a flat list of kernel calls over named buffers. It is pure data: compiled once from
 * a graph (`compile.ts`), printed by `describe.ts`, run thousands of times by any executor. All samples are float32;
 * an image-like buffer is planar, [channels, height, width].
 */
export type BufferId = number;

/** Consecutive planes inside a buffer. */
export interface Slice {
  readonly buffer: BufferId;
  /** First float of the first plane. */
  readonly offset: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/**
 * A slice read through what follows it: v = activation(scale[c] · x + shift[c]). Normalisation and activation are
 * never stored, each consumer applies them as it loads.
 */
export interface View extends Slice {
  /** An affine buffer, [4, channels]: scale, shift, mean, 1/std; written by `moments`. */
  readonly affine: BufferId | null;
  readonly activation: Activation | null;
}

/** x + std · noise multiplier · N(0,1), normal(streamKey(seed, step), i) of `random.ts`. */
export interface NoiseCall {
  readonly kind: 'noise';
  readonly x: Slice;
  readonly out: Slice;
  readonly std: number;
  readonly seed: number;
}
/** out = W ⋆ reflectPad(x) + b. */
export interface ConvCall {
  readonly kind: 'conv';
  readonly x: View;
  readonly out: Slice;
  readonly kernel: number;
  readonly stride: 1 | 2;
  readonly weight: number;
  readonly bias: number | null;
}
/** dx (+)= ∂L/∂x of a convolution: the transposed convolution, folded at the reflected border. */
export interface ConvBackwardInputCall {
  readonly kind: 'convBackwardInput';
  readonly dy: Slice;
  readonly dx: Slice;
  readonly accumulate: boolean;
  readonly kernel: number;
  readonly stride: 1 | 2;
  readonly weight: number;
}
/** Gradients of weight and bias into the gradient arena (overwritten, not accumulated). */
export interface ConvBackwardWeightCall {
  readonly kind: 'convBackwardWeight';
  readonly x: View;
  readonly dy: Slice;
  readonly kernel: number;
  readonly stride: 1 | 2;
  readonly weight: number;
  readonly bias: number | null;
}
/** Per channel mean and biased variance of x → affine: scale = gamma/√(var + ε), shift = beta − mean · scale. */
export interface MomentsCall {
  readonly kind: 'moments';
  readonly x: Slice;
  readonly gamma: number;
  readonly beta: number;
  readonly epsilon: number;
  readonly affine: BufferId;
}
/**
 * With n = scale·x + shift, dn = dy · activation'(n), x̂ = (x − mean)/std:
 * sums = [2, channels]: Σ dn, Σ dn·x̂, which are also the gradients of beta and gamma.
 */
export interface NormGradientsCall {
  readonly kind: 'normGradients';
  readonly dy: Slice;
  readonly x: View;
  readonly sums: BufferId;
  readonly gamma: number;
  readonly beta: number;
}
/** dx (+)= scale · (dn − Σdn/N − x̂ · Σ(dn·x̂)/N); dx may be dy. */
export interface NormBackwardInputCall {
  readonly kind: 'normBackwardInput';
  readonly dy: Slice;
  readonly x: View;
  readonly sums: BufferId;
  readonly dx: Slice;
  readonly accumulate: boolean;
}
/** dx (+)= dy · activation'(x), without a norm; dx may be dy. */
export interface ActivationBackwardCall {
  readonly kind: 'activationBackward';
  readonly dy: Slice;
  readonly x: View;
  readonly dx: Slice;
  readonly accumulate: boolean;
}
/** out (+)= view(x). */
export interface PointwiseCall {
  readonly kind: 'pointwise';
  readonly x: View;
  readonly out: Slice;
  readonly accumulate: boolean;
}
/** out (+)= rows · view(x) · colsᵀ for each channel; the adjoint is the same call with transposed tables. */
export interface ResampleCall {
  readonly kind: 'resample';
  readonly x: View;
  readonly out: Slice;
  /** Indices into plan.tables. */
  readonly rows: number;
  readonly cols: number;
  readonly accumulate: boolean;
}
/**
 * loss = Σ w·ρ(x − target) / N with N = channels·height·width, and its gradient dx (overwritten). ρ is the square,
 * or Huber's penalty δ²·2(√(1 + (r/δ)²) − 1) in its smooth (Charbonnier) form. Writes state.loss.
 */
export interface DataTermCall {
  readonly kind: 'dataTerm';
  readonly x: Slice;
  readonly target: BufferId;
  /** One plane, height·width, shared by all channels; null = 1 everywhere. */
  readonly weight: BufferId | null;
  readonly dx: Slice;
  /** 0 = least squares, else Huber's δ in sample units. */
  readonly huber: number;
}
/** Adds λ·Σ√(dh² + dv² + ε²)/N to state.loss and its gradient to dx (forward differences, isotropic, ε = 1e-3). */
export interface TotalVariationCall {
  readonly kind: 'totalVariation';
  readonly x: Slice;
  readonly dx: Slice;
  readonly lambda: number;
}
/** Adam over floats [from, to) of the arenas; step counted from state.step. */
export interface AdamCall {
  readonly kind: 'adam';
  readonly from: number;
  readonly to: number;
  readonly learningRate: number;
}
/** A weight as a matrix of its outputs. */
export interface MuonMatrix {
  readonly parameter: number;
  readonly rows: number;
  readonly cols: number;
}
/** Muon on weights that know nothing of each other: see kernels/optimiser.ts. */
export interface MuonCall {
  readonly kind: 'muon';
  readonly matrices: readonly MuonMatrix[];
  readonly learningRate: number;
  readonly momentum: number;
}
/** mean ← d·mean + (1 − d)·x with d = min(decay, t/(t + 9)) at step t = 0, 1, …: no cold start. */
export interface AverageCall {
  readonly kind: 'average';
  readonly x: Slice;
  readonly mean: BufferId;
  readonly decay: number;
}
/**
 * ES-EMV (Wang et al., Early Stopping for Deep Image Prior, TMLR 2023): mean ← mean + α(x − mean),
 * state.variance ← (1 − α)(variance + α‖x − mean_before‖²/N). At step 0: mean = x, variance = 0.
 */
export interface VarianceCall {
  readonly kind: 'variance';
  readonly x: Slice;
  readonly mean: BufferId;
  readonly alpha: number;
}
/** From step `from` on, when state.variance is a new minimum: best ← source, state.bestVariance, state.bestStep. */
export interface KeepBestCall {
  readonly kind: 'keepBest';
  readonly source: BufferId;
  readonly best: BufferId;
  readonly from: number;
}
/** log[step mod LOG_ROWS] ← (loss, variance); step ← step + 1. */
export interface EndStepCall {
  readonly kind: 'endStep';
  readonly log: BufferId;
}

export type KernelCall =
  | NoiseCall
  | ConvCall
  | ConvBackwardInputCall
  | ConvBackwardWeightCall
  | MomentsCall
  | NormGradientsCall
  | NormBackwardInputCall
  | ActivationBackwardCall
  | PointwiseCall
  | ResampleCall
  | DataTermCall
  | TotalVariationCall
  | AdamCall
  | MuonCall
  | AverageCall
  | VarianceCall
  | KeepBestCall
  | EndStepCall;

export type KernelKind = KernelCall['kind'];
export type CallOf<K extends KernelKind> = Extract<KernelCall, { kind: K }>;

/** Floats of the `state` buffer, one per scalar the device keeps between steps. */
export const STATE = {
  step: 0,
  /** Multiplies every learning rate; written by the host. */
  rate: 1,
  /** Multiplies every input-noise std; written by the host. */
  noise: 2,
  loss: 3,
  variance: 4,
  bestVariance: 5,
  bestStep: 6,
  /** 1 when this step set a new best. */
  improved: 7,
} as const;
export const STATE_FLOATS = 16;
/** Rows of the loss log; a host must read it at least this often. */
export const LOG_ROWS = 1024;
export const LOG_COLUMNS = 2;

export const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

/** What calls that write no buffer of their own change, in words; for printing. */
export const NAMED_ARENAS: Partial<Record<KernelKind, string>> = {
  convBackwardWeight: 'gradient',
  adam: 'theta, moment1, moment2',
  muon: 'theta, moment1',
};

export interface PlanBuffer {
  readonly id: BufferId;
  readonly name: string;
  readonly floats: number;
  /** Persistent buffers keep their contents between steps; temporary ones share slots. */
  readonly lifetime: 'persistent' | 'temporary';
  /** First and last call (indices into calls) that touch it; persistent: 0 and calls.length − 1. */
  first: number;
  last: number;
  /** Index into plan.slots. */
  slot: number;
}

export type OptimiserSpec =
  | { kind: 'adam'; learningRate: number }
  /** Muon for conv weights of 8 outputs or more, Adam at `adamLearningRate` for the rest. */
  | { kind: 'muon'; learningRate: number; momentum: number; adamLearningRate: number };

/** What is minimised, and what is watched. */
export interface Objective {
  /** The restored image x, a node with values in [0, 1]. */
  readonly image: NodeId;
  /** A·x, what is compared with the target: the image itself, or its down-sampling. */
  readonly observed: NodeId;
  readonly weighted: boolean;
  /** 0 = least squares. */
  readonly huber: number;
  /** λ of the total-variation term on the image; 0 = none. */
  readonly totalVariation: number;
  readonly optimiser: OptimiserSpec;
  readonly emaDecay: number;
  /** α of ES-EMV. */
  readonly varianceAlpha: number;
  /** First step that may be kept as the best. */
  readonly bestFrom: number;
  readonly seed: number;
}

/** A parameter and its place in the theta, gradient and moment arenas (floats, multiple of 4). */
export interface PlacedParameter extends Parameter {
  readonly offset: number;
}

export interface Plan {
  readonly graph: Graph;
  readonly objective: Objective;
  readonly calls: readonly KernelCall[];
  readonly buffers: readonly PlanBuffer[];
  /** Floats of each memory slot; buffers whose lifetimes do not overlap share one. */
  readonly slots: readonly number[];
  readonly tables: readonly AxisTable[];
  readonly parameters: readonly PlacedParameter[];
  /** Floats of the theta, gradient and moment arenas. */
  readonly arenaFloats: number;
  /**
   * What the host reads or writes: theta, gradient, moment1, moment2, state, log, image, target, ema, varianceMean, best,
   * `weight` where the data term is weighted, and every graph input under its own name.
   */
  readonly named: ReadonlyMap<string, BufferId>;
  readonly imageShape: readonly [channels: number, height: number, width: number];
}

/** Bytes of all slots: what a run of this plan keeps allocated, executor scratch excluded. */
export function planBytes(plan: Plan): number {
  return plan.slots.reduce((sum, floats) => sum + floats * 4, 0);
}

/** The id of a named buffer; throws on a name the plan does not have. */
export function namedBuffer(plan: Plan, name: string): BufferId {
  const id = plan.named.get(name);
  if (id === undefined)
    throw new Error(`The plan has no buffer "${name}"; it has ${[...plan.named.keys()].join(', ')}.`);
  return id;
}
