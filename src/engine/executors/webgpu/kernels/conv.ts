/**
 * Convolution and its input gradient as gathers, see gather.ts. out = W ⋆ reflectPad(view(x)) + b;
 * dx (+)= the exact adjoint, border folded. The weight gradient is in conv-weight.ts.
 */
import type { ConvBackwardInputCall, ConvCall } from '../../../plan/calls.ts';
import { type Context, named, parameterOffset } from '../lowering.ts';
import type { Profile } from '../profile.ts';
import { type BufferRef, ceilDiv, type Kernel, KernelBuilder, planRef, roundUp, shapeText } from '../wgsl.ts';
import { buildGather, type Gather } from './gather.ts';
import { type Axis, backwardAxis, forwardAxis, gatherMemory, type Tile } from './gather-layout.ts';
import type { Pack } from './pack.ts';

/** A gather whose weights are still to be packed: where, the caller decides for all layers together. */
export interface ConvPlan {
  readonly pack: Omit<Pack, 'offset'>;
  build(weights: BufferRef, offset: number): Kernel[];
}

export function planConv(call: ConvCall, context: Context): ConvPlan {
  const { kernel, stride, x, out } = call;
  const bias =
    call.bias === null
      ? null
      : { buffer: named(context, 'theta'), offset: parameterOffset(context, call.bias) };
  return planGather(context, call.weight, kernel, {
    label: `conv ${kernel}×${kernel}${stride > 1 ? ' ÷2' : ''} ${shapeText(x)} to ${out.channels}`,
    rows: forwardAxis(x.height, kernel, stride),
    cols: forwardAxis(x.width, kernel, stride),
    border: 'reflect',
    source: x,
    out: { buffer: planRef(out.buffer), offset: out.offset, channels: out.channels },
    accumulate: false,
    bias,
  });
}

export function planConvBackwardInput(call: ConvBackwardInputCall, context: Context): ConvPlan {
  const { kernel, stride, dy, dx } = call;
  return planGather(context, call.weight, kernel, {
    label: `convBackwardInput ${kernel}×${kernel}${stride > 1 ? ' ÷2' : ''} ${shapeText(dy)} to ${shapeText(dx)}`,
    rows: backwardAxis(dx.height, kernel, stride),
    cols: backwardAxis(dx.width, kernel, stride),
    border: 'zero',
    source: { ...dy, affine: null, activation: null },
    out: { buffer: planRef(dx.buffer), offset: dx.offset, channels: dx.channels },
    accumulate: call.accumulate,
    bias: null,
  });
}

type Unpacked = Omit<Gather, 'kernel' | 'tile' | 'weights' | 'weightOffset' | 'weightQuads'>;

function planGather(context: Context, parameter: number, kernel: number, unpacked: Unpacked): ConvPlan {
  const { source, out, border } = unpacked;
  const tile = chooseTile(unpacked, kernel, context.profile);
  const paddedOutputs = roundUp(out.channels, tile.groups * tile.channels);
  const taps = kernel ** 2;
  const forward = border === 'reflect';
  const inputs = forward ? source.channels : out.channels;
  const pack = {
    parameter,
    taps,
    sources: source.channels,
    outputs: out.channels,
    paddedOutputs,
    paddedSources: roundUp(source.channels, tile.slice),
    sourceStride: forward ? taps : inputs * taps,
    outputStride: forward ? inputs * taps : taps,
    flipped: false,
  };
  return {
    pack,
    build: (weights, offset) => [
      buildGather(
        { ...unpacked, kernel, tile, weights, weightOffset: offset / 4, weightQuads: paddedOutputs / 4 },
        new KernelBuilder(),
      ),
    ],
  };
}

/** Source channels staged at a time: few enough for workgroup memory, and wasting least at the end. */
function chooseSlice(channels: number, largest: number): number {
  const slices = ceilDiv(channels, largest);
  return ceilDiv(channels, slices);
}

/** The largest tile that is allowed, smaller where the image or its channels are. */
function chooseTile(g: Unpacked, kernel: number, profile: Profile): Tile {
  const most = profile.gather;
  const units = (axis: Axis) => ceilDiv(axis.outSize, axis.outs);
  const [height, width] = [units(g.rows), units(g.cols)];
  const lanesX = width > most.lanes / 2 ? most.lanes : most.lanes / 2;
  // A stride-2 input gradient makes four outputs a unit, so it keeps a quarter of the units.
  const rows = Math.min(g.rows.outs === 2 ? ceilDiv(most.rows, 4) : most.rows, height);
  const channels = g.out.channels > 4 ? most.channels : 4;
  const groups = ceilDiv(g.out.channels, channels);
  const perTile = ceilDiv(groups, ceilDiv(groups, most.groups));
  const lanesY = Math.max(1, Math.min(ceilDiv(height, rows), Math.floor(most.threads / (lanesX * perTile))));
  const tile = (slice: number): Tile => ({
    lanesX,
    lanesY,
    groups: perTile,
    rows,
    channels,
    slice: chooseSlice(g.source.channels, slice),
  });
  for (let slice = most.slice; slice > 1; slice--)
    if (gatherMemory({ ...g, kernel, tile: tile(slice) }) <= profile.workgroupMemory) return tile(slice);
  return tile(1);
}
