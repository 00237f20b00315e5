import type { Pieces } from '../time-slicing.ts';
import { type Announced, surpriseAt } from './announced.ts';
import type { Features, Level } from './level.ts';
import { type Flow, flowOf, minimumCut, SLOTS } from './max-flow.ts';
import { type Offset, placeOf } from './offsets.ts';

/** What a labelling is judged by. */
export interface Scene {
  readonly level: Level;
  readonly features: Features;
  /** What it looks like from afar; absent = only seams count. */
  readonly afar?: Afar;
  /** The first is 0, 0: the pixel is left as the guide has it. */
  readonly offsets: readonly Offset[];
  readonly weights: Weights;
  /** [height, width] what a difference counts for where it is copied from; absent = the same everywhere. */
  readonly counts?: Float32Array;
  /** Halvings down to this level: areas count double then, since seams get shorter by less. */
  readonly depth: number;
}

/** What a pixel's surroundings count for beside seams. */
export interface Weights {
  /** Each factor of e by which the hole's rim makes it less likely that what is copied goes on there, a pixel. */
  readonly likely: number;
  /** Each squared change to the right and downwards that is copied, where flat colours are another way. */
  readonly copy: number;
}

/** A picture from afar, and what is known of the hole from there. */
export interface Afar {
  readonly announced: Announced;
  /** [height, width, channels] tones of what may be copied, and those that a guide asks for which knows what is where. */
  readonly tones: Float32Array;
  readonly wanted: Float32Array | undefined;
  /** [height, width] how strong texture is in what may be copied, and next to the hole, carried inwards: logarithms of squares. */
  readonly textures: Float32Array;
  readonly wantedTexture: Float32Array;
}

/** Summed squared differences over this are the unit. */
const UNIT = 16;
const MOST = 4000;
/** What a seam or a rim costs that leads out of the picture. */
const OUTSIDE = 2000 / UNIT;
/** What each squared difference of tone to such a guide costs, as a share of what unlikely things do. */
const GUIDED = 0.0025;
/** A pixel that is left to the guide: more than any fair copy. */
const LEFT = 2000;
/** Not to be taken. */
const NEVER = 1e9;
const NEAR = 2;

/** [height, width] an offset's index for each pixel of the hole. */
export type Labels = Uint8Array;

/**
 * Labels that make the sum of all costs small: tones that differ from the guide's, and seams where what neighbours are copied
 * from goes on differently. Each offset in turn is given to all pixels that gain by it, the best such set being a minimum cut
 * (α-expansion: Boykov, Veksler & Zabih, IEEE PAMI 23(11), 2001). `moving`: which pixels may change.
 */
export class Labelling {
  private readonly pixels: number[] = [];
  private readonly node: Int32Array;
  private readonly column: Uint16Array;
  private readonly row: Uint16Array;
  /** [pixels of the hole, labels] what each label costs each pixel by itself, once that was asked of all; and where a pixel's begin. */
  private costs = new Float64Array();
  private readonly place: Int32Array;
  /** Of an expansion, by its nodes; kept, since there are hundreds of them. */
  private flow = flowOf(0);
  private own = new Float64Array();

  constructor(
    private readonly scene: Scene,
    readonly labels: Labels,
  ) {
    const { hole, width } = scene.level;
    this.node = new Int32Array(hole.length).fill(-1);
    this.place = new Int32Array(hole.length);
    this.column = new Uint16Array(hole.length);
    this.row = new Uint16Array(hole.length);
    for (let i = 0; i < hole.length; i++) {
      this.column[i] = i % width;
      this.row[i] = Math.floor(i / width);
    }
  }

  /** The cheapest label of each pixel alone. */
  *start(): Pieces<void> {
    const { level, offsets } = this.scene;
    let count = 0;
    for (const h of level.hole) count += h;
    const costs = new Float64Array(count * offsets.length);
    let at = 0;
    for (let i = 0; i < level.hole.length; i++) {
      if (i % 512 === 0) yield;
      if (!level.hole[i]) continue;
      this.place[i] = at;
      let [best, least] = [0, Number.POSITIVE_INFINITY];
      for (let l = 0; l < offsets.length; l++, at++) {
        costs[at] = this.alone(i, l);
        if (costs[at] < least) [best, least] = [l, costs[at]];
      }
      this.labels[i] = best;
    }
    this.costs = costs;
  }

