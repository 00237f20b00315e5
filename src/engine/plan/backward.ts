import { transpose } from '../image/axis-table.ts';
import { type GraphNode, inputsOf, type NodeId } from '../network/graph.ts';
import { type PlanBuilder, plain, planes } from './builder.ts';
import type { Slice, View } from './calls.ts';

type NodeOf<Op extends GraphNode['op']> = Extract<GraphNode, { op: Op }>;

/**
 * Emits the data term and the backward pass, node by node in reverse. `gradients` holds ∂L/∂node; a node with several
 * consumers accumulates, one with a single consumer takes over that consumer's buffer where the maths allows.
 */
export function emitBackward(b: PlanBuilder): void {
  new Backward(b).emit();
}

class Backward {
  private readonly gradients = new Map<NodeId, Slice>();
  private readonly needed: boolean[];

  constructor(private readonly b: PlanBuilder) {
    this.needed = needsGradient(b);
  }

  emit(): void {
    const { b } = this;
    const { observed, image, weighted, huber, totalVariation } = b.objective;
    const { slice: dx } = this.contribute(observed);
    b.calls.push({
      kind: 'dataTerm',
      x: b.values.get(observed)!,
      target: b.named('target'),
      weight: weighted ? b.named('weight') : null,
      dx,
      huber,
    });
    for (const node of [...b.graph.nodes].reverse()) {
      const dy = this.gradients.get(node.id);
      if (!dy || !this.needed[node.id]) continue;
      if (node.id === image && totalVariation > 0)
        b.calls.push({ kind: 'totalVariation', x: b.image, dx: dy, lambda: totalVariation });
      this.node(node, dy);
    }
  }

  private node(node: GraphNode, dy: Slice): void {
    switch (node.op) {
      case 'conv':
        this.conv(node, dy);
        break;
      case 'norm':
        this.norm(node, dy, this.normView(node));
        break;
      case 'act':
        this.act(node, dy);
        break;
      case 'resample':
        this.resample(node, dy);
        break;
      case 'concat':
        this.concat(node, dy);
        break;
      case 'add':
        this.copy(node.b, dy); // before a takes the buffer over and changes it in place
        this.passOn(node.a, dy);
        break;
      case 'noise':
        this.passOn(node.x, dy);
        break;
      case 'input':
      case 'variable':
        break; // gradients end here
      default:
        node satisfies never; // a node without a gradient is a type error
    }
  }

  private conv(node: NodeOf<'conv'>, dy: Slice): void {
    const { kernel, stride, weight, bias } = node;
    const { calls, values } = this.b;
    calls.push({ kind: 'convBackwardWeight', x: values.get(node.x)!, dy, kernel, stride, weight, bias });
    if (!this.needed[node.x]) return;
    const { slice: dx, accumulate } = this.contribute(node.x);
    calls.push({ kind: 'convBackwardInput', dy, dx, accumulate, kernel, stride, weight });
  }

  /** An activation on a norm is differentiated with it; alone it is a product with its derivative. */
  private act(node: NodeOf<'act'>, dy: Slice): void {
    const inner = this.b.graph.nodes[node.x];
    if (inner.op === 'norm' && this.b.consumers[inner.id] === 1) {
      this.norm(inner, dy, { ...this.normView(inner), activation: node.activation });
      return;
    }
    const x: View = { ...this.b.values.get(node.x)!, activation: node.activation };
    const { slice: dx, accumulate } = this.takeOver(node.x, dy);
    this.b.calls.push({ kind: 'activationBackward', dy, x, dx, accumulate });
  }

  private norm(node: NodeOf<'norm'>, dy: Slice, x: View): void {
    const { calls } = this.b;
    const sums = this.b.temporary(`${node.name}.sums`, 2 * x.channels);
    calls.push({ kind: 'normGradients', dy, x, sums, gamma: node.gamma, beta: node.beta });
    if (!this.needed[node.x]) return;
    const { slice: dx, accumulate } = this.takeOver(node.x, dy);
    calls.push({ kind: 'normBackwardInput', dy, x, sums, dx, accumulate });
  }

  private resample(node: NodeOf<'resample'>, dy: Slice): void {
    if (!this.needed[node.x]) return;
    const { slice: out, accumulate } = this.contribute(node.x);
    const rows = this.b.table(this.transposed(node.rows));
    const cols = this.b.table(this.transposed(node.cols));
    this.b.calls.push({ kind: 'resample', x: plain(dy), out, rows, cols, accumulate });
  }

  private concat(node: NodeOf<'concat'>, dy: Slice): void {
    let from = 0;
    for (const x of node.xs) {
      const channels = this.b.graph.shape(x)[0];
      this.passOn(x, planes(dy, from, channels));
      from += channels;
    }
  }

  /** The moments' view of a norm, as its forward call left it. */
  private normView(node: NodeOf<'norm'>): View {
    const call = this.b.calls.find((c) => c.kind === 'moments' && c.gamma === node.gamma);
    if (call?.kind !== 'moments') throw new Error(`norm "${node.name}" has no forward call`);
    return { ...call.x, affine: call.affine, activation: null };
  }

  private readonly transposes = new Map<object, ReturnType<typeof transpose>>();
  private transposed(table: Parameters<typeof transpose>[0]) {
    const known = this.transposes.get(table) ?? transpose(table);
    this.transposes.set(table, known);
    return known;
  }

  /** ∂L/∂x += dy, without a copy where x has no other consumer. */
  private passOn(x: NodeId, dy: Slice): void {
    if (!this.needed[x]) return;
    if (this.mayTakeOver(x)) this.gradients.set(x, dy);
    else this.copy(x, dy);
  }

  private copy(x: NodeId, dy: Slice): void {
    if (!this.needed[x]) return;
    const { slice: out, accumulate } = this.contribute(x);
    this.b.calls.push({ kind: 'pointwise', x: plain(dy), out, accumulate });
  }

  /** Where ∂L/∂x goes when it may be computed in place of dy. */
  private takeOver(x: NodeId, dy: Slice): { slice: Slice; accumulate: boolean } {
    if (!this.mayTakeOver(x)) return this.contribute(x);
    this.gradients.set(x, dy);
    return { slice: dy, accumulate: false };
  }

  private mayTakeOver(x: NodeId): boolean {
    return this.b.consumers[x] === 1 && this.b.graph.nodes[x].op !== 'variable';
  }

  /** Where one more contribution to ∂L/∂x goes; the first one overwrites. */
  private contribute(x: NodeId): { slice: Slice; accumulate: boolean } {
    const known = this.gradients.get(x);
    if (known) return { slice: known, accumulate: true };
    const node = this.b.graph.nodes[x];
    const slice =
      node.op === 'variable' ? this.arenaSlice(node) : this.b.allocate(`∂${node.name}`, node.shape);
    this.gradients.set(x, slice);
    return { slice, accumulate: false };
  }

  private arenaSlice(node: NodeOf<'variable'>): Slice {
    const [channels, height, width] = node.shape;
    const { offset } = this.b.parameters[node.parameter];
    return { buffer: this.b.named('gradient'), offset, channels, height, width };
  }
}

/** Whether a parameter lies at or above each node. */
function needsGradient(b: PlanBuilder): boolean[] {
  const needed: boolean[] = [];
  for (const node of b.graph.nodes) {
    const own = node.op === 'variable' || node.op === 'conv' || node.op === 'norm';
    needed[node.id] = own || inputsOf(node).some((x) => needed[x]);
  }
  return needed;
}
