import type { BufferId, Slice, View } from '../../plan/calls.ts';
import type { Plan } from '../../plan/plan.ts';
import { type Arena, ROW } from './arena.ts';
import type { Draw, Quad, Rect, Surface } from './draw.ts';
import { type Cell, type Group, type ImageLayout, imageLayout } from './layout.ts';
import type { Range, TexelSegments } from './texel-segments.ts';

/** A slice as a draw sees it. `quad` is its uniform: tile width, tile height, first group, tiles a column. */
export interface ImageOperand {
  readonly surface: Surface;
  readonly layout: ImageLayout;
  readonly groups: readonly Group[];
  readonly quad: Quad;
  /** Its texels in the plane of the texture. */
  readonly rects: readonly Rect[];
}

type MutableSurface = { -readonly [K in keyof Surface]: Surface[K] };

/** Two textures that take turns: WebGL2 cannot read and draw to one in the same draw. */
interface Pair {
  now: Surface;
  other: Surface | null;
}

/**
 * Collects the draws of one step and decides which texture holds what at each of them. What is updated in place
 * changes over to a second texture, so the draws of two consecutive steps differ; after two steps all is where it was.
 */
export class Builder {
  draws: Draw[] = [];
  readonly surfaces: MutableSurface[] = [];
  /** Contents that never change: tables. */
  readonly constants = new Map<Surface, Float32Array>();
  private readonly layouts = new Map<string, ImageLayout>();
  private readonly pairs = new Map<string, Pair>();
  private readonly temporary = new Map<string, MutableSurface>();
  /** Free image textures, not yet allocated: they may still grow. */
  private readonly pool: MutableSurface[] = [];
  private readonly shared = new Map<number, MutableSurface>();
  private readonly tables = new Map<string, Surface>();

  constructor(
    readonly plan: Plan,
    readonly segments: TexelSegments,
    readonly arena: Arena,
    readonly cell: Cell,
    readonly maxTexture: number,
  ) {}

  /** Whether the image belongs to a buffer that shares memory with others. */
  private isTemporary(key: string): boolean {
    return key.startsWith('b') && this.plan.buffers[Number(key.slice(1))].lifetime === 'temporary';
  }

  layout(key: string): ImageLayout {
    const known = this.layouts.get(key);
    if (known) return known;
    const { height, width } = this.segments.regions.get(key)!;
    const layout = imageLayout(this.segments.groups(key), height, width, this.cell, this.maxTexture);
    this.layouts.set(key, layout);
    return layout;
  }

  /** The texture that holds an image, or a list of texels known under `key`, now. */
  surface(key: string): Surface {
    if (!this.isTemporary(key)) return this.pair(key).now;
    let surface = this.temporary.get(key);
    if (!surface) {
      surface = this.acquire(this.layout(key));
      this.temporary.set(key, surface);
    }
    return surface;
  }

  /** A list of texels of its own, e.g. an affine map; `texels` as at the first call. */
  list(key: string, texels: number): Surface {
    if (!this.pairs.has(key)) this.pairs.set(key, { now: this.createList(texels), other: null });
    return this.surface(key);
  }

  operand(slice: Slice): ImageOperand {
    return this.rangeOperand(this.segments.range(slice));
  }

  whole(buffer: BufferId): ImageOperand {
    const key = `b${buffer}`;
    return this.rangeOperand({ key, from: 0, channels: this.segments.regions.get(key)!.channels });
  }

  rangeOperand({ key, from, channels }: Range): ImageOperand {
    const layout = this.layout(key);
    const groups = layout.groups.filter((g) => g.channel >= from && g.channel < from + channels);
    const first = layout.groups.indexOf(groups[0]);
    const { tileWidth, tileHeight, perColumn } = layout;
    return {
      surface: this.surface(key),
      layout,
      groups,
      quad: [tileWidth, tileHeight, first, perColumn],
      rects: tileRects(layout, first, groups.length),
    };
  }

  /**
   * Draws into a slice with `draw(target)`. Where the draw reads the slice's own texture, it goes to another one,
   * which takes its place if the slice is all of the image, and is copied back if it is a part.
   */
  write(slice: Slice, reads: readonly Surface[], draw: (target: ImageOperand) => void): void {
    this.writeRange(this.segments.range(slice), reads, draw);
  }

  writeRange(range: Range, reads: readonly Surface[], draw: (target: ImageOperand) => void): void {
    const home = this.rangeOperand(range);
    if (!reads.includes(home.surface)) {
      draw(home);
      return;
    }
    const whole = home.groups.length === home.layout.groups.length;
    if (whole) {
      draw({ ...home, surface: this.other(range.key) });
      this.swap(range.key);
      return;
    }
    const surface = this.acquire(home.layout);
    draw({ ...home, surface });
    this.copy(surface, home.surface, home.rects);
    this.pool.push(surface);
  }

  /** The same of a list of texels. */
  otherList(key: string, texels: number): Surface {
    this.list(key, texels);
    return this.other(key);
  }

  /** The texture an update in place of all of `key` draws to; then `swap`. */
  other(key: string): Surface {
    if (this.isTemporary(key)) {
      const surface = this.acquire(this.layout(key));
      this.temporary.set(`${key}'`, surface);
      return surface;
    }
    const pair = this.pair(key);
    pair.other ??= this.create(pair.now.width, pair.now.height, pair.now.layers);
    return pair.other;
  }

