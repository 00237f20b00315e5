import { abortError } from '../errors.ts';
import { LOG_COLUMNS, LOG_ROWS, namedBuffer, type Plan, STATE } from '../plan/plan.ts';
import { CheckpointSlots } from './checkpoint.ts';
import type { Run, StepRecord } from './executor.ts';

/**
 * What an executor does for a run. `OrderedRun` decides when, checks what it is asked for, and never asks for anything
 * before the last answer is there. What throws here ends the run.
 */
export interface RunDevice {
  /** Bytes kept allocated, scratch included. */
  readonly bytes: number;
  /** Fills a named buffer of as many floats; `data` may change once this has returned or resolved. */
  write(name: string, data: Float32Array): void | Promise<void>;
  /** A copy of a named buffer. */
  read(name: string): Float32Array | Promise<Float32Array>;
  control(rate: number, noise: number): void;
  /** Does steps number `first` … `first + count − 1`; resolves with their rows of the log, [count, LOG_COLUMNS]. */
  steps(first: number, count: number): Promise<Float32Array>;
  /** Copies CHECKPOINT_BUFFERS and the state's variance into a slot, or back. */
  save(slot: 0 | 1): void;
  restore(slot: 0 | 1): void;
  /** Frees everything; called once, also with something in flight, whose outcome nobody waits for any more. */
  free(): void;
}

/** A run of any executor: does what it is asked for in the order it was asked, and ends when told to, whatever hangs. */
export class OrderedRun<D extends RunDevice = RunDevice> implements Run {
  private readonly slots = new CheckpointSlots();
  /** Number of the next step. */
  private step = 0;
  private ended: { readonly reason: unknown } | undefined;
  /** Settles when all that was asked for so far is done; null when nothing is under way. */
  private tail: Promise<void> | null = null;
  private readonly pending = new Set<(reason: unknown) => void>();

  constructor(
    private readonly plan: Plan,
    readonly device: D,
    /** The runs that live: this one belongs to them until it ends. */
    private readonly living: Set<OrderedRun> = new Set(),
  ) {
    living.add(this);
  }

  get bytes(): number {
    return this.device.bytes;
  }

  write(name: string, data: Float32Array): void {
    const { floats } = this.plan.buffers[namedBuffer(this.plan, name)];
    if (data.length !== floats)
      throw new RangeError(`Buffer "${name}" holds ${floats} floats, got ${data.length}.`);
    this.inTurn(() => {
      if (name === 'state') this.step = data[STATE.step];
      return this.device.write(name, data);
    });
  }

  async read(name: string): Promise<Float32Array> {
    namedBuffer(this.plan, name); // refuses unknown names
    return this.inOrder((device) => device.read(name));
  }

  control(rate: number, noise: number): void {
    this.inTurn(() => this.device.control(rate, noise));
  }

  async steps(count: number): Promise<StepRecord[]> {
    if (!(Number.isInteger(count) && count >= 1 && count <= LOG_ROWS))
      throw new RangeError(`Expected 1 to ${LOG_ROWS} steps, got ${count}.`);
    return this.inOrder(async (device) => {
      const first = this.step;
      const rows = await device.steps(first, count);
      this.step = first + count;
      return Array.from({ length: count }, (_, i) => {
        const [loss, variance] = rows.subarray(i * LOG_COLUMNS);
        return { step: first + i, loss, variance };
      });
    });
  }

  checkpoint(): void {
    this.alive();
    const slot = this.slots.save();
    this.inTurn(() => this.device.save(slot));
  }

  rollback(): void {
    this.alive();
    const slot = this.slots.rollback();
    this.inTurn(() => this.device.restore(slot));
  }

  dispose(): void {
    this.fail(abortError());
    this.ended = { reason: abortError() };
  }

  /** Ends the run at once: all that waits, and all that is asked for later, fails with the reason. */
  fail(reason: unknown): void {
    if (this.ended) return;
    this.ended = { reason };
    for (const reject of this.pending) reject(reason);
    this.pending.clear();
    this.device.free();
    this.living.delete(this);
  }

  /** Does something with the device after all that was asked for so far, and before all that is asked for later. */
  inOrder<T>(task: (device: D) => T | Promise<T>): Promise<T> {
    if (this.ended) return Promise.reject(this.ended.reason);
    return new Promise<T>((resolve, reject) => {
      this.pending.add(reject);
      const work = async () => {
        if (this.ended) return;
        try {
          resolve(await task(this.device));
          this.pending.delete(reject);
        } catch (error) {
          this.fail(error);
        }
      };
      const tail = this.tail ? this.tail.then(work) : work();
      this.tail = tail;
      void tail.then(() => {
        if (this.tail === tail) this.tail = null;
      });
    });
  }

  /** The same for what nobody waits for: if it fails, whatever is asked for next says so. */
  private inTurn(task: () => void | Promise<void>): void {
    this.alive();
    this.inOrder(task).catch(() => {});
  }

  private alive(): void {
    if (this.ended) throw this.ended.reason;
  }
}
