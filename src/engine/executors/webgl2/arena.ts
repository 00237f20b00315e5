import type { Plan } from '../../plan/plan.ts';
import type { Pieces } from '../../time-slicing.ts';
import { type Group, groupsOf } from './layout.ts';
import type { TexelSegments } from './texel-segments.ts';

/** Texels in a row of the textures that hold lists of texels; a power of two. */
export const ROW = 1024;

/**
 * The parameters as a list of texels, in the same order in all four arenas. A convolution's weight is stored as
 * blocks of 4 outputs × 4 inputs, [output group][input group][tap][input of the group]: a texel is one column of a
 * 4×4 matrix. The forward pass multiplies by the block, the backward pass by its transpose, so one layout serves both
 * and no kernel repacks weights. What pads a block is 0 and stays 0. Vectors have 4 channels a texel.
 */
interface PlacedTexels {
  readonly texel: number;
  readonly texels: number;
  /** First float and past the last float of the plan's arena this stands for. */
  readonly from: number;
  readonly to: number;
  /** For weights. */
  readonly matrix: {
    readonly outputs: readonly Group[];
    readonly inputs: readonly Group[];
    readonly taps: number;
  } | null;
  /** For vectors. */
  readonly vector: readonly Group[] | null;
}

export class Arena {
  readonly texels: number;
  /** Parameter → place; parameters stored as images have none. */
  private readonly places = new Map<number, PlacedTexels>();
  private readonly list: PlacedTexels[] = [];
  /** Float of the texel list → float of the plan's arena, −1 for padding. */
  private readonly source: Int32Array;

  constructor(
    private readonly plan: Plan,
    private readonly segments: TexelSegments,
  ) {
    let [texels, end] = [0, 0];
    const add = (place: PlacedTexels) => {
      this.list.push(place);
      texels += place.texels;
      return place;
    };
    for (const parameter of [...plan.parameters].sort((a, b) => a.offset - b.offset)) {
      const { id, offset, size } = parameter;
      if (offset > end) add(rawPlace(texels, end, offset));
      end = offset + Math.ceil(size / 4) * 4;
      if (!segments.pixels.has(id)) this.places.set(id, add(this.place(texels, id, offset, end)));
    }
    if (plan.arenaFloats > end) add(rawPlace(texels, end, plan.arenaFloats));
    this.texels = texels;
    this.source = new Int32Array(4 * texels);
  }

  /** To be done before anything is packed. */
  *fill(): Pieces<void> {
    for (const place of this.list) {
      fillSource(this.source, place);
      yield;
    }
  }

  at(parameter: number): PlacedTexels {
    const place = this.places.get(parameter);
    if (!place) throw new Error(`Parameter ${parameter} is stored as an image, not in the arena.`);
    return place;
  }

  /** Texels that stand for the floats [from, to) of the plan's arena; null if there are none. */
  span(from: number, to: number): { from: number; to: number } | null {
    const inside = this.list.filter((place) => place.to > from && place.from < to);
    if (inside.length === 0) return null;
    for (const place of inside)
      if (place.from < from || place.to > to)
        throw new Error(`Floats ${from} to ${to} of the arena cut a parameter in two.`);
    const last = inside[inside.length - 1];
    return { from: inside[0].texel, to: last.texel + last.texels };
  }

  pack(arena: Float32Array): Float32Array {
    const packed = new Float32Array(4 * ROW * Math.max(1, Math.ceil(this.texels / ROW)));
    for (let i = 0; i < this.source.length; i++) if (this.source[i] >= 0) packed[i] = arena[this.source[i]];
    return packed;
  }

  /** Writes what the texels stand for into `arena`; the rest of it is left alone. */
  unpack(packed: Float32Array, arena: Float32Array): void {
    for (let i = 0; i < this.source.length; i++) if (this.source[i] >= 0) arena[this.source[i]] = packed[i];
  }

  private place(texel: number, id: number, from: number, to: number): PlacedTexels {
    const { segments } = this;
    const { shape, role } = this.plan.parameters[id];
    const isMuon = this.plan.calls.some(
      (call) => call.kind === 'muon' && call.matrices.some(({ parameter }) => parameter === id),
    );
    if (segments.has(`vector:${id}`)) {
      const vector = segments.groups(`vector:${id}`);
      return { texel, texels: vector.length, from, to, matrix: null, vector };
    }
    if (!segments.has(`in:${id}`) && !(isMuon && role === 'weight')) return rawPlace(texel, from, to);
    const [outputs, inputs, ...kernel] = shape;
    const matrix = {
      outputs: segments.has(`out:${id}`) ? segments.groups(`out:${id}`) : groupsOf([0, outputs]),
      inputs: segments.has(`in:${id}`) ? segments.groups(`in:${id}`) : groupsOf([0, inputs]),
      taps: kernel.reduce((product, n) => product * n, 1),
    };
    const texels = matrix.outputs.length * matrix.inputs.length * matrix.taps * 4;
    return { texel, texels, from, to, matrix, vector: null };
  }
}

/** Floats as they stand, four a texel. */
const rawPlace = (texel: number, from: number, to: number): PlacedTexels => ({
  texel,
  texels: (to - from) / 4,
  from,
  to,
  matrix: null,
  vector: null,
});

function fillSource(source: Int32Array, { texel, texels, from, matrix, vector }: PlacedTexels): void {
  let at = 4 * texel;
  if (matrix) fillBlocks(source, at, matrix, from);
  else if (vector)
    for (const { channel, count } of vector)
      for (let r = 0; r < 4; r++) source[at++] = r < count ? from + channel + r : -1;
  else for (let i = 0; i < 4 * texels; i++) source[at + i] = from + i;
}

function fillBlocks(
  source: Int32Array,
  at: number,
  { outputs, inputs, taps }: NonNullable<PlacedTexels['matrix']>,
  from: number,
): void {
  const last = inputs[inputs.length - 1];
  const width = last.channel + last.count;
  for (const out of outputs)
    for (const input of inputs)
      for (let tap = 0; tap < taps; tap++)
        for (let column = 0; column < 4; column++)
          for (let row = 0; row < 4; row++) {
            const inside = row < out.count && column < input.count;
            const block = (out.channel + row) * width + input.channel + column;
            source[at++] = inside ? from + block * taps + tap : -1;
          }
}
