import { abortError, OutOfMemoryError } from '../../errors.ts';
import { LOG_COLUMNS, LOG_ROWS, namedBuffer, type Plan, STATE } from '../../plan/plan.ts';
import { CHECKPOINT_BUFFERS } from '../checkpoint.ts';
import type { RunDevice } from '../ordered-run.ts';
import { isShortOfAddresses, NO_ADDRESSES } from './addresses.ts';
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
  /** How many tasks each stage has. */
  readonly tasks: readonly number[];
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
    this.tasks = stages.map(({ tasks }) => tasks);
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
    throw new OutOfMemoryError(
      isShortOfAddresses() ? NO_ADDRESSES : `${needed}, more than this process could allocate; ${remedy}.`,
    );
  }
}

/** A program and who computes it. */
export class WasmDevice implements RunDevice {
  readonly bytes: number;
  private readonly checkpoints = [new Map<string, Float32Array>(), new Map<string, Float32Array>()];

  constructor(
    private loaded: LoadedProgram | null,
    private readonly driver: Driver,
  ) {
    const checkpoint = CHECKPOINT_BUFFERS.reduce((sum, name) => sum + loaded!.named(name).byteLength, 0);
    this.bytes = loaded!.memory.buffer.byteLength + this.checkpoints.length * checkpoint;
  }

  write(name: string, data: Float32Array): void {
    this.named(name).set(data);
  }

  read(name: string): Float32Array {
    return Float32Array.from(this.named(name));
  }

  control(rate: number, noise: number): void {
    const state = this.named('state');
    state[STATE.rate] = rate;
    state[STATE.noise] = noise;
  }

  async steps(first: number, count: number): Promise<Float32Array> {
    await this.driver.steps(count);
    const log = this.named('log');
    const rows = new Float32Array(count * LOG_COLUMNS);
    for (let i = 0; i < count; i++) {
      const row = ((first + i) % LOG_ROWS) * LOG_COLUMNS;
      rows.set(log.subarray(row, row + LOG_COLUMNS), i * LOG_COLUMNS);
    }
    return rows;
  }

  save(slot: 0 | 1): void {
    for (const name of [...CHECKPOINT_BUFFERS, 'state']) this.checkpoints[slot].set(name, this.read(name));
  }

  restore(slot: 0 | 1): void {
    const checkpoint = this.checkpoints[slot];
    for (const name of CHECKPOINT_BUFFERS) this.write(name, checkpoint.get(name)!);
    this.named('state')[STATE.variance] = checkpoint.get('state')![STATE.variance];
  }

  free(): void {
    this.loaded = null;
    for (const checkpoint of this.checkpoints) checkpoint.clear();
    this.driver.stop();
  }

  private named(name: string): Float32Array {
    if (!this.loaded) throw abortError();
    return this.loaded.named(name);
  }
}