  /** Expansions of the given labels over the pixels that may change; how many pixels did. */
  *sweep(moving: readonly number[], labels: readonly number[], stopped: () => boolean): Pieces<number> {
    let changed = 0;
    for (const label of labels) if (!stopped()) changed += yield* this.expand(moving, label);
    return changed;
  }

  private *expand(moving: readonly number[], label: number): Pieces<number> {
    const { pixels, node, labels } = this;
    pixels.length = 0;
    for (const i of moving) {
      if (labels[i] === label || !this.isValid(i, label)) continue;
      node[i] = pixels.length;
      pixels.push(i);
    }
    yield;
    const count = pixels.length;
    let changed = 0;
    if (count > 0) {
      const flow = yield* this.flowTo(label);
      const take = yield* minimumCut(flow);
      for (let p = 0; p < count; p++) {
        if (take[p]) {
          labels[pixels[p]] = label;
          changed++;
        }
      }
    }
    for (const i of pixels) node[i] = -1;
    return changed;
  }

  /** What `pixels` gain and lose by the label, each alone and with its neighbours: the sink's side of the minimum cut takes it. */
  private *flowTo(label: number): Pieces<Flow> {
    const { width, height, hole } = this.scene.level;
    const { pixels, node, labels } = this;
    const count = pixels.length;
    if (this.own.length < count) [this.flow, this.own] = [flowOf(count), new Float64Array(count)];
    const { own } = this;
    const { neighbours, capacity, terminal } = this.flow;
    neighbours.fill(-1, 0, SLOTS * count);
    capacity.fill(0, 0, SLOTS * count);
    for (let p = 0; p < count; p++) {
      const i = pixels[p];
      own[p] = this.difference(i, label, labels[i]);
      terminal[p] = this.costOf(i, label) - this.costOf(i, labels[i]);
    }
    yield;
    for (let p = 0; p < count; p++) {
      if (p % 4096 === 4095) yield;
      const i = pixels[p];
      const now = labels[i];
      for (let k = 0; k < SLOTS; k++) {
        const j = neighbourOf(i, this.column[i], this.row[i], k, width, height);
        if (j < 0 || !hole[j]) continue;
        const q = node[j];
        const other = labels[j];
        if (q < 0) terminal[p] += this.seam(i, label, j, other) - this.seam(i, now, j, other);
        else {
          neighbours[SLOTS * p + k] = q;
          if (k % 2 === 1) continue;
          const alike = now === other;
          const taking = (alike ? own[p] : this.difference(i, label, other)) + own[q];
          const leaving = own[p] + (alike ? own[q] : this.difference(j, now, label));
          const both = Math.min(this.seam(i, now, j, other), taking + leaving);
          // The same in both directions, so that like neighbours ask for no flow at all.
          terminal[p] += (taking - leaving - both) / 2;
          terminal[q] += (leaving - taking - both) / 2;
          const half = (leaving + taking - both) / 2;
          capacity[SLOTS * p + k] = half;
          capacity[SLOTS * q + (k ^ 1)] = half;
        }
      }
    }
    return { ...this.flow, count };
  }

  /** What a label costs a pixel by itself. */
  private costOf(i: number, label: number): number {
    return this.costs.length > 0 ? this.costs[this.place[i] + label] : this.alone(i, label);
  }

  /** What all seams, rims and copied changes cost, a pixel of the hole: how well the copies fit each other and what is known. */
  *seams(): Pieces<number> {
    const { width, height, hole } = this.scene.level;
    let [sum, count] = [0, 0];
    for (let i = 0; i < hole.length; i++) {
      if (i % 4096 === 0) yield;
      if (!hole[i]) continue;
      count++;
      const { copy } = this.scene.weights;
      if (copy > 0) sum += copy * this.changeAt(Math.max(0, this.from(i, this.labels[i], false)));
      const [x, y] = [i % width, Math.floor(i / width)];
      for (let k = 0; k < SLOTS; k++) {
        const j = neighbourOf(i, x, y, k, width, height);
        if (j < 0) continue;
        if (!hole[j]) sum += NEAR * this.difference(j, this.labels[i], 0);
        else if (k % 2 === 0) sum += this.seam(i, this.labels[i], j, this.labels[j]);
      }
    }
    return sum / Math.max(1, count);
  }

