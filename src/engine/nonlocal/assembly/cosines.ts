// Groups of 8×8 patches that are alike in a guide, filtered in the domain of cosines: the second step of BM3D. Mirrored in
// src/engine/jpeg/wiener-task.ts, which lays its task out; the plain reference is src/engine/jpeg/wiener.ts.
import { Field, Group, layOut, search } from './search';
import { F, fma, transposeFour } from './vector';

@unmanaged
export class Spectral {
  width: i32;
  height: i32;
  /** Most members of a group, a power of 2. */
  members: i32;
  radius: i32;
  /** Reference patches start at the first row and column, then so far apart, and at the last. */
  stride: i32;
  firstRow: i32;
  lastRow: i32;
  firstColumn: i32;
  lastColumn: i32;
  /** Row of references to go on with. */
  next: i32;
  /** Variance of the error. */
  variance: f32;
  /** 1 / (the smallest difference that counts where patches are compared). */
  scale: f32;
  /** [height, width] each. */
  data: usize;
  guide: usize;
  /** Sums of estimates times their weights, and the weights. */
  sums: usize;
  weights: usize;
  /** Workspace: what patches are compared in; the group; coefficients [members, 8, 8] of the guide and the plane. */
  levels: usize;
  distances: usize;
  offsets: usize;
  a: usize;
  b: usize;
}

const field = changetype<Field>(memory.data(offsetof<Field>(), 16));
const group = changetype<Group>(memory.data(offsetof<Group>(), 16));

const AREA: usize = 64 * F;
const ROW: usize = 8 * F;
const HALF: f32 = 0.7071067811865476;

/** √(1/8), and cos(kπ/16) / 2. */
const C1: f32 = 0.4903926402016152, C2: f32 = 0.46193976625564337, C3: f32 = 0.4157348061512726;
const C4: f32 = 0.3535533905932738, C5: f32 = 0.2777851165098011, C6: f32 = 0.1913417161825449;
const C7: f32 = 0.09754516100806417;

function prepare(task: Spectral): void {
  const area = <usize>(task.width * task.height) * F;
  memory.fill(task.sums, 0, area);
  memory.fill(task.weights, 0, area);
  field.samples = task.levels;
  field.planes = 1;
  field.width = task.width;
  field.height = task.height;
  field.patch = 8;
  layOut(task.guide, task.width * task.height, task.scale, task.levels);
  group.distances = task.distances;
  group.offsets = task.offsets;
  group.most = task.members;
}

/** Filters around up to `count` references, in whole rows of them; returns whether any are left. */
export function cosines(at: usize, count: i32): bool {
  const task = changetype<Spectral>(at);
  if (task.next == 0) prepare(task);
  const stride = task.stride;
  const rows = (task.lastRow - task.firstRow + stride - 1) / stride;
  const columns = (task.lastColumn - task.firstColumn + stride - 1) / stride;
  while (task.next <= rows && count > 0) {
    const row = min(task.firstRow + task.next * stride, task.lastRow);
    for (let n = 0; n <= columns; n++) {
      search(field, min(task.firstColumn + n * stride, task.lastColumn), row, task.radius, group);
      nearestFirst();
      filter(task);
    }
    count -= columns + 1;
    task.next++;
  }
  return task.next <= rows;
}

/** Sorts the group by distance, then by place, and keeps a power of 2 of it. */
function nearestFirst(): void {
  const d = group.distances, o = group.offsets;
  for (let i = 1; i < group.count; i++) {
    const distance = load<i32>(d + <usize>i * F);
    const offset = load<i32>(o + <usize>i * F);
    let j = i;
    for (; j > 0; j--) {
      const before = load<i32>(d + <usize>(j - 1) * F), place = load<i32>(o + <usize>(j - 1) * F);
      if (before < distance || (before == distance && place < offset)) break;
      store<i32>(d + <usize>j * F, before);
      store<i32>(o + <usize>j * F, place);
    }
    store<i32>(d + <usize>j * F, distance);
    store<i32>(o + <usize>j * F, offset);
  }
  let count = 1;
  while (2 * count <= group.count) count *= 2;
  group.count = count;
}

