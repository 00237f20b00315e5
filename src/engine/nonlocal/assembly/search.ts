// The patches most like one patch, by the sum of squared differences. The samples compared are small whole numbers, so
// that sums are exact, and the choice depends neither on the order of summation nor on how products are rounded.
import { F, fma } from './vector';

/** Planes to compare patches in. */
@unmanaged
export class Field {
  /** [planes, height, width], followed by 32 bytes that may be read. */
  samples: usize;
  planes: i32;
  width: i32;
  height: i32;
  /** Side of a patch. */
  patch: i32;
}

/** The best so far, as a heap with the worst on top: distances f32[most], offsets of patches i32[most]. */
@unmanaged
export class Group {
  distances: usize;
  offsets: usize;
  count: i32;
  most: i32;
}

// @ts-ignore: decorator
@inline
function distanceAt(group: Group, i: i32): f32 {
  return load<f32>(group.distances + <usize>i * F);
}

// @ts-ignore: decorator
@inline
function offsetAt(group: Group, i: i32): i32 {
  return load<i32>(group.offsets + <usize>i * F);
}

// @ts-ignore: decorator
@inline
function put(group: Group, i: i32, distance: f32, offset: i32): void {
  store<f32>(group.distances + <usize>i * F, distance);
  store<i32>(group.offsets + <usize>i * F, offset);
}

/** Whether (d, o) is worse than (e, p): farther, or as far and later. */
// @ts-ignore: decorator
@inline
function worse(d: f32, o: i32, e: f32, p: i32): bool {
  return d > e || (d == e && o > p);
}

function add(group: Group, distance: f32, offset: i32): void {
  let i = group.count++;
  while (i > 0) {
    const parent = (i - 1) >> 1;
    const d = distanceAt(group, parent), o = offsetAt(group, parent);
    if (!worse(distance, offset, d, o)) break;
    put(group, i, d, o);
    i = parent;
  }
  put(group, i, distance, offset);
}

function replaceWorst(group: Group, distance: f32, offset: i32): void {
  const count = group.count;
  let i = 0;
  while (true) {
    let child = 2 * i + 1;
    if (child >= count) break;
    let d = distanceAt(group, child), o = offsetAt(group, child);
    if (child + 1 < count) {
      const e = distanceAt(group, child + 1), p = offsetAt(group, child + 1);
      if (worse(e, p, d, o)) { d = e; o = p; child++; }
    }
    if (!worse(d, o, distance, offset)) break;
    put(group, i, d, o);
    i = child;
  }
  put(group, i, distance, offset);
}

/** Distances of the 8 patches from `at` on, to the patch at `to`; lanes beyond `limit` may be anything beyond it. */
const near = memory.data(32, 16);

// @ts-ignore: decorator
@inline
function compareEight(field: Field, at: usize, to: usize, limit: v128): bool {
  const width = field.width, height = field.height, patch = field.patch;
  const rowBytes = <usize>width * F;
  const planeBytes = rowBytes * height;
  let a = f32x4.splat(0), b = a;
  for (let p = 0; p < field.planes; p++) {
    let x = at + p * planeBytes, y = to + p * planeBytes;
    for (let i = 0; i < patch; i++) {
      for (let j: usize = 0; j < <usize>patch * F; j += F) {
        const s = v128.load32_splat(y + j);
        const c = f32x4.sub(v128.load(x + j), s), d = f32x4.sub(v128.load(x + j, 16), s);
        a = fma(c, c, a);
        b = fma(d, d, b);
      }
      x += rowBytes;
      y += rowBytes;
    }
    if (!v128.any_true(v128.or(f32x4.lt(a, limit), f32x4.lt(b, limit)))) return false;
  }
  v128.store(near, a);
  v128.store(near, b, 16);
  return true;
}

/** Fills the group with the patches most like the one at (column, row) and at most `radius` away, itself among them. */
export function search(field: Field, column: i32, row: i32, radius: i32, group: Group): void {
  const width = field.width, height = field.height, patch = field.patch, samples = field.samples;
  const left = max(0, column - radius), right = min(width - patch, column + radius);
  const top = max(0, row - radius), bottom = min(height - patch, row + radius);
  const self = row * width + column;
  group.count = 0;
  add(group, -1, self);
  let worst: f32 = f32.MAX_VALUE;
  for (let i = top; i <= bottom; i++)
    for (let j = left; j <= right; j += 8) {
      const first = i * width + j;
      if (!compareEight(field, samples + <usize>first * F, samples + <usize>self * F, f32x4.splat(worst))) continue;
      const lanes = min(8, right - j + 1);
      for (let lane = 0; lane < lanes; lane++) {
        const distance = load<f32>(near + <usize>lane * F);
        const offset = first + lane;
        if (distance >= worst || offset == self) continue;
        if (group.count < group.most) add(group, distance, offset);
        else replaceWorst(group, distance, offset);
        if (group.count == group.most) worst = distanceAt(group, 0);
      }
    }
}
