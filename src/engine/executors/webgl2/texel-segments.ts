import type { BufferId, KernelCall, Slice, View } from '../../plan/calls.ts';
import type { Plan } from '../../plan/plan.ts';
import { type Group, groupsOf } from './layout.ts';

/**
 * Which channels share a texel. A slice may start at any channel, a draw writes whole texels; so every image gets
 * segments, cut wherever a slice of it begins or ends, and each segment starts with a fresh texel. Images that a call
 * reads and writes channel by channel get the same cuts, so that their texels correspond one to one; a convolution's
 * weights are laid out for the cuts of its two images.
 */
export interface Range {
  readonly key: string;
  readonly from: number;
  readonly channels: number;
}

/** A whole image: a plan's buffer, or one parameter of an arena that is an image itself. */
interface Region {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

const ARENAS = ['theta', 'gradient', 'moment1', 'moment2'];

export class TexelSegments {
  readonly regions = new Map<string, Region>();
  /** Parameters stored as images: those that slices point at. */
  readonly pixels = new Set<number>();
  private readonly cuts = new Map<string, Set<number>>();
  private readonly links: Range[][] = [];
  private readonly arenas: ReadonlyMap<BufferId, string>;

  constructor(private readonly plan: Plan) {
    this.arenas = new Map(ARENAS.map((name) => [plan.named.get(name)!, name]));
    for (const call of plan.calls) this.linkCall(call);
    for (const id of this.pixels) this.linkArenas(id);
    this.settle();
  }

  /** The image a slice lies in, and its first channel there. */
  range(slice: Slice): Range {
    const plane = slice.height * slice.width;
    const arena = this.arenas.get(slice.buffer);
    if (arena) {
      const parameter = this.plan.parameters.find((p) => p.offset === slice.offset);
      if (!parameter) throw new Error(`No parameter of the arena starts at float ${slice.offset}.`);
      this.pixels.add(parameter.id);
      const key = `${arena}:${parameter.id}`;
      this.addRegion(key, slice.channels, slice.height, slice.width);
      return { key, from: 0, channels: slice.channels };
    }
    const key = `b${slice.buffer}`;
    this.addRegion(key, this.plan.buffers[slice.buffer].floats / plane, slice.height, slice.width);
    return { key, from: slice.offset / plane, channels: slice.channels };
  }

  groups(key: string): Group[] {
    return groupsOf([...this.cuts.get(key)!].sort((a, b) => a - b));
  }

  has(key: string): boolean {
    return this.cuts.has(key);
  }

  private linkCall(call: KernelCall): void {
    switch (call.kind) {
      case 'noise':
        this.link(this.range(call.x), this.range(call.out));
        break;
      case 'conv':
        this.linkConv(call.weight, call.bias, this.view(call.x), this.range(call.out));
        break;
      case 'convBackwardInput':
        this.linkConv(call.weight, null, this.range(call.dx), this.range(call.dy));
        break;
      case 'convBackwardWeight':
        this.linkConv(call.weight, call.bias, this.view(call.x), this.range(call.dy));
        break;
      case 'moments': {
        const { channels } = call.x;
        const vectors = [`affine:${call.affine}`, `vector:${call.gamma}`, `vector:${call.beta}`];
        this.link(this.range(call.x), ...vectors.map((key) => ({ key, from: 0, channels })));
        break;
      }
      case 'normGradients': {
        const { channels } = call.x;
        const vectors = [`sums:${call.sums}`, `vector:${call.gamma}`, `vector:${call.beta}`];
        const parallel = vectors.map((key) => ({ key, from: 0, channels }));
        this.link(this.view(call.x), this.range(call.dy), ...parallel);
        break;
      }
      case 'normBackwardInput': {
        const sums = { key: `sums:${call.sums}`, from: 0, channels: call.x.channels };
        this.link(this.view(call.x), this.range(call.dy), this.range(call.dx), sums);
        break;
      }
      case 'activationBackward':
        this.link(this.range(call.x), this.range(call.dy), this.range(call.dx));
        break;
      case 'pointwise':
      case 'resample':
        this.link(this.view(call.x), this.range(call.out));
        break;
      case 'dataTerm':
        this.link(this.range(call.x), this.range(call.dx), this.whole(call.target, call.x));
        if (call.weight !== null) this.link(this.whole(call.weight, { ...call.x, channels: 1 }));
        break;
      case 'totalVariation':
        this.link(this.range(call.x), this.range(call.dx));
        break;
      case 'average':
      case 'variance':
        this.link(this.range(call.x), this.whole(call.mean, call.x));
        break;
      case 'keepBest':
        this.linkBest(call.source, call.best);
        break;
      case 'adam':
      case 'muon':
      case 'endStep':
        break; // they touch whole arenas and the state's cells
      default:
        call satisfies never; // a kind that nobody lays out is a type error
    }
  }

