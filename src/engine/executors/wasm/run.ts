import { abortError, OutOfMemoryError } from '../../errors.ts';
import { LOG_COLUMNS, LOG_ROWS, namedBuffer, type Plan, STATE } from '../../plan/plan.ts';
import { CHECKPOINT_BUFFERS, CheckpointSlots } from '../checkpoint.ts';
import type { Run, StepRecord } from '../executor.ts';
import { CONTROL, CONTROL_BYTES } from './layout.ts';
import type { Program } from './lower.ts';

const PAGE = 65536;
/** What a 32-bit WebAssembly memory can hold. */
const MOST_PAGES = 65536;

/** Runs the stages of whole steps; one implementation on the calling thread, one on workers. */
export interface Driver {
  /** Resolves when `count` more steps are done; rejects when a worker fails. */
  steps(count: number): Promise<void>;
  stop(): void;
}

/** A program in its memory: everything of a run but who computes. */
export class LoadedProgram {
  readonly memory: WebAssembly.Memory;
  readonly control: number;
  readonly stages: number;
  /** Address of each thread's scratch. */
  readonly scratch: readonly number[];

  /** Throws OutOfMemoryError where the plan does not fit. */
  constructor(
    readonly plan: Plan,
    private readonly program: Program,
    threads: number,
    shared: boolean,
  ) {
    const { arena, stages } = program;
    this.stages = stages.length;
    const list = arena.program(stages);
    this.control = arena.place(
      new Uint8Array(
        Int32Array.from({ length: CONTROL_BYTES / 4 }, (_, i) =>
          i === CONTROL.threads
            ? threads
            : i === CONTROL.stages
              ? stages.length
              : i === CONTROL.program
                ? list
                : 0,
        ).buffer,
      ),
    );
    this.scratch = Array.from({ length: threads }, () => arena.reserve(program.scratch));
    this.memory = allocate(arena.bytes, shared);
    arena.fill(this.memory.buffer);
    const state = this.named('state');
    state[STATE.rate] = state[STATE.noise] = 1;
    state[STATE.bestVariance] = Number.POSITIVE_INFINITY;
  }

  named(name: string): Float32Array {
    const { slot, floats } = this.plan.buffers[namedBuffer(this.plan, name)];
    return new Float32Array(this.memory.buffer, this.program.slots[slot], floats);
  }

  get controlWords(): Int32Array {
    return new Int32Array(this.memory.buffer, this.control, CONTROL_BYTES / 4);
  }
}

function allocate(bytes: number, shared: boolean): WebAssembly.Memory {
  const pages = Math.ceil(bytes / PAGE);
  const needed = `The run needs ${Math.ceil(bytes / 1e6)} MB`;
  const remedy = 'restore a smaller image or a crop, or choose a thinner network';
  if (pages > MOST_PAGES)
    throw new OutOfMemoryError(`${needed}, the wasm executor can address 4295 MB; ${remedy}.`);
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared });
  } catch {
    throw new OutOfMemoryError(`${needed}, more than this process could allocate; ${remedy}.`);
  }
}

/** Orders what is asked of a run: everything waits for the steps asked for before it. */
export class WasmRun implements Run {
  readonly bytes: number;
  private readonly slots = new CheckpointSlots();
  private readonly checkpoints = [new Map<string, Float32Array>(), new Map<string, Float32Array>()];
  private queue: Promise<unknown> | null = null;
  private done = 0;

  constructor(
    private loaded: LoadedProgram | null,
    private readonly driver: Driver,
    private readonly onDispose: () => void,
  ) {
    const checkpoint = CHECKPOINT_BUFFERS.reduce((sum, name) => sum + loaded!.named(name).byteLength, 0);
    this.bytes = loaded!.memory.buffer.byteLength + this.checkpoints.length * checkpoint;
  }

  write(name: string, data: Float32Array): void {
    const { length } = this.program.named(name);
    if (data.length !== length)
      throw new RangeError(`Buffer "${name}" holds ${length} floats, got ${data.length}.`);
    this.inTurn(() => this.program.named(name).set(data));
  }

  read(name: string): Promise<Float32Array> {
    return this.after(() => Float32Array.from(this.program.named(name)));
  }

  control(rate: number, noise: number): void {
    this.inTurn(() => {
      const state = this.program.named('state');
      state[STATE.rate] = rate;
      state[STATE.noise] = noise;
    });
  }

  steps(count: number): Promise<StepRecord[]> {
    if (!(Number.isInteger(count) && count >= 1 && count <= LOG_ROWS))
      return Promise.reject(new RangeError(`Expected 1 to ${LOG_ROWS} steps, got ${count}.`));
    return this.after(async () => {
      const from = this.done;
      await this.driver.steps(count);
      this.done += count;
      const log = this.program.named('log');
      return Array.from({ length: count }, (_, i) => {
        const row = ((from + i) % LOG_ROWS) * LOG_COLUMNS;
        return { step: from + i, loss: log[row], variance: log[row + 1] };
      });
    });
  }

  checkpoint(): void {
    this.inTurn(() => {
      const checkpoint = this.checkpoints[this.slots.save()];
      for (const name of CHECKPOINT_BUFFERS)
        checkpoint.set(name, Float32Array.from(this.program.named(name)));
      checkpoint.set('state', Float32Array.from(this.program.named('state')));
    });
  }

  rollback(): void {
    this.inTurn(() => {
      const checkpoint = this.checkpoints[this.slots.rollback()];
      for (const name of CHECKPOINT_BUFFERS) this.program.named(name).set(checkpoint.get(name)!);
      this.program.named('state')[STATE.variance] = checkpoint.get('state')![STATE.variance];
    });
  }

  dispose(): void {
    this.loaded = null;
    for (const checkpoint of this.checkpoints) checkpoint.clear();
    this.driver.stop();
    this.onDispose();
  }

  private get program(): LoadedProgram {
    if (!this.loaded) throw abortError();
    return this.loaded;
  }

  /** Does `task` now where nothing is in flight, else in its turn: the next promise then tells if it failed. */
  private inTurn(task: () => void): void {
    if (this.queue) void this.after(task);
    else task();
  }

  /** Does `task` now, or after what was asked for before. */
  private after<T>(task: () => T | Promise<T>): Promise<T> {
    const before = this.queue;
    const result = before ? before.then(task) : new Promise<T>((resolve) => resolve(task()));
    this.queue = result;
    const settled = () => {
      if (this.queue === result) this.queue = null;
    };
    result.then(settled, settled);
    return result;
  }
}
