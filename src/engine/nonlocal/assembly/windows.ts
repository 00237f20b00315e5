// Denoising by windows of adapted shape (data-adaptive dual domain denoising; Pierazzo & Facciolo, IPOL 7, 2017): the pixels
// that a guide says are like the one in the middle, their slope taken off, their spectrum shrunk by what the guide's says of
// the picture. Mirrored in ../windows-task.ts; the plain reference is ../windows-reference.ts.
import { PLANE, ROW, SIDE, transform } from './fourier';
import { noiseOf, varianceAt } from './noise';
import { F, sumLanes } from './vector';

@unmanaged
export class Windows {
  width: i32;
  height: i32;
  planes: i32;
  /** Middles of windows are so far apart, the first ones in this column and row. */
  stride: i32;
  firstColumn: i32;
  firstRow: i32;
  /** Windows across and in all; number of the one to go on with. */
  across: i32;
  count: i32;
  next: i32;
  /** The guide counts beside the windows in these rows. */
  coreFirst: i32;
  coreEnd: i32;
  /** A window reaches so far from its middle, its slope so far. */
  radius: i32;
  slope: i32;
  /** Pixels without any slope that count beside what is seen of it. */
  flat: f32;
  /** Binary logarithm of a weight: −this × squared distance in colour, in variances of the noise; −that × squared distance, px². */
  colour: f32;
  far: f32;
  /** Smaller weights count as none. */
  least: f32;
  /** Noise expected in a spectrum, by that of the picture; how much the guide counts. */
  noiseShare: f32;
  guideShare: f32;
  /** Brightness = this × the first plane. */
  brightness: f32;
  /** [planes, height, width] each. */
  noisy: usize;
  guide: usize;
  /** NoisePlane[planes] */
  noise: usize;
  /** e^(−2πik/32), k = 0 … 31. */
  roots: usize;
  /** Sums of estimates times their weights [planes, height, width], and the weights [height, width]. */
  sums: usize;
  counts: usize;
  /** Workspace: weights [32, 32]; two waves. */
  weights: usize;
  wave: usize;
  shrunk: usize;
}

// The window that is worked on: its middle, and where it begins and ends.
let x: i32 = 0, y: i32 = 0, left: i32 = 0, right: i32 = 0, top: i32 = 0, bottom: i32 = 0;
/** Sum of the weights, and of their squares. */
let total: f32 = 0, squares: f32 = 0;
/** Of each plane: 1 / variance of the noise; slopes to the right and down. */
const precision = memory.data(3 * 4, 16), slopeX = memory.data(3 * 4, 16), slopeY = memory.data(3 * 4, 16);
const riseX = memory.data(3 * 16, 16), riseY = memory.data(3 * 16, 16);

function prepare(task: Windows): void {
  const area = <usize>(task.width * task.height) * F;
  memory.fill(task.sums, 0, <usize>task.planes * area);
  memory.fill(task.counts, 0, area);
  const from = <usize>(task.coreFirst * task.width), end = <usize>(task.coreEnd * task.width);
  for (let i = from * F; i < end * F; i += F) {
    for (let p = 0; p < task.planes; p++) {
      const at = <usize>p * area + i;
      store<f32>(task.sums + at, task.guideShare * load<f32>(task.guide + at));
    }
    store<f32>(task.counts + i, task.guideShare);
  }
}

/** Looks at up to `count` windows; returns whether any are left. */
export function windows(at: usize, count: i32): bool {
  const task = changetype<Windows>(at);
  if (task.next == 0) prepare(task);
  const end = min(task.count, task.next + count);
  for (let n = task.next; n < end; n++)
    look(
      task, task.firstColumn + (n % task.across) * task.stride, task.firstRow + (n / task.across) * task.stride);
  task.next = end;
  return end < task.count;
}

