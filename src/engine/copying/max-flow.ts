import type { Pieces } from '../time-slicing.ts';

/** Slots of a node's arcs: to the right, left, down and up. The way back of slot k is slot k ^ 1 of the neighbour. */
export const SLOTS = 4;

/** Nodes of a grid of which any may be missing, each with up to four neighbours and both terminals. */
export interface Flow {
  /** The planes below may have room for more. */
  readonly count: number;
  /** [nodes, SLOTS] the neighbour in that direction, −1 where there is none. */
  readonly neighbours: Int32Array;
  /** [nodes, SLOTS] what may still flow to it; overwritten. */
  readonly capacity: Float64Array;
  /** [nodes] what may still flow from the source (above 0) or to the sink (below 0); overwritten. */
  readonly terminal: Float64Array;
}

/** Room for so many nodes. */
export const flowOf = (count: number): Flow => ({
  ...{ count, neighbours: new Int32Array(SLOTS * count).fill(-1) },
  ...{ capacity: new Float64Array(SLOTS * count), terminal: new Float64Array(count) },
});

const [FREE, SOURCE, SINK] = [0, 1, 2];
const [TERMINAL, ORPHAN] = [SLOTS, SLOTS + 1];
/** Paths between two yields: well below a millisecond each. */
const PIECE = 256;

/**
 * Whether each node is on the sink's side of a minimum cut, 1 or 0: maximum flow by two search trees that are kept between
 * augmentations (Boykov & Kolmogorov, IEEE PAMI 26(9), 2004). Nodes that neither terminal reaches stay with the source.
 */
export function* minimumCut(flow: Flow): Pieces<Uint8Array> {
  cancelled(flow);
  yield;
  const trees = new Trees(flow);
  for (let paths = 1; trees.augmentOnce(); paths++) if (paths % PIECE === 0) yield;
  return trees.sinkSide();
}

/** Arcs are told apart by the logarithm of what may flow, in so fine a unit, when the widest are taken first. */
const WIDTH = { unit: 1 / 16, classes: 32 } as const;

/**
 * Sends what the source gives towards what the sink takes, all at once, along a spanning forest of the widest arcs: from the leaves each
 * node hands on what is left of both, as far as that fits. Changes no cut's cost but by the same amount. Where arcs are wide and
 * terminals narrow, as in rough texture, that leaves few of millions of paths of a hundred arcs each.
 */
function cancelled(flow: Flow): void {
  const { neighbours, capacity, terminal } = flow;
  const { order, up } = forestOf(flow);
  for (let at = order.length - 1; at >= 0; at--) {
    const i = order[at];
    if (up[i] === TERMINAL) continue;
    const away = SLOTS * i + up[i];
    const j = neighbours[away];
    const back = SLOTS * j + (up[i] ^ 1);
    const t = terminal[i];
    const sent = t > 0 ? Math.min(t, capacity[away]) : -Math.min(-t, capacity[back]);
    capacity[away] -= sent;
    capacity[back] += sent;
    terminal[i] -= sent;
    terminal[j] += sent;
  }
}

/** The nodes in such an order that each comes after the one that its slot `up` leads to; TERMINAL where that is none. */
function forestOf({ count, neighbours, capacity }: Flow): { order: Int32Array; up: Uint8Array } {
  const arcs = widestFirst(count, neighbours, capacity);
  const set = Int32Array.from({ length: count }, (_, i) => i);
  const setOf = (i: number): number => {
    let at = i;
    while (set[at] !== at) {
      set[at] = set[set[at]];
      at = set[at];
    }
    return at;
  };
  /** Bits of the slots that belong to the forest. */
  const inForest = new Uint8Array(count);
  for (const arc of arcs) {
    const [i, slot, j] = [Math.floor(arc / SLOTS), arc % SLOTS, neighbours[arc]];
    const [a, b] = [setOf(i), setOf(j)];
    if (a === b) continue;
    set[a] = b;
    inForest[i] |= 1 << slot;
    inForest[j] |= 1 << (slot ^ 1);
  }
  const order = new Int32Array(count);
  const up = new Uint8Array(count).fill(ORPHAN);
  let end = 0;
  for (let root = 0; root < count; root++) {
    if (up[root] !== ORPHAN) continue;
    up[root] = TERMINAL;
    order[end++] = root;
    for (let at = end - 1; at < end; at++) {
      const i = order[at];
      for (let k = 0; k < SLOTS; k++) {
        const j = neighbours[SLOTS * i + k];
        if (!(inForest[i] & (1 << k)) || up[j] !== ORPHAN) continue;
        up[j] = k ^ 1;
        order[end++] = j;
      }
    }
  }
  return { order, up };
}

