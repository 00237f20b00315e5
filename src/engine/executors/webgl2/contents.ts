import { namedBuffer, type Plan } from '../../plan/plan.ts';
import type { Pieces } from '../../time-slicing.ts';
import { ROW } from './arena.ts';
import { packImage, unpackImage } from './layout.ts';
import type { Schedule } from './schedule.ts';

/**
 * Named buffers as the plan lays them out ↔ texels as the textures hold them. Buffers no call touches, and what
 * little of an arena belongs to no parameter, stay on the host.
 */
export class Contents {
  private readonly host = new Map<string, Float32Array>();

  constructor(
    private readonly plan: Plan,
    private readonly schedule: Schedule,
  ) {}

  /** The images and lists a named buffer consists of. */
  keys(name: string): string[] {
    const id = namedBuffer(this.plan, name);
    const { segments } = this.schedule;
    if (ARENAS.includes(name)) return [name, ...[...segments.pixels].map((p) => `${name}:${p}`)];
    if (segments.has(`affine:${id}`)) return [`affine:${id}`];
    if (segments.has(`sums:${id}`)) return [this.sums(id) ? 'gradient' : `sums:${id}`];
    return segments.regions.has(`b${id}`) ? [`b${id}`] : [];
  }

  /** The texels of each, from the buffer's floats, which become its own. */
  *pack(name: string, data: Float32Array): Pieces<[key: string, texels: Float32Array][]> {
    const keys = this.keys(name);
    if (keys.length === 0 || ARENAS.includes(name)) this.host.set(name, data);
    const packed: [string, Float32Array][] = [];
    for (const key of keys) {
      // sums that lie in the gradient arena are written by every step: nothing of the host's would be seen
      if (key === 'gradient' && name !== key) continue;
      packed.push([key, yield* this.packKey(name, key, data)]);
      yield;
    }
    return packed;
  }

  *unpack(name: string, packed: ReadonlyMap<string, Float32Array>): Pieces<Float32Array> {
    const { floats } = this.plan.buffers[namedBuffer(this.plan, name)];
    const data = this.host.get(name)?.slice() ?? new Float32Array(floats);
    for (const [key, texels] of packed) {
      yield* this.unpackKey(name, key, texels, data);
      yield;
    }
    return data;
  }

  private *packKey(name: string, key: string, data: Float32Array): Pieces<Float32Array> {
    const { segments, builder, arena } = this.schedule;
    const id = namedBuffer(this.plan, name);
    if (key === name) return arena.pack(data);
    if (key === `b${id}`) return yield* packImage(builder.layout(key), data);
    if (key.startsWith(`${name}:`)) {
      const { offset, size } = this.plan.parameters[Number(key.slice(name.length + 1))];
      return yield* packImage(builder.layout(key), data.subarray(offset, offset + size));
    }
    const groups = segments.groups(key);
    const channels = data.length / (key.startsWith('affine') ? 4 : 2);
    const length = (data.length / channels) * groups.length;
    const texels = new Float32Array(4 * (length > ROW ? Math.ceil(length / ROW) * ROW : length));
    this.eachVector(key, channels, data.length, (i, at) => {
      texels[at] = data[i];
    });
    return texels;
  }

  private *unpackKey(name: string, key: string, texels: Float32Array, data: Float32Array): Pieces<void> {
    const { segments, builder, arena } = this.schedule;
    const id = namedBuffer(this.plan, name);
    if (key === name) arena.unpack(texels, data);
    else if (key === `b${id}`) data.set(yield* unpackImage(builder.layout(key), texels));
    else if (key.startsWith(`${name}:`))
      data.set(
        yield* unpackImage(builder.layout(key), texels),
        this.plan.parameters[Number(key.slice(name.length + 1))].offset,
      );
    else if (key === 'gradient') {
      const place = this.sums(id)!;
      const channels = data.length / 2;
      segments.groups(`sums:${id}`).forEach(({ channel, count }, g) => {
        for (let c = 0; c < count; c++) {
          data[channel + c] = texels[4 * (place.plain + g) + c];
          data[channels + channel + c] = texels[4 * (place.product + g) + c];
        }
      });
    } else {
      const channels = data.length / (key.startsWith('affine') ? 4 : 2);
      this.eachVector(key, channels, data.length, (i, at) => {
        data[i] = texels[at];
      });
    }
  }

  /** Rows of channels, each row as its groups' texels, one row after the other. */
  private eachVector(
    key: string,
    channels: number,
    floats: number,
    visit: (i: number, at: number) => void,
  ): void {
    const groups = this.schedule.segments.groups(key);
    for (let row = 0; row < floats / channels; row++)
      groups.forEach(({ channel, count }, g) => {
        for (let c = 0; c < count; c++)
          visit(row * channels + channel + c, 4 * (row * groups.length + g) + c);
      });
  }

  private sums(id: number) {
    const maker = this.plan.calls.find((call) => call.kind === 'normGradients' && call.sums === id);
    if (maker?.kind !== 'normGradients') return null;
    const { arena } = this.schedule;
    return { plain: arena.at(maker.beta).texel, product: arena.at(maker.gamma).texel };
  }
}

const ARENAS = ['theta', 'gradient', 'moment1', 'moment2'];
