// A group of patches between the picture's planes and matrices: with patches as rows, for their covariance, or as columns,
// for what is solved for all of them at once. A patch is the offset of its first sample; `places` are the offsets of its
// samples from there, in bytes.
import { Group } from './search';
import { F, transposeFour } from './vector';

/** Offsets of a patch's samples, i32[planes · patch²]. */
export function placeSamples(places: usize, planes: i32, width: i32, height: i32, patch: i32): void {
  for (let p = 0; p < planes; p++)
    for (let i = 0; i < patch; i++)
      for (let j = 0; j < patch; j++, places += F)
        store<i32>(places, (p * width * height + i * width + j) << 2);
}

/** Where patches lie: planes [planes, height, width] from the first to be looked at on, and how many of them. */
@unmanaged
export class Patches {
  planes: i32;
  patch: i32;
  /** Bytes of a row and of a plane of the picture. */
  row: usize;
  plane: usize;
}

/** x[member, sample], the samples of each member plane after plane; the padding of rows stays as it is. */
export function gatherRows(group: Group, from: usize, patches: Patches, x: usize, stride: usize): void {
  const side = <usize>patches.patch * F;
  for (let n = 0; n < group.count; n++) {
    let to = x + <usize>n * stride;
    let plane = from + <usize>load<i32>(group.offsets + <usize>n * F) * F;
    for (let p = 0; p < patches.planes; p++, plane += patches.plane) {
      let row = plane;
      for (let i = 0; i < patches.patch; i++, row += patches.row, to += side) {
        let j: usize = 0;
        for (; j + 16 <= side; j += 16) v128.store(to + j, v128.load(row + j));
        for (; j < side; j += F) store<f32>(to + j, load<f32>(row + j));
      }
    }
  }
}

/** y[sample, member]; 0 in the padding of rows and columns. */
export function gatherColumns(
  group: Group,
  planes: usize,
  places: usize,
  length: i32,
  rows: i32,
  y: usize,
  width: usize,
): void {
  memory.fill(y, 0, <usize>rows * width);
  const members = <usize>group.count * F;
  for (let c = 0; c < length; c++, y += width) {
    const from = planes + load<i32>(places + <usize>c * F);
    for (let n: usize = 0; n < members; n += F)
      store<f32>(y + n, load<f32>(from + <usize>load<i32>(group.offsets + n) * F));
  }
}

/** Subtracts from the `count` rows of x their mean. */
export function centreRows(x: usize, count: i32, mean: usize, stride: usize): void {
  const share = f32x4.splat(1 / <f32>count);
  for (let j: usize = 0; j < stride; j += 16) {
    let sum = f32x4.splat(0);
    for (let n = 0; n < count; n++) sum = f32x4.add(sum, v128.load(x + <usize>n * stride + j));
    sum = f32x4.mul(sum, share);
    for (let n = 0; n < count; n++) {
      const at = x + <usize>n * stride + j;
      v128.store(at, f32x4.sub(v128.load(at), sum));
    }
    v128.store(mean + j, sum);
  }
}

/** Subtracts `mean` from the `count` rows of x. */
export function subtractMean(x: usize, count: i32, mean: usize, stride: usize): void {
  for (let n = 0; n < count; n++, x += stride)
    for (let j: usize = 0; j < stride; j += 16) v128.store(x + j, f32x4.sub(v128.load(x + j), v128.load(mean + j)));
}

/** The `count` rows of y become `mean`. */
export function fillRows(y: usize, count: i32, mean: usize, stride: usize): void {
  for (let n = 0; n < count; n++) memory.copy(y + <usize>n * stride, mean, stride);
}

/** to[sample, member] = x[member, sample], `rows` samples of `width` bytes; 0 in the padding from member `count` on. */
export function transposeRows(x: usize, count: i32, stride: usize, rows: i32, to: usize, width: usize): void {
  memory.fill(x + <usize>count * stride, 0, (width / F - <usize>count) * stride);
  for (let n: usize = 0; n < width; n += 16, x += 4 * stride)
    for (let c = 0; c < rows; c += 4) {
      const from = x + <usize>c * F;
      const at = to + <usize>c * width + n;
      transposeFour(
        at, width, v128.load(from), v128.load(from + stride), v128.load(from + 2 * stride), v128.load(from + 3 * stride));
    }
}

/** Adds the estimates y[member, sample] to the sums of their samples. */
export function putBack(group: Group, y: usize, stride: usize, patches: Patches, sums: usize): void {
  const side = <usize>patches.patch * F;
  for (let n = 0; n < group.count; n++) {
    let from = y + <usize>n * stride;
    let plane = sums + <usize>load<i32>(group.offsets + <usize>n * F) * F;
    for (let p = 0; p < patches.planes; p++, plane += patches.plane) {
      let row = plane;
      for (let i = 0; i < patches.patch; i++, row += patches.row, from += side) {
        let j: usize = 0;
        for (; j + 16 <= side; j += 16) v128.store(row + j, f32x4.add(v128.load(row + j), v128.load(from + j)));
        for (; j < side; j += F) store<f32>(row + j, load<f32>(row + j) + load<f32>(from + j));
      }
    }
  }
}

/** Adds 1 to the number of estimates of each sample of the group's patches. */
export function count(group: Group, patches: Patches, counts: usize): void {
  const side = <usize>patches.patch * F, one = f32x4.splat(1);
  for (let n = 0; n < group.count; n++) {
    let row = counts + <usize>load<i32>(group.offsets + <usize>n * F) * F;
    for (let i = 0; i < patches.patch; i++, row += patches.row) {
      let j: usize = 0;
      for (; j + 16 <= side; j += 16) v128.store(row + j, f32x4.add(v128.load(row + j), one));
      for (; j < side; j += F) store<f32>(row + j, load<f32>(row + j) + 1);
    }
  }
}