function look(task: Windows, column: i32, row: i32): void {
  x = column;
  y = row;
  left = max(0, x - task.radius);
  right = min(task.width, x + task.radius + 1);
  top = max(0, y - task.radius);
  bottom = min(task.height, y + task.radius + 1);
  const brightness = task.brightness * load<f32>(task.guide + <usize>(y * task.width + x) * F);
  for (let p = 0; p < task.planes; p++)
    store<f32>(precision + <usize>p * F, 1 / varianceAt(noiseOf(task.noise, p), brightness));
  findSlopes(task);
  weigh(task);
  for (let p = 0; p < task.planes; p++) {
    const mean = fill(task, p);
    transform(task.wave, task.roots);
    shrink(task.wave, task.shrunk, (task.noiseShare * squares) / load<f32>(precision + <usize>p * F));
    transform(task.shrunk, task.roots);
    add(task, p, mean);
  }
}

/** 2^t, t ≤ 0, to 7 digits; below 2^−100 as there. */
// @ts-ignore: decorator
@inline
function power(t: v128): v128 {
  const bounded = f32x4.max(t, f32x4.splat(-100));
  const whole = f32x4.nearest(bounded);
  const f = f32x4.sub(bounded, whole);
  let s = f32x4.splat(1.5403530e-4);
  s = f32x4.add(f32x4.mul(s, f), f32x4.splat(1.3333558e-3));
  s = f32x4.add(f32x4.mul(s, f), f32x4.splat(9.6181291e-3));
  s = f32x4.add(f32x4.mul(s, f), f32x4.splat(5.5504109e-2));
  s = f32x4.add(f32x4.mul(s, f), f32x4.splat(0.24022651));
  s = f32x4.add(f32x4.mul(s, f), f32x4.splat(0.69314718));
  s = f32x4.add(f32x4.mul(s, f), f32x4.splat(1));
  return i32x4.add(s, i32x4.shl(i32x4.trunc_sat_f32x4_s(whole), 23));
}

/** Columns from one on. */
// @ts-ignore: decorator
@inline
function columnsFrom(column: i32): v128 {
  return i32x4.add(i32x4.splat(column), i32x4(0, 1, 2, 3));
}

/** How a plane of the guide rises to the right and down, by the pixels like the one in the middle. */
function findSlopes(task: Windows): void {
  const width = task.width, planes = task.planes, reach = task.slope;
  const area = <usize>(width * task.height) * F, centre = task.guide + <usize>(y * width + x) * F;
  memory.fill(riseX, 0, 3 * 16);
  memory.fill(riseY, 0, 3 * 16);
  let xx = f32x4.splat(0), yy = xx;
  const first = max(0, x - reach), end = min(width, x + reach + 1);
  for (let row = max(0, y - reach); row < min(task.height, y + reach + 1); row++) {
    const dy = f32x4.splat(<f32>(row - y));
    for (let column = first; column < end; column += 4) {
      const at = task.guide + <usize>(row * width + column) * F;
      const columns = columnsFrom(column);
      const inside = i32x4.lt_s(columns, i32x4.splat(end));
      const dx = f32x4.convert_i32x4_s(i32x4.sub(columns, i32x4.splat(x)));
      let unlike = f32x4.splat(0);
      for (let p = 0; p < planes; p++) {
        const rise = f32x4.sub(v128.load(at + <usize>p * area), v128.load32_splat(centre + <usize>p * area));
        unlike = f32x4.add(unlike, f32x4.mul(f32x4.mul(rise, rise), v128.load32_splat(precision + <usize>p * F)));
      }
      const weight = v128.and(power(f32x4.mul(unlike, f32x4.splat(-task.colour))), inside);
      const wx = f32x4.mul(weight, dx), wy = f32x4.mul(weight, dy);
      xx = f32x4.add(xx, f32x4.mul(wx, dx));
      yy = f32x4.add(yy, f32x4.mul(wy, dy));
      for (let p = 0; p < planes; p++) {
        const difference = f32x4.sub(v128.load(at + <usize>p * area), v128.load32_splat(centre + <usize>p * area));
        const rise = v128.and(difference, inside), to = <usize>p * 16;
        v128.store(riseX + to, f32x4.add(v128.load(riseX + to), f32x4.mul(wx, rise)));
        v128.store(riseY + to, f32x4.add(v128.load(riseY + to), f32x4.mul(wy, rise)));
      }
    }
  }
  const across = task.flat + sumLanes(xx), down = task.flat + sumLanes(yy);
  for (let p: usize = 0; p < <usize>planes; p++) {
    store<f32>(slopeX + p * F, sumLanes(v128.load(riseX + p * 16)) / across);
    store<f32>(slopeY + p * F, sumLanes(v128.load(riseY + p * 16)) / down);
  }
}

