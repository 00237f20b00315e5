// Four-lane arithmetic. With relaxed SIMD a product and a difference round once (FMA), else twice.

export const F: usize = 4; // bytes of a float

/** c − a · b */
// @ts-ignore: decorator
@inline
export function fnma(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return v128.relaxed_nmadd<f32>(a, b, c);
  return f32x4.sub(c, f32x4.mul(a, b));
}

/** n rounded up to a multiple of a power of 2. */
// @ts-ignore: decorator
@inline
export function up(n: i32, multiple: i32): i32 {
  return (n + multiple - 1) & -multiple;
}

/** c + a · b */
// @ts-ignore: decorator
@inline
export function fma(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return v128.relaxed_madd<f32>(a, b, c);
  return f32x4.add(c, f32x4.mul(a, b));
}

// @ts-ignore: decorator
@inline
export function sumLanes(a: v128): f32 {
  const b = f32x4.add(a, v128.shuffle<f32>(a, a, 2, 3, 0, 1));
  return f32x4.extract_lane(b, 0) + f32x4.extract_lane(b, 1);
}

/** Four rows as columns: four rows at `to`, `stride` bytes apart. */
// @ts-ignore: decorator
@inline
export function transposeFour(to: usize, stride: usize, a: v128, b: v128, c: v128, d: v128): void {
  const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5), cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const AB = v128.shuffle<f32>(a, b, 2, 6, 3, 7), CD = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5));
  v128.store(to + stride, v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
  v128.store(to + 2 * stride, v128.shuffle<f32>(AB, CD, 0, 1, 4, 5));
  v128.store(to + 3 * stride, v128.shuffle<f32>(AB, CD, 2, 3, 6, 7));
}
