import type { AxisTable } from '../image/axis-table.ts';
import type { Graph, NodeId, Parameter } from '../network/graph.ts';
import type { BufferId, KernelCall } from './calls.ts';

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

/**
 * A plan is one training step as a flat list of kernel calls over named buffers. It is pure data: compiled once from
 * a graph (`compile.ts`), printed by `describe.ts`, run thousands of times by any executor. Its calls: `calls.ts`.
 */
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
