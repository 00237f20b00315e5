// Non-local Bayes (Lebrun, Buades & Morel, SIAM J. Imaging Sci. 6(3), 2013) over a strip of rows: for each reference
// patch the group of its like, of which all members are estimated as x̂ = y − Σ (C + load Σ)⁻¹ (y − μ), put back and averaged.
// μ and C are the guide's: in the first step the noisy planes themselves, where C has the noise in it already (load ≈ 0),
// in the second the first estimate (load 1). Layout: mirrored in ../layout.ts.
import { centreColumns, centreRows, gatherColumns, gatherRows, placeSamples, putBack, scaleGram } from './group';
import { cholesky, mirror, solve, subtractGram, tile } from './matrix';
import { Field, Group, search } from './search';
import { F, fnma, up } from './vector';

@unmanaged
class NoisePlane {
  /** Variance of the noise: black + slope × brightness. */
  black: f32;
  slope: f32;
  /** Correlation of the noise within a patch, [rows of one plane, columns of one plane]; 0 = white. */
  correlation: usize;
}

@unmanaged
export class Strip {
  width: i32;
  height: i32;
  planes: i32;
  /** Planes that are estimated together: 1 or all. */
  joint: i32;
  patch: i32;
  radius: i32;
  /** Most members of a group. */
  members: i32;
  /** Planes that patches are compared in, from the first on, and 1 / (their smallest difference that counts). */
  compared: i32;
  scale: f32;
  load: f32;
  /** Share of the noise's variance added to the diagonal of what is inverted. */
  ridge: f32;
  /** Groups that vary less than so many times the noise are flat; 0 = no such rule. */
  flat: f32;
  /** Brightness = this × mean of the first plane. */
  brightness: f32;
  /** Patches that were put back so often are no references. */
  enough: i32;
  /** Reference patches lie in these rows. */
  firstRow: i32;
  endRow: i32;
  /** Reference to go on with: row × width + column. */
  next: i32;
  /** [planes, height, width] each, one may be the other. */
  noisy: usize;
  guide: usize;
  /** Sums of estimates [planes, height, width] and their numbers [height, width]. */
  sums: usize;
  counts: usize;
  /** u8[height, width] */
  used: usize;
  /** NoisePlane[planes] */
  noise: usize;
  /** Workspace: what patches are compared in [compared, height, width]; the group, f32[most] and i32[most]; offsets of
   * a patch's samples i32[planes · patch²]; matrices. */
  levels: usize;
  distances: usize;
  offsets: usize;
  samples: usize;
  x: usize;
  mean: usize;
  a: usize;
  y: usize;
  z: usize;
}

const field = changetype<Field>(memory.data(offsetof<Field>(), 16));
const group = changetype<Group>(memory.data(offsetof<Group>(), 16));

/** Lays out the samples of a patch and makes the planes that patches are compared in. */
function prepare(strip: Strip): void {
  const width = strip.width, height = strip.height, patch = strip.patch;
  const area = width * height;
  placeSamples(strip.samples, strip.planes, width, height, patch);
  memory.fill(strip.sums, 0, <usize>((strip.planes + 1) * area) * F);
  memory.fill(strip.used, 0, area);
  // Never written again: the padding of rows.
  memory.fill(strip.x, 0, <usize>(strip.members * up(strip.joint * patch * patch, 8)) * F);
  field.samples = strip.levels;
  field.planes = strip.compared;
  field.width = width;
  field.height = height;
  field.patch = patch;
  const scale = f32x4.splat(strip.scale);
  for (let i: usize = 0; i < <usize>(strip.compared * area) * F; i += 16)
    v128.store(field.samples + i, f32x4.nearest(f32x4.mul(v128.load(strip.guide + i), scale)));
  group.distances = strip.distances;
  group.offsets = strip.offsets;
  group.most = strip.members;
}

/** Estimates from up to `count` references on; returns whether any are left. */
export function denoise(at: usize, count: i32): bool {
  const strip = changetype<Strip>(at);
  const width = strip.width, patch = strip.patch;
  if (strip.next == strip.firstRow * width) prepare(strip);
  const end = strip.endRow * width;
  let next = strip.next;
  for (; next < end && count > 0; next++) {
    const column = next % width;
    if (column > width - patch || <i32>load<u8>(strip.used + next) >= strip.enough) continue;
    search(field, column, next / width, strip.radius, group);
    const brightness = meanBrightness(strip);
    for (let p = 0; p < strip.planes; p += strip.joint) estimate(strip, p, brightness);
    markUsed(strip);
    count--;
  }
  strip.next = next;
  return next < end;
}

function markUsed(strip: Strip): void {
  const width = strip.width, patch = strip.patch;
  for (let n = 0; n < group.count; n++) {
    const offset = load<i32>(group.offsets + <usize>n * F);
    const used = strip.used + offset;
    store<u8>(used, <u8>min(255, <i32>load<u8>(used) + 1));
    for (let i = 0; i < patch; i++)
      for (let j = 0; j < patch; j++) {
        const at = strip.counts + <usize>(offset + i * width + j) * F;
        store<f32>(at, load<f32>(at) + 1);
      }
  }
}

