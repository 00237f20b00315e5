// Missing samples of a tile from patches like theirs: the group of a reference patch is a Gaussian (μ, C), and what the
// patch lacks its conditional mean given the known samples o (Yu, Sapiro & Mallat, IEEE TIP 21, 2012),
// x̂ = μ + C·o (C·oo + τ)⁻¹ (y·o − μ·o). With the group's centred patches as columns of Y and C = Y Yᵀ / (n − 1) that is
// μ + Y (Yoᵀ Yo + (n − 1) τ)⁻¹ Yoᵀ (y·o − μ·o): a system as large as the group, smaller than a patch of three colours.
// Layout: mirrored in ../fill-tile.ts.
import { gatherColumns, placeSamples } from './group';
import { cholesky, mirror, solve, subtractGram } from './matrix';
import { Field, Group, layOut, search } from './search';
import { F, up } from './vector';

@unmanaged
export class Tile {
  width: i32;
  height: i32;
  planes: i32;
  patch: i32;
  radius: i32;
  /** Most members of a group. */
  members: i32;
  /** 1 / the smallest difference of samples that counts. */
  scale: f32;
  /** τ: variance of the known samples, and what C has more on its diagonal. */
  variance: f32;
  /** Reference patches, i32[count] offsets of their first samples, and the one to go on with. */
  references: usize;
  count: i32;
  next: i32;
  /** [planes, height, width] the present estimate, and f32[height, width] 1 where its samples are known. */
  estimate: usize;
  known: usize;
  /** Sums of estimates of what is not known [planes, height, width] and their numbers [height, width]. */
  sums: usize;
  counts: usize;
  /** Workspace: what patches are compared in; the group; offsets of a patch's samples, and the same with the known ones
   * first; matrices. */
  levels: usize;
  distances: usize;
  offsets: usize;
  samples: usize;
  places: usize;
  mean: usize;
  y: usize;
  a: usize;
  z: usize;
}

const field = changetype<Field>(memory.data(offsetof<Field>(), 16));
const group = changetype<Group>(memory.data(offsetof<Group>(), 16));

function prepare(tile: Tile): void {
  const area = tile.width * tile.height;
  placeSamples(tile.samples, tile.planes, tile.width, tile.height, tile.patch);
  memory.fill(tile.sums, 0, <usize>((tile.planes + 1) * area) * F);
  layOut(tile.estimate, tile.planes * area, tile.scale, tile.levels);
  field.samples = tile.levels;
  field.planes = tile.planes;
  field.width = tile.width;
  field.height = tile.height;
  field.patch = tile.patch;
  group.distances = tile.distances;
  group.offsets = tile.offsets;
  group.most = tile.members;
}

/** Fills what is missing of `amount` references; returns whether any are left. */
export function fill(at: usize, amount: i32): bool {
  const tile = changetype<Tile>(at);
  if (tile.next == 0) prepare(tile);
  for (; tile.next < tile.count && amount > 0; tile.next++, amount--) {
    const reference = load<i32>(tile.references + <usize>tile.next * F);
    search(field, reference % tile.width, reference / tile.width, tile.radius, group);
    estimate(tile, <usize>reference * F);
  }
  return tile.next < tile.count;
}

function estimate(tile: Tile, reference: usize): void {
  const length = tile.planes * tile.patch * tile.patch;
  const members = group.count;
  const rows = up(members, 4);
  const width = <usize>up(members, 8) * F;
  const y = tile.y, a = tile.a, z = tile.z;
  const known = sortSamples(tile, reference, length);
  gatherColumns(group, tile.estimate, tile.places, length, length, y, width);
  centre(y, length, members, width, tile.mean);
  memory.fill(a, 0, <usize>rows * width);
  subtractGram(y, known, a, rows, width);
  const variance = tile.variance * <f32>max(1, members - 1);
  negate(a, members, rows, width, variance);
  project(tile, reference, known, rows, width);
  cholesky(a, rows, width, variance);
  mirror(a, rows, width);
  solve(a, rows, width, z, 8 * F, 8 * F);
  for (let c = known; c < length; c++) {
    const row = y + <usize>c * width;
    let sum = load<f32>(tile.mean + <usize>c * F);
    for (let n: usize = 0; n < <usize>members; n++) sum += load<f32>(row + n * F) * load<f32>(z + n * 8 * F);
    const place = reference + load<i32>(tile.places + <usize>c * F);
    store<f32>(tile.sums + place, load<f32>(tile.sums + place) + sum);
    const first = <usize>(tile.width * tile.height) * F;
    if (place < first) store<f32>(tile.counts + place, load<f32>(tile.counts + place) + 1);
  }
}

/** Orders the samples of the reference, the known ones first; returns how many these are. */
function sortSamples(tile: Tile, reference: usize, length: i32): i32 {
  const size = tile.patch * tile.patch;
  let known = 0;
  for (let pass = 0, to = tile.places; pass < 2; pass++)
    for (let c = 0; c < length; c++) {
      const inPlane = load<i32>(tile.samples + <usize>(c % size) * F);
      const isKnown = load<f32>(tile.known + reference + inPlane) > 0;
      if (isKnown != (pass == 0)) continue;
      store<i32>(to, load<i32>(tile.samples + <usize>c * F));
      to += F;
      if (pass == 0) known++;
    }
  return known;
}

/** Subtracts from each row of y its mean over the members; the padding stays 0. */
function centre(y: usize, length: i32, members: i32, width: usize, mean: usize): void {
  for (let c = 0; c < length; c++, y += width) {
    let four = f32x4.splat(0);
    for (let n: usize = 0; n < width; n += 16) four = f32x4.add(four, v128.load(y + n));
    const sum =
      f32x4.extract_lane(four, 0) + f32x4.extract_lane(four, 1) + f32x4.extract_lane(four, 2) + f32x4.extract_lane(four, 3);
    const level = sum / <f32>members;
    store<f32>(mean + <usize>c * F, level);
    for (let n: usize = 0; n < <usize>members * F; n += F) store<f32>(y + n, load<f32>(y + n) - level);
  }
}

/** a ← −a, and more on its diagonal; 1 on that of padding. */
function negate(a: usize, members: i32, rows: i32, stride: usize, more: f32): void {
  for (let i: usize = 0; i < <usize>rows * stride; i += 16) v128.store(a + i, f32x4.neg(v128.load(a + i)));
  for (let n = 0; n < rows; n++) {
    const at = a + <usize>n * stride + <usize>n * F;
    store<f32>(at, n < members ? load<f32>(at) + more : 1);
  }
}

/** z[member, first of 8] = Yoᵀ (y·o − μ·o) */
function project(tile: Tile, reference: usize, known: i32, rows: i32, width: usize): void {
  const z = tile.z;
  memory.fill(z, 0, <usize>rows * 8 * F);
  for (let c = 0; c < known; c++) {
    const own = load<f32>(tile.estimate + reference + load<i32>(tile.places + <usize>c * F));
    const off = own - load<f32>(tile.mean + <usize>c * F);
    const row = tile.y + <usize>c * width;
    for (let n: usize = 0; n < <usize>rows; n++) {
      const at = z + n * 8 * F;
      store<f32>(at, load<f32>(at) + off * load<f32>(row + n * F));
    }
  }
}
