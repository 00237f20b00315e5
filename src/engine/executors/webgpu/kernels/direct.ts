/**
 * Convolution and its input gradient for adapters that run shaders on the CPU (SwiftShader, llvmpipe). There a barrier
 * or a load from any memory costs tens of multiply-adds, while registers that spill cost nothing: so no workgroup
 * memory, but one invocation that makes a block of pixels × 4 or more output channels, all of whose sums are its own.
 * In a block of 8 × 4 pixels and 8 channels a load serves 16 multiply-adds of a 3×3 kernel.
 *
 * Both are one kernel over padded planes (padded.ts). Forward: correlation, out[i] = Σ_t w[t]·x[i·stride + t]. Input
 * gradient on the padded domain: dx[j] = Σ_t w[t]·dy[(j − t)/stride]; with stride 1 it is the correlation with flipped
 * weights. Its border is folded back by a second kernel.
 */
import type { ConvBackwardInputCall, ConvCall } from '../../../plan/plan.ts';
import { type Context, named, parameterOffset } from '../lowering.ts';
import { type BufferRef, ceilDiv, type Kernel, KernelBuilder, planRef, roundUp, shapeText } from '../wgsl.ts';
import type { ConvPlan } from './conv.ts';
import {
  type Block,
  backwardWalk,
  chooseBlock,
  paddedGradient,
  range,
  reach,
  sourceSize,
  tapsOf,
  type Walk,
} from './direct-layout.ts';
import { foldKernel, type Padded, paddedPlanes, padKernel } from './padded.ts';

const THREADS = 32;

interface Target {
  readonly buffer: BufferRef;
  readonly offset: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** Floats between rows and between planes. */
  readonly pitch: number;
  readonly plane: number;
}

interface Direct {
  readonly label: string;
  readonly walk: Walk;
  readonly block: Block;
  readonly source: Padded;
  readonly out: Target;
  readonly accumulate: boolean;
  /** First float in theta. */
  readonly bias: number | null;
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
    out: { ...out, buffer: planRef(out.buffer), pitch: out.width, plane: out.height * out.width },
    accumulate: false,
    bias: call.bias === null ? null : parameterOffset(context, call.bias),
  };
  return {
    pack: {
      parameter: call.weight,
      taps,
      sources: x.channels,
      outputs: out.channels,
      paddedOutputs: roundUp(out.channels, block.quads * 4),
      paddedSources: x.channels,
      sourceStride: taps,
      outputStride: x.channels * taps,
      flipped: false,
    },
    build: (weights, offset) => [
      padKernel(x, 'reflect', source),
      directKernel(direct, weights, offset, context),
    ],
  };
}

export function planDirectConvBackwardInput(call: ConvBackwardInputCall, context: Context): ConvPlan {
  const { dy, dx, kernel, stride } = call;
  const walk = backwardWalk(kernel, stride);
  const block = chooseBlock(walk, dx.channels);
  const pad = (kernel - 1) / 2;
  const [height, width] = [dx.height + 2 * pad, dx.width + 2 * pad];
  const source = paddedGradient(dy, dx, kernel, stride);
  const taps = kernel ** 2;
  const quads = ceilDiv(width, 4);
  const folded = paddedPlanes('padded dx', {
    channels: dx.channels,
    rows: height,
    quads,
    top: pad,
    left: pad,
  });
  const ofImage = { ...dx, buffer: planRef(dx.buffer), pitch: dx.width, plane: dx.height * dx.width };
  const ofPadded = {
    buffer: folded.buffer,
    offset: 0,
    channels: dx.channels,
    height,
    width,
    pitch: quads * 4,
    plane: height * quads * 4,
  };
  const direct: Direct = {
    label: `convBackwardInput ${kernel}×${kernel}${stride > 1 ? ' ÷2' : ''} ${shapeText(dy)} to ${shapeText(dx)}`,
    walk,
    block,
    source,
    out: pad === 0 ? ofImage : ofPadded,
    accumulate: pad === 0 && call.accumulate,
    bias: null,
  };
  return {
    pack: {
      parameter: call.weight,
      taps,
      sources: dy.channels,
      outputs: dx.channels,
      paddedOutputs: roundUp(dx.channels, block.quads * 4),
      paddedSources: dy.channels,
      sourceStride: dx.channels * taps,
      outputStride: taps,
      flipped: stride === 1,
    },
    build: (weights, offset) => [
      padKernel({ ...dy, affine: null, activation: null }, 'zero', source),
      directKernel(direct, weights, offset, context),
      ...(pad === 0 ? [] : [foldKernel(folded, dx, call.accumulate)]),
    ],
  };
}

