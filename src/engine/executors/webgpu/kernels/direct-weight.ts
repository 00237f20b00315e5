/**
 * Weight and bias gradients for adapters that run shaders on the CPU, see direct.ts: one invocation keeps all taps of a
 * few inputs × up to 9 outputs over a share of the image's rows, along which it walks eight pixels at a time. The four
 * invocations of a quad have the same inputs, whose samples they load together, and outputs of their own.
 */
import type { ConvBackwardWeightCall } from '../../../plan/calls.ts';
import type { Context } from '../lowering.ts';
import { type BufferRef, ceilDiv, type Kernel, KernelBuilder, shapeText } from '../wgsl.ts';
import type { WeightGradient } from './conv-weight.ts';
import {
  gradientQuads,
  leadOf,
  paddedChannels,
  paddedGradient,
  QUAD,
  range,
  shareOf,
  TURN,
} from './direct-layout.ts';
import { type Padded, paddedPlanes, padKernel } from './padded.ts';
import { quadLoads } from './quads.ts';

const THREADS = 16;
/** Enough invocations for all cores of a large machine, */
const INVOCATIONS = 2048;
/** each with enough vec4s of dy that adding up the shares costs little. */
const LEAST_QUADS = 48;

interface Block {
  readonly inputs: number;
  readonly outputs: number;
}

function chooseBlock({ kernel, dy }: ConvBackwardWeightCall): Block {
  if (kernel === 1) return { inputs: 8, outputs: shareOf(dy.channels, 9) };
  if (kernel === 3) return { inputs: 4, outputs: shareOf(dy.channels, 9) };
  return { inputs: 1, outputs: shareOf(dy.channels, 8) };
}

const quadsOf = ({ dy, kernel, stride }: ConvBackwardWeightCall) => gradientQuads(dy.width, kernel, stride);

/** Both operands lie so that vec4 j of a row of dy meets the samples from vec4 j·stride of a row of x on. */
function operands(call: ConvBackwardWeightCall): { x: Padded; dy: Padded } {
  const { kernel, stride } = call;
  const pad = (kernel - 1) / 2;
  const x = paddedPlanes('padded x', {
    channels: call.x.channels,
    rows: (call.dy.height - 1) * stride + kernel,
    quads: stride * (quadsOf(call) - TURN) + windowQuads(kernel, stride),
    top: pad,
    left: stride * leadOf(kernel, stride) + pad,
  });
  return { x, dy: paddedGradient(call.dy, call.x, kernel, stride) };
}

/** vec4s of a row of x that the pixels of a turn meet. */
const windowQuads = (kernel: number, stride: number) => ceilDiv((4 * TURN - 1) * stride + kernel, 4);

export function planDirectConvBackwardWeight(call: ConvBackwardWeightCall, context: Context): WeightGradient {
  const { x, dy, kernel } = call;
  const block = chooseBlock(call);
  const outputBlocks = paddedChannels(dy.channels, block.outputs) / block.outputs;
  const pairs = ceilDiv(x.channels, block.inputs) * outputBlocks;
  const most = Math.max(1, Math.floor(INVOCATIONS / pairs));
  const rowsEach = Math.min(
    dy.height,
    Math.max(ceilDiv(dy.height, most), ceilDiv(LEAST_QUADS, quadsOf(call))),
  );
  const shares = ceilDiv(dy.height, rowsEach);
  const weights = dy.channels * x.channels * kernel ** 2;
  const biases = call.bias === null ? 0 : dy.channels;
  const padded = operands(call);
  const split = { shares, rowsEach, pairs, biases };
  return {
    shares,
    weights,
    biases,
    build: (partials, offset) => [
      padKernel(x, 'reflect', padded.x),
      padKernel({ ...dy, affine: null, activation: null }, 'zero', padded.dy),
      weightKernel({ call, block, padded, split }, { buffer: partials, offset }, context),
    ],
  };
}

/** The products of one turn; each sum is one expression, see direct.ts. */
function turn(call: ConvBackwardWeightCall, block: Block, dy: string): string {
  const { kernel, stride } = call;
  const quads = windowQuads(kernel, stride);
  const lines: string[] = [];
  for (const o of range(block.outputs)) {
    for (const q of range(TURN)) lines.push(`let d${o}_${q} = ${dy}[dy_at + o${o} + ${q}u];`);
    lines.push(
      `bias${o} += ${range(TURN)
        .map((q) => `dot(d${o}_${q}, ones)`)
        .join(' + ')};`,
    );
  }
  for (const i of range(block.inputs))
    for (const u of range(kernel))
      for (const v of range(kernel)) {
        const sample = (pixel: number) => {
          const col = pixel * stride + v;
          return `x${(i * kernel + u) * quads + (col >> 2)}.${'xyzw'[col & 3]}`;
        };
        const name = `v${i}_${u}_${v}`;
        for (const q of range(TURN))
          lines.push(
            `let ${name}_${q} = vec4<f32>(${range(4)
              .map((j) => sample(q * 4 + j))
              .join(', ')});`,
          );
        for (const o of range(block.outputs))
          lines.push(
            `a${o}_${i}_${u}_${v} += ${range(TURN)
              .map((q) => `dot(d${o}_${q}, ${name}_${q})`)
              .join(' + ')};`,
          );
      }
  return lines.join('\n      ');
}

