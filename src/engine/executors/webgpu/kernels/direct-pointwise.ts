/**
 * 1×1 convolutions of direct.ts, and their input gradients: each reads a sample about once, so it reads the image
 * itself, in one row, and applies norm and activation on the way.
 */
import type { View } from '../../../plan/calls.ts';
import type { Context } from '../lowering.ts';
import {
  activate,
  type BufferRef,
  ceilDiv,
  type Kernel,
  KernelBuilder,
  planeSize,
  planRef,
} from '../wgsl.ts';
import { paddedChannels, QUAD, range, shareOf } from './direct-layout.ts';
import { type Stored, storeSums } from './direct-store.ts';
import { quadLoads } from './quads.ts';

const THREADS = 32;
const PIXELS = 32;

/** out (+)= W·view(x) + b at every pixel; `d` says where it goes. */
export function pointwiseKernel(
  d: Pick<Stored, 'out' | 'accumulate' | 'bias'> & { readonly label: string },
  x: View,
  weights: BufferRef,
  weightOffset: number,
  context: Context,
): Kernel {
  const plane = planeSize(x);
  const channels = shareOf(d.out.channels, 9);
  const padded = paddedChannels(d.out.channels, channels);
  // Source channels in each turn of the loop: keeping the sums from one turn to the next costs as much as four products.
  const slice = x.channels % 4 === 0 ? 4 : 1;
  const k = new KernelBuilder();
  const src = k.read(planRef(x.buffer));
  const packed = k.read(weights);
  const affine = x.affine === null ? null : k.read(planRef(x.affine));
  const blocks = ceilDiv(plane, PIXELS);
  const invocations = (blocks * padded) / channels;
  const workgroups = ceilDiv(invocations, THREADS);
  const grid = Math.min(workgroups, 32768);
  k.u32('grid', grid);
  k.u32('invocations', invocations);
  k.u32('blocks', blocks);
  k.u32('plane', plane);
  k.u32('x_offset', x.offset);
  k.u32('x_channels', x.channels);
  k.u32('weight_offset', weightOffset);
  k.u32('weight_channels', padded);
  const loads = quadLoads(k, context.profile, 's', src, slice * PIXELS, {
    offset: (item) => `(${item}) / ${PIXELS}u * plane + min(first + (${item}) % ${PIXELS}u, plane - 1u)`,
    map: (raw, item) => {
      const s = Math.floor(item / PIXELS);
      return activate(x.activation, affine === null ? raw : `(scale${s} * ${raw} + shift${s})`);
    },
  });
  const scales = range(slice).map(
    (s) => `let scale${s} = ${affine}[c + ${s}u]; let shift${s} = ${affine}[x_channels + c + ${s}u];`,
  );
  const sums = range(channels).flatMap((j) => range(PIXELS).map((p) => ({ name: `a${p}_${j}`, p, j })));
  const products = ({ name, p, j }: (typeof sums)[number]) =>
    range(slice).reduce((sum, s) => `(${sum} + s${s * PIXELS + p} * w${s}_${j})`, name);
  const body = `
  let index = (wg.y * grid + wg.x) * ${THREADS}u + li;
  if (index >= invocations) { return; }
  let lane = index % ${QUAD}u;
  let quad = index / ${QUAD}u;
  let block_x = quad % blocks;
  let block_y = 0u;
  let first = block_x * ${PIXELS}u;
  let first_channel = (quad / blocks * ${QUAD}u + lane) * ${channels}u;
  ${sums.map(({ name }) => `var ${name} = 0.0;`).join(' ')}
  ${loads.addresses}
  var weight_at = weight_offset + first_channel;
  for (var c = 0u; c < x_channels; c += ${slice}u) {
    let x_at = x_offset + c * plane;
    ${affine === null ? '' : scales.join('\n    ')}
    ${loads.at('x_at')}
    ${range(slice)
      .flatMap((s) =>
        range(channels).map(
          (j) => `let w${s}_${j} = ${packed}[weight_at + ${s}u * weight_channels + ${j}u];`,
        ),
      )
      .join('\n    ')}
    ${sums.map((sum) => `${sum.name} = ${products(sum)};`).join('\n    ')}
    weight_at += ${slice}u * weight_channels;
  }
  var sums: array<f32, ${sums.length}>;
  ${sums.map(({ name }, i) => `sums[${i}u] = ${name};`).join(' ')}
  ${storeSums({ ...d, ...inOneRow(d.out, plane, channels) }, k, context)}`;
  const work = d.out.channels * plane * x.channels;
  return k.finish({
    label: d.label,
    size: [THREADS, 1, 1],
    workgroups: [grid, ceilDiv(workgroups, grid), 1],
    work,
    body,
  });
}

const inOneRow = (out: Stored['out'], plane: number, channels: number) => ({
  block: { across: PIXELS, down: 1, channels },
  out: { ...out, height: 1, width: plane, image: { ...out.image, height: 1, width: plane } },
});