function filter(task: Spectral): void {
  const stride = <usize>task.width * F;
  transform(task.guide, stride, task.a);
  transform(task.data, stride, task.b);
  const variance = f32x4.splat(task.variance);
  const mean = load<f32>(task.b);
  let energy = f32x4.splat(0);
  for (let i: usize = 0; i < <usize>group.count * AREA; i += 16) {
    const g = v128.load(task.a + i);
    const power = f32x4.mul(g, g);
    const share = f32x4.div(power, f32x4.add(power, variance));
    v128.store(task.b + i, f32x4.mul(v128.load(task.b + i), share));
    energy = fma(share, share, energy);
  }
  // The mean of all stays.
  const g = load<f32>(task.a);
  const share = (g * g) / (g * g + task.variance);
  store<f32>(task.b, mean);
  const sum = f32x4.extract_lane(energy, 0) + f32x4.extract_lane(energy, 1)
    + (f32x4.extract_lane(energy, 2) + f32x4.extract_lane(energy, 3));
  acrossMembers(task.b);
  putBack(task, stride, 1 / (sum - share * share + 1));
}

/** The group's patches of a plane as coefficients; each block of them transposed. */
function transform(plane: usize, stride: usize, to: usize): void {
  for (let n = 0; n < group.count; n++) {
    const block = to + <usize>n * AREA;
    let from = plane + <usize>load<i32>(group.offsets + <usize>n * F) * F;
    for (let y: usize = 0; y < AREA; y += ROW) {
      v128.store(block + y, v128.load(from));
      v128.store(block + y, v128.load(from, 16), 16);
      from += stride;
    }
    forward(block);
    forward(block + 16);
    transpose(block);
    forward(block);
    forward(block + 16);
  }
  acrossMembers(to);
}

function putBack(task: Spectral, stride: usize, weight: f32): void {
  const w = f32x4.splat(weight);
  for (let n = 0; n < group.count; n++) {
    const block = task.b + <usize>n * AREA;
    inverse(block);
    inverse(block + 16);
    transpose(block);
    inverse(block);
    inverse(block + 16);
    let at = <usize>load<i32>(group.offsets + <usize>n * F) * F;
    for (let y: usize = 0; y < AREA; y += ROW) {
      for (let x: usize = 0; x < ROW; x += 16) {
        const sums = task.sums + at + x, weights = task.weights + at + x;
        v128.store(sums, fma(w, v128.load(block + y + x), v128.load(sums)));
        v128.store(weights, f32x4.add(v128.load(weights), w));
      }
      at += stride;
    }
  }
}

/** Walsh–Hadamard transform across members, orthonormal: its own inverse. */
function acrossMembers(at: usize): void {
  const whole = <usize>group.count * AREA;
  const half = f32x4.splat(HALF);
  for (let size = AREA; size < whole; size *= 2)
    for (let first: usize = 0; first < whole; first += 2 * size)
      for (let i = first; i < first + size; i += 16) {
        const a = v128.load(at + i), b = v128.load(at + i + size);
        v128.store(at + i, f32x4.mul(half, f32x4.add(a, b)));
        v128.store(at + i + size, f32x4.mul(half, f32x4.sub(a, b)));
      }
}

// @ts-ignore: decorator
@inline
function times(a: v128, c: f32): v128 {
  return f32x4.mul(a, f32x4.splat(c));
}

/** c1 a + c2 b + c3 c + c4 d */
// @ts-ignore: decorator
@inline
function mix(a: v128, c1: f32, b: v128, c2: f32, c: v128, c3: f32, d: v128, c4: f32): v128 {
  return fma(a, f32x4.splat(c1), fma(b, f32x4.splat(c2), fma(c, f32x4.splat(c3), times(d, c4))));
}

