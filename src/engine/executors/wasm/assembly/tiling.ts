// How a convolution, its input gradient and its weight gradient are cut. A tile is packed, padded, into the thread's
// scratch (small enough for L2), where each tap of each channel is one contiguous run of `n` floats at a fixed offset:
// the tile's rows are flattened with the padded pitch and the few columns between rows are computed for nothing. So
// all kernel sizes and strides, and deep layers of 4 × 4 pixels too, are the same dense products of multiply.ts.
import { F } from './vector';
import { packTile, View } from './view';

/** Channel blocks of register tiles, and tiles of the image: common to the three kernels. */
@unmanaged
export class Tiling extends View {
  kernel: i32;
  stride: i32;
  sixes: i32;
  fives: i32;
  fours: i32;
  tileHeight: i32;
  tileWidth: i32;
  tilesX: i32;
  tilesY: i32;
  /** The channel blocks are divided among this many tasks. */
  groups: i32;
  /** Floats from row to row and from plane to plane of a packed tile. */
  pitch: i32;
  plane: i32;
  /** Byte offset of each (channel, tap) in a packed tile. */
  offsets: usize;
  /** Entries of offsets. */
  inner: i32;
  /** Where in the thread's scratch the second packed operand or the result starts, bytes. */
  second: usize;
  /** A row of scratch, bytes from its start. */
  line: usize;
}

/** The first channel block of a group. */
// @ts-ignore: decorator
@inline
export function firstBlock(t: Tiling, group: i32): i32 {
  return ((t.sixes + t.fives + t.fours) * group) / t.groups;
}

/** The tile at (y, x) of the output with what its taps reach, through the view, into the thread's scratch. */
export function packView(t: Tiling, y: i32, x: i32, height: i32, scratch: usize): void {
  const pad = (t.kernel - 1) >> 1;
  const rows = height + (t.kernel - 1) / t.stride;
  const planes = t.stride * t.stride;
  for (let c = 0; c < t.channels; c++)
    packTile(
      t, c, y * t.stride - pad, x * t.stride - pad, rows, t.pitch, t.stride,
      scratch + c * planes * t.plane * F, t.plane, scratch + t.line,
    );
}
