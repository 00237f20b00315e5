import type { Activation } from '../network/graph.ts';
import type { Plan } from './plan.ts';

/**
 * The kinds of kernel call, and of each all that is known without running it: its fields, which buffers it touches, what
 * it costs, how it is printed. The docstrings are the specification, the plain loops of src/engine/kernels the oracle.
 * All samples are float32; an image-like buffer is planar, [channels, height, width].
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

/** The buffers a call touches besides the theta and gradient arenas, which parameters are addressed in. */
export interface Uses {
  readonly reads: readonly BufferId[];
  readonly writes: readonly BufferId[];
}

/** Counted from shapes: floating-point operations, a multiply-add as 2, and bytes read and written once each. */
export interface CallCost {
  readonly flops: number;
  readonly bytes: number;
}

interface Kind<C> {
  /** A buffer that is accumulated into stands in both lists. */
  uses(call: C): Uses;
  /** The arenas that calls without a buffer of their own change, for printing. */
  readonly arenas?: string;
  /** Nothing where it is left out. */
  cost?(call: C, plan: Plan): CallCost;
  /** Its shapes, for printing; that of its x where it is left out. */
  words?(call: C, plan: Plan): string;
}

const buffersOf = ({ buffer, affine }: View) => (affine === null ? [buffer] : [buffer, affine]);

function into(out: BufferId, accumulate: boolean, reads: readonly BufferId[]): Uses {
  return { reads: accumulate ? [...reads, out] : reads, writes: [out] };
}

const sum = (numbers: readonly number[]) => numbers.reduce((all, n) => all + n, 0);
const floatsOf = ({ channels, height, width }: Slice) => channels * height * width;
const bytesOf = (...slices: Slice[]) => 4 * sum(slices.map(floatsOf));

/** Of a convolution, whose weights meet every pixel of `plane` once. */
function productsOf({ parameters }: Plan, weight: number, plane: Slice, moved: readonly Slice[]): CallCost {
  const { size } = parameters[weight];
  return { flops: 2 * size * plane.height * plane.width, bytes: bytesOf(...moved) + 4 * size };
}

const shape = ({ channels, height, width }: Slice) => `${channels}×${height}×${width}`;
const seen = (x: View) =>
  shape(x) + (x.affine === null ? '' : '·norm') + (x.activation ? `·${x.activation.kind}` : '');

/** x + std · noise multiplier · N(0,1), normal(streamKey(seed, step), i) of `random.ts`. */
export interface NoiseCall {
  readonly kind: 'noise';
  readonly x: Slice;
  readonly out: Slice;
  readonly std: number;
  readonly seed: number;
}
const noise: Kind<NoiseCall> = {
  uses: ({ x, out }) => ({ reads: [x.buffer], writes: [out.buffer] }),
  cost: ({ x, out }) => ({ flops: 2 * floatsOf(out), bytes: bytesOf(x, out) }),
};

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
const conv: Kind<ConvCall> = {
  uses: ({ x, out }) => ({ reads: buffersOf(x), writes: [out.buffer] }),
  cost: ({ x, out, weight }, plan) => productsOf(plan, weight, out, [x, out]),
  words: (call, { parameters }) =>
    `${parameters[call.weight].name} ${seen(call.x)} ${shape(call.out)} k${call.kernel} s${call.stride}`,
};

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
const convBackwardInput: Kind<ConvBackwardInputCall> = {
  uses: ({ dy, dx, accumulate }) => into(dx.buffer, accumulate, [dy.buffer]),
  cost: ({ dy, dx, weight }, plan) => productsOf(plan, weight, dy, [dy, dx]),
  words: (call, { parameters }) =>
    `${parameters[call.weight].name} ${shape(call.dy)} ${shape(call.dx)} k${call.kernel} s${call.stride}`,
};

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
const convBackwardWeight: Kind<ConvBackwardWeightCall> = {
  uses: ({ x, dy }) => ({ reads: [...buffersOf(x), dy.buffer], writes: [] }),
  arenas: 'gradient',
  cost: ({ x, dy, weight }, plan) => productsOf(plan, weight, dy, [x, dy]),
  words: (call, { parameters }) =>
    `${parameters[call.weight].name} ${seen(call.x)} ${shape(call.dy)} k${call.kernel} s${call.stride}`,
};

