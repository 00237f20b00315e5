// Pictures that are all alpha: one colour throughout, and the shape or the shades in its transparency (a shadow, an
// inked signature, a brush). Their colour planes hold nothing to learn from, so alpha itself is worked on, as grey.
import type { Raster } from './crop.ts';

/** Alpha as an opaque grey picture; undefined where colour tells anything. */
export function stencilOf({ data, width, height }: Raster): Raster | undefined {
  let first = -1;
  let [least, most] = [255, 0];
  for (let i = 0; i < data.length; i += 4) {
    const alpha = data[i + 3]!;
    least = Math.min(least, alpha);
    most = Math.max(most, alpha);
    if (alpha === 0) continue;
    if (first < 0) first = i;
    for (let c = 0; c < 3; c++) if (data[i + c] !== data[first + c]) return undefined;
  }
  if (least === most) return undefined;
  const grey = new Uint8ClampedArray(data.length).fill(255);
  for (let i = 0; i < data.length; i += 4) grey.fill(data[i + 3]!, i, i + 3);
  return { data: grey, width, height };
}

/** A worked-on grey picture as alpha again, in the colours of the original, also in another size. */
export function fromStencil({ data, width, height }: Raster, original: Raster): Raster {
  const same = width === original.width && height === original.height;
  const out = same ? original.data.slice() : new Uint8ClampedArray(data.length);
  const visible = original.data.findIndex((value, i) => i % 4 === 3 && value > 0) - 3;
  const colour = original.data.subarray(visible, visible + 3);
  for (let i = 0; i < data.length; i += 4) {
    // What was invisible may have any colour, and keeps it as long as it stays invisible.
    const kept = same && (original.data[i + 3]! > 0 || data[i] === 0);
    if (!kept) out.set(colour, i);
    out[i + 3] = data[i]!;
  }
  return { data: out, width, height };
}
