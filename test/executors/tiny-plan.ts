import type { AxisTable } from '../../src/engine/image/axis-table.ts';
import { Graph, type ParameterRole } from '../../src/engine/network/graph.ts';
import type { KernelCall, Slice, View } from '../../src/engine/plan/calls.ts';
import {
  LOG_COLUMNS,
  LOG_ROWS,
  type PlacedParameter,
  type Plan,
  type PlanBuffer,
  STATE_FLOATS,
} from '../../src/engine/plan/plan.ts';
import { streamKey, uniform } from '../../src/engine/random.ts';

/** A plan of a few calls; all its buffers are persistent and named, so that they can be written and read. */
export class TinyPlan {
  readonly contents = new Map<string, Float32Array>();
  private readonly calls: KernelCall[] = [];
  private readonly buffers: PlanBuffer[] = [];
  private readonly named = new Map<string, number>();
  private readonly parameters: PlacedParameter[] = [];
  private readonly tables: AxisTable[] = [];
  private arenaFloats = 0;
  private stream = 0;

  constructor() {
    this.buffer('state', STATE_FLOATS);
    this.buffer('log', LOG_ROWS * LOG_COLUMNS);
    for (const name of ['image', 'target', 'ema', 'varianceMean', 'best']) this.buffer(name, 4);
  }

  /** Uniform in ±amplitude, another sequence each time. */
  random(floats: number, amplitude = 1): Float32Array {
    const key = streamKey(20, this.stream++);
    return Float32Array.from({ length: floats }, (_, i) => (2 * uniform(key, i) - 1) * amplitude);
  }

  /** A buffer of random contents, with one plane more in front and behind than the slice uses. */
  slice(name: string, channels: number, height: number, width: number, amplitude = 1): Slice {
    const plane = height * width;
    const buffer = this.buffer(name, plane * (channels + 2), this.random(plane * (channels + 2), amplitude));
    return { buffer, offset: plane, channels, height, width };
  }

  view(slice: Slice, norm: boolean, activation: View['activation']): View {
    return { ...slice, affine: norm ? this.affine(slice.channels) : null, activation };
  }

  /** Scale, shift, mean, 1/std of no particular norm. */
  affine(channels: number): number {
    return this.buffer(`affine${this.buffers.length}`, 4 * channels, this.random(4 * channels));
  }

  buffer(name: string, floats: number, contents?: Float32Array): number {
    const id = this.buffers.length;
    this.buffers.push({ id, name, floats, lifetime: 'persistent', first: 0, last: 0, slot: id });
    this.named.set(name, id);
    if (contents) this.contents.set(name, contents);
    return id;
  }

  parameter(role: ParameterRole, ...shape: number[]): number {
    const id = this.parameters.length;
    const size = shape.reduce((product, n) => product * n, 1);
    const init = { kind: 'constant', value: 0 } as const;
    this.parameters.push({ id, name: `p${id}`, role, shape, size, init, offset: this.arenaFloats });
    this.arenaFloats += Math.ceil(size / 4) * 4;
    return id;
  }

  table(table: AxisTable): number {
    return this.tables.push(table) - 1;
  }

  call(call: KernelCall): void {
    this.calls.push(call);
  }

  get arena(): number {
    return this.arenaFloats;
  }

  finish(): Plan {
    const { calls, buffers, named, tables, parameters } = this;
    const arenaFloats = Math.max(4, this.arenaFloats);
    for (const name of ['theta', 'gradient', 'moment1', 'moment2']) {
      const contents = this.contents.get(name) ?? this.random(arenaFloats);
      this.buffer(name, arenaFloats, name === 'moment2' ? contents.map(Math.abs) : contents);
    }
    calls.push({ kind: 'endStep', log: named.get('log')! });
    for (const buffer of buffers) buffer.last = calls.length - 1;
    return {
      graph: new Graph(),
      objective: {
        image: 0,
        observed: 0,
        weighted: false,
        huber: 0,
        totalVariation: 0,
        optimiser: { kind: 'adam', learningRate: 0.01 },
        emaDecay: 0.9,
        varianceAlpha: 0.1,
        bestFrom: 0,
        seed: 0,
      },
      calls,
      buffers,
      slots: buffers.map((buffer) => buffer.floats),
      tables,
      parameters,
      arenaFloats,
      named,
      imageShape: [1, 2, 2],
    };
  }
}