/** Per channel mean and biased variance of x → affine: scale = gamma/√(var + ε), shift = beta − mean · scale. */
export interface MomentsCall {
  readonly kind: 'moments';
  readonly x: Slice;
  readonly gamma: number;
  readonly beta: number;
  readonly epsilon: number;
  readonly affine: BufferId;
}
const moments: Kind<MomentsCall> = {
  uses: ({ x, affine }) => ({ reads: [x.buffer], writes: [affine] }),
  cost: ({ x }) => ({ flops: 3 * floatsOf(x), bytes: bytesOf(x) }),
};

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
const normGradients: Kind<NormGradientsCall> = {
  uses: ({ dy, x, sums }) => ({ reads: [dy.buffer, ...buffersOf(x)], writes: [sums] }),
  cost: ({ dy, x }) => ({ flops: 6 * floatsOf(x), bytes: bytesOf(x, dy) }),
  words: ({ x }) => seen(x),
};

/** dx (+)= scale · (dn − Σdn/N − x̂ · Σ(dn·x̂)/N); dx may be dy. */
export interface NormBackwardInputCall {
  readonly kind: 'normBackwardInput';
  readonly dy: Slice;
  readonly x: View;
  readonly sums: BufferId;
  readonly dx: Slice;
  readonly accumulate: boolean;
}
const normBackwardInput: Kind<NormBackwardInputCall> = {
  uses: ({ dy, x, sums, dx, accumulate }) => into(dx.buffer, accumulate, [dy.buffer, ...buffersOf(x), sums]),
  cost: ({ dy, x, dx }) => ({ flops: 8 * floatsOf(x), bytes: bytesOf(x, dy, dx) }),
  words: ({ x }) => seen(x),
};

/** dx (+)= dy · activation'(x), without a norm; dx may be dy. */
export interface ActivationBackwardCall {
  readonly kind: 'activationBackward';
  readonly dy: Slice;
  readonly x: View;
  readonly dx: Slice;
  readonly accumulate: boolean;
}
const activationBackward: Kind<ActivationBackwardCall> = {
  uses: ({ dy, x, dx, accumulate }) => into(dx.buffer, accumulate, [dy.buffer, x.buffer]),
  cost: ({ dy, x, dx }) => ({ flops: 8 * floatsOf(x), bytes: bytesOf(x, dy, dx) }),
  words: ({ x }) => seen(x),
};

/** out (+)= view(x). */
export interface PointwiseCall {
  readonly kind: 'pointwise';
  readonly x: View;
  readonly out: Slice;
  readonly accumulate: boolean;
}
const pointwise: Kind<PointwiseCall> = {
  uses: ({ x, out, accumulate }) => into(out.buffer, accumulate, buffersOf(x)),
  cost: ({ x, out }) => ({ flops: 2 * floatsOf(out), bytes: bytesOf(x, out) }),
  words: ({ x, out, accumulate }) => `${seen(x)} ${shape(out)}${accumulate ? ' accumulate' : ''}`,
};

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
const resample: Kind<ResampleCall> = {
  uses: ({ x, out, accumulate }) => into(out.buffer, accumulate, buffersOf(x)),
  cost: ({ x, out, rows, cols }, { tables }) => ({
    flops: 2 * tables[rows].taps * tables[cols].taps * floatsOf(out),
    bytes: bytesOf(x, out),
  }),
  words: ({ x, out, accumulate }) => `${seen(x)} ${shape(out)}${accumulate ? ' accumulate' : ''}`,
};

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
const dataTerm: Kind<DataTermCall> = {
  uses: ({ x, target, weight, dx }) => ({
    reads: [x.buffer, target, ...(weight === null ? [] : [weight])],
    writes: [dx.buffer],
  }),
  cost: ({ x, dx }) => ({ flops: 6 * floatsOf(x), bytes: 2 * bytesOf(x, dx) }),
};

/** Adds λ·Σ√(dh² + dv² + ε²)/N to state.loss and its gradient to dx (forward differences, isotropic, ε = 1e-3). */
export interface TotalVariationCall {
  readonly kind: 'totalVariation';
  readonly x: Slice;
  readonly dx: Slice;
  readonly lambda: number;
}
const totalVariation: Kind<TotalVariationCall> = {
  uses: ({ x, dx }) => into(dx.buffer, true, [x.buffer]),
  cost: ({ x, dx }) => ({ flops: 6 * floatsOf(x), bytes: 2 * bytesOf(x, dx) }),
};

