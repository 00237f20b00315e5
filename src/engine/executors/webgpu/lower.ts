import type {
  ConvBackwardInputCall,
  ConvBackwardWeightCall,
  ConvCall,
  KernelCall,
} from '../../plan/calls.ts';
import type { Plan } from '../../plan/plan.ts';
import { cut } from './cut.ts';
import { adamKernel } from './kernels/adam.ts';
import { type ConvPlan, planConv, planConvBackwardInput } from './kernels/conv.ts';
import { planConvBackwardWeight, type WeightGradient } from './kernels/conv-weight.ts';
import { planDirectConv, planDirectConvBackwardInput } from './kernels/direct.ts';
import { planDirectConvBackwardWeight } from './kernels/direct-weight.ts';
import {
  activationBackwardKernel,
  averageKernel,
  noiseKernel,
  pointwiseKernel,
} from './kernels/elementwise.ts';
import { dataTermKernels, totalVariationKernels } from './kernels/loss.ts';
import { muonKernels } from './kernels/muon.ts';
import { momentsKernels, normBackwardInputKernel, normGradientsKernels } from './kernels/norm.ts';
import { type Pack, packedWeights, packKernel } from './kernels/pack.ts';
import { resampleKernel } from './kernels/resample.ts';
import { type Reduction, reduceKernel } from './kernels/share-sums.ts';
import { endStepKernel, keepBestKernels, varianceKernels } from './kernels/watchers.ts';
import { type Context, named, parameterOffset } from './lowering.ts';
import type { Profile } from './profile.ts';
import { type BufferRef, type Kernel, sameBuffer } from './wgsl.ts';

/** Partial sums of weight gradients are collected up to this many floats before they are summed. */
const MOST_PENDING = 2 ** 24;

/** How an adapter gets its convolutions. */
interface Convolutions {
  forward(call: ConvCall, context: Context): ConvPlan;
  backwardInput(call: ConvBackwardInputCall, context: Context): ConvPlan;
  backwardWeight(call: ConvBackwardWeightCall, context: Context): WeightGradient;
}

/** GPUs: tiles staged in workgroup memory. */
const STAGED: Convolutions = {
  forward: planConv,
  backwardInput: planConvBackwardInput,
  backwardWeight: planConvBackwardWeight,
};

/** CPUs: blocks in registers, no barriers. */
const DIRECT: Convolutions = {
  forward: planDirectConv,
  backwardInput: planDirectConvBackwardInput,
  backwardWeight: planDirectConvBackwardWeight,
};

/** The dispatches of one step, in order. */
export function lower(plan: Plan, profile: Profile): Kernel[] {
  const kernels = new Lowering({ plan, profile }).run();
  return kernels.flatMap((kernel) => cut(kernel, profile.dispatchWork));
}

class Lowering {
  private readonly kernels: Kernel[] = [];
  private readonly packs: Pack[] = [];
  private packedFloats = 0;
  private pending: Reduction[] = [];
  private pendingFloats = 0;

  private readonly ways: Convolutions;

  constructor(private readonly context: Context) {
    this.ways = context.profile.software ? DIRECT : STAGED;
  }

  run(): Kernel[] {
    const { calls } = this.context.plan;
    this.placeConvolutions(calls);
    if (this.packs.length > 0) this.kernels.push(packKernel(this.packs, this.packedFloats, this.context));
    for (const call of calls) this.lower(call);
    return this.kernels;
  }

