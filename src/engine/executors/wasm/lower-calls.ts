import type { AxisTable } from '../../image/axis-table.ts';
import { NEWTON_SCHULZ } from '../../kernels/optimiser.ts';
import type { CallOf, MuonMatrix, Slice } from '../../plan/calls.ts';
import { ADAM, LOG_ROWS } from '../../plan/plan.ts';
import { blocksOf } from './geometry.ts';
import { f32, f64, type Word } from './layout.ts';
import type { Lowering } from './lower.ts';

/** Floats a task of an element-by-element kernel should at least have. */
const TASK_FLOATS = 8192;

const floatsOf = ({ channels, height, width }: Slice) => channels * height * width;

/** Channels a task, so that it has about TASK_FLOATS. */
function channelBatch(x: Slice): { batch: number; tasks: number } {
  const batch = Math.min(x.channels, Math.max(1, Math.floor(TASK_FLOATS / (x.height * x.width))));
  return { batch, tasks: Math.ceil(x.channels / batch) };
}

/** Floats a task, a multiple of 4. */
function flatBatch(floats: number): { batch: number; tasks: number } {
  const batch = Math.max(TASK_FLOATS, Math.ceil(floats / 64) * 4);
  return { batch, tasks: Math.ceil(floats / batch) };
}

function finished(
  l: Lowering,
  op: 'dataTerm' | 'totalVariation' | 'variance',
  tasks: number,
  words: (partial: number) => Word[],
): void {
  const finish = {
    dataTerm: 'finishDataTerm',
    totalVariation: 'finishTotalVariation',
    variance: 'finishVariance',
  } as const;
  l.withPartials(tasks * 8, (partial) => {
    const stage = l.stage(op, tasks, [...words(partial), tasks, l.named('state')]);
    return [stage, { ...stage, op: finish[op], tasks: 1 }];
  });
}

/** Every call that is not a convolution: the stages it becomes. */
export const LOWER = {
  noise(l: Lowering, call: CallOf<'noise'>): void {
    const floats = floatsOf(call.x);
    const { batch, tasks } = flatBatch(floats);
    const { std, seed } = call;
    const words = [l.slice(call.x), l.slice(call.out), floats, f64(std), seed >>> 0, l.named('state'), batch];
    l.stages.push(l.stage('noise', tasks, words));
  },

  moments(l: Lowering, call: CallOf<'moments'>): void {
    const { batch, tasks } = channelBatch(call.x);
    l.stages.push(
      l.stage('moments', tasks, [
        ...l.view({ ...call.x, affine: call.affine, activation: null }),
        l.parameter(call.gamma),
        l.parameter(call.beta),
        f64(call.epsilon),
        batch,
      ]),
    );
  },

  /** The sums, the gradient of the input, or both in one pass over each channel. */
  normBackward(
    l: Lowering,
    sums: CallOf<'normGradients'> | null,
    input: CallOf<'normBackwardInput'> | null,
  ): void {
    const call = (sums ?? input)!;
    const { batch, tasks } = channelBatch(call.x);
    l.stages.push(
      l.stage('normBackward', tasks, [
        ...l.view(call.x),
        l.slice(call.dy),
        l.buffer(call.sums),
        l.gradient(sums?.gamma ?? null),
        l.gradient(sums?.beta ?? null),
        input ? l.slice(input.dx) : 0,
        input?.accumulate ?? false,
        batch,
      ]),
    );
  },

  activationBackward(l: Lowering, call: CallOf<'activationBackward'>): void {
    const { batch, tasks } = channelBatch(call.x);
    const words = [...l.view(call.x), l.slice(call.dy), l.slice(call.dx), call.accumulate, batch];
    l.stages.push(l.stage('activationBackward', tasks, words));
  },

  pointwise(l: Lowering, call: CallOf<'pointwise'>): void {
    const { batch, tasks } = channelBatch(call.x);
    const words = [...l.view(call.x), l.slice(call.out), call.accumulate, batch];
    l.stages.push(l.stage('pointwise', tasks, words));
  },

  resample(l: Lowering, call: CallOf<'resample'>): void {
    const [rows, cols] = [l.plan.tables[call.rows], l.plan.tables[call.cols]];
    const { batch, tasks } = channelBatch(call.out);
    const starts = startsOf(rows);
    const ringRows = 2 ** Math.ceil(Math.log2(reachOfFour(starts, rows.taps)));
    const ring = Math.ceil((call.x.width * 16) / 64) * 64;
    l.needScratch(ring + ringRows * call.x.width * 4 + 64);
    l.stages.push(
      l.stage('resample', tasks, [
        ...l.view(call.x),
        l.slice(call.out),
        call.out.height,
        call.out.width,
        call.accumulate,
        rows.taps,
        l.arena.placeArray(starts),
        l.arena.placeArray(rows.weights),
        cols.taps,
        l.arena.placeArray(cols.start),
        l.arena.placeArray(cols.weights),
        ring,
        ringRows,
        batch,
      ]),
    );
  },

  dataTerm(l: Lowering, call: CallOf<'dataTerm'>): void {
    const floats = floatsOf(call.x);
    const { batch, tasks } = flatBatch(floats);
    finished(l, 'dataTerm', tasks, (partial) => [
      l.slice(call.x),
      l.buffer(call.target),
      call.weight === null ? 0 : l.buffer(call.weight),
      l.slice(call.dx),
      floats,
      call.x.height * call.x.width,
      f64(call.huber),
      batch,
      partial,
    ]);
  },

  totalVariation(l: Lowering, call: CallOf<'totalVariation'>): void {
    const { channels, height, width } = call.x;
    const batch = Math.max(Math.ceil(TASK_FLOATS / width), Math.ceil((channels * height) / 64));
    finished(l, 'totalVariation', Math.ceil((channels * height) / batch), (partial) => [
      l.slice(call.x),
      l.slice(call.dx),
      channels,
      height,
      width,
      f64(call.lambda),
      batch,
      partial,
    ]);
  },

  adam(l: Lowering, call: CallOf<'adam'>): void {
    const { batch, tasks } = flatBatch(call.to - call.from);
    const arenas = ['theta', 'gradient', 'moment1', 'moment2'].map((name) => l.named(name) + call.from * 4);
    l.stages.push(
      l.stage('adam', tasks, [
        ...arenas,
        call.to - call.from,
        f64(call.learningRate),
        f64(ADAM.beta1),
        f64(ADAM.beta2),
        f64(ADAM.epsilon),
        batch,
        l.named('state'),
      ]),
    );
  },

  /** One task a weight, the largest first: each is done by one thread. */
  muon(l: Lowering, call: CallOf<'muon'>): void {
    const largest = [...call.matrices].sort((a, b) => b.rows * b.cols - a.rows * a.cols);
    for (const matrix of largest) l.needScratch(muonScratch(l, matrix));
    l.stages.push(
      l.strided(
        'muon',
        largest.map((matrix) => muonArgs(l, call, matrix)),
      ),
    );
  },

  average(l: Lowering, call: CallOf<'average'>): void {
    const floats = floatsOf(call.x);
    const { batch, tasks } = flatBatch(floats);
    const words = [l.slice(call.x), l.buffer(call.mean), floats, f64(call.decay), batch, l.named('state')];
    l.stages.push(l.stage('average', tasks, words));
  },

  variance(l: Lowering, call: CallOf<'variance'>): void {
    const floats = floatsOf(call.x);
    const { batch, tasks } = flatBatch(floats);
    finished(l, 'variance', tasks, (partial) => [
      l.slice(call.x),
      l.buffer(call.mean),
      floats,
      f64(call.alpha),
      batch,
      partial,
    ]);
  },

  keepBest(l: Lowering, call: CallOf<'keepBest'>): void {
    const { floats } = l.plan.buffers[call.best];
    const { batch, tasks } = flatBatch(floats);
    const words = [l.buffer(call.source), l.buffer(call.best), floats, call.from, batch, l.named('state')];
    const stage = l.stage('keepBest', tasks, words);
    l.stages.push({ ...stage, op: 'decideBest', tasks: 1 }, stage);
  },

  endStep(l: Lowering, call: CallOf<'endStep'>): void {
    l.stages.push(l.stage('endStep', 1, [l.buffer(call.log), LOG_ROWS, l.named('state')]));
  },
};

