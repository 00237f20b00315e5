// Four-lane arithmetic. With relaxed SIMD a product and a sum round once (FMA), else twice.

export const F: usize = 4; // bytes of a float

// @ts-ignore: decorator
@inline
export function fma(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return v128.relaxed_madd<f32>(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

// @ts-ignore: decorator
@inline
export function sumLanes(a: v128): f32 {
  const b = f32x4.add(a, v128.shuffle<f32>(a, a, 2, 3, 0, 1));
  return f32x4.extract_lane(b, 0) + f32x4.extract_lane(b, 1);
}

// @ts-ignore: decorator
@inline
export function sumLanesWide(a: v128): f64 {
  return (
    (<f64>f32x4.extract_lane(a, 0) + <f64>f32x4.extract_lane(a, 1)) +
    (<f64>f32x4.extract_lane(a, 2) + <f64>f32x4.extract_lane(a, 3))
  );
}

/** The first n (1 … 4) floats at p, the other lanes zero: so that a row's end rounds like its middle. */
// @ts-ignore: decorator
@inline
export function loadPart(p: usize, n: i32): v128 {
  return n >= 4 ? v128.load(p) : loadFew(p, n);
}

function loadFew(p: usize, n: i32): v128 {
  let v = v128.load32_zero(p);
  if (n > 1) v = v128.load_lane<f32>(p, v, 1, 4);
  if (n > 2) v = v128.load_lane<f32>(p, v, 2, 8);
  return v;
}

// @ts-ignore: decorator
@inline
export function storePart(p: usize, v: v128, n: i32): void {
  if (n >= 4) v128.store(p, v);
  else storeFew(p, v, n);
}

function storeFew(p: usize, v: v128, n: i32): void {
  v128.store_lane<f32>(p, v, 0);
  if (n > 1) v128.store_lane<f32>(p, v, 1, 4);
  if (n > 2) v128.store_lane<f32>(p, v, 2, 8);
}

/** eˣ by Cody-Waite reduction and the degree-5 polynomial of Cephes' expf; relative error below 2e-7. */
export function exp4(x: v128): v128 {
  x = f32x4.pmin(f32x4.pmax(x, f32x4.splat(-87.33)), f32x4.splat(88.37));
  const n = f32x4.nearest(f32x4.mul(x, f32x4.splat(1.44269504)));
  let r = f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.add(r, f32x4.mul(n, f32x4.splat(2.12194440e-4)));
  let p = fma(f32x4.splat(1.9875691500e-4), r, f32x4.splat(1.3981999507e-3));
  p = fma(p, r, f32x4.splat(8.3334519073e-3));
  p = fma(p, r, f32x4.splat(4.1665795894e-2));
  p = fma(p, r, f32x4.splat(1.6666665459e-1));
  p = fma(p, r, f32x4.splat(5.0000001201e-1));
  p = fma(p, f32x4.mul(r, r), f32x4.add(r, f32x4.splat(1)));
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23);
  return f32x4.mul(p, power);
}

// @ts-ignore: decorator
@inline
export function sigmoid4(x: v128): v128 {
  return f32x4.div(f32x4.splat(1), f32x4.add(f32x4.splat(1), exp4(f32x4.neg(x))));
}
