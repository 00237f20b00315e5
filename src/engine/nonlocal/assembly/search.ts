// The patches most like one patch, by the sum of squared differences. What is compared are small whole numbers, two of a
// row in each word, so that one instruction squares and adds four pairs; sums are exact, and the choice does not depend on
// their order.

/** Planes to compare patches in. */
@unmanaged
export class Field {
  /** [planes, height, width] of a sample and the one to its right, i16 each, followed by 32 bytes that may be read. */
  samples: usize;
  planes: i32;
  width: i32;
  height: i32;
  /** Side of a patch. */
  patch: i32;
}

/** The best so far, as a heap with the worst on top: distances i32[most], offsets of patches i32[most]. */
@unmanaged
export class Group {
  distances: usize;
  offsets: usize;
  count: i32;
  most: i32;
}

const WORD: usize = 4; // bytes

/** Lays planes out as a field's samples: rounded to 1 / `scale`, each beside the one to its right. */
export function layOut(planes: usize, count: i32, scale: f32, samples: usize): void {
  const factor = f32x4.splat(scale), own = i32x4.splat(0xffff);
  const end = <usize>count * WORD;
  for (let i: usize = 0; i < end; i += 16) {
    const rounded = f32x4.nearest(f32x4.mul(v128.load(planes + i), factor));
    v128.store(samples + i, i32x4.trunc_sat_f32x4_s(rounded));
  }
  for (let i: usize = 0; i < end; i += 16) {
    const right = i32x4.shl(v128.load(samples + i + WORD), 16);
    v128.store(samples + i, v128.or(v128.and(v128.load(samples + i), own), right));
  }
}

// @ts-ignore: decorator
@inline
function distanceAt(group: Group, i: i32): i32 {
  return load<i32>(group.distances + <usize>i * WORD);
}

// @ts-ignore: decorator
@inline
function offsetAt(group: Group, i: i32): i32 {
  return load<i32>(group.offsets + <usize>i * WORD);
}

// @ts-ignore: decorator
@inline
function put(group: Group, i: i32, distance: i32, offset: i32): void {
  store<i32>(group.distances + <usize>i * WORD, distance);
  store<i32>(group.offsets + <usize>i * WORD, offset);
}

/** Whether (d, o) is worse than (e, p): farther, or as far and later. */
// @ts-ignore: decorator
@inline
function worse(d: i32, o: i32, e: i32, p: i32): bool {
  return d > e || (d == e && o > p);
}

function add(group: Group, distance: i32, offset: i32): void {
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

function replaceWorst(group: Group, distance: i32, offset: i32): void {
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

/** Distances of 8 patches. */
const near = memory.data(32, 16);

/**
 * Distances to the patch at `to` of the 8 patches from `at` on; returns which of them are at most `limit`, as bits, none if
 * none can be.
 */
// @ts-ignore: decorator
@inline
function compareEight(field: Field, at: usize, to: usize, limit: v128): i32 {
  const patch = field.patch;
  const rowBytes = <usize>field.width * WORD;
  const planeBytes = rowBytes * field.height;
  const pairs = <usize>(patch >> 1) * 2 * WORD, own = i32x4.splat(0xffff);
  let a = i32x4.splat(0), b = a;
  for (let p = 0; p < field.planes; p++) {
    let x = at + p * planeBytes, y = to + p * planeBytes;
    for (let i = 0; i < patch; i++) {
      for (let j: usize = 0; j < pairs; j += 2 * WORD) {
        const s = v128.load32_splat(y + j);
        const c = i16x8.sub(v128.load(x + j), s), d = i16x8.sub(v128.load(x + j, 16), s);
        a = i32x4.add(a, i32x4.dot_i16x8_s(c, c));
        b = i32x4.add(b, i32x4.dot_i16x8_s(d, d));
      }
      if (patch & 1) {
        const s = v128.load32_splat(y + pairs);
        const c = v128.and(i16x8.sub(v128.load(x + pairs), s), own);
        const d = v128.and(i16x8.sub(v128.load(x + pairs, 16), s), own);
        a = i32x4.add(a, i32x4.dot_i16x8_s(c, c));
        b = i32x4.add(b, i32x4.dot_i16x8_s(d, d));
      }
      x += rowBytes;
      y += rowBytes;
      if ((i & 1) == 0 && i < patch - 1) continue;
      if (i32x4.all_true(v128.and(i32x4.gt_s(a, limit), i32x4.gt_s(b, limit)))) return 0;
    }
  }
  v128.store(near, a);
  v128.store(near, b, 16);
  return ~(i32x4.bitmask(i32x4.gt_s(a, limit)) | (i32x4.bitmask(i32x4.gt_s(b, limit)) << 4)) & 0xff;
}

/** Fills the group with the patches most like the one at (column, row) and at most `radius` away, itself among them. */
export function search(field: Field, column: i32, row: i32, radius: i32, group: Group): void {
  const width = field.width, height = field.height, patch = field.patch, samples = field.samples;
  const left = max(0, column - radius), right = min(width - patch, column + radius);
  const top = max(0, row - radius), bottom = min(height - patch, row + radius);
  const self = row * width + column;
  group.count = 0;
  add(group, -1, self);
  let worst: i32 = i32.MAX_VALUE, last: i32 = i32.MAX_VALUE;
  // The nearest rows first: patches there are the most alike, and soon few others need to be looked at to the end.
  for (let away = 0; away <= max(row - top, bottom - row); away++)
    for (let side = 0; side < (away == 0 ? 1 : 2); side++) {
      const i = side == 0 ? row - away : row + away;
      if (i < top || i > bottom) continue;
      for (let j = left; j <= right; j += 8) {
        const first = i * width + j;
        let found = compareEight(field, samples + <usize>first * WORD, samples + <usize>self * WORD, i32x4.splat(worst));
        if (right - j < 7) found &= (1 << (right - j + 1)) - 1;
        for (; found != 0; found &= found - 1) {
          const lane = ctz(found);
          const distance = load<i32>(near + <usize>lane * WORD);
          const offset = first + lane;
          if (offset == self || !worse(worst, last, distance, offset)) continue;
          if (group.count < group.most) add(group, distance, offset);
          else replaceWorst(group, distance, offset);
          if (group.count < group.most) continue;
          worst = distanceAt(group, 0);
          last = offsetAt(group, 0);
        }
      }
    }
}
