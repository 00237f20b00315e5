import type { AdamCall, MuonCall, MuonMatrix } from '../../plan/calls.ts';
import { ADAM, type PlacedParameter, type Plan } from '../../plan/plan.ts';
import type { Backend, Tensor1D, Tensor2D } from './backend.ts';

/** The flat arenas of all parameters: [arenaFloats] each. */
export type Arenas = {
  readonly theta: Tensor1D;
  readonly moment1: Tensor1D;
  readonly moment2: Tensor1D;
};

/** The flat arena of all gradients, 0 between them and where a parameter has none. */
export function gradientArena({ tf }: Backend, plan: Plan, found: ReadonlyMap<number, Tensor1D>): Tensor1D {
  const parts: Tensor1D[] = [];
  let end = 0;
  const fill = (to: number) => {
    if (to > end) parts.push(tf.zeros([to - end]));
    end = to;
  };
  for (const { id, offset, size } of [...plan.parameters].sort((p, q) => p.offset - q.offset)) {
    const gradient = found.get(id);
    if (!gradient) continue;
    fill(offset);
    parts.push(gradient);
    end = offset + size;
  }
  fill(plan.arenaFloats);
  return parts.length === 1 ? tf.clone(parts[0]) : tf.concat(parts);
}

type Segment = Arenas & { readonly from: number };

interface OptimiserStep {
  readonly gradient: Tensor1D;
  readonly calls: readonly (AdamCall | MuonCall)[];
  readonly parameters: readonly PlacedParameter[];
  readonly step: number;
  readonly rate: number;
}

/**
 * One optimiser step over the arenas, call by call as the plan lists them; floats that no call covers stay as they
 * are. `step` counts from 0, `rate` multiplies every learning rate.
 */
export function optimise(
  b: Backend,
  arenas: Arenas,
  { gradient, calls, parameters, step, rate }: OptimiserStep,
): Arenas {
  const cut = ({ from, to }: { from: number; to: number }) =>
    [segmentOf(b, arenas, from, to), b.tf.slice(gradient, from, to - from)] as const;
  const segments = calls.flatMap((call) => {
    if (call.kind === 'adam') return [adam(b, ...cut(call), call, step, rate)];
    return call.matrices.map((matrix) =>
      muon(b, ...cut(rangeOf(parameters[matrix.parameter])), { ...call, ...matrix }, rate),
    );
  });
  return join(b, arenas, segments);
}

const rangeOf = ({ offset, size }: PlacedParameter) => ({ from: offset, to: offset + size });

function segmentOf({ tf }: Backend, { theta, moment1, moment2 }: Arenas, from: number, to: number): Segment {
  const cut = (arena: Tensor1D) => tf.slice(arena, from, to - from);
  return { from, theta: cut(theta), moment1: cut(moment1), moment2: cut(moment2) };
}

function adam(
  { tf }: Backend,
  part: Segment,
  g: Tensor1D,
  { learningRate }: AdamCall,
  step: number,
  rate: number,
): Segment {
  const { beta1, beta2, epsilon } = ADAM;
  const moment1: Tensor1D = tf.add(tf.mul(part.moment1, beta1), tf.mul(g, 1 - beta1));
  const moment2: Tensor1D = tf.add(tf.mul(part.moment2, beta2), tf.mul(tf.square(g), 1 - beta2));
  const size = (rate * learningRate) / (1 - beta1 ** (step + 1));
  const root = tf.add(tf.mul(tf.sqrt(moment2), 1 / Math.sqrt(1 - beta2 ** (step + 1))), epsilon);
  return { ...part, moment1, moment2, theta: tf.sub(part.theta, tf.div(tf.mul(moment1, size), root)) };
}

/** Momentum (Nesterov), then the update orthogonalised by Newton-Schulz; the momentum lives in moment1. */
function muon(
  { tf }: Backend,
  part: Segment,
  g: Tensor1D,
  { rows, cols, momentum, learningRate }: MuonCall & MuonMatrix,
  rate: number,
): Segment {
  const moment1: Tensor1D = tf.add(tf.mul(part.moment1, momentum), g);
  const update = tf.add(g, tf.mul(moment1, momentum)).reshape<Tensor2D>([rows, cols]);
  const tall = rows > cols;
  const direction = orthogonalise(tf, tall ? tf.transpose(update) : update);
  const matrix = tall ? tf.transpose(direction) : direction;
  const size = rate * learningRate * Math.sqrt(Math.max(1, rows / cols));
  return { ...part, moment1, theta: tf.sub(part.theta, tf.mul(matrix.reshape([rows * cols]), size)) };
}

/** Five Newton-Schulz steps towards the nearest matrix of orthonormal rows (Jordan et al., Muon, 2024). */
function orthogonalise(tf: Backend['tf'], matrix: Tensor2D): Tensor2D {
  let x: Tensor2D = tf.div(matrix, tf.add(tf.sqrt(tf.sum(tf.square(matrix))), 1e-7));
  for (let i = 0; i < 5; i++) {
    const a: Tensor2D = tf.matMul(x, tf.transpose(x));
    const polynomial: Tensor2D = tf.add(tf.mul(a, -4.775), tf.mul(tf.matMul(a, a), 2.0315));
    x = tf.add(tf.mul(x, 3.4445), tf.matMul(polynomial, x));
  }
  return x;
}

/** The segments in place of their stretches of the arenas. */
function join(b: Backend, old: Arenas, segments: readonly Segment[]): Arenas {
  const { tf } = b;
  const size = old.theta.shape[0];
  const parts: Segment[] = [];
  let end = 0;
  const gap = (to: number) => {
    if (to > end) parts.push(segmentOf(b, old, end, to));
  };
  for (const segment of [...segments].sort((p, q) => p.from - q.from)) {
    gap(segment.from);
    parts.push(segment);
    end = segment.from + segment.theta.shape[0];
  }
  gap(size);
  const joined = (of: (part: Segment) => Tensor1D) =>
    parts.length === 1 ? tf.clone(of(parts[0])) : tf.concat(parts.map(of));
  return {
    theta: joined((part) => part.theta),
    moment1: joined((part) => part.moment1),
    moment2: joined((part) => part.moment2),
  };
}
