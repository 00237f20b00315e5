import type { BufferId, KernelCall, Slice, View } from '../../plan/calls.ts';
import { type Uses, usesOf } from '../../plan/calls.ts';
import { namedBuffer, type Plan } from '../../plan/plan.ts';
import { Arena, f32, type Stage, type Word } from './layout.ts';
import { LOWER } from './lower-calls.ts';
import { convBackwardInputStage, lowerConv, lowerConvBackwardWeight } from './lower-conv.ts';

/** A plan as stages over addresses of one memory. */
export interface Program {
  readonly stages: readonly Stage[];
  readonly arena: Arena;
  /** Address of each plan slot. */
  readonly slots: readonly number[];
  /** Bytes of scratch each thread needs. */
  readonly scratch: number;
}

const ACTIVATIONS = { none: 0, leakyRelu: 1, sigmoid: 2 } as const;

/** Translates calls to stages; `fma` says which build of the kernels will run them. */
export class Lowering {
  readonly arena = new Arena();
  readonly slots: readonly number[];
  readonly stages: Stage[] = [];
  scratch = 0;
  /** Argument blocks of the weight packing that opens every step. */
  readonly packing: Word[][] = [];
  private partialBytes = 0;
  private partialUsers: ((address: number) => Stage[])[] = [];

  constructor(
    readonly plan: Plan,
    readonly fma: boolean,
  ) {
    this.slots = plan.slots.map((floats) => this.arena.reserve(floats * 4));
  }

  buffer(id: BufferId): number {
    return this.slots[this.plan.buffers[id].slot];
  }

  named(name: string): number {
    return this.buffer(namedBuffer(this.plan, name));
  }

  slice({ buffer, offset }: Slice): number {
    return this.buffer(buffer) + offset * 4;
  }

  parameter(id: number): number {
    return this.named('theta') + this.plan.parameters[id].offset * 4;
  }

  gradient(id: number | null): number {
    return id === null ? 0 : this.named('gradient') + this.plan.parameters[id].offset * 4;
  }

  /** The fields of class View. */
  view(x: View): Word[] {
    const { activation } = x;
    const slope = activation?.kind === 'leakyRelu' ? activation.slope : 0;
    if (slope < 0 || slope > 1) throw new RangeError(`Leaky ReLU slopes are from 0 to 1, got ${slope}.`);
    return [
      this.slice(x),
      x.channels,
      x.height,
      x.width,
      x.affine === null ? 0 : this.buffer(x.affine),
      ACTIVATIONS[activation?.kind ?? 'none'],
      f32(slope),
    ];
  }

  /** Whether neither call writes what the other touches; buffers may share a slot. */
  independent(first: KernelCall, second: KernelCall): boolean {
    const slots = (ids: readonly BufferId[]) => ids.map((id) => this.plan.buffers[id].slot);
    const meets = (a: Uses, b: Uses) =>
      slots(a.writes).some((slot) => slots([...b.reads, ...b.writes]).includes(slot));
    const [a, b] = [usesOf(first), usesOf(second)];
    return !meets(a, b) && !meets(b, a);
  }

  stage(op: Stage['op'], tasks: number, words: readonly Word[]): Stage {
    return { op, tasks, args: this.arena.args(words), stride: 0 };
  }

  needScratch(bytes: number): void {
    this.scratch = Math.max(this.scratch, Math.ceil(bytes / 64) * 64);
  }

  /** Stages that need memory for partial sums, which all calls share: made once its size is known. */
  withPartials(bytes: number, make: (address: number) => Stage[]): void {
    this.partialBytes = Math.max(this.partialBytes, bytes);
    const at = this.stages.length;
    this.stages.push(PENDING);
    this.partialUsers[at] = make;
  }

  finish(): Program {
    const partials = this.arena.reserve(this.partialBytes);
    const stages = this.stages.flatMap((stage, i) => this.partialUsers[i]?.(partials) ?? [stage]);
    if (this.packing.length > 0) stages.unshift(this.strided('packWeights', this.packing));
    return { stages: joinIndependent(stages), arena: this.arena, slots: this.slots, scratch: this.scratch };
  }

  /** One stage whose tasks have an argument block each. */
  strided(op: Stage['op'], blocks: readonly (readonly Word[])[]): Stage {
    const addresses = blocks.map((words) => this.arena.args(words));
    return { op, tasks: blocks.length, args: addresses[0], stride: (addresses[1] ?? 0) - addresses[0] };
  }
}

const PENDING: Stage = { op: 'endStep', tasks: 0, args: 0, stride: 0 };

/** Stages that touch neither the partial sums nor weights and their gradients. */
const BESIDE_REDUCTION: readonly Stage['op'][] = [
  'normBackward',
  'activationBackward',
  'pointwise',
  'resample',
];

/** Saves barriers: the reduction of a weight's gradient runs beside what follows, the two averages side by side. */
function joinIndependent(stages: readonly Stage[]): Stage[] {
  return stages.map((stage, i) => {
    const next = stages[i + 1]?.op;
    const reduction = stage.op === 'reduceWeights' && !stage.apart && BESIDE_REDUCTION.includes(next);
    return reduction || (stage.op === 'average' && next === 'variance') ? { ...stage, joined: true } : stage;
  });
}

export function lower(plan: Plan, fma: boolean): Program {
  const lowering = new Lowering(plan, fma);
  for (let i = 0; i < plan.calls.length; ) i += lowerCalls(lowering, plan.calls, i);
  return lowering.finish();
}

/** Lowers the call at i, with those after it that one stage can serve; returns how many. */
function lowerCalls(lowering: Lowering, calls: readonly KernelCall[], i: number): number {
  const call = calls[i];
  const next = calls[i + 1];
  switch (call.kind) {
    case 'conv':
      lowerConv(lowering, call);
      return 1;
    case 'convBackwardInput':
      lowering.stages.push(convBackwardInputStage(lowering, call));
      return 1;
    case 'convBackwardWeight': {
      const input = next?.kind === 'convBackwardInput' && lowering.independent(call, next) ? next : null;
      lowerConvBackwardWeight(lowering, call, input && convBackwardInputStage(lowering, input));
      return input ? 2 : 1;
    }
    case 'normGradients': {
      const fused = next?.kind === 'normBackwardInput' && next.sums === call.sums && next.dy === call.dy;
      LOWER.normBackward(lowering, call, fused ? next : null);
      return fused ? 2 : 1;
    }
    case 'normBackwardInput':
      LOWER.normBackward(lowering, null, call);
      return 1;
    default:
      LOWER[call.kind](lowering, call as never);
      return 1;
  }
}
