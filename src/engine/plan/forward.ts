import type { GraphNode, NodeId } from '../network/graph.ts';
import { type PlanBuilder, plain, planes } from './builder.ts';
import type { Slice, View } from './calls.ts';

type NodeOf<Op extends GraphNode['op']> = Extract<GraphNode, { op: Op }>;

/**
 * Emits the forward pass. Norms and activations emit no pass over the image: they become views that their consumers
 * apply. Producers whose only reader is a concat write straight into its buffer.
 */
export function emitForward(b: PlanBuilder): void {
  const destinations = concatDestinations(b);
  for (const node of b.graph.nodes) {
    const out = () => destinations.get(node.id)?.() ?? b.allocate(node.name, node.shape);
    let view = emitNode(b, node, out);
    if (node.id === b.objective.image) {
      b.calls.push({ kind: 'pointwise', x: view, out: b.image, accumulate: false });
      view = plain(b.image);
    }
    b.values.set(node.id, view);
  }
}

function emitNode(b: PlanBuilder, node: GraphNode, out: () => Slice): View {
  switch (node.op) {
    case 'input': {
      const id = b.persistent(node.name, node.shape[0] * node.shape[1] * node.shape[2]);
      return plain(b.whole(id, node.shape));
    }
    case 'variable': {
      const [channels, height, width] = node.shape;
      return plain({
        buffer: b.named('theta'),
        offset: b.parameters[node.parameter].offset,
        channels,
        height,
        width,
      });
    }
    case 'noise':
      return emitNoise(b, node, out());
    case 'conv': {
      const slice = out();
      const { kernel, stride, weight, bias } = node;
      b.calls.push({ kind: 'conv', x: b.values.get(node.x)!, out: slice, kernel, stride, weight, bias });
      return plain(slice);
    }
    case 'norm':
      return emitNorm(b, node);
    case 'act': {
      const x = b.values.get(node.x)!;
      return { ...(x.activation ? stored(b, x, node.name) : x), activation: node.activation };
    }
    case 'resample': {
      const slice = out();
      const [rows, cols] = [b.table(node.rows), b.table(node.cols)];
      b.calls.push({ kind: 'resample', x: b.values.get(node.x)!, out: slice, rows, cols, accumulate: false });
      return plain(slice);
    }
    case 'concat':
      return emitConcat(b, node, out());
    case 'add': {
      const slice = out();
      b.calls.push({ kind: 'pointwise', x: b.values.get(node.a)!, out: slice, accumulate: false });
      b.calls.push({ kind: 'pointwise', x: b.values.get(node.b)!, out: slice, accumulate: true });
      return plain(slice);
    }
  }
}

function emitNoise(b: PlanBuilder, node: NodeOf<'noise'>, out: Slice): View {
  const x = stored(b, b.values.get(node.x)!, node.name);
  b.calls.push({ kind: 'noise', x, out, std: node.std, seed: b.objective.seed });
  return plain(out);
}

function emitNorm(b: PlanBuilder, node: NodeOf<'norm'>): View {
  const x = stored(b, b.values.get(node.x)!, node.name);
  const affine = b.temporary(`${node.name}.affine`, 4 * x.channels);
  const { gamma, beta, epsilon } = node;
  b.calls.push({ kind: 'moments', x, gamma, beta, epsilon, affine });
  const view: View = { ...x, affine };
  return b.consumers[node.id] > 1 ? stored(b, view, node.name) : view;
}

function emitConcat(b: PlanBuilder, node: NodeOf<'concat'>, out: Slice): View {
  let from = 0;
  for (const id of node.xs) {
    const x = b.values.get(id)!;
    const part = planes(out, from, x.channels);
    if (x.buffer !== out.buffer) b.calls.push({ kind: 'pointwise', x, out: part, accumulate: false });
    from += x.channels;
  }
  return plain(out);
}

/** The view itself when it is plain, else a stored copy with norm and activation applied. */
function stored(b: PlanBuilder, x: View, name: string): View {
  if (!x.affine && !x.activation) return x;
  const out = b.allocate(`${name}.in`, [x.channels, x.height, x.width]);
  b.calls.push({ kind: 'pointwise', x, out, accumulate: false });
  return plain(out);
}

/** For producers read by one concat alone: their slice of its buffer, allocated when the first of them asks. */
function concatDestinations(b: PlanBuilder): Map<NodeId, () => Slice> {
  const destinations = new Map<NodeId, () => Slice>();
  for (const node of b.graph.nodes) {
    if (node.op !== 'concat') continue;
    let buffer: Slice | undefined;
    const allocate = () => {
      buffer ??= b.allocate(node.name, node.shape);
      return buffer;
    };
    let from = 0;
    for (const x of node.xs) {
      const at = from;
      const { op, shape } = b.graph.nodes[x];
      const owns = op === 'conv' || op === 'resample' || op === 'add' || op === 'noise';
      if (owns && b.consumers[x] === 1 && x !== b.objective.image)
        destinations.set(x, () => planes(allocate(), at, shape[0]));
      from += shape[0];
    }
    destinations.set(node.id, allocate);
  }
  return destinations;
}