/** Arcs to the right and downwards, those first through which most may flow in either direction. */
function widestFirst(count: number, neighbours: Int32Array, capacity: Float64Array): Int32Array {
  const classOf = (arc: number) =>
    Math.clz32(Math.min(capacity[arc], capacity[SLOTS * neighbours[arc] + ((arc % SLOTS) ^ 1)]) / WIDTH.unit);
  const ends = new Int32Array(WIDTH.classes + 2);
  const each = (visit: (arc: number) => void) => {
    for (let arc = 0; arc < SLOTS * count; arc += 2) if (neighbours[arc] >= 0) visit(arc);
  };
  each((arc) => ends[classOf(arc) + 1]++);
  for (let k = 0; k <= WIDTH.classes; k++) ends[k + 1] += ends[k];
  const sorted = new Int32Array(ends[WIDTH.classes + 1]);
  each((arc) => {
    sorted[ends[classOf(arc)]++] = arc;
  });
  return sorted;
}

class Trees {
  private readonly tree: Uint8Array;
  /** The slot that leads to a node's parent, TERMINAL or ORPHAN. */
  private readonly parent: Uint8Array;
  /** Steps to the terminal, known to be right at time `seen`. */
  private readonly steps: Int32Array;
  private readonly seen: Int32Array;
  private time = 0;
  /** Nodes whose neighbours are to be looked at: a queue through `next`, whose last points at itself; −1 = not in it. */
  private readonly next: Int32Array;
  private first = -1;
  private last = -1;
  /** Nodes without a parent, a ring: none is in it twice. */
  private readonly orphans: Int32Array;
  private orphaned = 0;

  constructor(private readonly flow: Flow) {
    const { count, terminal } = flow;
    this.tree = new Uint8Array(count);
    this.parent = new Uint8Array(count);
    this.steps = new Int32Array(count);
    this.seen = new Int32Array(count);
    this.next = new Int32Array(count).fill(-1);
    this.orphans = new Int32Array(count);
    for (let i = 0; i < count; i++) {
      if (terminal[i] === 0) continue;
      this.tree[i] = terminal[i] > 0 ? SOURCE : SINK;
      this.parent[i] = TERMINAL;
      this.steps[i] = 1;
      this.activate(i);
    }
  }

  sinkSide(): Uint8Array {
    return this.tree.map((tree) => (tree === SINK ? 1 : 0));
  }

  /** Sends flow along one more path; false where there is none. */
  augmentOnce(): boolean {
    const { neighbours, capacity } = this.flow;
    for (let p = this.first; p >= 0; p = this.first) {
      const ours = this.tree[p];
      if (ours !== FREE)
        for (let k = 0; k < SLOTS; k++) {
          const q = neighbours[SLOTS * p + k];
          if (q < 0) continue;
          const room = ours === SOURCE ? capacity[SLOTS * p + k] : capacity[SLOTS * q + (k ^ 1)];
          if (room <= 0) continue;
          if (this.tree[q] === FREE) this.join(q, p, k ^ 1);
          else if (this.tree[q] !== ours) {
            this.time++;
            if (ours === SOURCE) this.send(p, k, q);
            else this.send(q, k ^ 1, p);
            this.adopt();
            return true; // p stays first: it may have more to give
          }
        }
      this.deactivate();
    }
    return false;
  }

  private activate(i: number): void {
    if (this.next[i] >= 0) return;
    this.next[i] = i;
    if (this.last >= 0) this.next[this.last] = i;
    else this.first = i;
    this.last = i;
  }

  private deactivate(): void {
    const p = this.first;
    if (this.next[p] === p) {
      this.first = -1;
      this.last = -1;
    } else this.first = this.next[p];
    this.next[p] = -1;
  }

  private join(node: number, to: number, slot: number): void {
    this.tree[node] = this.tree[to];
    this.parent[node] = slot;
    this.steps[node] = this.steps[to] + 1;
    this.seen[node] = this.seen[to];
    this.activate(node);
  }

