import type { Journal } from '../checkpoints/journal.ts';
import type { StepRecord } from '../executors/executor.ts';
import type { Failover } from '../executors/failover.ts';
import { withRun } from '../executors/with-run.ts';
import { parametersInPieces } from '../network/initialise.ts';
import { compile } from '../plan/compile.ts';
import { Copies } from '../run/copies.ts';
import { planDigest } from '../run/optimise.ts';
import { inTurns } from '../time-slicing.ts';
import type { Lessons } from './examples.ts';
import { drawBatch, type Mosaic } from './mosaic.ts';
import { networkFor } from './network.ts';
import { keepNetwork, keptNetwork } from './network-journal.ts';

interface Training {
  readonly planes: number;
  /** Channels of the network. */
  readonly channels: number;
  readonly steps: number;
  readonly seed: number;
  /** Parameters to go on from; absent = random ones. */
  readonly from?: Float32Array;
  readonly signal?: AbortSignal;
  /** Where it is copied to, and may go on from. */
  readonly journal: Journal;
  /** Said after each step, with the losses of all so far; answers how to go on. */
  watch(losses: readonly number[], theta: () => Promise<Float32Array>): Promise<Standing>;
}

interface Standing {
  readonly stop: boolean;
  /** How much of the time was used, 0 … 1, where time is short. */
  readonly used: number;
}

export interface Trained {
  /** The parameters; absent where the network has learnt nothing that plain enlargement does not know. */
  readonly theta?: Float32Array;
  readonly bytes: number;
  /** Of all steps. */
  readonly losses: readonly number[];
}

/** Share of the steps after which the rate falls, and what it falls to. */
const FALLS = 0.6;
const LOWEST = 0.02;
/** Last steps by which a network is judged. */
const JUDGED = 20;

/**
 * Teaches one network by random crops of the lessons; where the executor fails, another one goes on. One that is done is kept in
 * the journal, and is what an interrupted run finds there.
 */
export async function train(
  failover: Failover,
  lessons: Lessons,
  mosaic: Mosaic,
  { planes, channels, steps, seed, from, signal, journal, watch }: Training,
): Promise<Trained> {
  const kept = keptNetwork(journal);
  if (kept) return kept;
  const { graph, objective } = networkFor(mosaic.width, mosaic.height, planes, channels);
  const plan = compile(graph, objective);
  const copies = new Copies<readonly number[]>(journal, planDigest(plan));
  return withRun(failover, plan, signal, async (run) => {
    run.write('theta', from ?? (await inTurns(parametersInPieces(plan, seed))));
    run.write('weight', mosaic.weight);
    const earlier = copies.restore(run);
    const history: StepRecord[] = [...(earlier?.history ?? [])];
    const losses = history.map(({ loss }) => loss);
    const gains = [...(earlier?.state ?? [])];
    let standing: Standing = { stop: false, used: 0 };
    for (let step = losses.length; step < steps && !standing.stop && standing.used < 1; step++) {
      const { input, target, idleLoss } = drawBatch(lessons, planes, mosaic, seed, step);
      run.control(rateAt(Math.max(step / steps, standing.used)), 0);
      run.write('blurred', input);
      run.write('target', target);
      const [record] = await run.steps(1);
      history.push(record);
      losses.push(record.loss);
      gains.push(idleLoss - record.loss);
      if (gains.length > JUDGED) gains.shift();
      if (Number.isFinite(record.loss)) await copies.take(run, history, gains);
      standing = await watch(losses, () => run.read('theta'));
    }
    const gain = gains.reduce((sum, value) => sum + value, 0);
    const trained = { bytes: run.bytes, losses, ...(gain > 0 ? { theta: await run.read('theta') } : {}) };
    if (!standing.stop && standing.used < 1) keepNetwork(journal, trained);
    return trained;
  });
}

/** The share of the rate once so much of the work is done. */
function rateAt(done: number): number {
  return done < FALLS ? 1 : Math.max(LOWEST, (1 - done) / (1 - FALLS));
}
