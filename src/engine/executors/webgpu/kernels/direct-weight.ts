/**
 * Weight and bias gradients for adapters that run shaders on the CPU, see direct.ts: one invocation keeps all taps of a
 * few inputs × 8 or more outputs over a share of the image's rows. It walks along the rows four pixels at a time, with
 * the window of x carried over from the last four, so that a load serves 14 multiply-adds of a 3×3 kernel.
 */
import type { ConvBackwardWeightCall } from '../../../plan/plan.ts';
import { type BufferRef, ceilDiv, type Kernel, KernelBuilder, shapeText } from '../wgsl.ts';
import type { WeightGradient } from './conv-weight.ts';
import { leadOf, paddedGradient, range } from './direct-layout.ts';
import { type Padded, paddedPlanes, padKernel } from './padded.ts';

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
  const outputs = dy.channels > 4 ? 8 : 4;
  if (kernel === 1) return { inputs: 8, outputs };
  return { inputs: kernel > 3 ? 1 : 4, outputs };
}

/** vec4s of a row of dy that hold pixels. */
const quadsOf = ({ dy, kernel, stride }: ConvBackwardWeightCall) =>
  ceilDiv(dy.width + leadOf(kernel, stride), 4);

/** Both operands lie so that vec4 j of a row of dy meets the samples from vec4 j·stride of a row of x on. */
function operands(call: ConvBackwardWeightCall): { x: Padded; dy: Padded } {
  const { kernel, stride } = call;
  const pad = (kernel - 1) / 2;
  const x = paddedPlanes('padded x', {
    channels: call.x.channels,
    rows: (call.dy.height - 1) * stride + kernel,
    quads: stride * (quadsOf(call) - 1) + windowQuads(kernel, stride),
    top: pad,
    left: stride * leadOf(kernel, stride) + pad,
  });
  return { x, dy: paddedGradient(call.dy, call.x, kernel, stride) };
}

/** vec4s of x that four pixels of dy meet. */
const windowQuads = (kernel: number, stride: number) => ceilDiv(3 * stride + kernel, 4);

export function planDirectConvBackwardWeight(call: ConvBackwardWeightCall): WeightGradient {
  const { x, dy, kernel } = call;
  const block = chooseBlock(call);
  const pairs = ceilDiv(x.channels, block.inputs) * ceilDiv(dy.channels, block.outputs);
  const most = Math.max(1, Math.floor(INVOCATIONS / pairs));
  const rowsEach = Math.min(
    dy.height,
    Math.max(ceilDiv(dy.height, most), ceilDiv(LEAST_QUADS, quadsOf(call))),
  );
  const shares = ceilDiv(dy.height, rowsEach);
  const weights = dy.channels * x.channels * kernel ** 2;
  const biases = call.bias === null ? 0 : dy.channels;
  const padded = operands(call);
  return {
    shares,
    weights,
    biases,
    build: (partials, offset) => [
      padKernel(x, 'reflect', padded.x),
      padKernel({ ...dy, affine: null, activation: null }, 'zero', padded.dy),
      weightKernel(call, block, padded, { shares, rowsEach, pairs, biases }, partials, offset),
    ],
  };
}

/** The four pixels' worth of one row: loads of dy, the window of x, and the products. */
function fourPixels(call: ConvBackwardWeightCall, block: Block, x: string, dy: string): string {
  const { kernel, stride } = call;
  const quads = windowQuads(kernel, stride);
  const kept = quads - stride;
  const lines: string[] = [];
  for (const o of range(block.outputs))
    lines.push(`let d${o} = ${dy}[dy_at + o${o}];`, `bias${o} += dot(d${o}, ones);`);
  for (const i of range(block.inputs))
    for (const u of range(kernel)) {
      const name = `x${i}_${u}`;
      for (const quad of range(quads))
        lines.push(
          quad < kept
            ? `let ${name}_${quad} = k${i}_${u}_${quad};`
            : `let ${name}_${quad} = ${x}[x_at + i${i} + ${u}u * x_quads + ${quad}u];`,
        );
      for (const v of range(kernel)) {
        const at = range(4).map((p) => p * stride + v);
        lines.push(
          `let v${i}_${u}_${v} = vec4<f32>(${at.map((c) => `${name}_${c >> 2}.${'xyzw'[c & 3]}`).join(', ')});`,
        );
        for (const o of range(block.outputs))
          lines.push(`a${o}_${i}_${u}_${v} += dot(d${o}, v${i}_${u}_${v});`);
      }
      for (const quad of range(Math.max(0, kept)))
        lines.push(`k${i}_${u}_${quad} = ${name}_${quad + stride};`);
    }
  return lines.join('\n      ');
}