/** Row starts, those of all-zero rows taken from the row before, so that they do not jump. */
function startsOf({ outputs, taps, start, weights }: AxisTable): Int32Array {
  const starts = start.slice();
  for (let i = 1; i < outputs; i++)
    if (weights.subarray(i * taps, (i + 1) * taps).every((w) => w === 0)) starts[i] = starts[i - 1];
  return starts;
}

/** The most input rows that four output rows from a multiple of 4 on read. */
function reachOfFour(starts: Int32Array, taps: number): number {
  let reach = 0;
  for (let i = 0; i < starts.length; i += 4) {
    const four = starts.subarray(i, i + 4);
    reach = Math.max(reach, Math.max(...four) - Math.min(...four) + taps);
  }
  return reach;
}

function muonArgs(l: Lowering, call: CallOf<'muon'>, { parameter, rows, cols }: MuonMatrix): Word[] {
  const { a, b, c, iterations, restart, epsilon } = NEWTON_SCHULZ;
  const { offset } = l.plan.parameters[parameter];
  const blocks = blocksOf(Math.min(rows, cols), l.fma);
  return [
    l.parameter(parameter),
    l.gradient(parameter),
    l.named('moment1') + offset * 4,
    rows,
    cols,
    f64(call.learningRate),
    f64(call.momentum),
    f32(a),
    f32(b),
    f32(c),
    iterations,
    restart,
    f64(epsilon),
    blocks.sixes,
    blocks.fives,
    blocks.fours,
    l.named('state'),
  ];
}

/** As `muon` of assembly/optimiser.ts lays it out. */
function muonScratch(l: Lowering, { rows, cols }: MuonMatrix): number {
  const short = Math.min(rows, cols);
  const length = Math.ceil(Math.max(rows, cols) / 8) * 8;
  const side = Math.ceil(short / 8) * 8;
  const { channels } = blocksOf(short, l.fma);
  return (
    4 *
      ((short + channels + 6) * length +
        4 * channels * side +
        channels * (short + 1) +
        2 * (short + 1) +
        48) +
    128
  );
}
