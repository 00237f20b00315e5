/** How a block of the direct convolutions (direct.ts) is written. */
import type { Slice } from '../../../plan/calls.ts';
import { type Context, named } from '../lowering.ts';
import { type BufferRef, type KernelBuilder, planRef } from '../wgsl.ts';
import type { Block } from './direct-layout.ts';
import { borderOf } from './padded.ts';

/** The samples made: an image, or with `pad` the image and a border around it, which goes to a buffer of its own. */
export interface Target {
  readonly image: Pick<Slice, 'offset' | 'height' | 'width'> & { readonly buffer: BufferRef };
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly pad: number;
  readonly border: BufferRef | null;
}

export interface Stored {
  readonly block: Block;
  readonly out: Target;
  readonly accumulate: boolean;
  /** First float in theta. */
  readonly bias: number | null;
}

export function targetOf(image: Slice, pad: number): Target {
  return {
    image: { ...image, buffer: planRef(image.buffer) },
    channels: image.channels,
    height: image.height + 2 * pad,
    width: image.width + 2 * pad,
    pad,
    border: pad === 0 ? null : borderOf(image, pad),
  };
}

/** Writes the array `sums` of the block at block_y, block_x from first_channel on, one channel after the other; of a padded domain its border goes to a buffer of its own. */
export function storeSums(
  { block, out, accumulate, bias }: Stored,
  k: KernelBuilder,
  context: Context,
): string {
  const { across, down, channels } = block;
  const pixels = across * down;
  const target = k.write(out.image.buffer);
  k.u32('out_offset', out.image.offset);
  k.u32('out_channels', out.channels);
  k.u32('height', out.height);
  k.u32('width', out.width);
  k.u32('image_height', out.image.height);
  k.u32('image_width', out.image.width);
  k.u32('accumulate', accumulate ? 1 : 0);
  let [start, border] = ['0.0', ''];
  if (bias !== null) start = `${k.read(named(context, 'theta'))}[${k.u32('bias_offset', bias)} + channel]`;
  const pad = k.u32('pad', out.pad);
  if (out.border) border = `else { ${k.write(out.border)}[(channel * height + y) * width + x] = v; }`;
  return `for (var j = 0u; j < ${channels}u; j++) {
    let channel = first_channel + j;
    if (channel >= out_channels) { break; }
    let start = ${start};
    for (var pixel = 0u; pixel < ${pixels}u; pixel++) {
      let y = block_y * ${down}u + pixel / ${across}u;
      let x = block_x * ${across}u + pixel % ${across}u;
      if (y < height && x < width) {
        var v = sums[j * ${pixels}u + pixel] + start;
        // What lies before the image is far beyond it as an unsigned number.
        let image_y = y - ${pad};
        let image_x = x - ${pad};
        if (image_y < image_height && image_x < image_width) {
          let at = out_offset + (channel * image_height + image_y) * image_width + image_x;
          if (accumulate != 0u) { v += ${target}[at]; }
          ${target}[at] = v;
        } ${border}
      }
    }
  }`;
}
