import { abortError, DeviceLostError } from '../../errors.ts';
import { LOG_COLUMNS, LOG_ROWS, type Plan, STATE, STATE_FLOATS } from '../../plan/plan.ts';
import { inTurns, type Pieces, turn } from '../../turns.ts';
import { CheckpointSlots } from '../checkpoint.ts';
import type { Run, StepRecord } from '../executor.ts';
import { Contents } from './contents.ts';
import { type Device, PIECE_FLOATS, type PreparedDraw } from './device.ts';
import type { Draw, Rect, Surface } from './draw.ts';
import { CELLS } from './kernels/loss.ts';
import { logRows } from './kernels/watchers.ts';
import { Rescue } from './rescue.ts';
import type { Schedule } from './schedule.ts';

/** Steps submitted before the first of them must be done: enough to keep the GPU busy between two timers. */
const IN_FLIGHT = 3;
/** The largest float32 stands for infinity: GLSL ES does not promise to have one. */
const HIGHEST = 3.4028234663852886e38;

/** Contexts lost before the run gives up: what kills the GPU again and again may be the run itself. */
const MOST_LOSSES = 3;

interface Prepared {
  readonly steps: readonly PreparedDraw[][];
  readonly saves: readonly PreparedDraw[][];
  readonly restores: readonly PreparedDraw[][];
}

function* copied(data: Float32Array): Pieces<Float32Array> {
  const copy = new Float32Array(data.length);
  for (let from = 0; from < data.length; from += PIECE_FLOATS) {
    copy.set(data.subarray(from, from + PIECE_FLOATS), from);
    yield;
  }
  return copy;
}

/** A plan on the GPU. Whatever is asked for happens in the order it was asked for. */
export class Webgl2Run implements Run {
  readonly bytes: number;
  private readonly contents: Contents;
  private step = 0;
  private rate = 1;
  private noise = 1;
  private disposed = false;
  private readonly slots = new CheckpointSlots();
  /** Settles when all that was asked for so far is done. */
  private tail: Promise<unknown> = Promise.resolve();

  private prepared!: Prepared;
  private readonly rescue: Rescue;
  private losses = 0;
  /** The context the textures belong to, as the device counts them. */
  private generation: number;

  private constructor(
    private readonly device: Device,
    plan: Plan,
    private readonly schedule: Schedule,
    private readonly onDispose: () => void,
  ) {
    const { surfaces } = schedule.builder;
    this.bytes = surfaces.reduce((sum, { width, height, layers }) => sum + 16 * width * height * layers, 0);
    this.contents = new Contents(plan, schedule);
    this.rescue = new Rescue(device, schedule, plan);
    this.generation = device.generation;
  }

  /** All programs of the schedule must be ready. */
  static async start(device: Device, plan: Plan, schedule: Schedule, onDispose: () => void) {
    const run = new Webgl2Run(device, plan, schedule, onDispose);
    try {
      await run.allocate();
      return run;
    } catch (error) {
      device.free(schedule.builder.surfaces);
      throw error;
    }
  }

  /** Everything on the GPU, filled with what does not come from the caller. */
  private async allocate(): Promise<void> {
    const { builder, steps, saves, restores } = this.schedule;
    await this.device.allocate(builder.surfaces);
    for (const [surface, data] of builder.constants) await this.device.upload(surface, data);
    await this.device.upload(this.place(CELLS.best)!, Float32Array.of(HIGHEST, 0, 0, 0));
    this.prepared = {
      steps: await inTurns(this.prepare(steps)),
      saves: await inTurns(this.prepare(saves)),
      restores: await inTurns(this.prepare(restores)),
    };
  }

  private *prepare(lists: readonly (readonly Draw[])[]): Pieces<PreparedDraw[][]> {
    const prepared: PreparedDraw[][] = lists.map(() => []);
    for (const [i, draws] of lists.entries())
      for (const draw of draws) {
        prepared[i].push(this.device.prepare(draw));
        yield;
      }
    return prepared;
  }

  write(name: string, data: Float32Array): void {
    this.contents.check(name, data);
    this.inOrder(async () => {
      const copy = await inTurns(copied(data));
      if (name === 'state') return this.writeState(copy);
      this.rescue.written.set(name, copy);
      await this.upload(name, copy);
    });
  }

  private async upload(name: string, data: Float32Array): Promise<void> {
    for (const [key, packed] of await inTurns(this.contents.pack(name, data))) {
      const surface = this.place(key);
      if (surface) await this.device.upload(surface, packed);
    }
  }

  read(name: string): Promise<Float32Array> {
    return this.queue(async () => {
      if (name === 'state') return this.readState();
      if (name === 'log') return logRows(await this.device.read(this.place('log')!));
      const packed = new Map<string, Float32Array>();
      for (const key of this.contents.keys(name)) {
        const surface = this.place(key);
        if (surface) packed.set(key, await this.device.read(surface));
      }
      return inTurns(this.contents.unpack(name, packed));
    });
  }

  control(rate: number, noise: number): void {
    this.inOrder(async () => {
      this.rate = rate;
      this.noise = noise;
    });
  }