/** One source channel of a block, written out. */
function channelBody(walk: Walk, block: Block, source: string, weights: string): string {
  const { kernel } = walk;
  const rowQuads = ceilDiv(reach(walk, block.across).reads, 4);
  const loaded = new Set<number>();
  const load = (row: number) => {
    if (loaded.has(row)) return [];
    loaded.add(row);
    return range(rowQuads).map(
      (quad) => `let s${row}_${quad} = ${source}[source_at + ${row}u * source_quads + ${quad}u];`,
    );
  };
  const sample = (row: number, col: number) => `s${row}_${col >> 2}.${'xyzw'[col & 3]}`;
  const lines: string[] = [];
  for (const tapY of range(kernel))
    for (const tapX of range(kernel)) {
      const users = (outputs: number, tap: number) =>
        range(outputs).flatMap((i) =>
          tapsOf(walk, i)
            .filter((t) => t.tap === tap)
            .map(({ at }) => ({ i, at })),
        );
      const [rows, cols] = [users(block.down, tapY), users(block.across, tapX)];
      lines.push(...rows.flatMap(({ at }) => load(at)), '{');
      for (const quad of range(block.quads)) {
        lines.push(
          `let w${quad} = ${weights}[weight_at + ${tapY * kernel + tapX}u * weight_quads + ${quad}u];`,
        );
        for (const row of rows)
          for (const col of cols)
            lines.push(`a${row.i * block.across + col.i}_${quad} += ${sample(row.at, col.at)} * w${quad};`);
      }
      lines.push('}');
    }
  return lines.join('\n    ');
}

function directKernel(d: Direct, weights: BufferRef, weightOffset: number, context: Context): Kernel {
  const { walk, block, source, out } = d;
  const { across, down, quads } = block;
  const k = new KernelBuilder();
  const src = k.read(source.buffer, 'vec4f');
  const packed = k.read(weights, 'vec4f');
  const theta = k.read(named(context, 'theta'));
  const target = k.write(out.buffer);
  const [blocksAcross, blocksDown] = [ceilDiv(out.width, across), ceilDiv(out.height, down)];
  const groups = ceilDiv(out.channels, quads * 4);
  const invocations = blocksAcross * blocksDown * groups;
  const workgroups = ceilDiv(invocations, THREADS);
  const grid = Math.min(workgroups, 32768);
  k.u32('grid', grid);
  k.u32('invocations', invocations);
  k.u32('blocks_across', blocksAcross);
  k.u32('blocks_down', blocksDown);
  k.u32('source_channels', source.channels);
  k.u32('source_rows', source.rows);
  k.u32('source_quads', source.quads);
  k.u32('weight_offset', weightOffset / 4);
  k.u32('weight_quads', roundUp(out.channels, quads * 4) / 4);
  k.u32('has_bias', d.bias === null ? 0 : 1);
  k.u32('bias_offset', d.bias ?? 0);
  k.u32('out_offset', out.offset);
  k.u32('out_channels', out.channels);
  k.u32('height', out.height);
  k.u32('width', out.width);
  k.u32('pitch', out.pitch);
  k.u32('plane', out.plane);
  k.u32('accumulate', d.accumulate ? 1 : 0);
  const pixels = range(across * down);
  const sums = pixels.flatMap((pixel) =>
    range(quads).map((quad) => ({ pixel, quad, name: `a${pixel}_${quad}` })),
  );
  const [stepY, stepX] = [reach(walk, down).step, reach(walk, across).step / 4];
  // The stores are a loop over a copy of the sums: written out, they would take longer to compile than all the rest.
  const body = `
  let index = (wg.y * grid + wg.x) * ${THREADS}u + li;
  if (index >= invocations) { return; }
  let block_x = index % blocks_across;
  let block_y = (index / blocks_across) % blocks_down;
  let group = index / (blocks_across * blocks_down);
  ${sums.map(({ name }) => `var ${name} = vec4<f32>();`).join(' ')}
  var source_at = block_y * ${stepY}u * source_quads + block_x * ${stepX}u;
  var weight_at = weight_offset + group * ${quads}u;
  for (var c = 0u; c < source_channels; c++) {
    ${channelBody(walk, block, src, packed)}
    source_at += source_rows * source_quads;
    weight_at += ${walk.kernel ** 2}u * weight_quads;
  }
  var sums: array<vec4<f32>, ${sums.length}>;
  ${sums.map(({ pixel, quad, name }) => `sums[${quad * pixels.length + pixel}u] = ${name};`).join(' ')}
  for (var j = 0u; j < ${4 * quads}u; j++) {
    let channel = group * ${4 * quads}u + j;
    if (channel >= out_channels) { break; }
    var bias = 0.0;
    if (has_bias != 0u) { bias = ${theta}[bias_offset + channel]; }
    for (var pixel = 0u; pixel < ${pixels.length}u; pixel++) {
      let y = block_y * ${down}u + pixel / ${across}u;
      let x = block_x * ${across}u + pixel % ${across}u;
      if (y < height && x < width) {
        let at = out_offset + channel * plane + y * pitch + x;
        var v = sums[(j / 4u) * ${pixels.length}u + pixel][j % 4u] + bias;
        if (accumulate != 0u) { v += ${target}[at]; }
        ${target}[at] = v;
      }
    }
  }`;
  const work =
    (out.channels * out.height * out.width * source.channels * walk.kernel ** 2) /
    (walk.kind === 'transpose' ? walk.stride ** 2 : 1);
  return k.finish(d.label, [THREADS, 1, 1], [grid, ceilDiv(workgroups, grid), 1], work, body);
}
