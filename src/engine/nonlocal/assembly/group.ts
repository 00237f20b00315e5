// A group of patches between the picture's planes and matrices: with patches as rows, for their covariance, or as columns,
// for what is solved for all of them at once. A patch is the offset of its first sample; `places` are the offsets of its
// samples from there, in bytes.
import { Group } from './search';
import { F } from './vector';

/** Offsets of a patch's samples, i32[planes · patch²]. */
export function placeSamples(places: usize, planes: i32, width: i32, height: i32, patch: i32): void {
  for (let p = 0; p < planes; p++)
    for (let i = 0; i < patch; i++)
      for (let j = 0; j < patch; j++, places += F)
        store<i32>(places, (p * width * height + i * width + j) << 2);
}

/** x[member, sample], `length` samples of each. */
export function gatherRows(
  group: Group,
  planes: usize,
  places: usize,
  length: i32,
  x: usize,
  stride: usize,
): void {
  for (let n = 0; n < group.count; n++) {
    const from = planes + <usize>load<i32>(group.offsets + <usize>n * F) * F;
    const to = x + <usize>n * stride;
    for (let c: usize = 0; c < <usize>length * F; c += F)
      store<f32>(to + c, load<f32>(from + load<i32>(places + c)));
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

/** z = y less the mean of each row. */
export function centreColumns(y: usize, mean: usize, rows: i32, z: usize, width: usize): void {
  for (let i = 0; i < rows; i++) {
    const level = v128.load32_splat(mean + <usize>i * F);
    const row = <usize>i * width;
    for (let j: usize = 0; j < width; j += 16)
      v128.store(z + row + j, f32x4.sub(v128.load(y + row + j), level));
  }
}

/** 0 in the padding of columns, from member `count` on. */
export function clearPadding(x: usize, rows: i32, count: i32, width: usize): void {
  for (let i = 0; i < rows; i++, x += width)
    for (let n = <usize>count * F; n < width; n += F) store<f32>(x + n, 0);
}

/** Adds the estimates y[sample, member] to the sums of their samples. */
export function putBack(group: Group, y: usize, width: usize, places: usize, length: i32, sums: usize): void {
  const members = <usize>group.count * F;
  for (let c = 0; c < length; c++, y += width) {
    const to = sums + load<i32>(places + <usize>c * F);
    for (let n: usize = 0; n < members; n += F) {
      const at = to + <usize>load<i32>(group.offsets + n) * F;
      store<f32>(at, load<f32>(at) + load<f32>(y + n));
    }
  }
}