/** The cosine transform down four columns of a block. */
function forward(at: usize): void {
  const x0 = v128.load(at), x1 = v128.load(at + ROW), x2 = v128.load(at + 2 * ROW), x3 = v128.load(at + 3 * ROW);
  const x4 = v128.load(at + 4 * ROW), x5 = v128.load(at + 5 * ROW), x6 = v128.load(at + 6 * ROW);
  const x7 = v128.load(at + 7 * ROW);
  const s0 = f32x4.add(x0, x7), d0 = f32x4.sub(x0, x7), s1 = f32x4.add(x1, x6), d1 = f32x4.sub(x1, x6);
  const s2 = f32x4.add(x2, x5), d2 = f32x4.sub(x2, x5), s3 = f32x4.add(x3, x4), d3 = f32x4.sub(x3, x4);
  const e0 = f32x4.add(s0, s3), e1 = f32x4.add(s1, s2), e2 = f32x4.sub(s0, s3), e3 = f32x4.sub(s1, s2);
  v128.store(at, times(f32x4.add(e0, e1), C4));
  v128.store(at + 4 * ROW, times(f32x4.sub(e0, e1), C4));
  v128.store(at + 2 * ROW, fma(e2, f32x4.splat(C2), times(e3, C6)));
  v128.store(at + 6 * ROW, fma(e2, f32x4.splat(C6), times(e3, -C2)));
  v128.store(at + ROW, mix(d0, C1, d1, C3, d2, C5, d3, C7));
  v128.store(at + 3 * ROW, mix(d0, C3, d1, -C7, d2, -C1, d3, -C5));
  v128.store(at + 5 * ROW, mix(d0, C5, d1, -C1, d2, C7, d3, C3));
  v128.store(at + 7 * ROW, mix(d0, C7, d1, -C5, d2, C3, d3, -C1));
}

function inverse(at: usize): void {
  const x1 = v128.load(at + ROW), x3 = v128.load(at + 3 * ROW), x5 = v128.load(at + 5 * ROW);
  const x7 = v128.load(at + 7 * ROW), x2 = v128.load(at + 2 * ROW), x6 = v128.load(at + 6 * ROW);
  const e0 = times(f32x4.add(v128.load(at), v128.load(at + 4 * ROW)), C4);
  const e1 = times(f32x4.sub(v128.load(at), v128.load(at + 4 * ROW)), C4);
  const e2 = fma(x2, f32x4.splat(C2), times(x6, C6)), e3 = fma(x2, f32x4.splat(C6), times(x6, -C2));
  const d0 = mix(x1, C1, x3, C3, x5, C5, x7, C7), d1 = mix(x1, C3, x3, -C7, x5, -C1, x7, -C5);
  const d2 = mix(x1, C5, x3, -C1, x5, C7, x7, C3), d3 = mix(x1, C7, x3, -C5, x5, C3, x7, -C1);
  const s0 = f32x4.add(e0, e2), s3 = f32x4.sub(e0, e2), s1 = f32x4.add(e1, e3), s2 = f32x4.sub(e1, e3);
  v128.store(at, f32x4.add(s0, d0));
  v128.store(at + 7 * ROW, f32x4.sub(s0, d0));
  v128.store(at + ROW, f32x4.add(s1, d1));
  v128.store(at + 6 * ROW, f32x4.sub(s1, d1));
  v128.store(at + 2 * ROW, f32x4.add(s2, d2));
  v128.store(at + 5 * ROW, f32x4.sub(s2, d2));
  v128.store(at + 3 * ROW, f32x4.add(s3, d3));
  v128.store(at + 4 * ROW, f32x4.sub(s3, d3));
}

/** Transposes an 8×8 block: its four quarters, and the two off the diagonal change places. */
function transpose(at: usize): void {
  quarter(at, at);
  quarter(at + 4 * ROW + 16, at + 4 * ROW + 16);
  quarter(at + 16, at + 4 * ROW);
}

/** Two 4×4 blocks transposed into each other's place; they may be the same. */
function quarter(p: usize, q: usize): void {
  const a0 = v128.load(p), a1 = v128.load(p + ROW), a2 = v128.load(p + 2 * ROW), a3 = v128.load(p + 3 * ROW);
  const b0 = v128.load(q), b1 = v128.load(q + ROW), b2 = v128.load(q + 2 * ROW), b3 = v128.load(q + 3 * ROW);
  transposeFour(q, ROW, a0, a1, a2, a3);
  transposeFour(p, ROW, b0, b1, b2, b3);
}