  /** As much as fits along the path through the arc from p, of the source's tree, to q, of the sink's. */
  private send(p: number, slot: number, q: number): void {
    const { neighbours, capacity, terminal } = this.flow;
    let most = capacity[SLOTS * p + slot];
    let i = p;
    for (; this.parent[i] !== TERMINAL; i = neighbours[SLOTS * i + this.parent[i]]) {
      const up = SLOTS * i + this.parent[i];
      most = Math.min(most, capacity[SLOTS * neighbours[up] + (this.parent[i] ^ 1)]);
    }
    most = Math.min(most, terminal[i]);
    for (i = q; this.parent[i] !== TERMINAL; i = neighbours[SLOTS * i + this.parent[i]])
      most = Math.min(most, capacity[SLOTS * i + this.parent[i]]);
    most = Math.min(most, -terminal[i]);
    capacity[SLOTS * p + slot] -= most;
    capacity[SLOTS * q + (slot ^ 1)] += most;
    for (i = p; this.parent[i] !== TERMINAL; ) i = this.shift(i, most, SOURCE);
    terminal[i] -= most;
    if (terminal[i] <= 0) this.orphan(i);
    for (i = q; this.parent[i] !== TERMINAL; ) i = this.shift(i, most, SINK);
    terminal[i] += most;
    if (terminal[i] >= 0) this.orphan(i);
  }

  /** Takes what flows from the arc between a node and its parent, which is returned. */
  private shift(i: number, amount: number, tree: number): number {
    const { neighbours, capacity } = this.flow;
    const up = SLOTS * i + this.parent[i];
    const above = neighbours[up];
    const down = SLOTS * above + (this.parent[i] ^ 1);
    const [taken, given] = tree === SOURCE ? [down, up] : [up, down];
    capacity[taken] -= amount;
    capacity[given] += amount;
    if (capacity[taken] <= 0) this.orphan(i);
    return above;
  }

  private orphan(i: number): void {
    this.parent[i] = ORPHAN;
    this.orphans[this.orphaned++ % this.orphans.length] = i;
  }

  /** Finds new parents for what has lost its own, or frees it. */
  private adopt(): void {
    const { neighbours } = this.flow;
    for (let at = 0; at < this.orphaned; at++) {
      const i = this.orphans[at % this.orphans.length];
      let [best, least] = [-1, Number.POSITIVE_INFINITY];
      for (let k = 0; k < SLOTS; k++) {
        const j = neighbours[SLOTS * i + k];
        if (j < 0 || this.tree[j] !== this.tree[i] || !this.reaches(j, k, i)) continue;
        const steps = this.stepsOf(j);
        if (steps < least) [best, least] = [k, steps];
      }
      if (best >= 0) {
        this.parent[i] = best;
        this.steps[i] = least + 1;
        this.seen[i] = this.time;
      } else this.free(i);
    }
    this.orphaned = 0;
  }

  /** Whether flow may pass between node j, in slot k of node i, and i, towards the tree's leaves. */
  private reaches(j: number, k: number, i: number): boolean {
    const { capacity } = this.flow;
    return (this.tree[i] === SOURCE ? capacity[SLOTS * j + (k ^ 1)] : capacity[SLOTS * i + k]) > 0;
  }

  /** Steps from a node to its terminal; infinite where it has lost it. */
  private stepsOf(j: number): number {
    const { neighbours } = this.flow;
    let [steps, i] = [0, j];
    for (;;) {
      if (this.seen[i] === this.time) {
        steps += this.steps[i];
        break;
      }
      const up = this.parent[i];
      steps++;
      if (up === TERMINAL) {
        this.seen[i] = this.time;
        this.steps[i] = 1;
        break;
      }
      if (up === ORPHAN) return Number.POSITIVE_INFINITY;
      i = neighbours[SLOTS * i + up];
    }
    let left = steps;
    for (i = j; this.seen[i] !== this.time; i = neighbours[SLOTS * i + this.parent[i]]) {
      this.seen[i] = this.time;
      this.steps[i] = left--;
    }
    return steps;
  }

  private free(i: number): void {
    const { neighbours } = this.flow;
    for (let k = 0; k < SLOTS; k++) {
      const j = neighbours[SLOTS * i + k];
      if (j < 0 || this.tree[j] !== this.tree[i]) continue;
      if (this.reaches(j, k, i)) this.activate(j);
      if (this.parent[j] < SLOTS && neighbours[SLOTS * j + this.parent[j]] === i) this.orphan(j);
    }
    this.tree[i] = FREE;
  }
}
