import type { Picture } from '../image/picture.ts';

/** Luma and the two colour differences of RGB (ITU-T T.871, full range), in 0 … 255 and ± 128; of grey, luma alone. */
export type Planes = readonly Float32Array[];

/** Planes [height, width] each of colour planes [channels, height, width] in [0, 1]; luma is less 128, as JPEG has it. */
export function toPlanes(colour: Float32Array, channels: Picture['channels']): Planes {
  if (channels < 3) return [colour.map((value) => 255 * value - 128)];
  const n = colour.length / channels;
  const [y, cb, cr] = [new Float32Array(n), new Float32Array(n), new Float32Array(n)];
  for (let i = 0; i < n; i++) {
    const r = 255 * colour[i];
    const g = 255 * colour[n + i];
    const b = 255 * colour[2 * n + i];
    const luma = 0.299 * r + 0.587 * g + 0.114 * b;
    y[i] = luma - 128;
    cb[i] = (b - luma) / 1.772;
    cr[i] = (r - luma) / 1.402;
  }
  return [y, cb, cr];
}

/** Colour of planes, [channels, height, width] in units of [0, 1], not clipped to them. */
export function fromPlanes(planes: Planes): Float32Array {
  const [y, cb, cr] = planes;
  const n = y.length;
  const colour = new Float32Array(planes.length * n);
  for (let i = 0; i < n; i++) {
    const luma = y[i] + 128;
    if (planes.length === 1) {
      colour[i] = luma / 255;
      continue;
    }
    colour[i] = (luma + 1.402 * cr[i]) / 255;
    colour[n + i] = (luma - (0.114 * 1.772 * cb[i] + 0.299 * 1.402 * cr[i]) / 0.587) / 255;
    colour[2 * n + i] = (luma + 1.772 * cb[i]) / 255;
  }
  return colour;
}

/** Colour within [0, 1], in place. */
export function limited(colour: Float32Array): Float32Array {
  for (let i = 0; i < colour.length; i++) colour[i] = Math.min(1, Math.max(0, colour[i]));
  return colour;
}