/** Weighs the pixels of the window. */
function weigh(task: Windows): void {
  const width = task.width, planes = task.planes;
  const area = <usize>(width * task.height) * F, centre = task.guide + <usize>(y * width + x) * F;
  const least = f32x4.splat(task.least), far = f32x4.splat(-task.far), colour = f32x4.splat(-task.colour);
  memory.fill(task.weights, 0, PLANE);
  let sum = f32x4.splat(0), energy = sum;
  for (let row = top; row < bottom; row++) {
    const dy = f32x4.splat(<f32>(row - y));
    for (let column = left; column < right; column += 4) {
      const at = task.guide + <usize>(row * width + column) * F;
      const columns = columnsFrom(column);
      const dx = f32x4.convert_i32x4_s(i32x4.sub(columns, i32x4.splat(x)));
      let unlike = f32x4.splat(0);
      for (let p: usize = 0; p < <usize>planes; p++) {
        const slope = f32x4.add(
          f32x4.mul(v128.load32_splat(slopeX + p * F), dx), f32x4.mul(v128.load32_splat(slopeY + p * F), dy));
        const rise = f32x4.sub(v128.load(at + p * area), v128.load32_splat(centre + p * area));
        const d = f32x4.sub(rise, slope);
        unlike = f32x4.add(unlike, f32x4.mul(f32x4.mul(d, d), v128.load32_splat(precision + p * F)));
      }
      const distance = f32x4.add(f32x4.mul(dx, dx), f32x4.mul(dy, dy));
      const like = power(f32x4.add(f32x4.mul(unlike, colour), f32x4.mul(distance, far)));
      const counts = v128.and(f32x4.ge(like, least), i32x4.lt_s(columns, i32x4.splat(right)));
      const weight = v128.and(like, counts);
      v128.store(task.weights + <usize>(row - top) * ROW + <usize>(column - left) * F, weight);
      sum = f32x4.add(sum, weight);
      energy = f32x4.add(energy, f32x4.mul(weight, weight));
    }
  }
  total = sumLanes(sum);
  squares = sumLanes(energy);
}

/** Fills the wave with what a weighted plane is above slope and mean, the guide's real, the noisy one's imaginary; the latter's mean. */
function fill(task: Windows, plane: i32): f32 {
  const width = task.width, p = <usize>plane;
  const base = p * <usize>(width * task.height) * F, zero = f32x4.splat(0);
  const sx = v128.load32_splat(slopeX + p * F), sy = load<f32>(slopeY + p * F);
  memory.fill(task.wave, 0, 2 * PLANE);
  let known = zero, mean = zero;
  for (let pass = 0; pass < 2; pass++) {
    for (let row = top; row < bottom; row++) {
      const rise = f32x4.splat(sy * <f32>(row - y));
      for (let column = left; column < right; column += 4) {
        const to = <usize>(row - top) * ROW + <usize>(column - left) * F;
        const weight = v128.load(task.weights + to), counts = f32x4.gt(weight, zero);
        if (!v128.any_true(counts)) continue;
        const at = base + <usize>(row * width + column) * F;
        const dx = f32x4.convert_i32x4_s(i32x4.sub(columnsFrom(column), i32x4.splat(x)));
        const slope = f32x4.add(f32x4.mul(sx, dx), rise);
        const guide = v128.and(f32x4.sub(v128.load(task.guide + at), slope), counts);
        const noisy = v128.and(f32x4.sub(v128.load(task.noisy + at), slope), counts);
        if (pass == 0) {
          known = f32x4.add(known, f32x4.mul(weight, guide));
          mean = f32x4.add(mean, f32x4.mul(weight, noisy));
        } else {
          v128.store(task.wave + to, f32x4.mul(weight, f32x4.sub(guide, known)));
          v128.store(task.wave + PLANE + to, f32x4.mul(weight, f32x4.sub(noisy, mean)));
        }
      }
    }
    if (pass == 0) {
      known = f32x4.splat(sumLanes(known) / total);
      mean = f32x4.splat(sumLanes(mean) / total);
    }
  }
  return f32x4.extract_lane(mean, 0);
}

