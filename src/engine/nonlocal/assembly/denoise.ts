// Denoising by groups of similar patches over a strip of rows, after non-local Bayes (Lebrun, Buades & Morel, SIAM J.
// Imaging Sci. 6(3), 2013): all members of a group are estimated, put back and averaged, and patches that were put back
// are references no more. Without a guide each plane is estimated by itself, by what stands out of the noise; with one,
// all together, by the guide's statistics. Mirrored in ../strip.ts.
import { centreColumns, centreRows, clearPadding, gatherColumns, gatherRows, placeSamples, putBack } from './group';
import { scale, subtractGram } from './matrix';
import { noiseOf, varianceAt } from './noise';
import { ROUNDS, SPACING, startOf } from './rounds';
import { Field, Group, search } from './search';
import { estimateByShrinkage } from './shrink';
import { F, up } from './vector';
import { estimateByGuide } from './wiener';

@unmanaged
export class Strip {
  width: i32;
  height: i32;
  planes: i32;
  /** 1 = patches are compared in all planes of the guide, else in the first of the noisy ones. */
  guided: i32;
  patch: i32;
  radius: i32;
  /** Most members of a group. */
  members: i32;
  /** 1 / (the smallest difference that counts where patches are compared). */
  scale: f32;
  /** Brightness = this × mean of the first plane. */
  brightness: f32;
  /** Reference patches lie in these rows. */
  firstRow: i32;
  endRow: i32;
  /** Place to go on with: its number in the round + the places of a round × the round. */
  next: i32;
  /** [planes, height, width] each; without a guide they are the same. */
  noisy: usize;
  guide: usize;
  /** Sums of estimates [planes, height, width] and their numbers [height, width]. */
  sums: usize;
  counts: usize;
  /** u8[height, width]: ROUNDS − the first round that put it back, or 0. */
  used: usize;
  /** NoisePlane[planes] */
  noise: usize;
  /** Workspace: what patches are compared in [planes, height, width]; the group, f32[members] and i32[members]; offsets
   * of a patch's samples i32[planes · patch²]; matrices. */
  levels: usize;
  distances: usize;
  offsets: usize;
  samples: usize;
  x: usize;
  mean: usize;
  a: usize;
  b: usize;
  squares: usize;
  y: usize;
  z: usize;
  xt: usize;
  w: usize;
}

const field = changetype<Field>(memory.data(offsetof<Field>(), 16));
const group = changetype<Group>(memory.data(offsetof<Group>(), 16));

/** Lays out the samples of a patch and makes the planes that patches are compared in. */
function prepare(strip: Strip): void {
  const width = strip.width, height = strip.height, planes = strip.planes, patch = strip.patch;
  const area = width * height;
  const together = strip.guided ? planes : 1;
  placeSamples(strip.samples, planes, width, height, patch);
  memory.fill(strip.sums, 0, <usize>((planes + 1) * area) * F);
  memory.fill(strip.used, 0, area);
  // Never written again: the padding of rows.
  memory.fill(strip.x, 0, <usize>(strip.members * up(together * patch * patch, 8)) * F);
  field.samples = strip.levels;
  field.planes = together;
  field.width = width;
  field.height = height;
  field.patch = patch;
  const factor = f32x4.splat(strip.scale);
  for (let i: usize = 0; i < <usize>(together * area) * F; i += 16)
    v128.store(field.samples + i, f32x4.nearest(f32x4.mul(v128.load(strip.guide + i), factor)));
  group.distances = strip.distances;
  group.offsets = strip.offsets;
  group.most = strip.members;
}

/** Estimates from up to `count` references on; returns whether any are left. */
export function denoise(at: usize, count: i32): bool {
  const strip = changetype<Strip>(at);
  const width = strip.width, patch = strip.patch;
  if (strip.next == 0) prepare(strip);
  const together = strip.guided ? strip.planes : 1;
  const across = (width - patch + SPACING) / SPACING;
  const places = across * ((strip.endRow - strip.firstRow + SPACING - 1) / SPACING);
  let next = strip.next;
  for (; next < ROUNDS * places && count > 0; next++) {
    const round = next / places, place = next % places;
    const start = startOf(round);
    const row = strip.firstRow + (place / across) * SPACING + start / SPACING;
    const column = (place % across) * SPACING + start % SPACING;
    if (row >= strip.endRow || column > width - patch) continue;
    const mark = <u8>(ROUNDS - round);
    if (load<u8>(strip.used + row * width + column) > mark) continue;
    search(field, column, row, strip.radius, group);
    const brightness = meanBrightness(strip);
    for (let p = 0; p < strip.planes; p += together) estimate(strip, p, together, brightness);
    markUsed(strip, mark);
    count--;
  }
  strip.next = next;
  return next < ROUNDS * places;
}

function markUsed(strip: Strip, mark: u8): void {
  const width = strip.width, patch = strip.patch;
  for (let n = 0; n < group.count; n++) {
    const offset = load<i32>(group.offsets + <usize>n * F);
    const used = strip.used + offset;
    store<u8>(used, max(load<u8>(used), mark));
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

/** The members of the group, `together` planes of them from `plane` on, estimated and put back. */
function estimate(strip: Strip, plane: i32, together: i32, brightness: f32): void {
  const x = strip.x, mean = strip.mean, a = strip.a, y = strip.y, z = strip.z;
  const size = strip.patch * strip.patch;
  const length = together * size;
  const rows = up(length, 4);
  const stride = <usize>up(length, 8) * F;
  const width = <usize>up(group.count, 8) * F;
  const places = strip.samples + <usize>(plane * size) * F;
  gatherRows(group, strip.guide, places, length, x, stride);
  centreRows(x, group.count, mean, stride);
  gatherColumns(group, strip.noisy, places, length, rows, y, width);
  centreColumns(y, mean, length, z, width);
  if (strip.guided) {
    gatherColumns(group, strip.guide, places, length, rows, strip.w, width);
    centreColumns(strip.w, mean, length, strip.xt, width);
    clearPadding(strip.xt, length, group.count, width);
    estimateByGuide(
      strip.noise, brightness, together, size, group.count, x, stride, strip.xt, mean, z, y, length, width, strip.w, a,
      strip.b);
  } else {
    memory.fill(a, 0, <usize>rows * stride);
    subtractGram(x, group.count, a, rows, stride);
    scale(a, <usize>rows * stride, -1 / <f32>max(1, group.count - 1));
    const noise = noiseOf(strip.noise, plane);
    const variance = varianceAt(noise, brightness);
    estimateByShrinkage(
      noise, variance, a, length, rows, stride, group.count, mean, z, y, width, strip.b, strip.squares);
  }
  putBack(group, y, width, places, length, strip.sums);
}