  /** The four images of a parameter that is one. */
  private linkArenas(id: number): void {
    const keys = ARENAS.map((name) => `${name}:${id}`);
    const { channels, height, width } = this.regions.get(keys.find((key) => this.regions.has(key))!)!;
    for (const key of keys) this.addRegion(key, channels, height, width);
    this.link(...keys.map((key) => ({ key, from: 0, channels })));
  }

  private linkConv(weight: number, bias: number | null, input: Range, output: Range): void {
    this.link(input, { key: `in:${weight}`, from: 0, channels: input.channels });
    const vectors = [`out:${weight}`, ...(bias === null ? [] : [`vector:${bias}`])];
    this.link(output, ...vectors.map((key) => ({ key, from: 0, channels: output.channels })));
  }

  /** The best image has the shape of its source, which some other call knows, or none needs. */
  private linkBest(source: BufferId, best: BufferId): void {
    const { floats } = this.plan.buffers[source];
    const [channels, height, width] = this.plan.imageShape;
    const fits = channels * height * width === floats;
    const known = this.regions.get(`b${source}`) ??
      this.regions.get(`b${best}`) ??
      (fits ? { channels, height, width } : undefined) ?? {
        channels: 1,
        height: 1,
        width: floats,
      };
    this.link(this.whole(source, known), this.whole(best, known));
  }

  private view(view: View): Range {
    const range = this.range(view);
    if (view.affine !== null)
      this.link(range, { key: `affine:${view.affine}`, from: 0, channels: view.channels });
    return range;
  }

  private whole(buffer: BufferId, { channels, height, width }: Region): Range {
    const key = `b${buffer}`;
    this.addRegion(key, channels, height, width);
    return { key, from: 0, channels };
  }

  private addRegion(key: string, channels: number, height: number, width: number): void {
    const known = this.regions.get(key);
    if (!known) this.regions.set(key, { channels, height, width });
    else if (known.height !== height || known.width !== width || known.channels !== channels)
      throw new Error(
        `Buffer ${key} is used as ${known.channels}×${known.height}×${known.width} and as ` +
          `${channels}×${height}×${width}; an image keeps one shape here.`,
      );
  }

  private link(...ranges: Range[]): void {
    this.links.push(ranges);
    for (const { key, from, channels } of ranges) {
      const cuts = this.cuts.get(key) ?? new Set([0]);
      this.cuts.set(key, cuts);
      const region = this.regions.get(key);
      if (region) cuts.add(region.channels);
      cuts.add(from).add(from + channels);
    }
  }

  /** Carries each cut over to the linked images until nothing changes. */
  private settle(): void {
    for (let changed = true; changed; ) {
      changed = false;
      for (const ranges of this.links) {
        const relative = new Set<number>();
        for (const { key, from, channels } of ranges)
          for (const cut of this.cuts.get(key)!)
            if (cut > from && cut < from + channels) relative.add(cut - from);
        for (const { key, from } of ranges) {
          const cuts = this.cuts.get(key)!;
          const before = cuts.size;
          for (const cut of relative) cuts.add(from + cut);
          changed ||= cuts.size > before;
        }
      }
    }
  }
}
