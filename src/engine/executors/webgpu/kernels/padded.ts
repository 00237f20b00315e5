/**
 * What the direct convolutions read and write instead of the plan's buffers: planes with a border on every side, rows
 * in whole vec4s, the view's norm and activation already applied. So their inner loops have neither borders nor
 * activations, and layers of every kind share a pipeline. One pass over the image each, against hundreds of
 * multiply-adds a sample.
 */
import type { Slice, View } from '../../../plan/calls.ts';
import {
  activate,
  affineApply,
  affineLoad,
  type BufferRef,
  ceilDiv,
  type Kernel,
  KernelBuilder,
  planRef,
  shapeText,
} from '../wgsl.ts';

/** Where sample (c, y, x) of the image lies: float (c·rows + top + y)·4·quads + left + x. */
export interface Padded {
  readonly buffer: BufferRef;
  readonly channels: number;
  readonly rows: number;
  /** vec4s in a row. */
  readonly quads: number;
  readonly top: number;
  readonly left: number;
}

export function paddedPlanes(name: 'padded x' | 'padded dy', layout: Omit<Padded, 'buffer'>): Padded {
  const floats = layout.channels * layout.rows * layout.quads * 4;
  return { ...layout, buffer: { kind: 'scratch', name, floats } };
}

const THREADS = 32;

/** The sample a reflected border reads; planes may reach further than the border, so it is clamped as well. */
const reflected = (i: string, size: string) =>
  `u32(max(0, min(abs(${i}), 2 * (i32(${size}) - 1) - abs(${i}))))`;

/** Fills padded planes from a view: beyond the image with its reflection or with nothing. */
export function padKernel(view: View, border: 'reflect' | 'zero', to: Padded): Kernel {
  const k = new KernelBuilder();
  const x = k.read(planRef(view.buffer));
  const out = k.write(to.buffer, 'vec4f');
  const affine = affineLoad(view, k, 'c');
  k.u32('x_offset', view.offset);
  k.u32('height', view.height);
  k.u32('width', view.width);
  k.u32('rows', to.rows);
  k.u32('quads', to.quads);
  k.u32('top', to.top);
  k.u32('left', to.left);
  const value = (i: number) => {
    const sample = activate(view.activation, affineApply(view, `${x}[line + x${i}]`));
    if (border === 'reflect')
      return `let x${i} = ${reflected(`(col + ${i})`, 'width')}; v[${i}] = ${sample};`;
    // A negative column is a huge unsigned one.
    return `let x${i} = u32(col + ${i}); if (inside && x${i} < width) { v[${i}] = ${sample}; }`;
  };
  const body = `
  let c = wg.y;
  if (gid.x >= rows * quads) { return; }
  let row = i32(gid.x / quads) - i32(top);
  let col = i32((gid.x % quads) * 4u) - i32(left);
  ${border === 'reflect' ? `let y = ${reflected('row', 'height')};` : 'let y = u32(row); let inside = y < height;'}
  let line = x_offset + (c * height + y) * width;
  ${affine}
  var v = vec4<f32>();
  ${[0, 1, 2, 3].map(value).join('\n  ')}
  ${out}[c * rows * quads + gid.x] = v;`;
  const size = to.rows * to.quads;
  const kernel = k.finish({
    label: `pad ${shapeText(view)}`,
    size: [THREADS, 1, 1],
    workgroups: [ceilDiv(size, THREADS), to.channels, 1],
    work: size * 4 * to.channels,
    body,
  });
  return { ...kernel, fills: true };
}

/** The gradient of an image with a border of `pad`, of which only the border is used. */
export const borderOf = (image: Slice, pad: number): BufferRef => ({
  kind: 'scratch',
  name: 'border of dx',
  floats: image.channels * (image.height + 2 * pad) * (image.width + 2 * pad),
});

/** Adds the gradients of the border to the samples they mirror: dx has the image's own already. */
export function foldKernel(border: BufferRef, dx: Slice, pad: number): Kernel {
  const { height, width } = dx;
  const mirrored = (size: number) => (i: number) =>
    (i >= 1 && i <= pad) || (i < size - 1 && i >= size - 1 - pad);
  const [inRow, inCol] = [mirrored(height), mirrored(width)];
  const samples: number[] = [];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) if (inRow(y) || inCol(x)) samples.push(y * width + x);
  const k = new KernelBuilder();
  const list = k.read({ kind: 'constant', name: 'mirrored samples', data: Uint32Array.from(samples) }, 'u32');
  const padded = k.read(border);
  const out = k.write(planRef(dx.buffer));
  k.u32('samples', samples.length);
  k.u32('out_offset', dx.offset);
  k.u32('height', height);
  k.u32('width', width);
  k.u32('pad', pad);
  // The three places along an axis that may show sample i: itself, beyond the near edge, beyond the far edge.
  const body = `
  let c = wg.y;
  if (gid.x >= samples) { return; }
  let i = ${list}[gid.x];
  let y = i / width;
  let x = i % width;
  let pitch = width + 2u * pad;
  let plane = c * (height + 2u * pad) * pitch;
  let ys = vec3<u32>(y + pad, pad - y, pad + 2u * (height - 1u) - y);
  let xs = vec3<u32>(x + pad, pad - x, pad + 2u * (width - 1u) - x);
  let has_y = vec3<bool>(true, y >= 1u && y <= pad, y + 1u < height && y + 1u + pad >= height);
  let has_x = vec3<bool>(true, x >= 1u && x <= pad, x + 1u < width && x + 1u + pad >= width);
  var sum = 0.0;
  for (var a = 0u; a < 3u; a++) {
    for (var b = 0u; b < 3u; b++) {
      if (has_y[a] && has_x[b] && a + b > 0u) { sum += ${padded}[plane + ys[a] * pitch + xs[b]]; }
    }
  }
  ${out}[out_offset + c * height * width + i] += sum;`;
  return k.finish({
    label: `fold ${shapeText(dx)}`,
    size: [THREADS, 1, 1],
    workgroups: [ceilDiv(samples.length, THREADS), dx.channels, 1],
    work: samples.length * dx.channels,
    body,
  });
}
