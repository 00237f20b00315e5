import { AUTOMATIC_EXECUTORS, type ExecutorChoice } from '../choices.ts';
import { DeviceLostError, GpuUnavailableError, OutOfMemoryError } from '../errors.ts';
import { unlessAborted } from '../stopping/abort.ts';
import { type ChosenExecutor, createExecutor } from './choose.ts';
import type { Executor, ExecutorName } from './executor.ts';
import type { EngineHost } from './host.ts';

/** Times a lost executor is started anew: what kills the GPU again and again may be the run itself. */
const MOST_RESTARTS = 2;

/**
 * The executor of a restoration, and those that take its place: one that was lost is started anew, and where the choice
 * is automatic the next one goes on when that fails too. At last that is the CPU without threads.
 */
export class Failover {
  private restarts = 0;
  private readonly told: string[] = [];

  private constructor(
    private readonly choice: ExecutorChoice,
    private host: EngineHost | undefined,
    private readonly signal: AbortSignal | undefined,
    private readonly create: typeof createExecutor,
    private current: ChosenExecutor,
  ) {}

  /**
   * Throws GpuUnavailableError where the choice cannot run here, an AbortError as soon as `signal` aborts. `create` makes
   * the executors.
   */
  static async start(
    choice: ExecutorChoice,
    host: EngineHost | undefined,
    signal: AbortSignal | undefined,
    create = createExecutor,
  ): Promise<Failover> {
    return new Failover(choice, host, signal, create, await open(create(choice, host), signal));
  }

  get executor(): Executor {
    return this.current.executor;
  }

  /** Why it is this one, in words. */
  get reason(): string {
    return this.current.reason;
  }

  /** What failed and what went on, in sentences. */
  get notes(): readonly string[] {
    return this.told;
  }

  /**
   * Puts another executor in the place of the one that failed with `error`. Throws `error` where that is no fault of the
   * executor, or there is none left.
   */
  async replace(error: unknown): Promise<void> {
    if (!isFault(error)) throw error;
    const failed = this.executor;
    this.executor.dispose();
    const next = (await this.restarted(error)) ?? (await this.following(failed));
    if (!next) throw error;
    this.current = next;
    const { name, adapter } = next.executor;
    const again = name === failed.name && adapter === failed.adapter;
    this.told.push(
      `${failed.name} on ${failed.adapter} failed (${error.message}); ${again ? 'it was started again and' : `${name} on ${adapter}`} went on.`,
    );
  }

  dispose(): void {
    this.executor.dispose();
  }

  /** The same executor anew, where it was lost and that is no habit. */
  private async restarted(error: Error) {
    if (!(error instanceof DeviceLostError) || this.restarts >= MOST_RESTARTS) return undefined;
    this.restarts++;
    try {
      return await this.open(this.executor.name);
    } catch (refusal) {
      if (!isFault(refusal)) throw refusal;
      return undefined;
    }
  }

  private async following({ name }: Executor) {
    this.restarts = 0;
    if (name === 'wasm') {
      if (!this.host?.threads) return undefined;
      this.host = { ...this.host, threads: undefined };
      return this.open('wasm');
    }
    if (this.choice !== 'auto') return undefined;
    const order: readonly ExecutorName[] = AUTOMATIC_EXECUTORS;
    return this.open('auto', order.slice(order.indexOf(name) + 1));
  }

  private open(choice: ExecutorChoice, automatic?: readonly ExecutorName[]): Promise<ChosenExecutor> {
    return open(this.create(choice, this.host, automatic), this.signal);
  }
}

function open(making: Promise<ChosenExecutor>, signal: AbortSignal | undefined): Promise<ChosenExecutor> {
  return unlessAborted(making, signal, ({ executor }) => executor.dispose());
}

/** Whether it is the executor that failed, not what it was asked for. */
function isFault(error: unknown): error is Error {
  return (
    error instanceof DeviceLostError ||
    error instanceof GpuUnavailableError ||
    error instanceof OutOfMemoryError
  );
}