  steps(count: number): Promise<StepRecord[]> {
    return this.queue(async () => {
      const first = this.step;
      const inFlight: Promise<void>[] = [];
      for (let i = 0; i < count; i++) {
        this.submit(this.prepared.steps[this.step & 1]);
        this.step++;
        const done = this.device.finished();
        done.catch(() => {}); // awaited below, or given up with the steps before it
        inFlight.push(done);
        if (inFlight.length >= IN_FLIGHT) await inFlight.shift();
        else await turn();
        this.check();
      }
      return this.records(first, count);
    });
  }

  checkpoint(): void {
    this.inOrder(async () => {
      const slot = this.slots.save();
      this.submit(this.copies(this.prepared.saves, slot));
      this.rescue.take(slot, (key) => this.place(key));
    });
  }

  rollback(): void {
    const slot = this.slots.rollback();
    this.inOrder(async () => this.submit(this.copies(this.prepared.restores, slot)));
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.device.free(this.schedule.builder.surfaces);
    this.onDispose();
  }

  /** The copies of a checkpoint slot that fit the coming step's textures. */
  private copies(lists: readonly PreparedDraw[][], slot: 0 | 1): PreparedDraw[] {
    return lists[2 * slot + (this.step & 1)];
  }

  private submit(draws: readonly PreparedDraw[]): void {
    const { step, rate, noise } = this;
    for (const draw of draws) this.device.run(draw, { step, rate, noise });
  }

  private place(key: string): Surface | undefined {
    return this.schedule.places[this.step & 1].get(key);
  }

  /** Rows first … first + count − 1 of the log, which wraps around. */
  private async records(first: number, count: number): Promise<StepRecord[]> {
    const start = first % LOG_ROWS;
    const wraps = start + count > LOG_ROWS;
    const rect: Rect = wraps ? [0, 0, LOG_ROWS, 1] : [start, 0, count, 1];
    const rows = logRows(await this.device.read(this.place('log')!, rect));
    return Array.from({ length: count }, (_, i) => {
      const row = (wraps ? (first + i) % LOG_ROWS : i) * LOG_COLUMNS;
      return { step: first + i, loss: rows[row], variance: rows[row + 1] };
    });
  }

  private async readState(): Promise<Float32Array> {
    const cell = (key: string) => this.device.read(this.place(key)!);
    const [loss] = await cell(CELLS.loss);
    const [variance] = await cell(CELLS.variance);
    const [bestVariance, bestStep, improved] = await cell(CELLS.best);
    const state = new Float32Array(STATE_FLOATS);
    state[STATE.step] = this.step;
    state[STATE.rate] = this.rate;
    state[STATE.noise] = this.noise;
    state[STATE.loss] = loss;
    state[STATE.variance] = variance;
    state[STATE.bestVariance] = bestVariance >= HIGHEST ? Number.POSITIVE_INFINITY : bestVariance;
    state[STATE.bestStep] = bestStep;
    state[STATE.improved] = improved;
    return state;
  }

  private async writeState(state: Float32Array): Promise<void> {
    const step = state[STATE.step];
    // An even and an odd step find things in different textures, so the parity must stay what it is.
    if ((step - this.step) % 2 !== 0)
      throw new Error(`The step may only be moved by an even number, from ${this.step} to ${step} is odd.`);
    this.step = step;
    this.rate = state[STATE.rate];
    this.noise = state[STATE.noise];
    const best = Math.min(state[STATE.bestVariance], HIGHEST);
    const cells: [string, number[]][] = [
      [CELLS.loss, [state[STATE.loss], 0, 0, 0]],
      [CELLS.variance, [state[STATE.variance], 0, 0, 0]],
      [CELLS.best, [best, state[STATE.bestStep], state[STATE.improved], 0]],
    ];
    for (const [key, texel] of cells) await this.device.upload(this.place(key)!, Float32Array.from(texel));
  }

  /** Goes on from the last checkpoint in the context that takes the lost one's place; throws `error` if it cannot. */
  private async recover(error: DeviceLostError): Promise<void> {
    if (!(await this.rescue.ready()) || ++this.losses > MOST_LOSSES) throw error;
    await this.device.recover();
    this.check();
    if (this.generation === this.device.generation) return;
    this.generation = this.device.generation;
    await this.allocate();
    for (const [name, data] of this.rescue.written) await this.upload(name, data);
    await this.rescue.restore((key) => this.place(key));
  }

  private check(): void {
    if (this.disposed) throw abortError();
  }

  /** What goes wrong here, whatever is asked for next fails with. */
  private inOrder(action: () => Promise<void>): void {
    this.tail = this.queue(action);
    this.tail.catch(() => {});
  }

  private queue<T>(action: () => Promise<T>): Promise<T> {
    this.check();
    const result = this.tail.then(async () => {
      const first = this.step;
      for (;;) {
        this.check();
        try {
          const value = await action();
          this.check();
          return value;
        } catch (error) {
          this.check();
          if (!(error instanceof DeviceLostError)) throw error;
          this.step = first;
          await this.recover(error);
        }
      }
    });
    this.tail = result.catch(() => {});
    return result;
  }
}
