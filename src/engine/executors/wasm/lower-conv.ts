import type { CallOf, Slice, View } from '../../plan/calls.ts';
import {
  type Blocks,
  blocksOf,
  flatTiles,
  groupsOf,
  inputTiles,
  outputTiles,
  type Tiles,
} from './geometry.ts';
import type { Stage, Word } from './layout.ts';
import type { Lowering } from './lower.ts';

/** Parts into which a weight gradient's tiles are divided for the threads, at most. */
const PARTS = 16;
/** Bytes of partial sums a weight gradient may take. */
const PARTIAL_BYTES = 16e6;

interface Tap {
  readonly channel: number;
  readonly row: number;
  readonly column: number;
}

interface Tiling {
  readonly kernel: number;
  readonly stride: number;
  readonly blocks: Blocks;
  readonly tiles: Tiles;
  readonly groups: number;
  /** Of the taps in a packed tile, bytes. */
  readonly offsets: readonly number[];
  /** Where in the scratch the second tile and the line begin, bytes. */
  readonly second: number;
  readonly line: number;
}

/** The fields of class Tiling after those of its view. */
function tiling(l: Lowering, { blocks, tiles, groups, offsets, second, line, ...call }: Tiling): Word[] {
  return [
    call.kernel,
    call.stride,
    blocks.sixes,
    blocks.fives,
    blocks.fours,
    tiles.height,
    tiles.width,
    tiles.across,
    tiles.down,
    groups,
    tiles.pitch,
    tiles.plane,
    l.arena.placeArray(Uint32Array.from(offsets)),
    offsets.length,
    second,
    line,
  ];
}

/** Channel by channel, then row by row: the order of a weight's floats. */
function taps(channels: number, kernel: number): Tap[] {
  return Array.from({ length: channels * kernel * kernel }, (_, i) => ({
    channel: Math.floor(i / (kernel * kernel)),
    row: Math.floor(i / kernel) % kernel,
    column: i % kernel,
  }));
}

/** Where packTile puts each tap: with stride 2 in the plane of its parities. */
function forwardOffsets(x: View, kernel: number, stride: number, tiles: Tiles): number[] {
  return taps(x.channels, kernel).map(({ channel, row, column }) => {
    const parity = (row % stride) * stride + (column % stride);
    const plane = (channel * stride * stride + parity) * tiles.plane;
    return (plane + Math.floor(row / stride) * tiles.pitch + Math.floor(column / stride)) * 4;
  });
}

const align = (bytes: number) => Math.ceil(bytes / 64) * 64;

/** A 1×1 convolution of stride 1 does not ask where a row ends: its images are one row each, and a tile one run. */
function flat<T extends Slice>(image: T, { kernel, stride }: { kernel: number; stride: number }): T {
  return kernel === 1 && stride === 1 ? { ...image, height: 1, width: image.height * image.width } : image;
}

/** Tiles of a convolution's output, `planes` planes packed for each. */
function tilesOf({ height, width }: Slice, planes: number, kernel: number, stride: number): Tiles {
  if (kernel === 1 && stride === 1) return flatTiles(height * width, planes);
  return outputTiles(height, width, planes, Math.floor((kernel - 1) / stride));
}

export function lowerConv(l: Lowering, call: CallOf<'conv'>): void {
  const { kernel, stride } = call;
  const x = flat(call.x, call);
  const out = flat(call.out, call);
  const planes = x.channels * stride * stride;
  const tiles = tilesOf(out, planes, kernel, stride);
  const blocks = blocksOf(out.channels, l.fma);
  const groups = groupsOf(blocks, tiles.count);
  const offsets = forwardOffsets(x, kernel, stride, tiles);
  const second = align(planes * tiles.plane * 4);
  const line = align(second + 6 * tiles.samples * 4);
  l.needScratch(line + 2 * tiles.pitch * 4 + 64);
  const packed = l.arena.reserve(blocks.channels * offsets.length * 4);
  l.packing.push(packingArgs(l, blocks, { ...call, packed, outputs: out.channels, inputs: x.channels }));
  l.stages.push(
    l.stage('conv', tiles.count * groups, [
      ...l.view(x),
      ...tiling(l, { kernel, stride, blocks, tiles, groups, offsets, second, line }),
      packed,
      call.bias === null ? 0 : l.parameter(call.bias),
      l.slice(out),
      out.channels,
      out.height,
      out.width,
    ]),
  );
}

interface Packing {
  readonly weight: number;
  readonly packed: number;
  readonly outputs: number;
  readonly inputs: number;
  readonly kernel: number;
  /** 0 = for the forward pass. */
  readonly backwardStride?: number;
}

