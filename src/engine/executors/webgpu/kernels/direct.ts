/**
 * Convolution and its input gradient for adapters that run shaders on the CPU (SwiftShader, llvmpipe). There a barrier
 * or a load from any memory costs tens of multiply-adds, while registers that spill cost little: so no workgroup
 * memory, but one invocation that makes a block of pixels × up to 9 output channels, all of whose sums are its own. The
 * four invocations of a quad make the same pixels and load their samples together (quads.ts).
 *
 * Both are one kernel over padded planes (padded.ts). Forward: correlation, out[i] = Σ_t w[t]·x[i·stride + t]. Input
 * gradient on the padded domain: dx[j] = Σ_t w[t]·dy[(j − t)/stride]; with stride 1 it is the correlation with flipped
 * weights. Its border is folded back by a second kernel.
 */
import type { ConvBackwardInputCall, ConvCall } from '../../../plan/calls.ts';
import { type Context, parameterOffset } from '../lowering.ts';
import { type BufferRef, ceilDiv, type Kernel, KernelBuilder, shapeText } from '../wgsl.ts';
import type { ConvPlan } from './conv.ts';
import {
  type Block,
  backwardWalk,
  chooseBlock,
  paddedChannels,
  paddedGradient,
  QUAD,
  range,
  reach,
  sourceSize,
  tapsOf,
  type Walk,
} from './direct-layout.ts';
import { pointwiseKernel } from './direct-pointwise.ts';
import { type Stored, storeSums, targetOf } from './direct-store.ts';
import { borderOf, foldKernel, type Padded, paddedPlanes, padKernel } from './padded.ts';
import { quadLoads } from './quads.ts';

const THREADS = 32;

interface Direct extends Stored {
  readonly label: string;
  readonly walk: Walk;
  readonly source: Padded;
}

export function planDirectConv(call: ConvCall, context: Context): ConvPlan {
  const { x, out, kernel, stride } = call;
  const walk: Walk = { kind: 'correlate', kernel, stride };
  const block = chooseBlock(walk, out.channels);
  const pad = (kernel - 1) / 2;
  const source = paddedPlanes('padded x', {
    channels: x.channels,
    ...sourceSize(walk, block, out.height, out.width),
    top: pad,
    left: pad,
  });
  const taps = kernel ** 2;
  const direct: Direct = {
    label: `conv ${kernel}×${kernel}${stride > 1 ? ' ÷2' : ''} ${shapeText(x)} to ${out.channels}`,
    walk,
    block,
    source,
    out: targetOf(out, 0),
    accumulate: false,
    bias: call.bias === null ? null : parameterOffset(context, call.bias),
  };
  return {
    pack: {
      parameter: call.weight,
      taps,
      sources: x.channels,
      outputs: out.channels,
      paddedOutputs: paddedChannels(out.channels, block.channels),
      paddedSources: x.channels,
      sourceStride: taps,
      outputStride: x.channels * taps,
      flipped: false,
    },
    build: (weights, offset) =>
      kernel === 1 && stride === 1
        ? [pointwiseKernel(direct, x, weights, offset, context)]
        : [padKernel(x, 'reflect', source), directKernel(direct, weights, offset, context)],
  };
}

export function planDirectConvBackwardInput(call: ConvBackwardInputCall, context: Context): ConvPlan {
  const { dy, dx, kernel, stride } = call;
  const walk = backwardWalk(kernel, stride);
  const block = chooseBlock(walk, dx.channels);
  const pad = (kernel - 1) / 2;
  const source = paddedGradient(dy, dx, kernel, stride);
  const taps = kernel ** 2;
  const direct: Direct = {
    label: `convBackwardInput ${kernel}×${kernel}${stride > 1 ? ' ÷2' : ''} ${shapeText(dy)} to ${shapeText(dx)}`,
    walk,
    block,
    source,
    out: targetOf(dx, pad),
    accumulate: call.accumulate,
    bias: null,
  };
  return {
    pack: {
      parameter: call.weight,
      taps,
      sources: dy.channels,
      outputs: dx.channels,
      paddedOutputs: paddedChannels(dx.channels, block.channels),
      paddedSources: dy.channels,
      sourceStride: dx.channels * taps,
      outputStride: taps,
      flipped: stride === 1,
    },
    build: (weights, offset) => {
      const view = { ...dy, affine: null, activation: null };
      if (kernel === 1 && stride === 1) return [pointwiseKernel(direct, view, weights, offset, context)];
      return [
        padKernel(view, 'zero', source),
        directKernel(direct, weights, offset, context),
        ...(pad === 0 ? [] : [foldKernel(borderOf(dx, pad), dx, pad)]),
      ];
    },
  };
}

