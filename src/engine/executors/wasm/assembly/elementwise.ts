// Element by element over a slice: noise, copies through a view, the activation's derivative.
import { F, fma, loadPart, storePart } from './vector';
import { activate, activationSlope, scaleOf, shiftOf, View } from './view';

@unmanaged
class Pointwise extends View {
  out: usize;
  accumulate: i32;
  batch: i32;
}

/** Task = batch of channels. */
export function pointwise(args: usize, task: i32, _scratch: usize): void {
  const t = changetype<Pointwise>(args);
  const n = t.height * t.width;
  const end = min(t.channels, (task + 1) * t.batch);
  const slope = f32x4.splat(t.slope);
  for (let c = task * t.batch; c < end; c++) {
    const scale = f32x4.splat(scaleOf(t, c));
    const shift = f32x4.splat(shiftOf(t, c));
    for (let i = 0; i < n; i += 4) {
      const left = n - i;
      const at = (c * n + i) * F;
      let v = activate(fma(scale, loadPart(t.x + at, left), shift), t.activation, slope);
      if (t.accumulate) v = f32x4.add(v, loadPart(t.out + at, left));
      storePart(t.out + at, v, left);
    }
  }
}

@unmanaged
class ActivationBackward extends View {
  dy: usize;
  dx: usize;
  accumulate: i32;
  batch: i32;
}

/** Task = batch of channels. */
export function activationBackward(args: usize, task: i32, _scratch: usize): void {
  const t = changetype<ActivationBackward>(args);
  const n = t.height * t.width;
  const end = min(t.channels, (task + 1) * t.batch) * n;
  const slope = f32x4.splat(t.slope);
  for (let i = task * t.batch * n; i < end; i += 4) {
    const left = end - i;
    const derivative = activationSlope(loadPart(t.x + i * F, left), t.activation, slope);
    let v = f32x4.mul(loadPart(t.dy + i * F, left), derivative);
    if (t.accumulate) v = f32x4.add(v, loadPart(t.dx + i * F, left));
    storePart(t.dx + i * F, v, left);
  }
}

@unmanaged
class Noise {
  x: usize;
  out: usize;
  floats: i32;
  std: f64;
  seed: u32;
  /** The state buffer: step at 0, the multiplier of the noise at 2. */
  state: usize;
  /** Floats a task, a multiple of 4. */
  batch: i32;
}

function hash(x: u32): u32 {
  const state = x * 747796405 + 2891336453;
  const word = ((state >> ((state >> 28) + 4)) ^ state) * 277803737;
  return (word >> 22) ^ word;
}

/** The same hash in four lanes; SIMD shifts all lanes alike, so the variable shift is done bit by bit. */
// @ts-ignore: decorator
@inline
function hash4(x: v128): v128 {
  const state = i32x4.add(i32x4.mul(x, i32x4.splat(747796405)), i32x4.splat(2891336453));
  const amount = i32x4.shr_u(state, 28);
  let v = i32x4.shr_u(state, 4);
  v = shifted(v, amount, 1);
  v = shifted(v, amount, 2);
  v = shifted(v, amount, 4);
  v = shifted(v, amount, 8);
  const word = i32x4.mul(v128.xor(v, state), i32x4.splat(277803737));
  return v128.xor(i32x4.shr_u(word, 22), word);
}

// @ts-ignore: decorator
@inline
function shifted(v: v128, amount: v128, by: i32): v128 {
  const bit = i32x4.splat(by);
  return v128.bitselect(i32x4.shr_u(v, by), v, i32x4.eq(v128.and(amount, bit), bit));
}

/** Task = run of `batch` floats: out = x + std · N(0, 1), the numbers of random.ts bit for bit. */
export function noise(args: usize, task: i32, _scratch: usize): void {
  const t = changetype<Noise>(args);
  const key = hash(<u32>load<f32>(t.state) + hash(t.seed));
  const std = f32x4.splat(<f32>(t.std * load<f32>(t.state, 8)));
  const scale = f32x4.splat(<f32>(1 / Math.sqrt((65536.0 * 65536.0 - 1) / 3)));
  const low = i32x4.splat(0xffff);
  const end = min(t.floats, (task + 1) * t.batch);
  let counter = i32x4.add(i32x4.splat(key + task * t.batch), i32x4(0, 1, 2, 3));
  for (let i = task * t.batch; i < end; i += 4) {
    const a = hash4(counter);
    const b = hash4(a);
    let sum = i32x4.add(v128.and(a, low), i32x4.shr_u(a, 16));
    sum = i32x4.add(sum, i32x4.add(v128.and(b, low), i32x4.shr_u(b, 16)));
    const normal = f32x4.mul(f32x4.convert_i32x4_s(i32x4.sub(sum, i32x4.splat(131070))), scale);
    const left = end - i;
    const value = fma(std, normal, loadPart(t.x + i * F, left));
    storePart(t.out + i * F, value, left);
    counter = i32x4.add(counter, i32x4.splat(4));
  }
}
