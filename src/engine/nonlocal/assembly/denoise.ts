// Denoising by groups of similar patches over a strip of rows, after non-local Bayes (Lebrun, Buades & Morel, SIAM J.
// Imaging Sci. 6(3), 2013): all members of a group are estimated, put back and averaged, and patches that were put back
// are references no more. Without a guide each plane is estimated by itself, by what stands out of the noise; with one,
// all together, by the guide's statistics. Mirrored in ../strip.ts.
import { centreRows, count as countGroup, gatherRows, Patches, putBack, subtractMean, transposeRows } from './group';
import { scale, subtractGram } from './matrix';
import { noiseOf, varianceAt } from './noise';
import { ROUNDS, SPACING, startOf } from './rounds';
import { Field, Group, layOut, search } from './search';
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
  /** References are so far apart, a power of 2, but for the last row and column of them. */
  stride: i32;
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
  /** Workspace: what patches are compared in [planes, height, width]; the group, i32[members] each; matrices. */
  levels: usize;
  distances: usize;
  offsets: usize;
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
const patches = changetype<Patches>(memory.data(offsetof<Patches>(), 16));

/** Makes the planes that patches are compared in. */
function prepare(strip: Strip): void {
  const width = strip.width, height = strip.height, planes = strip.planes, patch = strip.patch;
  const area = width * height;
  const together = strip.guided ? planes : 1;
  memory.fill(strip.sums, 0, <usize>((planes + 1) * area) * F);
  memory.fill(strip.used, 0, area);
  // Never written again: the padding of rows.
  const bytes = <usize>(up(strip.members, 8) * up(together * patch * patch, 8)) * F;
  memory.fill(strip.x, 0, bytes);
  memory.fill(strip.y, 0, bytes);
  patches.planes = together;
  patches.patch = patch;
  patches.row = <usize>width * F;
  patches.plane = <usize>area * F;
  field.samples = strip.levels;
  field.planes = together;
  field.width = width;
  field.height = height;
  field.patch = patch;
  layOut(strip.guide, together * area, strip.scale, strip.levels);
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
    const isLast = row == strip.endRow - 1 || column == width - patch;
    if (((start / SPACING) | start) & (strip.stride - 1) && !isLast) continue;
    const mark = <u8>(ROUNDS - round);
    if (load<u8>(strip.used + row * width + column) > mark) continue;
    search(field, column, row, strip.radius, group);
    for (let p = 0; p < strip.planes; p += together) estimate(strip, p, together);
    markUsed(strip, mark);
    count--;
  }
  strip.next = next;
  return next < ROUNDS * places;
}

function markUsed(strip: Strip, mark: u8): void {
  for (let n = 0; n < group.count; n++) {
    const used = strip.used + load<i32>(group.offsets + <usize>n * F);
    store<u8>(used, max(load<u8>(used), mark));
  }
  countGroup(group, patches, strip.counts);
}

/** Mean brightness of the group, by the guide's first plane. */
let brightness: f32 = 0;

function brightnessOf(strip: Strip): f32 {
  const size = strip.patch * strip.patch;
  let sum: f32 = 0;
  for (let c = 0; c < size; c++) sum += load<f32>(strip.mean + <usize>c * F);
  return (strip.brightness * sum) / <f32>size;
}

/** The members of the group, `together` planes of them from `plane` on, estimated and put back. */
function estimate(strip: Strip, plane: i32, together: i32): void {
  const x = strip.x, mean = strip.mean, a = strip.a, y = strip.y, z = strip.z;
  const size = strip.patch * strip.patch, count = group.count;
  const length = together * size;
  const rows = up(length, 4);
  const stride = <usize>up(length, 8) * F;
  const width = <usize>up(count, 8) * F;
  const first = <usize>plane * patches.plane;
  gatherRows(group, strip.guide + first, patches, x, stride);
  centreRows(x, count, mean, stride);
  if (plane == 0) brightness = brightnessOf(strip);
  if (strip.guided) {
    gatherRows(group, strip.noisy + first, patches, y, stride);
    subtractMean(y, count, mean, stride);
    transposeRows(x, count, stride, length, strip.xt, width);
    transposeRows(y, count, stride, length, z, width);
    estimateByGuide(
      strip.noise, brightness, together, size, count, x, stride, strip.xt, mean, z, y, length, width, strip.w, a,
      strip.b);
  } else {
    memory.fill(a, 0, <usize>rows * stride);
    subtractGram(x, count, a, rows, stride);
    scale(a, <usize>rows * stride, -1 / <f32>max(1, count - 1));
    transposeRows(x, count, stride, length, z, width);
    const noise = noiseOf(strip.noise, plane);
    const variance = varianceAt(noise, brightness);
    estimateByShrinkage(noise, variance, a, length, rows, stride, count, mean, z, y, width, strip.b, strip.squares);
  }
  putBack(group, y, stride, patches, strip.sums + first);
}
