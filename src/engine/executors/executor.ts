import type { ExecutorChoice } from '../choices.ts';
import { LOG_ROWS, type Plan } from '../plan/plan.ts';

/** The most steps one `Run.steps` call takes: the device's log holds no more. */
export const LOG_LIMIT = LOG_ROWS;

/** Every executor that can be asked for by name. `reference` is the plain-loop oracle of the tests. */
export type ExecutorName = Exclude<ExecutorChoice, 'auto'>;

/** One finished step: the loss before its update and the ES-EMV variance after it. */
export interface StepRecord {
  readonly step: number;
  readonly loss: number;
  readonly variance: number;
}

/** Where a device can run plans. Made by `createExecutor`, disposed by its maker. */
export interface Executor {
  readonly name: ExecutorName;
  /** The device in words: "Apple M2", "SwiftShader", "2 threads". */
  readonly adapter: string;
  /** Allocates everything the plan needs. Throws OutOfMemoryError before anything is allocated where it cannot fit. */
  compile(plan: Plan): Promise<Run>;
  dispose(): void;
}

/**
 * A compiled plan with live buffers; made by `OrderedRun` for every executor. All is done in the order it was asked for,
 * nothing needs waiting for what came before. What fails ends the run: whatever waits, and all that is asked for later,
 * fails with that error; after `dispose`, with an AbortError.
 */
export interface Run {
  /** Bytes the run keeps allocated, scratch included. */
  readonly bytes: number;
  /**
   * Fills a named buffer (see Plan.named) or a graph input with as many floats, else throws RangeError. Leave `data` alone
   * until the run's next promise resolves. A written `state` also says which step is next.
   */
  write(name: string, data: Float32Array): void;
  /** A copy of a named buffer, after all steps asked for so far. */
  read(name: string): Promise<Float32Array>;
  /** Sets the multipliers of learning rate and input noise for the steps to come. Both start at 1. */
  control(rate: number, noise: number): void;
  /** Runs `count` steps (1 … LOG_ROWS, else rejects with RangeError) and resolves with their records once they are done. */
  steps(count: number): Promise<StepRecord[]>;
  /** Copies what training changes aside, on the device: theta, moments, ema, varianceMean, state.variance. */
  checkpoint(): void;
  /**
   * Puts the checkpoint before the last one back (the last where there is only one), which becomes the last. A step's
   * loss is known before its update, so the last checkpoint may already hold the update that broke everything. The
   * step counter, the multipliers and the best image go on. Throws where there is no checkpoint.
   */
  rollback(): void;
  /** Frees everything; also the abort path, so it may be called with anything in flight, and twice. */
  dispose(): void;
}
