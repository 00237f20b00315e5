/**
 * What the direct convolutions read and write instead of the plan's buffers: planes with a border on every side, rows
 * in whole vec4s, the view's norm and activation already applied. So their inner loops have neither borders nor
 * activations, and layers of every kind share a pipeline. One pass over the image each, against hundreds of
 * multiply-adds a sample.
 */
import type { Slice, View } from '../../../plan/plan.ts';
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
import { assign } from './elementwise.ts';

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

export function paddedPlanes(
  name: 'padded x' | 'padded dy' | 'padded dx',
  layout: Omit<Padded, 'buffer'>,
): Padded {
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
  const kernel = k.finish(
    `pad ${shapeText(view)}`,
    [THREADS, 1, 1],
    [ceilDiv(size, THREADS), to.channels, 1],
    size * 4 * to.channels,
    body,
  );
  return { ...kernel, fills: true };
}

/** dx (+)= the gradient of the padded planes, with what lies on the border added to the samples it mirrors. */
export function foldKernel(from: Padded, dx: Slice, accumulate: boolean): Kernel {
  const k = new KernelBuilder();
  const padded = k.read(from.buffer);
  const out = k.write(planRef(dx.buffer));
  k.u32('out_offset', dx.offset);
  k.u32('height', dx.height);
  k.u32('width', dx.width);
  k.u32('rows', from.rows);
  k.u32('pitch', from.quads * 4);
  k.u32('pad', from.left);
  // The three places along an axis that may show sample i: itself, beyond the near edge, beyond the far edge.
  const body = `
  let c = wg.y;
  let i = gid.x;
  if (i >= height * width) { return; }
  let y = i / width;
  let x = i % width;
  let plane = c * rows * pitch;
  let near_y = y >= 1u && y <= pad;
  let near_x = x >= 1u && x <= pad;
  let far_y = y + 1u < height && y + 1u + pad >= height;
  let far_x = x + 1u < width && x + 1u + pad >= width;
  var sum = ${padded}[plane + (y + pad) * pitch + x + pad];
  if (near_y || near_x || far_y || far_x) {
    sum = 0.0;
    let ys = vec3<u32>(y + pad, pad - y, pad + 2u * (height - 1u) - y);
    let xs = vec3<u32>(x + pad, pad - x, pad + 2u * (width - 1u) - x);
    let has_y = vec3<bool>(true, near_y, far_y);
    let has_x = vec3<bool>(true, near_x, far_x);
    for (var a = 0u; a < 3u; a++) {
      for (var b = 0u; b < 3u; b++) {
        if (has_y[a] && has_x[b]) { sum += ${padded}[plane + ys[a] * pitch + xs[b]]; }
      }
    }
  }
  ${assign(`${out}[out_offset + c * height * width + i]`, accumulate, 'sum')}`;
  const plane = dx.height * dx.width;
  return k.finish(
    `fold ${shapeText(dx)}`,
    [THREADS, 1, 1],
    [ceilDiv(plane, THREADS), dx.channels, 1],
    plane * dx.channels,
    body,
  );
}
