// Batch normalisation at batch 1, a channel at a time. Sums run in float32 over blocks of 1024 samples, the blocks in
// float64: as exact as a double sum for our purposes, and always in the same order.
import { F, fma, loadPart, storePart, sumLanesWide } from './vector';
import { activationSlope, LINEAR, scaleOf, shiftOf, View } from './view';

const BLOCK: i32 = 1024;

@unmanaged
class Moments extends View {
  gamma: usize;
  beta: usize;
  epsilon: f64;
  /** Channels a task. */
  batch: i32;
}

/** Task = batch of channels. `affine` of the inherited view is what is written. */
export function moments(args: usize, task: i32, _scratch: usize): void {
  const t = changetype<Moments>(args);
  const n = t.height * t.width;
  const end = min(t.channels, (task + 1) * t.batch);
  for (let c = task * t.batch; c < end; c++) {
    const x = t.x + c * n * F;
    const mean = sumOf(x, n) / n;
    const variance = squaresAround(x, n, <f32>mean) / n;
    const inverse = 1 / Math.sqrt(variance + t.epsilon);
    const gamma = load<f32>(t.gamma + c * F);
    store<f32>(t.affine + c * F, <f32>(gamma * inverse));
    store<f32>(t.affine + (t.channels + c) * F, <f32>(load<f32>(t.beta + c * F) - mean * gamma * inverse));
    store<f32>(t.affine + (2 * t.channels + c) * F, <f32>mean);
    store<f32>(t.affine + (3 * t.channels + c) * F, <f32>inverse);
  }
}

function sumOf(x: usize, n: i32): f64 {
  let sum: f64 = 0;
  for (let from = 0; from < n; from += BLOCK) {
    const to = min(n, from + BLOCK);
    let a = f32x4.splat(0), b = a;
    let i = from;
    for (; i + 8 <= to; i += 8) {
      a = f32x4.add(a, v128.load(x + i * F));
      b = f32x4.add(b, v128.load(x + i * F, 16));
    }
    for (; i < to; i += 4) a = f32x4.add(a, loadPart(x + i * F, to - i));
    sum += sumLanesWide(f32x4.add(a, b));
  }
  return sum;
}

function squaresAround(x: usize, n: i32, mean: f32): f64 {
  const m = f32x4.splat(mean);
  let sum: f64 = 0;
  for (let from = 0; from < n; from += BLOCK) {
    const to = min(n, from + BLOCK);
    let a = f32x4.splat(0), b = a;
    let i = from;
    for (; i + 8 <= to; i += 8) {
      const d = f32x4.sub(v128.load(x + i * F), m);
      const e = f32x4.sub(v128.load(x + i * F, 16), m);
      a = fma(d, d, a);
      b = fma(e, e, b);
    }
    sum += sumLanesWide(f32x4.add(a, b));
    for (; i < to; i++) {
      const d = load<f32>(x + i * F) - mean;
      sum += d * d;
    }
  }
  return sum;
}

@unmanaged
class NormBackward extends View {
  dy: usize;
  /** [2, channels]: Σ dn, Σ dn·x̂. */
  sums: usize;
  /** 0 where a separate call sums. */
  gammaGradient: usize;
  betaGradient: usize;
  /** 0 where a separate call writes dx. */
  dx: usize;
  accumulate: i32;
  batch: i32;
}

/** Task = batch of channels: the sums, then dx while the channel is still in the cache. */
export function normBackward(args: usize, task: i32, _scratch: usize): void {
  const t = changetype<NormBackward>(args);
  const end = min(t.channels, (task + 1) * t.batch);
  for (let c = task * t.batch; c < end; c++) {
    if (t.gammaGradient) gradients(t, c);
    if (t.dx) input(t, c);
  }
}

function gradients(t: NormBackward, c: i32): void {
  const n = t.height * t.width;
  const x = t.x + c * n * F;
  const dy = t.dy + c * n * F;
  const scale = f32x4.splat(scaleOf(t, c));
  const shift = f32x4.splat(shiftOf(t, c));
  const mean = f32x4.splat(load<f32>(t.affine + (2 * t.channels + c) * F));
  const slope = f32x4.splat(t.slope);
  const activation = t.activation;
  let beta: f64 = 0;
  let gamma: f64 = 0;
  for (let from = 0; from < n; from += BLOCK) {
    const to = min(n, from + BLOCK);
    let a = f32x4.splat(0), b = a;
    let i = from;
    for (; i + 4 <= to; i += 4) {
      const v = v128.load(x + i * F);
      let dn = v128.load(dy + i * F);
      if (activation != LINEAR) dn = f32x4.mul(dn, activationSlope(fma(scale, v, shift), activation, slope));
      a = f32x4.add(a, dn);
      b = fma(dn, f32x4.sub(v, mean), b);
    }
    if (i < to) {
      const v = loadPart(x + i * F, to - i);
      const dn = f32x4.mul(
        loadPart(dy + i * F, to - i),
        activationSlope(fma(scale, v, shift), activation, slope),
      );
      a = f32x4.add(a, dn);
      b = fma(dn, f32x4.sub(v, mean), b);
    }
    beta += sumLanesWide(a);
    gamma += sumLanesWide(b);
  }
  gamma *= load<f32>(t.affine + (3 * t.channels + c) * F);
  store<f32>(t.sums + c * F, <f32>beta);
  store<f32>(t.sums + (t.channels + c) * F, <f32>gamma);
  store<f32>(t.betaGradient + c * F, <f32>beta);
  store<f32>(t.gammaGradient + c * F, <f32>gamma);
}

/** dx (+)= scale · (dn − Σdn/N − x̂ · Σ(dn·x̂)/N) as scale·dn + p·x + q. */
function input(t: NormBackward, c: i32): void {
  const n = t.height * t.width;
  const x = t.x + c * n * F;
  const dy = t.dy + c * n * F;
  const dx = t.dx + c * n * F;
  const inverse = <f64>load<f32>(t.affine + (3 * t.channels + c) * F);
  const mean = <f64>load<f32>(t.affine + (2 * t.channels + c) * F);
  const factor = <f64>scaleOf(t, c);
  const perX = (-factor * inverse * load<f32>(t.sums + (t.channels + c) * F)) / n;
  const constant = (-factor * load<f32>(t.sums + c * F)) / n;
  const scale = f32x4.splat(<f32>factor);
  const shift = f32x4.splat(shiftOf(t, c));
  const slope = f32x4.splat(t.slope);
  const p = f32x4.splat(<f32>perX);
  const m = f32x4.splat(<f32>mean);
  const q = f32x4.splat(<f32>constant);
  const activation = t.activation;
  const accumulate = t.accumulate != 0;
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const v = v128.load(x + i * F);
    let dn = v128.load(dy + i * F);
    if (activation != LINEAR) dn = f32x4.mul(dn, activationSlope(fma(scale, v, shift), activation, slope));
    let d = fma(scale, dn, fma(p, f32x4.sub(v, m), q));
    if (accumulate) d = f32x4.add(d, v128.load(dx + i * F));
    v128.store(dx + i * F, d);
  }
  if (i < n) {
    const left = n - i;
    const v = loadPart(x + i * F, left);
    const dn = f32x4.mul(loadPart(dy + i * F, left), activationSlope(fma(scale, v, shift), activation, slope));
    let d = fma(scale, dn, fma(p, f32x4.sub(v, m), q));
    if (accumulate) d = f32x4.add(d, loadPart(dx + i * F, left));
    storePart(dx + i * F, d, left);
  }
}
