/**
 * Weight and bias gradients: dW[o, i, u, v] = Σ_p dy[o, p] · view(x)[i, reflect(p·stride + (u, v) − pad)], db = Σ_p dy.
 *
 * A workgroup owns a block of input × output channels and a share of the image (split-K): it walks over strips of it,
 * staging x with its halo (channels innermost, so that lanes are input channels) and dy (output channels as vec4), and
 * keeps one kernel row × some outputs in registers a thread. Shares are summed by a later kernel in a fixed order:
 * WGSL has no float atomics, and they would not give the same bits twice.
 */
import type { ConvBackwardWeightCall } from '../../../plan/calls.ts';
import type { Context } from '../lowering.ts';
import type { Profile } from '../profile.ts';
import {
  activate,
  affineApply,
  affineLoad,
  type BufferRef,
  ceilDiv,
  type Kernel,
  KernelBuilder,
  planRef,
  roundUp,
  shapeText,
} from '../wgsl.ts';

interface Shape {
  readonly kernel: number;
  readonly stride: number;
  /** Input channels of a block: lanes × inputs a thread. */
  readonly lanes: number;
  readonly inputs: number;
  /** Output channels of a block: groups × outputs a thread (a multiple of 4). */
  readonly groups: number;
  readonly outputs: number;
  /** Output pixels of a strip. */
  readonly rows: number;
  readonly cols: number;
  readonly stagedRows: number;
  readonly stagedCols: number;
  /** Floats between staged pixels: odd, so that staging, whose lanes are pixels, hits different banks. */
  readonly pitch: number;
  readonly threads: number;
}

function chooseShape(call: ConvBackwardWeightCall, profile: Profile): Shape {
  const { kernel, stride, x, dy } = call;
  const most = profile.weight;
  const inputs = kernel === 1 && x.channels > 2 * most.inputs ? most.inputs : 1;
  const lanesNeeded = ceilDiv(x.channels, inputs);
  const lanes = roundUp(ceilDiv(lanesNeeded, ceilDiv(lanesNeeded, most.lanes)), 4);
  const outputs = dy.channels > 4 ? most.outputs : 4;
  const groupsNeeded = ceilDiv(dy.channels, outputs);
  const mostGroups = Math.max(1, Math.min(most.groups, Math.floor(most.threads / (lanes * kernel))));
  const groups = ceilDiv(groupsNeeded, ceilDiv(groupsNeeded, mostGroups));
  const cols = Math.min(most.cols, dy.width);
  const shape = (rows: number): Shape => {
    const stagedRows = stride * (rows - 1) + kernel;
    const stagedCols = stride * (cols - 1) + kernel;
    const pitch = lanes * inputs + 1;
    const threads = lanes * kernel * groups;
    return {
      kernel,
      stride,
      lanes,
      inputs,
      groups,
      outputs,
      rows,
      cols,
      stagedRows,
      stagedCols,
      pitch,
      threads,
    };
  };
  for (let rows = Math.min(most.rows, dy.height); rows > 1; rows--)
    if (memoryOf(shape(rows)) <= profile.workgroupMemory) return shape(rows);
  return shape(1);
}

const memoryOf = (s: Shape) =>
  4 * (s.stagedRows * s.stagedCols * s.pitch + s.rows * s.cols * s.groups * s.outputs);

/** A weight gradient whose partial sums are still to be placed. */
export interface WeightGradient {
  readonly shares: number;
  /** Floats of one share: the weight's, then the bias's. */
  readonly weights: number;
  readonly biases: number;
  build(partials: BufferRef, offset: number): Kernel[];
}

/** At most this many floats of partial sums a layer. */
const MOST_PARTIALS = 2 ** 23;

export function planConvBackwardWeight(call: ConvBackwardWeightCall, context: Context): WeightGradient {
  const { x, dy, kernel } = call;
  const s = chooseShape(call, context.profile);
  const blocks = ceilDiv(x.channels, s.lanes * s.inputs) * ceilDiv(dy.channels, s.groups * s.outputs);
  const strips = ceilDiv(dy.height, s.rows) * ceilDiv(dy.width, s.cols);
  const weights = dy.channels * x.channels * kernel ** 2;
  const wanted = Math.min(
    ceilDiv(context.profile.parallelism, blocks),
    Math.max(1, Math.floor(MOST_PARTIALS / weights)),
  );
  const perShare = ceilDiv(strips, Math.min(strips, wanted));
  const shares = ceilDiv(strips, perShare);
  const biases = call.bias === null ? 0 : dy.channels;
  return {
    shares,
    weights,
    biases,
    build: (partials, offset) => [build(call, s, { shares, perShare, strips, biases }, partials, offset)],
  };
}

