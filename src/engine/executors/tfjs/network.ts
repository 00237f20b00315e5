import { type Graph, type GraphNode, inputsOf, type NodeId } from '../../network/graph.ts';
import type { PlacedParameter, Plan } from '../../plan/plan.ts';
import type { Backend, Tensor1D, Tensor3D, Tensor4D } from './backend.ts';
import { conv, convBackwardInput, convBackwardWeight } from './conv.ts';
import { activate, activateBackward, type NormSaved, norm, normBackward, sumPixels } from './layers.ts';
import type { Resampler } from './resample.ts';

/** What the graph reads besides its own values. */
interface Sources {
  readonly theta: Tensor1D;
  /** A graph input, [height, width, channels]. */
  input(name: string): Tensor3D;
  /** x plus this step's noise. */
  noisy(x: Tensor3D, node: Extract<GraphNode, { op: 'noise' }>): Tensor3D;
}

type Evaluated = { y: Tensor3D; saved?: NormSaved };

/** Gradients found so far: of nodes by id, of parameters (flat, PyTorch order) by id. */
type Gradients = {
  nodes: [NodeId, Tensor3D][];
  parameters: [number, Tensor1D][];
};

/**
 * The graph interpreted with tf ops, forward and backward, on images of [height, width, channels]. Every value is
 * freed as soon as nothing later reads it: a step needs little more memory than its activations.
 */
export class Network {
  private readonly graph: Graph;
  private readonly parameters: readonly PlacedParameter[];
  private readonly values: (Tensor3D | undefined)[] = [];
  private readonly norms: (NormSaved | undefined)[] = [];
  private readonly gradients: (Tensor3D | undefined)[] = [];
  private readonly keepForBackward: boolean[];
  private readonly lastReader: NodeId[];
  private readonly hasParameters: boolean[];

  constructor(
    private readonly b: Backend,
    { graph, parameters }: Pick<Plan, 'graph' | 'parameters'>,
    private readonly resampler: Resampler,
    outputs: readonly NodeId[],
    /** Called where the most tensors are alive: at the end of each node, before its scratch is freed. */
    private readonly atPeak: () => void,
  ) {
    this.graph = graph;
    this.parameters = parameters;
    const { nodes } = graph;
    this.lastReader = nodes.map(({ id }) => Math.max(id, ...readersOf(graph, id)));
    this.keepForBackward = nodes.map(
      ({ id, op }) =>
        op === 'act' || outputs.includes(id) || readersOf(graph, id).some((r) => nodes[r].op === 'conv'),
    );
    this.hasParameters = [];
    for (const node of nodes)
      this.hasParameters[node.id] = ownsParameters(node) || inputsOf(node).some((x) => this.hasParameters[x]);
  }

  value(id: NodeId): Tensor3D {
    const value = this.values[id];
    if (!value) throw new Error(`node ${id} "${this.graph.nodes[id].name}" has no value at this point`);
    return value;
  }

  forward(sources: Sources): void {
    const { tf } = this.b;
    for (const node of this.graph.nodes) {
      const { y, saved } = tf.tidy(() => this.watched(this.evaluate(node, sources)));
      this.values[node.id] = y;
      this.norms[node.id] = saved;
      for (const x of inputsOf(node))
        if (this.lastReader[x] === node.id && !this.keepForBackward[x]) this.freeValue(x);
    }
  }

  /** Adds to ∂L/∂node, taking the tensor over. */
  contribute(id: NodeId, dy: Tensor3D): void {
    const known = this.gradients[id];
    this.gradients[id] = known ? this.b.tf.add(known, dy) : dy;
    if (known) this.b.tf.dispose([known, dy]);
  }

  /** From the gradients contributed to the outputs to those of all parameters; frees the step's values. */
  backward(theta: Tensor1D): Map<number, Tensor1D> {
    const found = new Map<number, Tensor1D>();
    for (const node of [...this.graph.nodes].reverse()) {
      const dy = this.gradients[node.id];
      if (dy && this.hasParameters[node.id]) {
        const { nodes, parameters } = this.b.tf.tidy(() => this.watched(this.differentiate(node, dy, theta)));
        for (const [x, dx] of nodes) this.contribute(x, dx);
        for (const [parameter, gradient] of parameters) found.set(parameter, gradient);
      }
      this.free(node.id);
    }
    return found;
  }

  /** Frees whatever an interrupted step left behind. */
  dispose(): void {
    for (const { id } of this.graph.nodes) this.free(id);
  }

  private watched<T>(result: T): T {
    this.atPeak();
    return result;
  }

  private freeValue(id: NodeId): void {
    this.values[id]?.dispose();
    this.values[id] = undefined;
  }

  private free(id: NodeId): void {
    this.freeValue(id);
    this.gradients[id]?.dispose();
    this.gradients[id] = undefined;
    this.norms[id]?.centred.dispose();
    this.norms[id]?.inverse.dispose();
    this.norms[id] = undefined;
  }