/** The sums of one source channel. Each sum is one expression: between statements it would go through memory. */
function channelBody(walk: Walk, block: Block, sums: readonly Sum[]): string {
  const { kernel } = walk;
  const rowQuads = ceilDiv(reach(walk, block.across).reads, 4);
  const sample = (row: number, col: number) => `s${row * rowQuads + (col >> 2)}.${'xyzw'[col & 3]}`;
  return sums
    .map(({ name, y, x, channel }) => {
      const products = tapsOf(walk, y).flatMap((row) =>
        tapsOf(walk, x).map((col) => `${sample(row.at, col.at)} * w${row.tap * kernel + col.tap}_${channel}`),
      );
      return `${name} = ${products.reduce((sum, product) => `(${sum} + ${product})`, name)};`;
    })
    .join('\n    ');
}

/** One accumulator of a block. */
interface Sum {
  readonly name: string;
  readonly y: number;
  readonly x: number;
  readonly channel: number;
}

const sumsOf = ({ across, down, channels }: Block): Sum[] =>
  range(channels).flatMap((channel) =>
    range(down).flatMap((y) => range(across).map((x) => ({ name: `a${y}_${x}_${channel}`, y, x, channel }))),
  );

function directKernel(d: Direct, weights: BufferRef, weightOffset: number, context: Context): Kernel {
  const { walk, block, source, out } = d;
  const { across, down, channels } = block;
  const taps = walk.kernel ** 2;
  const k = new KernelBuilder();
  const src = k.read(source.buffer, 'vec4f');
  const packed = k.read(weights);
  const [blocksAcross, blocksDown] = [ceilDiv(out.width, across), ceilDiv(out.height, down)];
  const padded = paddedChannels(out.channels, channels);
  const invocations = (blocksAcross * blocksDown * padded) / channels;
  const workgroups = ceilDiv(invocations, THREADS);
  const grid = Math.min(workgroups, 32768);
  k.u32('grid', grid);
  k.u32('invocations', invocations);
  k.u32('blocks_across', blocksAcross);
  k.u32('blocks_down', blocksDown);
  k.u32('source_channels', source.channels);
  k.u32('source_rows', source.rows);
  k.u32('source_quads', source.quads);
  k.u32('weight_offset', weightOffset);
  k.u32('weight_channels', padded);
  const [y, x] = [reach(walk, down), reach(walk, across)];
  const rowQuads = ceilDiv(x.reads, 4);
  const loads = quadLoads(k, context.profile, 's', src, y.reads * rowQuads, {
    offset: (item) => `(${item}) / ${rowQuads}u * source_quads + (${item}) % ${rowQuads}u`,
  });
  const sums = sumsOf(block);
  // The stores are a loop over a copy of the sums: written out, they would take longer to compile than all the rest.
  const body = `
  let index = (wg.y * grid + wg.x) * ${THREADS}u + li;
  if (index >= invocations) { return; }
  let lane = index % ${QUAD}u;
  let quad = index / ${QUAD}u;
  let block_x = quad % blocks_across;
  let block_y = (quad / blocks_across) % blocks_down;
  let first_channel = (quad / (blocks_across * blocks_down) * ${QUAD}u + lane) * ${channels}u;
  ${sums.map(({ name }) => `var ${name} = 0.0;`).join(' ')}
  ${loads.addresses}
  var source_at = block_y * ${y.step}u * source_quads + block_x * ${x.step / 4}u;
  var weight_at = weight_offset + first_channel;
  for (var c = 0u; c < source_channels; c++) {
    ${loads.at('source_at')}
    ${range(taps)
      .flatMap((tap) =>
        range(channels).map(
          (j) => `let w${tap}_${j} = ${packed}[weight_at + ${tap}u * weight_channels + ${j}u];`,
        ),
      )
      .join('\n    ')}
    ${channelBody(walk, block, sums)}
    source_at += source_rows * source_quads;
    weight_at += ${taps}u * weight_channels;
  }
  var sums: array<f32, ${sums.length}>;
  ${sums.map(({ name }, i) => `sums[${i}u] = ${name};`).join(' ')}
  ${storeSums(d, k, context)}`;
  const work =
    (out.channels * out.height * out.width * source.channels * taps) /
    (walk.kind === 'transpose' ? walk.stride ** 2 : 1);
  return k.finish({
    label: d.label,
    size: [THREADS, 1, 1],
    workgroups: [grid, ceilDiv(workgroups, grid), 1],
    work,
    body,
  });
}
