import { RestoreError } from '../errors.ts';
import type { AxisTable } from '../image/axis-table.ts';

/**
 * The network as data: a list of nodes in topological order, built by the small methods below, each of which checks
 * its shapes. Nothing here computes; `plan/` compiles a graph, `executors/tfjs` interprets it.
 */
export type NodeId = number;
/** Channels, height, width. There is no batch: one image is restored at a time. */
export type Shape = readonly [channels: number, height: number, width: number];

/** `leakyRelu` with slope 0 is the plain ReLU. */
export type Activation = { kind: 'leakyRelu'; slope: number } | { kind: 'sigmoid' };

/** How a parameter starts: uniform in ±bound, or constant. */
export type Init = { kind: 'uniform'; bound: number } | { kind: 'constant'; value: number };

/** What an optimiser may want to know of a parameter: Muon takes weights, Adam the rest. */
export type ParameterRole = 'weight' | 'bias' | 'gamma' | 'beta' | 'pixels';

/** A trainable tensor. Weights are [out, in, kernel, kernel], as in PyTorch. */
export interface Parameter {
  id: number;
  name: string;
  role: ParameterRole;
  shape: readonly number[];
  size: number;
  init: Init;
}

export type GraphNode = { id: NodeId; name: string; shape: Shape } & (
  | { op: 'input' }
  /** x + std · N(0, 1), drawn anew each step. */
  | { op: 'noise'; x: NodeId; std: number }
  /** The pixels themselves as parameters: the network-free prior. */
  | { op: 'variable'; parameter: number }
  /** Reflection-padded by (kernel − 1) / 2; kernel odd, stride 1 or 2. */
  | { op: 'conv'; x: NodeId; kernel: number; stride: 1 | 2; weight: number; bias: number | null }
  /** Batch norm at batch 1 in training mode: each channel to mean 0, variance 1 (biased), then gamma, beta. */
  | { op: 'norm'; x: NodeId; gamma: number; beta: number; epsilon: number }
  | { op: 'act'; x: NodeId; activation: Activation }
  /** A separable linear map of each channel: up-sampling, pooling, Lanczos, cropping. */
  | { op: 'resample'; x: NodeId; rows: AxisTable; cols: AxisTable }
  | { op: 'concat'; xs: readonly NodeId[] }
  | { op: 'add'; a: NodeId; b: NodeId }
);

export class Graph {
  readonly nodes: GraphNode[] = [];
  readonly parameters: Parameter[] = [];

  /** An external tensor, written by the caller under `name` before the first step. */
  input(name: string, shape: Shape): NodeId {
    return this.push({ op: 'input', name, shape });
  }

  noise(x: NodeId, std: number): NodeId {
    if (!(std >= 0)) this.fail('noise', `std must be 0 or more, got ${std}`);
    return std === 0 ? x : this.push({ op: 'noise', name: 'noise', shape: this.shape(x), x, std });
  }

  variable(name: string, shape: Shape, value: number): NodeId {
    const parameter = this.parameter(name, 'pixels', shape, { kind: 'constant', value });
    return this.push({ op: 'variable', name, shape, parameter });
  }

  /** Initialised as PyTorch's Conv2d: weights and bias uniform in ±1/√(fan in). */
  conv(
    name: string,
    x: NodeId,
    out: number,
    kernel: number,
    options: { stride?: 1 | 2; bias?: boolean } = {},
  ): NodeId {
    const { stride = 1, bias = true } = options;
    const [channels, height, width] = this.shape(x);
    if (kernel % 2 !== 1) this.fail(name, `kernel must be odd, got ${kernel}`);
    const pad = (kernel - 1) / 2;
    if (height <= pad || width <= pad)
      this.fail(name, `reflection padding of ${pad} needs sides above ${pad}, got ${width}×${height}`);
    const bound = 1 / Math.sqrt(channels * kernel * kernel);
    const init: Init = { kind: 'uniform', bound };
    const weight = this.parameter(`${name}.weight`, 'weight', [out, channels, kernel, kernel], init);
    return this.push({
      op: 'conv',
      name,
      shape: [out, Math.ceil(height / stride), Math.ceil(width / stride)],
      x,
      kernel,
      stride,
      weight,
      bias: bias ? this.parameter(`${name}.bias`, 'bias', [out], init) : null,
    });
  }

  norm(name: string, x: NodeId, epsilon = 1e-5): NodeId {
    const [channels, height, width] = this.shape(x);
    if (height * width < 2) this.fail(name, 'normalising needs at least 2 pixels a channel');
    const gamma = this.parameter(`${name}.gamma`, 'gamma', [channels], { kind: 'constant', value: 1 });
    const beta = this.parameter(`${name}.beta`, 'beta', [channels], { kind: 'constant', value: 0 });
    return this.push({ op: 'norm', name, shape: this.shape(x), x, gamma, beta, epsilon });
  }

  act(x: NodeId, activation: Activation): NodeId {
    return this.push({ op: 'act', name: activation.kind, shape: this.shape(x), x, activation });
  }

  resample(name: string, x: NodeId, rows: AxisTable, cols: AxisTable): NodeId {
    const [channels, height, width] = this.shape(x);
    if (rows.inputs !== height || cols.inputs !== width)
      this.fail(name, `tables are for ${cols.inputs}×${rows.inputs}, input is ${width}×${height}`);
    return this.push({ op: 'resample', name, shape: [channels, rows.outputs, cols.outputs], x, rows, cols });
  }

  concat(name: string, xs: readonly NodeId[]): NodeId {
    if (xs.length === 1) return xs[0];
    const shapes = xs.map((x) => this.shape(x));
    const [, height, width] = shapes[0];
    if (shapes.some(([, h, w]) => h !== height || w !== width))
      this.fail(name, `sizes differ: ${shapes.map(([, h, w]) => `${w}×${h}`).join(', ')}`);
    const channels = shapes.reduce((sum, [c]) => sum + c, 0);
    return this.push({ op: 'concat', name, shape: [channels, height, width], xs });
  }

  add(name: string, a: NodeId, b: NodeId): NodeId {
    if (this.shape(a).join() !== this.shape(b).join())
      this.fail(name, `shapes differ: ${this.shape(a).join('×')} and ${this.shape(b).join('×')}`);
    return this.push({ op: 'add', name, shape: this.shape(a), a, b });
  }

  shape(x: NodeId): Shape {
    return this.nodes[x].shape;
  }

  private parameter(name: string, role: ParameterRole, shape: readonly number[], init: Init): number {
    const id = this.parameters.length;
    const size = shape.reduce((product, n) => product * n, 1);
    this.parameters.push({ id, name, role, shape, size, init });
    return id;
  }

  private push(node: DistributiveOmit<GraphNode, 'id'>): NodeId {
    const [channels, height, width] = node.shape;
    if (!(channels > 0 && height > 0 && width > 0))
      this.fail(node.name, `empty shape ${node.shape.join('×')}`);
    const id = this.nodes.length;
    this.nodes.push({ ...node, id } as GraphNode);
    return id;
  }

  private fail(name: string, message: string): never {
    throw new RestoreError('image-size', `Network node "${name}": ${message}.`);
  }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** The nodes a node reads. */
export function inputsOf(node: GraphNode): readonly NodeId[] {
  switch (node.op) {
    case 'input':
    case 'variable':
      return [];
    case 'concat':
      return node.xs;
    case 'add':
      return [node.a, node.b];
    default:
      return [node.x];
  }
}
