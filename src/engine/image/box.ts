import type { Picture } from './picture.ts';

/** Pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A rectangle of pixels. */
export interface Box extends Size {
  readonly x: number;
  readonly y: number;
}

/** A box widened by `margin` px on every side, inside an image of width × height. */
export function growBox(box: Box, margin: number, width: number, height: number): Box {
  const [x, y] = [Math.max(0, box.x - margin), Math.max(0, box.y - margin)];
  return {
    x,
    y,
    width: Math.min(width, box.x + box.width + margin) - x,
    height: Math.min(height, box.y + box.height + margin) - y,
  };
}

/** The smallest box around what is more than `above`; undefined where nothing is. */
export function boxAround(plane: Uint8Array, width: number, height: number, above = 0): Box | undefined {
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++) {
      if (plane[i] <= above) continue;
      if (x < left) left = x;
      if (x >= right) right = x + 1;
      if (y < top) top = y;
      bottom = y + 1;
    }
  return bottom > 0 ? { x: left, y: top, width: right - left, height: bottom - top } : undefined;
}

/** Pixels that two boxes share. */
export function sharedArea(a: Box, b: Box): number {
  const along = (p: number, n: number, q: number, m: number) =>
    Math.max(0, Math.min(p + n, q + m) - Math.max(p, q));
  return along(a.x, a.width, b.x, b.width) * along(a.y, a.height, b.y, b.height);
}

/** The part of a plane inside a box. */
export function cutPlane<T extends Float32Array | Uint8Array | Uint8ClampedArray>(
  plane: T,
  stride: number,
  box: Box,
): T {
  const out = plane.slice(0, box.width * box.height) as T;
  for (let y = 0; y < box.height; y++) {
    const from = (box.y + y) * stride + box.x;
    out.set(plane.subarray(from, from + box.width), y * box.width);
  }
  return out;
}

/** The part of RGBA side by side inside a box. */
export function cutRaster<T extends Uint8Array | Uint8ClampedArray>(
  { data, width }: { readonly data: T; readonly width: number; readonly height: number },
  { x, y, width: w, height }: Box,
) {
  return { data: cutPlane(data, 4 * width, { x: 4 * x, y, width: 4 * w, height }), width: w, height };
}

/** The part of a picture inside a box. */
export function cutPicture(picture: Picture, box: Box): Picture {
  const n = picture.width * picture.height;
  const colour = new Float32Array(picture.channels * box.width * box.height);
  for (let c = 0; c < picture.channels; c++) {
    const plane = picture.colour.subarray(c * n, (c + 1) * n);
    colour.set(cutPlane(plane, picture.width, box), c * box.width * box.height);
  }
  const alpha = picture.alpha && cutPlane(picture.alpha, picture.width, box);
  return { width: box.width, height: box.height, channels: picture.channels, colour, alpha };
}

/** Overwrites the colour inside a box. */
export function paste({ channels, width, height, colour }: Picture, box: Box, patch: Float32Array): void {
  for (let row = 0; row < channels * box.height; row++) {
    const [c, y] = [Math.floor(row / box.height), row % box.height];
    const line = patch.subarray(row * box.width, (row + 1) * box.width);
    colour.set(line, (c * height + box.y + y) * width + box.x);
  }
}
