import { abortError } from '../../errors.ts';
import { LOG_COLUMNS, LOG_ROWS, type Plan, STATE, STATE_FLOATS } from '../../plan/plan.ts';
import { inTurns, type Pieces, turn } from '../../time-slicing.ts';
import type { RunDevice } from '../ordered-run.ts';
import { Contents } from './contents.ts';
import { type Device, PIECE_FLOATS, type PreparedDraw } from './device.ts';
import type { Draw, Rect, Surface } from './draw.ts';
import { CELLS } from './kernels/loss.ts';
import { logRows } from './kernels/watchers.ts';
import type { Schedule } from './schedule.ts';

/** Steps submitted before the first of them must be done: enough to keep the GPU busy between two timers. */
const IN_FLIGHT = 3;
/** The largest float32 stands for infinity: GLSL ES does not promise to have one. */
const HIGHEST = 3.4028234663852886e38;

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

/** A plan on the GPU. */
export class Webgl2Device implements RunDevice {
  readonly bytes: number;
  private readonly contents: Contents;
  /** Number of the coming step, and whether its textures are those of an even or an odd one. */
  private step = 0;
  private parity: 0 | 1 = 0;
  private rate = 1;
  private noise = 1;
  private freed = false;
  private prepared!: Prepared;

  private constructor(
    private readonly device: Device,
    plan: Plan,
    private readonly schedule: Schedule,
  ) {
    const { surfaces } = schedule.builder;
    this.bytes = surfaces.reduce((sum, { width, height, layers }) => sum + 16 * width * height * layers, 0);
    this.contents = new Contents(plan, schedule);
  }

  /** All programs of the schedule must be ready. */
  static async start(device: Device, plan: Plan, schedule: Schedule): Promise<Webgl2Device> {
    const run = new Webgl2Device(device, plan, schedule);
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

  async write(name: string, data: Float32Array): Promise<void> {
    const copy = await inTurns(copied(data));
    if (name === 'state') return this.writeState(copy);
    for (const [key, packed] of await inTurns(this.contents.pack(name, copy))) {
      const surface = this.place(key);
      if (surface) await this.device.upload(surface, packed);
    }
  }

  async read(name: string): Promise<Float32Array> {
    if (name === 'state') return this.readState();
    if (name === 'log') return logRows(await this.device.read(this.place('log')!));
    const packed = new Map<string, Float32Array>();
    for (const key of this.contents.keys(name)) {
      const surface = this.place(key);
      if (surface) packed.set(key, await this.device.read(surface));
    }
    return inTurns(this.contents.unpack(name, packed));
  }

  control(rate: number, noise: number): void {
    this.rate = rate;
    this.noise = noise;
  }

  async steps(first: number, count: number): Promise<Float32Array> {
    this.step = first;
    const inFlight: Promise<void>[] = [];
    for (let i = 0; i < count; i++) {
      this.submit(this.prepared.steps[this.parity]);
      this.step++;
      this.parity = this.parity === 0 ? 1 : 0;
      const done = this.device.finished();
      done.catch(() => {}); // awaited below, or given up with the steps before it
      inFlight.push(done);
      if (inFlight.length >= IN_FLIGHT) await inFlight.shift();
      else await turn();
      if (this.freed) throw abortError();
    }
    return this.rows(first, count);
  }

  save(slot: 0 | 1): void {
    this.submit(this.copies(this.prepared.saves, slot));
  }

  restore(slot: 0 | 1): void {
    this.submit(this.copies(this.prepared.restores, slot));
  }

  free(): void {
    this.freed = true;
    this.device.free(this.schedule.builder.surfaces);
  }

  /** The copies of a checkpoint slot that fit the coming step's textures. */
  private copies(lists: readonly PreparedDraw[][], slot: 0 | 1): PreparedDraw[] {
    return lists[2 * slot + this.parity];
  }

  private submit(draws: readonly PreparedDraw[]): void {
    const { step, rate, noise } = this;
    for (const draw of draws) this.device.run(draw, { step, rate, noise });
  }

  private place(key: string): Surface | undefined {
    return this.schedule.places[this.parity].get(key);
  }

  /** Rows first … first + count − 1 of the log, which wraps around. */
  private async rows(first: number, count: number): Promise<Float32Array> {
    const start = first % LOG_ROWS;
    const wraps = start + count > LOG_ROWS;
    const rect: Rect = wraps ? [0, 0, LOG_ROWS, 1] : [start, 0, count, 1];
    const rows = logRows(await this.device.read(this.place('log')!, rect));
    if (!wraps) return rows;
    const chosen = new Float32Array(count * LOG_COLUMNS);
    for (let i = 0; i < count; i++) {
      const row = ((first + i) % LOG_ROWS) * LOG_COLUMNS;
      chosen.set(rows.subarray(row, row + LOG_COLUMNS), i * LOG_COLUMNS);
    }
    return chosen;
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
    this.step = state[STATE.step];
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
}