  /** How unlikely it is that what is copied goes on here, and by how much, as a logarithm, it is calmer: means over the hole. */
  *surprise(): Pieces<{ surprise: number; calmer: number }> {
    const { level, afar } = this.scene;
    let [sum, count, calmer] = [0, 0, 0];
    for (let i = 0; i < level.hole.length; i++) {
      if (i % 4096 === 0) yield;
      if (!afar || !level.hole[i]) continue;
      const from = Math.max(0, this.from(i, this.labels[i], false));
      sum += surpriseAt(afar.announced, i, from);
      calmer += afar.wantedTexture[i] - afar.textures[from];
      count++;
    }
    const all = Math.max(1, count);
    return { surprise: sum / all, calmer: calmer / all };
  }

  /** Whether what the label asks for may be copied. */
  isValid(i: number, label: number): boolean {
    return label === 0 || this.from(i, label, true) >= 0;
  }

  /** Where a pixel is copied from; −1 outside the picture, or where nothing may be copied. */
  private from(i: number, label: number, source: boolean): number {
    const { level, offsets } = this.scene;
    const { width, height } = level;
    const j = placeOf(offsets[label], this.column[i], this.row[i], width, height);
    return source && j >= 0 && !level.source[j] ? -1 : j;
  }

  /** What a label costs a pixel by itself: its tone, and how it goes on into what is known next to it. */
  private alone(i: number, label: number): number {
    const { level, afar, weights, depth } = this.scene;
    const { width, height, hole } = level;
    const at = label === 0 ? i : this.from(i, label, true);
    if (at < 0) return NEVER;
    let cost = label === 0 ? LEFT : afar ? fromAfar(afar, weights, level.channels, i, at) : 0;
    cost += weights.copy * this.changeAt(at);
    cost *= 2 ** depth;
    for (let k = 0; k < SLOTS; k++) {
      const j = neighbourOf(i, this.column[i], this.row[i], k, width, height);
      if (j >= 0 && !hole[j]) cost += NEAR * this.difference(j, label, 0);
    }
    return cost;
  }

  /** How much the picture changes at a pixel. */
  private changeAt(i: number): number {
    const { depth, data } = this.scene.features;
    const at = (i + 1) * depth - 2;
    return Math.min((data[at] ** 2 + data[at + 1] ** 2) / UNIT, MOST);
  }

  private seam(i: number, a: number, j: number, b: number): number {
    return a === b ? 0 : this.difference(i, a, b) + this.difference(j, a, b);
  }

  /** How differently two labels have a pixel. */
  private difference(i: number, a: number, b: number): number {
    const { features, counts } = this.scene;
    const { depth, data } = features;
    const u = this.from(i, a, false);
    const v = this.from(i, b, false);
    if (u < 0 || v < 0) return OUTSIDE;
    let sum = 0;
    for (let k = 0, at = u * depth, to = v * depth; k < depth; k++, at++, to++) {
      const difference = data[at] - data[to];
      sum += difference * difference;
    }
    if (counts) sum *= (counts[u] + counts[v]) / 2;
    return Math.min(sum / UNIT, MOST);
  }
}

/** What it costs that what is copied to a pixel is not what the rim, or a guide, tells of it. */
function fromAfar(
  { announced, tones, wanted }: Afar,
  { likely }: Weights,
  channels: number,
  to: number,
  from: number,
): number {
  if (likely === 0) return 0;
  let square = 0;
  for (let c = 0; wanted && c < channels; c++)
    square += (tones[from * channels + c] - wanted[to * channels + c]) ** 2;
  return Math.min(likely * (surpriseAt(announced, to, from) + GUIDED * square), MOST);
}

/** The neighbour of a pixel in the direction of a slot; −1 outside the picture. */
export function neighbourOf(
  i: number,
  x: number,
  y: number,
  slot: number,
  width: number,
  height: number,
): number {
  if (slot === 0) return x + 1 < width ? i + 1 : -1;
  if (slot === 1) return x > 0 ? i - 1 : -1;
  if (slot === 2) return y + 1 < height ? i + width : -1;
  return y > 0 ? i - width : -1;
}