  private lower(call: KernelCall): void {
    const { context } = this;
    switch (call.kind) {
      case 'noise':
        this.push(noiseKernel(call, context));
        break;
      case 'conv':
      case 'convBackwardInput':
        this.push(...this.convolutions.get(call)!());
        break;
      case 'convBackwardWeight':
        this.convBackwardWeight(call);
        break;
      case 'moments':
        this.push(...momentsKernels(call, context));
        break;
      case 'normGradients':
        this.push(...normGradientsKernels(call, context));
        break;
      case 'normBackwardInput':
        this.push(normBackwardInputKernel(call, context));
        break;
      case 'activationBackward':
        this.push(activationBackwardKernel(call, context));
        break;
      case 'pointwise':
        this.push(pointwiseKernel(call, context));
        break;
      case 'resample':
        this.push(resampleKernel(call, context));
        break;
      case 'dataTerm':
        this.push(...dataTermKernels(call, context));
        break;
      case 'totalVariation':
        this.push(...totalVariationKernels(call, context));
        break;
      case 'average':
        this.push(averageKernel(call, context));
        break;
      case 'variance':
        this.push(...varianceKernels(call, context));
        break;
      case 'keepBest':
        this.push(...keepBestKernels(call, context));
        break;
      case 'adam':
        this.flushGradients();
        this.push(adamKernel(call, context));
        break;
      case 'muon':
        this.flushGradients();
        this.push(...muonKernels(call, context));
        break;
      case 'endStep':
        this.flushGradients();
        this.push(endStepKernel(call, context));
        break;
      default:
        call satisfies never; // a kind that nobody lowers is a type error
    }
  }

  private push(...kernels: Kernel[]): void {
    for (const kernel of kernels) if (!(kernel.fills && this.isFilled(kernel))) this.kernels.push(kernel);
  }

  /** Whether an earlier kernel has just done the same, and nothing it reads or wrote has changed since. */
  private isFilled(kernel: Kernel): boolean {
    const { buffers } = this.context.plan;
    const place = (ref: BufferRef) =>
      ref.kind === 'plan' ? `slot ${buffers[ref.id].slot}` : `${ref.kind} ${ref.name}`;
    const used = new Set(kernel.bindings.map(({ buffer }) => place(buffer)));
    const changes = ({ bindings }: Kernel) =>
      bindings.some(({ access, buffer }) => access === 'read_write' && used.has(place(buffer)));
    const last = this.kernels.findLast(changes);
    return last !== undefined && sameKernel(last, kernel);
  }

  private readonly convolutions = new Map<KernelCall, () => Kernel[]>();

  /** Gives every convolution its place in the packed weights, which is known in full before any is built. */
  private placeConvolutions(calls: readonly KernelCall[]): void {
    const weights = () => packedWeights(this.packedFloats);
    for (const call of calls) {
      if (call.kind !== 'conv' && call.kind !== 'convBackwardInput') continue;
      if (this.convolutions.has(call)) continue;
      const planned =
        call.kind === 'conv'
          ? this.ways.forward(call, this.context)
          : this.ways.backwardInput(call, this.context);
      const offset = this.packedFloats;
      this.packs.push({ ...planned.pack, offset });
      this.packedFloats += planned.pack.paddedSources * planned.pack.taps * planned.pack.paddedOutputs;
      this.convolutions.set(call, () => planned.build(weights(), offset));
    }
  }

  private convBackwardWeight(call: ConvBackwardWeightCall): void {
    const { shares, weights, biases, build } = this.ways.backwardWeight(call, this.context);
    const stride = weights + biases;
    if (this.pendingFloats + shares * stride > MOST_PENDING) this.flushGradients();
    const from = this.pendingFloats;
    this.push(...build(pendingRef(from + shares * stride), from));
    const add = (parameter: number, at: number, floats: number) =>
      this.pending.push({
        to: parameterOffset(this.context, parameter),
        from: from + at,
        stride,
        shares,
        floats,
      });
    add(call.weight, 0, weights);
    if (call.bias !== null) add(call.bias, weights, biases);
    this.pendingFloats += shares * stride;
  }

  private flushGradients(): void {
    if (this.pending.length === 0) return;
    this.push(reduceKernel(this.pending, pendingRef(this.pendingFloats), named(this.context, 'gradient')));
    this.pending = [];
    this.pendingFloats = 0;
  }
}

const pendingRef = (floats: number): BufferRef => ({
  kind: 'scratch',
  name: 'weight gradient shares',
  floats,
});

const sameKernel = (a: Kernel, b: Kernel): boolean =>
  a.code === b.code &&
  a.constants.every((value, i) => value === b.constants[i]) &&
  a.bindings.every(({ buffer }, i) => sameBuffer(buffer, b.bindings[i].buffer));
