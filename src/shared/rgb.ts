import type { PlanarImage, RasterImage } from '../engine/options.ts';

/** 8-bit RGB over white, what pictures for looking at are made of: [height, width, 3]. */
export interface Rgb {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

export function rgbOfPlanes({ planes, width, height }: PlanarImage): Rgb {
  const colours = planes.length < 3 ? [planes[0], planes[0], planes[0]] : planes.slice(0, 3);
  const alpha = planes.length === 4 ? planes[3] : undefined;
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++)
    for (let c = 0; c < 3; c++) {
      const a = alpha ? alpha[i] : 1;
      data[i * 3 + c] = Math.round(255 * Math.min(Math.max(colours[c][i] * a + 1 - a, 0), 1));
    }
  return { data, width, height };
}

export function rgbOfRaster({ data: rgba, width, height }: RasterImage): Rgb {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const a = rgba[i * 4 + 3] / 255;
    for (let c = 0; c < 3; c++) data[i * 3 + c] = Math.round(rgba[i * 4 + c] * a + 255 * (1 - a));
  }
  return { data, width, height };
}

/** Means over blocks of k × k pixels with the smallest k that brings both sides to `limit` px or less. */
export function shrinkToFit(image: Rgb, limit: number): Rgb {
  const k = Math.ceil(Math.max(image.width, image.height) / limit);
  if (k <= 1) return image;
  const [width, height] = [
    Math.max(1, Math.floor(image.width / k)),
    Math.max(1, Math.floor(image.height / k)),
  ];
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++) data[(y * width + x) * 3 + c] = blockMean(image, x * k, y * k, k, c);
  return { data, width, height };
}

function blockMean(image: Rgb, left: number, top: number, k: number, channel: number): number {
  let [sum, count] = [0, 0];
  for (let y = top; y < Math.min(top + k, image.height); y++)
    for (let x = left; x < Math.min(left + k, image.width); x++, count++)
      sum += image.data[(y * image.width + x) * 3 + channel];
  return Math.round(sum / count);
}