function declareSizes(call: ConvBackwardWeightCall, k: KernelBuilder): void {
  const { x, dy } = call;
  k.u32('x_offset', x.offset);
  k.u32('x_channels', x.channels);
  k.u32('x_height', x.height);
  k.u32('x_width', x.width);
  k.u32('dy_offset', dy.offset);
  k.u32('dy_channels', dy.channels);
  k.u32('dy_height', dy.height);
  k.u32('dy_width', dy.width);
}

/** x with its halo, [row][column][channel]; lanes run along a row of the image. */
function stageX(call: ConvBackwardWeightCall, s: Shape, x: string, k: KernelBuilder): string {
  const pad = (s.kernel - 1) / 2;
  const channels = s.lanes * s.inputs;
  const reflected = (i: string, size: string) =>
    `u32(max(0, min(abs(${i}), 2 * (i32(${size}) - 1) - abs(${i}))))`;
  const value = activate(
    call.x.activation,
    affineApply(call.x, `${x}[x_offset + (c * x_height + y) * x_width + xx]`),
  );
  return `
    for (var i = li; i < ${s.stagedRows * s.stagedCols * channels}u; i += ${s.threads}u) {
      let col = i % ${s.stagedCols}u;
      let row = (i / ${s.stagedCols}u) % ${s.stagedRows}u;
      let ch = i / ${s.stagedCols * s.stagedRows}u;
      let c = min(first_input + ch, x_channels - 1u);
      let at_y = i32((y0 * ${s.stride}u) + row) - ${pad};
      let at_x = i32((x0 * ${s.stride}u) + col) - ${pad};
      let y = ${reflected('at_y', 'x_height')};
      let xx = ${reflected('at_x', 'x_width')};
      ${affineLoad(call.x, k, 'c')}
      x_tile[(row * ${s.stagedCols}u + col) * ${s.pitch}u + ch] = ${value};
    }`;
}

/** dy as [pixel][output quad], zero outside the image and beyond the last channel. */
function stageDy(s: Shape, dy: string): string {
  const quads = (s.groups * s.outputs) / 4;
  return `
    for (var i = li; i < ${s.rows * s.cols * quads}u; i += ${s.threads}u) {
      let col = i % ${s.cols}u;
      let row = (i / ${s.cols}u) % ${s.rows}u;
      let quad = i / ${s.cols * s.rows}u;
      var v = vec4<f32>();
      if (y0 + row < dy_height && x0 + col < dy_width) {
        for (var j = 0u; j < 4u; j++) {
          let o = first_output + quad * 4u + j;
          if (o < dy_channels) { v[j] = ${dy}[dy_offset + (o * dy_height + y0 + row) * dy_width + x0 + col]; }
        }
      }
      dy_tile[(row * ${s.cols}u + col) * ${quads}u + quad] = v;
    }`;
}

const sumName = (input: number, tap: number, quad: number) => `a${input}_${tap}_${quad}`;

/** One row of a strip: the window of x slides along it. */
function accumulateRow(s: Shape): string {
  const quads = s.outputs / 4;
  const all = (s.groups * s.outputs) / 4;
  const inputs = Array.from({ length: s.inputs }, (_, i) => i);
  const taps = Array.from({ length: s.kernel }, (_, i) => i);
  const load = (at: string, input: number) => `x_tile[x_base + (${at}) * ${s.pitch}u + ${input * s.lanes}u]`;
  const sums = (col: string, v: (tap: number, input: number) => string) => [
    ...Array.from({ length: quads }, (_, q) => `let d${q} = dy_tile[dy_base + ${col} * ${all}u + ${q}u];`),
    ...inputs.flatMap((i) =>
      taps.flatMap((tap) =>
        Array.from({ length: quads }, (_, q) => `${sumName(i, tap, q)} += ${v(tap, i)} * d${q};`),
      ),
    ),
  ];
  const lines: string[] = [];
  for (let col = 0; col < s.cols; col++) {
    const from = col === 0 ? 0 : Math.max(col * s.stride, (col - 1) * s.stride + s.kernel);
    for (let at = from; at < col * s.stride + s.kernel; at++)
      for (const i of inputs) lines.push(`let v${at}_${i} = ${load(`${at}u`, i)};`);
    lines.push('{', ...sums(`${col}u`, (tap, i) => `v${col * s.stride + tap}_${i}`), '}');
  }
  return lines.join('\n      ');
}

/** Every sum of a thread, zeroed. */
function declareSums(s: Shape): string {
  const names: string[] = [];
  for (let input = 0; input < s.inputs; input++)
    for (let tap = 0; tap < s.kernel; tap++)
      for (let quad = 0; quad < s.outputs / 4; quad++) names.push(sumName(input, tap, quad));
  return names.map((name) => `var ${name} = vec4<f32>();`).join(' ');
}