interface Split {
  readonly shares: number;
  readonly rowsEach: number;
  readonly pairs: number;
  readonly biases: number;
}

function weightKernel(
  call: ConvBackwardWeightCall,
  block: Block,
  padded: { x: Padded; dy: Padded },
  split: Split,
  partials: BufferRef,
  offset: number,
): Kernel {
  const { x, dy, kernel, stride } = call;
  const { inputs, outputs } = block;
  const k = new KernelBuilder();
  const xs = k.read(padded.x.buffer, 'vec4f');
  const dys = k.read(padded.dy.buffer, 'vec4f');
  const out = k.write(partials);
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
  k.u32('out_offset', offset);
  k.u32('share_floats', size + split.biases);
  k.u32('weight_floats', size);
  k.u32('has_bias', split.biases > 0 ? 1 : 0);
  const kept = Math.max(0, windowQuads(kernel, stride) - stride);
  const windows = range(inputs).flatMap((i) =>
    range(kernel).flatMap((u) => range(kept).map((quad) => ({ i, u, quad, name: `k${i}_${u}_${quad}` }))),
  );
  const sums = range(outputs).flatMap((o) =>
    range(inputs).flatMap((i) =>
      range(kernel).flatMap((u) => range(kernel).map((v) => `a${o}_${i}_${u}_${v}`)),
    ),
  );
  const taps = kernel ** 2;
  const body = `
  if (gid.x >= invocations) { return; }
  let share = gid.x / pairs;
  let pair = gid.x % pairs;
  let first_input = (pair % input_blocks) * ${inputs}u;
  let first_output = (pair / input_blocks) * ${outputs}u;
  let ones = vec4<f32>(1.0);
  ${range(outputs)
    .map(
      (o) =>
        `let o${o} = min(first_output + ${o}u, dy_channels - 1u) * dy_rows * dy_quads; var bias${o} = 0.0;`,
    )
    .join('\n  ')}
  ${range(inputs)
    .map((i) => `let i${i} = min(first_input + ${i}u, x_channels - 1u) * x_rows * x_quads;`)
    .join('\n  ')}
  ${sums.map((name) => `var ${name} = 0.0;`).join(' ')}
  for (var row = share * rows_each; row < min(height, (share + 1u) * rows_each); row++) {
    var dy_at = (row + dy_top) * dy_quads;
    var x_at = row * ${stride}u * x_quads;
    ${windows.map(({ i, u, quad, name }) => `var ${name} = ${xs}[x_at + i${i} + ${u}u * x_quads + ${quad}u];`).join('\n    ')}
    for (var quad = 0u; quad < quads; quad++) {
      ${fourPixels(call, block, xs, dys)}
      dy_at += 1u;
      x_at += ${stride}u;
    }
  }
  var sums: array<f32, ${sums.length}>;
  ${sums.map((name, i) => `sums[${i}u] = ${name};`).join(' ')}
  let to = out_offset + share * share_floats;
  for (var o = 0u; o < min(${outputs}u, dy_channels - first_output); o++) {
    for (var i = 0u; i < min(${inputs}u, x_channels - first_input); i++) {
      let at = to + ((first_output + o) * x_channels + first_input + i) * ${taps}u;
      for (var tap = 0u; tap < ${taps}u; tap++) { ${out}[at + tap] = sums[(o * ${inputs}u + i) * ${taps}u + tap]; }
    }
  }
  if (has_bias != 0u && first_input == 0u) {
    let biases = array<f32, ${outputs}>(${range(outputs)
      .map((o) => `bias${o}`)
      .join(', ')});
    for (var o = 0u; o < min(${outputs}u, dy_channels - first_output); o++) {
      ${out}[to + weight_floats + first_output + o] = biases[o];
    }
  }`;
  return k.finish(
    `convBackwardWeight ${kernel}×${kernel}${stride > 1 ? ' ÷2' : ''} ${shapeText(x)} to ${dy.channels}`,
    [THREADS, 1, 1],
    [ceilDiv(invocations, THREADS), 1, 1],
    size * dy.height * dy.width,
    body,
  );
}
