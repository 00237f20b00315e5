import type { Plan } from '../../plan/plan.ts';
import { type Group, groupsOf } from './layout.ts';
import type { Structure } from './structure.ts';

/** Texels in a row of the textures that hold lists of texels; a power of two. */
export const ROW = 1024;

/**
 * The parameters as a list of texels, in the same order in all four arenas. A convolution's weight is stored as
 * blocks of 4 outputs × 4 inputs, [output group][input group][tap][input of the group]: a texel is one column of a
 * 4×4 matrix. The forward pass multiplies by the block, the backward pass by its transpose, so one layout serves both
 * and no kernel repacks weights. What pads a block is 0 and stays 0. Vectors have 4 channels a texel.
 */
export interface PlacedTexels {
  readonly texel: number;
  readonly texels: number;
  /** First float and past the last float of the plan's arena this stands for. */
  readonly from: number;
  readonly to: number;
  /** For weights. */
  readonly matrix: {
    readonly outputs: readonly Group[];
    readonly inputs: readonly Group[];
    taps: number;
  } | null;
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
    private readonly structure: Structure,
  ) {
    const sources: number[] = [];
    let end = 0;
    for (const parameter of [...plan.parameters].sort((a, b) => a.offset - b.offset)) {
      const to = parameter.offset + Math.ceil(parameter.size / 4) * 4;
      if (parameter.offset > end) this.raw(sources, end, parameter.offset);
      if (!structure.pixels.has(parameter.id))
        this.places.set(parameter.id, this.place(sources, parameter.id, parameter.offset, to));
      end = to;
    }
    if (plan.arenaFloats > end) this.raw(sources, end, plan.arenaFloats);
    this.source = Int32Array.from(sources);
    this.texels = sources.length / 4;
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
    this.source.forEach((from, i) => {
      if (from >= 0) packed[i] = arena[from];
    });
    return packed;
  }

  /** Writes what the texels stand for into `arena`; the rest of it is left alone. */
  unpack(packed: Float32Array, arena: Float32Array): void {
    this.source.forEach((to, i) => {
      if (to >= 0) arena[to] = packed[i];
    });
  }

  private raw(sources: number[], from: number, to: number): PlacedTexels {
    const texel = sources.length / 4;
    for (let i = from; i < to; i++) sources.push(i);
    const place = { texel, texels: (to - from) / 4, from, to, matrix: null };
    this.list.push(place);
    return place;
  }

  private place(sources: number[], id: number, from: number, to: number): PlacedTexels {
    const { structure } = this;
    const { shape, role } = this.plan.parameters[id];
    const texel = sources.length / 4;
    const isMuon = this.plan.calls.some((call) => call.kind === 'muon' && call.parameter === id);
    if (!structure.has(`in:${id}`) && !structure.has(`vector:${id}`) && !(isMuon && role === 'weight'))
      return this.raw(sources, from, to);
    let matrix: PlacedTexels['matrix'] = null;
    if (structure.has(`vector:${id}`))
      for (const group of structure.groups(`vector:${id}`))
        for (let r = 0; r < 4; r++) sources.push(r < group.count ? from + group.channel + r : -1);
    else {
      const [outputs, inputs, ...kernel] = shape;
      matrix = {
        outputs: structure.has(`out:${id}`) ? structure.groups(`out:${id}`) : groupsOf([0, outputs]),
        inputs: structure.has(`in:${id}`) ? structure.groups(`in:${id}`) : groupsOf([0, inputs]),
        taps: kernel.reduce((product, n) => product * n, 1),
      };
      pushBlocks(sources, matrix, from, inputs);
    }
    const place = { texel, texels: sources.length / 4 - texel, from, to, matrix };
    this.list.push(place);
    return place;
  }
}

function pushBlocks(
  sources: number[],
  { outputs, inputs, taps }: NonNullable<PlacedTexels['matrix']>,
  from: number,
  inputChannels: number,
): void {
  for (const out of outputs)
    for (const input of inputs)
      for (let tap = 0; tap < taps; tap++)
        for (let column = 0; column < 4; column++)
          for (let row = 0; row < 4; row++) {
            const inside = row < out.count && column < input.count;
            const block = (out.channel + row) * inputChannels + input.channel + column;
            sources.push(inside ? from + block * taps + tap : -1);
          }
}
