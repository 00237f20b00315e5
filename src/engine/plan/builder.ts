import type { AxisTable } from '../image/axis-table.ts';
import { type Graph, inputsOf, type NodeId } from '../network/graph.ts';
import type { BufferId, KernelCall, Slice, View } from './calls.ts';
import { assignSlots } from './memory.ts';
import { isMuonWeight } from './optimiser.ts';
import {
  LOG_COLUMNS,
  LOG_ROWS,
  type Objective,
  type PlacedParameter,
  type Plan,
  type PlanBuffer,
  STATE_FLOATS,
} from './plan.ts';

/** The plan under construction: buffers, calls and the values of the graph's nodes. */
export class PlanBuilder {
  readonly calls: KernelCall[] = [];
  readonly parameters: PlacedParameter[];
  readonly values = new Map<NodeId, View>();
  /** Consumers of each node, the objective included. */
  readonly consumers: number[];
  private readonly buffers: PlanBuffer[] = [];
  private readonly tables: AxisTable[] = [];
  private readonly names = new Map<string, BufferId>();
  private readonly arenaFloats: number;

  constructor(
    readonly graph: Graph,
    readonly objective: Objective,
  ) {
    const { parameters, floats } = placeParameters(graph, objective);
    this.parameters = parameters;
    this.arenaFloats = floats;
    this.consumers = countConsumers(graph, objective);
    const imageFloats = sizeOf(graph.shape(objective.image));
    const [observedFloats, plane] = [
      sizeOf(graph.shape(objective.observed)),
      graph.shape(objective.observed),
    ];
    for (const arena of ['theta', 'gradient', 'moment1', 'moment2']) this.persistent(arena, floats);
    this.persistent('state', STATE_FLOATS);
    this.persistent('log', LOG_ROWS * LOG_COLUMNS);
    for (const image of ['image', 'ema', 'varianceMean', 'best']) this.persistent(image, imageFloats);
    this.persistent('target', observedFloats);
    if (objective.weighted) this.persistent('weight', plane[1] * plane[2]);
  }

  /** The objective's image, always stored plainly. */
  get image(): Slice {
    return this.whole(this.named('image'), this.graph.shape(this.objective.image));
  }

  persistent(name: string, floats: number): BufferId {
    const id = this.add(name, floats, 'persistent');
    this.names.set(name, id);
    return id;
  }

  temporary(name: string, floats: number): BufferId {
    return this.add(name, floats, 'temporary');
  }

  named(name: string): BufferId {
    return this.names.get(name)!;
  }

  /** A new temporary buffer of a node's shape. */
  allocate(name: string, shape: readonly [number, number, number]): Slice {
    return this.whole(this.temporary(name, sizeOf(shape)), shape);
  }

  whole(buffer: BufferId, [channels, height, width]: readonly [number, number, number]): Slice {
    return { buffer, offset: 0, channels, height, width };
  }

  table(table: AxisTable): number {
    const known = this.tables.indexOf(table);
    return known >= 0 ? known : this.tables.push(table) - 1;
  }

  finish(): Plan {
    const slots = assignSlots(this.buffers, this.calls);
    return {
      graph: this.graph,
      objective: this.objective,
      calls: this.calls,
      buffers: this.buffers,
      slots,
      tables: this.tables,
      parameters: this.parameters,
      arenaFloats: this.arenaFloats,
      named: this.names,
      imageShape: this.graph.shape(this.objective.image),
    };
  }

  private add(name: string, floats: number, lifetime: PlanBuffer['lifetime']): BufferId {
    const id = this.buffers.length;
    this.buffers.push({ id, name, floats, lifetime, first: Number.POSITIVE_INFINITY, last: -1, slot: -1 });
    return id;
  }
}

export const plain = (slice: Slice): View => ({ ...slice, affine: null, activation: null });

/** Planes [from, from + channels) of a slice. */
export function planes(slice: Slice, from: number, channels: number): Slice {
  return { ...slice, offset: slice.offset + from * slice.height * slice.width, channels };
}

const sizeOf = (shape: readonly number[]) => shape.reduce((product, n) => product * n, 1);

/** Muon's weights first, then all that Adam takes, so that each optimiser has one stretch of the arena. */
function placeParameters(
  graph: Graph,
  objective: Objective,
): { parameters: PlacedParameter[]; floats: number } {
  const muon = (p: (typeof graph.parameters)[number]) => isMuonWeight(p, objective.optimiser);
  const order = [...graph.parameters.filter(muon), ...graph.parameters.filter((p) => !muon(p))];
  const parameters: PlacedParameter[] = [];
  let floats = 0;
  for (const parameter of order) {
    parameters[parameter.id] = { ...parameter, offset: floats };
    floats += Math.ceil(parameter.size / 4) * 4; // 16-byte alignment, for SIMD and vec4 loads
  }
  return { parameters, floats };
}

function countConsumers(graph: Graph, objective: Objective): number[] {
  const counts = graph.nodes.map(() => 0);
  for (const node of graph.nodes) for (const x of inputsOf(node)) counts[x]++;
  counts[objective.observed]++;
  return counts;
}