interface Split {
  readonly shares: number;
  readonly rowsEach: number;
  readonly pairs: number;
  readonly biases: number;
}

interface Partials {
  readonly buffer: BufferRef;
  /** First float of these. */
  readonly offset: number;
}

/** The call with what its kernel needs besides. */
interface WeightWork {
  readonly call: ConvBackwardWeightCall;
  readonly block: Block;
  readonly padded: { readonly x: Padded; readonly dy: Padded };
  readonly split: Split;
}

function weightKernel(
  { call, block, padded, split }: WeightWork,
  partials: Partials,
  { profile }: Context,
): Kernel {
  const { x, dy, kernel, stride } = call;
  const { inputs, outputs } = block;
  const k = new KernelBuilder();
  const xs = k.read(padded.x.buffer, 'vec4f');
  const dys = k.read(padded.dy.buffer, 'vec4f');
  const out = k.write(partials.buffer);
  const size = dy.channels * x.channels * kernel ** 2;
  const invocations = split.pairs * split.shares;
  k.u32('invocations', invocations);
  k.u32('pairs', split.pairs);
  k.u32('input_blocks', ceilDiv(x.channels, inputs));
  k.u32('rows_each', split.rowsEach);
  k.u32('x_channels', x.channels);
  k.u32('x_rows', padded.x.rows);
  k.u32('x_quads', padded.x.quads);
  k.u32('dy_channels', dy.channels);
  k.u32('height', dy.height);
  k.u32('quads', quadsOf(call));
  k.u32('dy_top', padded.dy.top);
  k.u32('dy_rows', padded.dy.rows);
  k.u32('dy_quads', padded.dy.quads);
  k.u32('out_offset', partials.offset);
  k.u32('share_floats', size + split.biases);
  k.u32('weight_floats', size);
  k.u32('has_bias', split.biases > 0 ? 1 : 0);
  const quads = windowQuads(kernel, stride);
  const sample = (item: string) => {
    const input = `min(first_input + (${item}) / ${kernel * quads}u, x_channels - 1u)`;
    return `(${input} * x_rows + (${item}) / ${quads}u % ${kernel}u) * x_quads + (${item}) % ${quads}u`;
  };
  const loads = quadLoads(k, profile, 'x', xs, inputs * kernel * quads, { offset: sample });
  const sums = range(outputs).flatMap((o) =>
    range(inputs).flatMap((i) =>
      range(kernel).flatMap((u) => range(kernel).map((v) => `a${o}_${i}_${u}_${v}`)),
    ),
  );
  const taps = kernel ** 2;
  const body = `
  if (gid.x >= invocations) { return; }
  let lane = gid.x % ${QUAD}u;
  let share = gid.x / pairs;
  let quad_pair = (gid.x % pairs) / ${QUAD}u;
  let first_input = (quad_pair % input_blocks) * ${inputs}u;
  let first_output = (quad_pair / input_blocks * ${QUAD}u + lane) * ${outputs}u;
  let ones = vec4<f32>(1.0);
  ${range(outputs)
    .map(
      (o) =>
        `let o${o} = min(first_output + ${o}u, dy_channels - 1u) * dy_rows * dy_quads; var bias${o} = 0.0;`,
    )
    .join('\n  ')}
  ${loads.addresses}
  ${sums.map((name) => `var ${name} = 0.0;`).join(' ')}
  for (var row = share * rows_each; row < min(height, (share + 1u) * rows_each); row++) {
    var dy_at = (row + dy_top) * dy_quads;
    var x_at = row * ${stride}u * x_quads;
    for (var quad = 0u; quad < quads; quad += ${TURN}u) {
      ${loads.at('x_at')}
      ${turn(call, block, dys)}
      dy_at += ${TURN}u;
      x_at += ${TURN * stride}u;
    }
  }
  var sums: array<f32, ${sums.length}>;
  ${sums.map((name, i) => `sums[${i}u] = ${name};`).join(' ')}
  let to = out_offset + share * share_floats;
  let own = min(${outputs}u, dy_channels - min(first_output, dy_channels));
  for (var o = 0u; o < own; o++) {
    for (var i = 0u; i < min(${inputs}u, x_channels - first_input); i++) {
      let at = to + ((first_output + o) * x_channels + first_input + i) * ${taps}u;
      for (var tap = 0u; tap < ${taps}u; tap++) { ${out}[at + tap] = sums[(o * ${inputs}u + i) * ${taps}u + tap]; }
    }
  }
  if (has_bias != 0u && first_input == 0u) {
    let biases = array<f32, ${outputs}>(${range(outputs)
      .map((o) => `bias${o}`)
      .join(', ')});
    for (var o = 0u; o < own; o++) {
      ${out}[to + weight_floats + first_output + o] = biases[o];
    }
  }`;
  return k.finish({
    label: `convBackwardWeight ${kernel}×${kernel}${stride > 1 ? ' ÷2' : ''} ${shapeText(x)} to ${dy.channels}`,
    size: [THREADS, 1, 1],
    workgroups: [ceilDiv(invocations, THREADS), 1, 1],
    work: size * dy.height * dy.width,
    body,
  });
}
