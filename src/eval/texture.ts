import { distanceTo } from '../engine/image/distance.ts';
import type { Mask, PlanarImage } from '../engine/options.ts';

/** Texture is looked at that deep in a hole, and in a ring that far around it, px. */
const INSIDE = 3;
const [NEAR, FAR] = [2, 16];

/**
 * Mean squared step between neighbouring pixels in the holes, INSIDE px from their rims, over that in a ring around them: 1 = as
 * rough as what lies around, next to 0 = blurred. NaN where no hole is that deep.
 */
export function textureRatio({ planes, width, height }: PlanarImage, mask: Mask): number {
  const hole = Uint8Array.from(mask.data, (known) => (known <= 127 ? 1 : 0));
  const depth = distanceTo(
    hole.map((h) => 1 - h),
    width,
    height,
  );
  const away = distanceTo(hole, width, height);
  const sums = { inside: 0, insides: 0, ring: 0, rings: 0 };
  for (let y = 0; y + 1 < height; y++)
    for (let x = 0; x + 1 < width; x++) {
      const i = y * width + x;
      let steps = 0;
      for (const plane of planes)
        steps += (plane[i + 1] - plane[i]) ** 2 + (plane[i + width] - plane[i]) ** 2;
      if (depth[i] > INSIDE) {
        sums.inside += steps;
        sums.insides++;
      } else if (away[i] >= NEAR && away[i] <= FAR) {
        sums.ring += steps;
        sums.rings++;
      }
    }
  return sums.inside / sums.insides / (sums.ring / sums.rings);
}

/** Sides of a hole, as shares of the picture's shorter side: an ellipse. */
const [WIDE, TALL] = [0.3, 0.24];
/** Holes are cut where the undamaged picture is as rough as around, if any of so many places is. */
const TRIES = 64;

/** A hole somewhere in a picture, 255 = known; `random`: the next number in [0, 1). */
export function cutHole(clean: PlanarImage, random: () => number): Mask {
  const { width, height } = clean;
  const side = Math.min(width, height);
  const [w, h] = [WIDE * side, TALL * side];
  let mask: Mask | undefined;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const [x, y] = [w + random() * (width - 2 * w), h + random() * (height - 2 * h)];
    const data = Uint8Array.from({ length: width * height }, (_, i) =>
      ((2 * ((i % width) - x)) / w) ** 2 + ((2 * (Math.floor(i / width) - y)) / h) ** 2 < 1 ? 0 : 255,
    );
    mask = { data, width, height };
    const ratio = textureRatio(clean, mask);
    if (ratio > 0.8 && ratio < 1.25) break;
  }
  return mask!;
}