/** Writes a thread's sums into its share, in the weight's own layout. */
function storeSums(call: ConvBackwardWeightCall, s: Shape, out: string): string {
  const lines: string[] = [];
  const ragged = call.dy.channels % (s.groups * s.outputs) !== 0;
  for (let input = 0; input < s.inputs; input++) {
    lines.push(`if (first_input + lid.x + ${input * s.lanes}u < x_channels) {
      var at = share + (o * x_channels + first_input + lid.x + ${input * s.lanes}u) * ${s.kernel ** 2}u + lid.y * ${s.kernel}u;`);
    for (let j = 0; j < s.outputs; j++) {
      const stores = Array.from(
        { length: s.kernel },
        (_, tap) => `${out}[at + ${tap}u] = ${sumName(input, tap, j >> 2)}[${j & 3}];`,
      ).join(' ');
      lines.push(ragged ? `if (o + ${j}u < dy_channels) { ${stores} }` : stores);
      lines.push(`at += x_channels * ${s.kernel ** 2}u;`);
    }
    lines.push('}');
  }
  return lines.join('\n    ');
}

interface Split {
  readonly shares: number;
  readonly perShare: number;
  readonly strips: number;
  readonly biases: number;
}

function build(
  call: ConvBackwardWeightCall,
  s: Shape,
  split: Split,
  partials: BufferRef,
  offset: number,
): Kernel {
  const { x, dy, kernel } = call;
  const k = new KernelBuilder();
  const [xs, dys, out] = [k.read(planRef(x.buffer)), k.read(planRef(dy.buffer)), k.write(partials)];
  declareSizes(call, k);
  k.workgroup('x_tile', 'f32', s.stagedRows * s.stagedCols * s.pitch);
  k.workgroup('dy_tile', 'vec4<f32>', (s.rows * s.cols * s.groups * s.outputs) / 4);
  const size = dy.channels * x.channels * kernel ** 2;
  k.u32('out_offset', offset);
  k.u32('share_floats', size + split.biases);
  k.u32('weight_floats', size);
  k.u32('per_share', split.perShare);
  k.u32('strips', split.strips);
  k.u32('strips_across', ceilDiv(dy.width, s.cols));
  const [inputs, outputs] = [s.lanes * s.inputs, s.groups * s.outputs];
  const bias = `
    if (wg.x == 0u && li < ${outputs / 4}u) {
      for (var p = 0u; p < ${s.rows * s.cols}u; p++) { bias_sum += dy_tile[p * ${outputs / 4}u + li]; }
    }`;
  const storeBias = `
  if (wg.x == 0u && li < ${outputs / 4}u) {
    for (var j = 0u; j < 4u; j++) {
      let channel = first_output + li * 4u + j;
      if (channel < dy_channels) { ${out}[share + weight_floats + channel] = bias_sum[j]; }
    }
  }`;
  const body = `
  let first_input = wg.x * ${inputs}u;
  let first_output = wg.y * ${outputs}u;
  let share = out_offset + wg.z * share_floats;
  let o = first_output + lid.z * ${s.outputs}u;
  var bias_sum = vec4<f32>();
  ${declareSums(s)}
  for (var strip = wg.z * per_share; strip < min(strips, (wg.z + 1u) * per_share); strip++) {
    let y0 = (strip / strips_across) * ${s.rows}u;
    let x0 = (strip % strips_across) * ${s.cols}u;
    ${stageX(call, s, xs, k)}
    ${stageDy(s, dys)}
    workgroupBarrier();
    for (var row = 0u; row < ${s.rows}u; row++) {
      let x_base = (row * ${s.stride}u + lid.y) * ${s.stagedCols * s.pitch}u + lid.x;
      let dy_base = row * ${(s.cols * outputs) / 4}u + lid.z * ${s.outputs / 4}u;
      ${accumulateRow(s)}
    }
    ${split.biases > 0 ? bias : ''}
    workgroupBarrier();
  }
  ${storeSums(call, s, out)}
  ${split.biases > 0 ? storeBias : ''}`;
  return k.finish({
    label: `convBackwardWeight ${kernel}×${kernel}${s.stride > 1 ? ' ÷2' : ''} ${shapeText(x)} to ${dy.channels}`,
    size: [s.lanes, kernel, s.groups],
    workgroups: [ceilDiv(x.channels, inputs), ceilDiv(dy.channels, outputs), split.shares],
    work: size * dy.height * dy.width,
    body,
  });
}