function packingArgs(l: Lowering, { sixes, fives, fours }: Blocks, packing: Packing): Word[] {
  const { weight, packed, outputs, inputs, kernel, backwardStride = 0 } = packing;
  return [l.parameter(weight), packed, outputs, inputs, kernel, backwardStride, sixes, fives, fours];
}

const plainView = (slice: Slice): View => ({ ...slice, affine: null, activation: null });

export function convBackwardInputStage(l: Lowering, call: CallOf<'convBackwardInput'>): Stage {
  const { kernel, stride } = call;
  const dy = flat(call.dy, call);
  const dx = flat(call.dx, call);
  const tiles =
    kernel === 1 && stride === 1
      ? flatTiles(dx.width, dy.channels)
      : inputTiles(dx.height, dx.width, dy.channels, kernel, stride);
  const blocks = blocksOf(dx.channels, l.fma);
  const groups = groupsOf(blocks, tiles.count);
  const phases = phaseOffsets(dy.channels, kernel, stride, tiles);
  const second = align(dy.channels * tiles.plane * 4);
  const line = align(second + stride * stride * 6 * tiles.samples * 4);
  l.needScratch(line + stride * tiles.pitch * 4 + 64);
  const packed = l.arena.reserve(blocks.channels * dy.channels * kernel * kernel * 4);
  l.packing.push(
    packingArgs(l, blocks, {
      ...{ ...call, packed, outputs: dy.channels, inputs: dx.channels },
      backwardStride: stride,
    }),
  );
  return l.stage('convBackwardInput', tiles.count * groups, [
    ...l.view(plainView(dy)),
    ...tiling(l, { kernel, stride, blocks, tiles, groups, offsets: phases.flat(), second, line }),
    packed,
    l.slice(dx),
    dx.channels,
    dx.height,
    dx.width,
    call.accumulate,
    ...[0, 1, 2, 3].map((phase) => phases[phase]?.length ?? 0),
  ]);
}

/** For each parity of the padded dx's row and column: where dy's sample of each of its taps lies. */
function phaseOffsets(channels: number, kernel: number, stride: number, tiles: Tiles): number[][] {
  const reach = Math.floor((kernel - 1) / stride);
  const at = (tap: number) => reach - Math.floor(tap / stride);
  return Array.from({ length: stride * stride }, (_, phase) =>
    taps(channels, kernel)
      .filter((t) => (t.row % stride) * stride + (t.column % stride) === phase)
      .map((t) => (t.channel * tiles.plane + at(t.row) * tiles.pitch + at(t.column)) * 4),
  );
}

/** `alongside`: a stage that may run at the same time, the gradient of the same convolution's input. */
export function lowerConvBackwardWeight(
  l: Lowering,
  call: CallOf<'convBackwardWeight'>,
  alongside: Stage | null,
): void {
  const { kernel, stride } = call;
  const x = flat(call.x, call);
  const dy = flat(call.dy, call);
  const planes = x.channels * stride * stride;
  const tiles = tilesOf(dy, planes, kernel, stride);
  const blocks = blocksOf(dy.channels, l.fma);
  const offsets = forwardOffsets(x, kernel, stride, tiles);
  const used = offsets.length;
  if (used % 2 === 1) offsets.push(offsets[used - 1]);
  const partBytes = blocks.channels * offsets.length * 4;
  const parts = Math.max(1, Math.min(PARTS, tiles.count, Math.floor(PARTIAL_BYTES / partBytes)));
  const groups = groupsOf(blocks, parts);
  const second = align(planes * tiles.plane * 4);
  const line = align(second + 6 * tiles.samples * 4);
  l.needScratch(line + Math.max(2 * tiles.pitch, tiles.height * tiles.pitch + 16, 48) * 4 + 64);
  l.withPartials(parts * partBytes, (partial) => {
    const stage = l.stage('convBackwardWeight', parts * groups, [
      ...l.view(x),
      ...tiling(l, { kernel, stride, blocks, tiles, groups, offsets, second, line }),
      l.slice(dy),
      dy.channels,
      dy.height,
      dy.width,
      partial,
      parts,
      used,
      l.gradient(call.weight),
      l.gradient(call.bias),
    ]);
    // With a bias it reads dy, which the next stage may overwrite.
    const reduce: Stage = { ...stage, op: 'reduceWeights', tasks: dy.channels, apart: call.bias !== null };
    return alongside ? [{ ...stage, joined: true }, alongside, reduce] : [stage, reduce];
  });
}
