import type { Picture } from './picture.ts';

/** A rectangle of pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
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

/** Pixels that two boxes share. */
export function sharedArea(a: Box, b: Box): number {
  const along = (p: number, n: number, q: number, m: number) =>
    Math.max(0, Math.min(p + n, q + m) - Math.max(p, q));
  return along(a.x, a.width, b.x, b.width) * along(a.y, a.height, b.y, b.height);
}

/** The part of a plane inside a box. */
export function cutPlane<T extends Float32Array | Uint8Array>(plane: T, stride: number, box: Box): T {
  const out = plane.slice(0, box.width * box.height) as T;
  for (let y = 0; y < box.height; y++) {
    const from = (box.y + y) * stride + box.x;
    out.set(plane.subarray(from, from + box.width), y * box.width);
  }
  return out;
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