/** Mean brightness of the group, from the guide's first plane. */
function meanBrightness(strip: Strip): f32 {
  const patch = strip.patch, samples = strip.samples;
  let sum: f32 = 0;
  for (let n = 0; n < group.count; n++) {
    const at = strip.guide + <usize>load<i32>(group.offsets + <usize>n * F) * F;
    for (let c = 0; c < patch * patch; c++) sum += load<f32>(at + load<i32>(samples + <usize>c * F));
  }
  return (strip.brightness * sum) / <f32>(group.count * patch * patch);
}

/** No noise at all would leave covariances singular; as in ../noise-model.ts. */
const LEAST_VARIANCE: f32 = 1e-8;
/** Pivots smaller than this share of what varies are rounding. */
const ROUNDING: f32 = 1e-6;

// @ts-ignore: decorator
@inline
function varianceOf(strip: Strip, plane: i32, brightness: f32): f32 {
  const noise = changetype<NoisePlane>(strip.noise + <usize>plane * offsetof<NoisePlane>());
  return max(LEAST_VARIANCE, noise.black + noise.slope * brightness);
}

// @ts-ignore: decorator
@inline
function correlationOf(strip: Strip, plane: i32): usize {
  return changetype<NoisePlane>(strip.noise + <usize>plane * offsetof<NoisePlane>()).correlation;
}

/** The members of the group, `joint` planes of them from `plane` on, estimated and put back. */
function estimate(strip: Strip, plane: i32, brightness: f32): void {
  const joint = strip.joint, patch = strip.patch, samples = strip.samples, mean = strip.mean, a = strip.a, y = strip.y, z = strip.z;
  const length = joint * patch * patch;
  const rows = up(length, 4);
  const stride = <usize>up(length, 8) * F;
  const width = <usize>up(group.count, 8) * F;
  const places = samples + <usize>(plane * patch * patch) * F;
  gatherRows(group, strip.guide, places, length, strip.x, stride);
  centreRows(strip.x, group.count, mean, stride);
  memory.fill(a, 0, <usize>rows * stride);
  subtractGram(strip.x, group.count, a, rows, stride);
  const varies = scaleGram(a, length, rows, stride, -1 / <f32>max(1, group.count - 1));
  gatherColumns(group, strip.noisy, places, length, rows, y, width);
  const expected = addNoise(strip, plane, brightness, rows, stride);
  if (varies < strip.flat * expected) flatten(strip, width);
  else {
    centreColumns(y, mean, rows, z, width);
    cholesky(a, rows, stride, max(strip.ridge * expected, ROUNDING * varies) / <f32>length);
    mirror(a, rows, stride);
    solve(a, rows, stride, z, width, width);
    subtractNoise(strip, plane, brightness, width);
  }
  putBack(group, y, width, places, length, strip.sums);
}

/** A flat group: each plane is its mean. */
function flatten(strip: Strip, width: usize): void {
  const size = strip.patch * strip.patch;
  for (let p = 0; p < strip.joint; p++) {
    let sum: f32 = 0;
    for (let c = 0; c < size; c++) sum += load<f32>(strip.mean + <usize>(p * size + c) * F);
    const level = f32x4.splat(sum / <f32>size);
    const rows = strip.y + <usize>(p * size) * width;
    for (let j: usize = 0; j < <usize>size * width; j += 16) v128.store(rows + j, level);
  }
}

/** a + load Σ, and a ridge; 1 on the diagonal of padding. Returns the trace of Σ. */
function addNoise(strip: Strip, plane: i32, brightness: f32, rows: i32, stride: usize): f32 {
  const joint = strip.joint, a = strip.a;
  const size = strip.patch * strip.patch;
  const correlationStride = <usize>up(size, 8) * F;
  let trace: f32 = 0;
  for (let p = 0; p < joint; p++) {
    const variance = varianceOf(strip, plane + p, brightness);
    const correlation = correlationOf(strip, plane + p);
    const factor = f32x4.splat(-strip.load * variance);
    for (let i = 0; i < size; i++) {
      const row = a + <usize>(p * size + i) * stride + <usize>(p * size) * F;
      const diagonal = row + <usize>i * F;
      const from = correlation + <usize>i * correlationStride;
      const own = variance * load<f32>(from + <usize>i * F);
      store<f32>(diagonal, load<f32>(diagonal) + strip.ridge * own);
      trace += own;
      for (let j: usize = 0; j < correlationStride; j += 16)
        v128.store(row + j, fnma(v128.load(from + j), factor, v128.load(row + j)));
    }
  }
  for (let i = joint * size; i < rows; i++) store<f32>(a + <usize>i * stride + <usize>i * F, 1);
  return trace;
}

/** y −= Σ z */
function subtractNoise(strip: Strip, plane: i32, brightness: f32, width: usize): void {
  const size = strip.patch * strip.patch;
  const correlationStride = <usize>up(size, 8) * F;
  for (let p = 0; p < strip.joint; p++) {
    const first = <usize>(p * size) * width;
    const correlation = correlationOf(strip, plane + p);
    const variance = f32x4.splat(varianceOf(strip, plane + p, brightness));
    const z = strip.z + first;
    for (let j: usize = 0; j < <usize>size * width; j += 16)
      v128.store(z + j, f32x4.mul(v128.load(z + j), variance));
    for (let i = 0; i < size; i += 4)
      for (let j: usize = 0; j < width; j += 8 * F)
        tile(
          correlation + <usize>i * F, correlationStride, z + j, width, size,
          strip.y + first + <usize>i * width + j, width);
  }
}