/** Adam over floats [from, to) of the arenas; step counted from state.step. */
export interface AdamCall {
  readonly kind: 'adam';
  readonly from: number;
  readonly to: number;
  readonly learningRate: number;
}
const adam: Kind<AdamCall> = {
  uses: () => ({ reads: [], writes: [] }),
  arenas: 'theta, moment1, moment2',
  cost: ({ from, to }) => ({ flops: 12 * (to - from), bytes: 4 * 7 * (to - from) }),
  words: ({ from, to }) => `${to - from} floats`,
};

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
const muon: Kind<MuonCall> = {
  uses: () => ({ reads: [], writes: [] }),
  arenas: 'theta, moment1',
  cost: ({ matrices }) => {
    const sizes = matrices.map(({ rows, cols }) => [Math.min(rows, cols), Math.max(rows, cols)]);
    return {
      flops: sum(sizes.map(([short, long]) => 4 * short * short * long + 5 * 8 * short ** 3)),
      bytes: sum(sizes.map(([short, long]) => 4 * 5 * short * long)),
    };
  },
  words: ({ matrices }, { parameters }) =>
    matrices.map(({ parameter, rows, cols }) => `${parameters[parameter].name} ${rows}×${cols}`).join(', '),
};

/** mean ← d·mean + (1 − d)·x with d = min(decay, t/(t + 9)) at step t = 0, 1, …: no cold start. */
export interface AverageCall {
  readonly kind: 'average';
  readonly x: Slice;
  readonly mean: BufferId;
  readonly decay: number;
}
const average: Kind<AverageCall> = {
  uses: ({ x, mean }) => into(mean, true, [x.buffer]),
  cost: ({ x }) => ({ flops: 4 * floatsOf(x), bytes: 3 * bytesOf(x) }),
};

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
const variance: Kind<VarianceCall> = {
  uses: ({ x, mean }) => into(mean, true, [x.buffer]),
  cost: ({ x }) => ({ flops: 4 * floatsOf(x), bytes: 3 * bytesOf(x) }),
};

/** From step `from` on, when state.variance is a new minimum: best ← source, state.bestVariance, state.bestStep. */
export interface KeepBestCall {
  readonly kind: 'keepBest';
  readonly source: BufferId;
  readonly best: BufferId;
  readonly from: number;
}
const keepBest: Kind<KeepBestCall> = {
  uses: ({ source, best }) => ({ reads: [source], writes: [best] }),
};

/** log[step mod LOG_ROWS] ← (loss, variance); step ← step + 1. */
export interface EndStepCall {
  readonly kind: 'endStep';
  readonly log: BufferId;
}
const endStep: Kind<EndStepCall> = {
  uses: ({ log }) => ({ reads: [], writes: [log] }),
};

const KINDS = {
  noise,
  conv,
  convBackwardInput,
  convBackwardWeight,
  moments,
  normGradients,
  normBackwardInput,
  activationBackward,
  pointwise,
  resample,
  dataTerm,
  totalVariation,
  adam,
  muon,
  average,
  variance,
  keepBest,
  endStep,
};

type CallIn<K> = K extends Kind<infer C> ? C : never;
export type KernelCall = CallIn<(typeof KINDS)[keyof typeof KINDS]>;
export type KernelKind = KernelCall['kind'];
export type CallOf<K extends KernelKind> = Extract<KernelCall, { kind: K }>;

const kindOf = (call: KernelCall) => KINDS[call.kind] as Kind<KernelCall>;

/** What a call reads and writes. */
export const usesOf = (call: KernelCall): Uses => kindOf(call).uses(call);

/** What one call of the plan costs. */
export const costOf = (plan: Plan, call: KernelCall): CallCost =>
  kindOf(call).cost?.(call, plan) ?? { flops: 0, bytes: 0 };

/** A call in words: what it reads → writes, and its shapes. */
export function wordsOf(plan: Plan, call: KernelCall): string {
  const { arenas = '', words } = kindOf(call);
  const { reads, writes } = usesOf(call);
  const names = (ids: readonly BufferId[]) => ids.map((id) => plan.buffers[id].name).join(', ');
  const shapes = words?.(call, plan) ?? ('x' in call ? shape(call.x) : '');
  return `${names(reads)} → ${names(writes) || arenas}  ${shapes}`;
}