  swap(key: string): void {
    if (this.isTemporary(key)) {
      this.pool.push(this.temporary.get(key)!);
      this.temporary.set(key, this.temporary.get(`${key}'`)!);
      this.temporary.delete(`${key}'`);
      return;
    }
    const pair = this.pair(key);
    [pair.now, pair.other] = [pair.other!, pair.now];
  }

  copy(from: Surface, to: Surface, rects: readonly Rect[]): void {
    const layers = Array.from({ length: from.layers }, (_, i) => i);
    this.draws.push({
      label: 'copy',
      code: `void main() {
  ivec2 f = ivec2(gl_FragCoord.xy);
  ${layers.map((i) => `o${i} = texelFetch(from, ${from.layers > 1 ? `ivec3(f, ${i})` : 'f'}, 0);`).join('\n  ')}
}`,
      textures: { from },
      target: [to],
      rects,
      work: 1,
    });
  }

  /** The memory between two draws of a reduction: one texture for all, `layers` deep, as large as the largest use. */
  scratch(width: number, height: number, layers: number): Surface {
    const surface = this.shared.get(layers) ?? this.create(0, 0, layers);
    this.shared.set(layers, surface);
    surface.width = Math.max(surface.width, width);
    surface.height = Math.max(surface.height, height);
    return surface;
  }

  /** A texture of one layer with contents of the kernel's own, the same one whenever `key` is asked for. */
  plane(key: string, width: number, height: number): Surface {
    const known = this.tables.get(key) ?? this.create(width, height, 1);
    this.tables.set(key, known);
    return known;
  }

  /** A texture of constants: a list of texels. */
  constant(key: string, data: () => Float32Array): Surface {
    const known = this.tables.get(key);
    if (known) return known;
    const values = data();
    const surface = this.createList(values.length / 4);
    const padded = new Float32Array(4 * surface.width * surface.height);
    padded.set(values);
    this.tables.set(key, surface);
    this.constants.set(surface, padded);
    return surface;
  }

  /** (first channel within the slice, channels) of each group of an operand. */
  groupTable({ groups }: { groups: readonly Group[] }): Surface {
    const values = groups.flatMap(({ channel, count }) => [channel - groups[0].channel, count, 0, 0]);
    return this.constant(`groups ${values.join()}`, () => Float32Array.from(values));
  }

  /** Where the view's norm lies, or null. */
  affine(view: View): Surface | null {
    if (view.affine === null) return null;
    return this.list(`affine:${view.affine}`, 4 * this.segments.groups(`affine:${view.affine}`).length);
  }

  /** Where each persistent image and list is now. */
  places(): Map<string, Surface> {
    return new Map([...this.pairs].map(([key, { now }]) => [key, now]));
  }

  /** Call after the draws of call `index`: its last readers free temporary buffers. */
  release(index: number): void {
    for (const [key, surface] of this.temporary)
      if (this.plan.buffers[Number(key.slice(1))].last <= index) {
        this.pool.push(surface);
        this.temporary.delete(key);
      }
  }

  create(width: number, height: number, layers: number): MutableSurface {
    const surface = { width, height, layers };
    this.surfaces.push(surface);
    return surface;
  }

  createList(texels: number): MutableSurface {
    return this.create(Math.min(ROW, texels), Math.ceil(texels / ROW), 1);
  }

  private pair(key: string): Pair {
    let pair = this.pairs.get(key);
    if (!pair) {
      const { textureWidth, textureHeight, cell } = this.layout(key);
      pair = { now: this.create(textureWidth, textureHeight, cell.pixels), other: null };
      this.pairs.set(key, pair);
    }
    return pair;
  }

  /** The smallest free texture that is large enough, else one as wide that is made higher, else a new one. */
  private acquire({ textureWidth: width, textureHeight: height, cell }: ImageLayout): Surface {
    const fits = this.pool
      .filter((s) => s.width >= width && s.height >= height)
      .sort((a, b) => a.width * a.height - b.width * b.height);
    const asWide = this.pool.filter((s) => s.width === width).sort((a, b) => b.height - a.height);
    const surface = fits[0] ?? asWide[0];
    if (!surface) return this.create(width, height, cell.pixels);
    surface.height = Math.max(surface.height, height);
    this.pool.splice(this.pool.indexOf(surface), 1);
    return surface;
  }
}

/** The tiles of groups [first, first + count): a rectangle in each column of tiles. */
function tileRects({ tileWidth, tileHeight, perColumn }: ImageLayout, first: number, count: number): Rect[] {
  const rects: Rect[] = [];
  for (let g = first; g < first + count; ) {
    const row = g % perColumn;
    const rows = Math.min(perColumn - row, first + count - g);
    const column = Math.floor(g / perColumn);
    rects.push([column * tileWidth, row * tileHeight, tileWidth, rows * tileHeight]);
    g += rows;
  }
  return rects;
}

/** Rows of a list's texture that hold texels [from, to); with `outside` for the fragments of other texels. */
export function listRects(from: number, to: number): Rect[] {
  const [first, last] = [Math.floor(from / ROW), Math.floor((to - 1) / ROW)];
  if (first === last) return [[from % ROW, first, to - from, 1]];
  return [[0, first, ROW, last - first + 1]];
}

/** GLSL: the list's texel of this fragment, t; other texels than [from, to) keep what they hold. */
export const LIST_TEXEL = `ivec2 f = ivec2(gl_FragCoord.xy);
  int t = f.y * 1024 + f.x;
  if (t < span.x || t >= span.y) discard;`;