  private evaluate(node: GraphNode, sources: Sources): Evaluated {
    const { b } = this;
    const parameter = (id: number) => this.parameter(sources.theta, id);
    switch (node.op) {
      case 'input':
        return { y: b.tf.clone(sources.input(node.name)) };
      case 'noise':
        return { y: sources.noisy(this.value(node.x), node) };
      case 'variable':
        return { y: b.tf.transpose(parameter(node.parameter).reshape([...node.shape]), [1, 2, 0]) };
      case 'conv': {
        const y = conv(b, this.value(node.x), this.weight(sources.theta, node.weight), node.stride);
        return { y: node.bias === null ? y : b.tf.add(y, parameter(node.bias)) };
      }
      case 'norm':
        return norm(b, this.value(node.x), parameter(node.gamma), parameter(node.beta), node.epsilon);
      case 'act':
        return { y: activate(b, this.value(node.x), node.activation) };
      case 'resample':
        return { y: this.resampler.apply(this.value(node.x), node.rows, node.cols) };
      case 'concat':
        return {
          y: b.tf.concat(
            node.xs.map((x) => this.value(x)),
            2,
          ),
        };
      case 'add':
        return { y: b.tf.add(this.value(node.a), this.value(node.b)) };
    }
  }

  private differentiate(node: GraphNode, dy: Tensor3D, theta: Tensor1D): Gradients {
    const { b } = this;
    const { tf } = b;
    const to = (x: NodeId, dx: () => Tensor3D): [NodeId, Tensor3D][] =>
      this.hasParameters[x] ? [[x, dx()]] : [];
    switch (node.op) {
      case 'input':
        return { nodes: [], parameters: [] };
      case 'variable':
        return { nodes: [], parameters: [[node.parameter, flat(tf.transpose(dy, [2, 0, 1]))]] };
      case 'noise':
        return { nodes: to(node.x, () => tf.clone(dy)), parameters: [] };
      case 'conv':
        return this.differentiateConv(node, dy, theta);
      case 'norm': {
        const saved = this.norms[node.id]!;
        const { dx, dGamma, dBeta } = normBackward(b, dy, saved, this.parameter(theta, node.gamma));
        return {
          nodes: to(node.x, () => dx),
          parameters: [
            [node.gamma, dGamma],
            [node.beta, dBeta],
          ],
        };
      }
      case 'act':
        return {
          nodes: to(node.x, () => activateBackward(b, dy, this.value(node.id), node.activation)),
          parameters: [],
        };
      case 'resample':
        return {
          nodes: to(node.x, () => this.resampler.applyAdjoint(dy, node.rows, node.cols)),
          parameters: [],
        };
      case 'concat': {
        let from = 0;
        const nodes = node.xs.flatMap((x) => {
          const [channels, height, width] = this.graph.shape(x);
          from += channels;
          return to(x, () => tf.slice(dy, [0, 0, from - channels], [height, width, channels]));
        });
        return { nodes, parameters: [] };
      }
      case 'add':
        return {
          nodes: [...to(node.a, () => tf.clone(dy)), ...to(node.b, () => tf.clone(dy))],
          parameters: [],
        };
    }
  }

  private differentiateConv(
    node: Extract<GraphNode, { op: 'conv' }>,
    dy: Tensor3D,
    theta: Tensor1D,
  ): Gradients {
    const { b } = this;
    const [, height, width] = this.graph.shape(node.x);
    const dw = convBackwardWeight(b, this.value(node.x), dy, node.kernel, node.stride);
    const parameters: [number, Tensor1D][] = [[node.weight, flat(dw)]];
    if (node.bias !== null) parameters.push([node.bias, sumPixels(b, dy)]);
    if (!this.hasParameters[node.x]) return { nodes: [], parameters };
    const w = this.weight(theta, node.weight);
    return { nodes: [[node.x, convBackwardInput(b, dy, w, node.stride, [height, width])]], parameters };
  }

  private parameter(theta: Tensor1D, id: number): Tensor1D {
    const { offset, size } = this.parameters[id];
    return this.b.tf.slice(theta, offset, size);
  }

  private weight(theta: Tensor1D, id: number): Tensor4D {
    return this.parameter(theta, id).reshape([...this.parameters[id].shape]);
  }
}

const flat = (tensor: { reshape(shape: number[]): unknown; size: number }) =>
  tensor.reshape([tensor.size]) as Tensor1D;

const readersOf = (graph: Graph, id: NodeId): NodeId[] =>
  graph.nodes.filter((node) => inputsOf(node).includes(id)).map((node) => node.id);

const ownsParameters = ({ op }: GraphNode) => op === 'conv' || op === 'norm' || op === 'variable';
