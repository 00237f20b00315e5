import type { ExecutorName } from '../executors/executor.ts';
import type { StoppedBy } from './optimise.ts';

/** What made a result: the picture's own repetitions, a network, or pixels under total variation. */
export type Stage = 'nonlocal' | 'network' | 'tv';

/** What computed a stage. */
export interface RanOn {
  readonly stage: Stage;
  readonly executor: ExecutorName;
  /** The graphics card, or how the processor was used, in words. */
  readonly adapter: string;
}

/** How a restoration went, over all its parts. */
export interface RunReport {
  /** What the user should know about the result, in sentences. */
  readonly notes: readonly string[];
  /** What made the result, in order; none where nothing was done. */
  readonly stages: readonly Stage[];
  /** Steps done in all runs of all parts. */
  readonly steps: number;
  /** The step of the first run (of the first part) whose average is returned. */
  readonly bestStep: number;
  /** Independent runs that were averaged, in each part. */
  readonly runs: number;
  /** Parts that were worked on one after the other and faded into each other; 1 = all at once. */
  readonly parts: number;
  /** What ended the first run; 'user' where it was stopped, 'time' where a part had to be cut short; 'none' where nothing was cut short without runs. */
  readonly stoppedBy: StoppedBy | 'none';
  /** All of the work, loading aside, and that over the steps. */
  readonly seconds: number;
  readonly msPerStep: number;
  /** The loss of each step, run after run, part after part. */
  readonly losses: readonly number[];
  /** ES-EMV's variance after each step. */
  readonly variances: readonly number[];
  readonly rollbacks: number;
  /** Bytes that a run kept allocated: of the largest part. */
  readonly bytes: number;
}

/** Of a result that took no steps. */
export function reportWithoutSteps(
  seconds: number,
  stages: readonly Stage[],
  notes: readonly string[] = [],
  stoppedBy: RunReport['stoppedBy'] = 'none',
): RunReport {
  const none = { steps: 0, bestStep: 0, runs: 0, parts: 0, msPerStep: 0, rollbacks: 0, bytes: 0 };
  return { ...none, stages, notes, seconds, stoppedBy, losses: [], variances: [] };
}