/** Four samples of a row of the frequencies with the other sign, the first of them `column`. */
// @ts-ignore: decorator
@inline
function opposite(row: usize, column: usize): v128 {
  if (column == 0) return v128.shuffle<f32>(v128.load(row + 28 * F), v128.load(row), 4, 3, 2, 1);
  const reversed = v128.load(row + (29 - column) * F);
  return v128.shuffle<f32>(reversed, reversed, 3, 2, 1, 0);
}

/** The noisy picture's spectrum, shrunk by what the guide's has beside noise of so much energy, and conjugate. */
function shrink(wave: usize, to: usize, noise: f32): void {
  const expected = f32x4.splat(noise), quarter = f32x4.splat(0.25);
  const size = f32x4.splat(0.5 / <f32>(SIDE * SIDE));
  for (let row: usize = 0; row < SIDE; row++) {
    const from = wave + row * ROW, other = wave + ((SIDE - row) % SIDE) * ROW;
    for (let column: usize = 0; column < SIDE; column += 4) {
      const i = column * F;
      const a = v128.load(from + i), b = v128.load(from + PLANE + i);
      const c = opposite(other, column), d = opposite(other + PLANE, column);
      const known = f32x4.add(a, c), turned = f32x4.sub(b, d);
      const squared = f32x4.add(f32x4.mul(known, known), f32x4.mul(turned, turned));
      const energy = f32x4.mul(squared, quarter);
      const share = f32x4.mul(f32x4.div(energy, f32x4.add(energy, expected)), size);
      v128.store(to + row * ROW + i, f32x4.mul(share, f32x4.add(b, d)));
      v128.store(to + PLANE + row * ROW + i, f32x4.mul(share, f32x4.sub(a, c)));
    }
  }
}

function add(task: Windows, plane: i32, mean: f32): void {
  const width = task.width, p = <usize>plane;
  const base = p * <usize>(width * task.height) * F;
  const sx = v128.load32_splat(slopeX + p * F), sy = load<f32>(slopeY + p * F);
  for (let row = top; row < bottom; row++) {
    const plain = f32x4.splat(mean + sy * <f32>(row - y));
    for (let column = left; column < right; column += 4) {
      const from = <usize>(row - top) * ROW + <usize>(column - left) * F;
      const weight = v128.load(task.weights + from);
      if (!v128.any_true(weight)) continue;
      const at = <usize>(row * width + column) * F;
      const dx = f32x4.convert_i32x4_s(i32x4.sub(columnsFrom(column), i32x4.splat(x)));
      const level = f32x4.add(plain, f32x4.mul(sx, dx));
      const value = f32x4.add(v128.load(task.shrunk + from), f32x4.mul(weight, level));
      const sums = task.sums + base + at, counts = task.counts + at;
      v128.store(sums, f32x4.add(v128.load(sums), f32x4.mul(weight, value)));
      if (p == 0) v128.store(counts, f32x4.add(v128.load(counts), f32x4.mul(weight, weight)));
    }
  }
}
