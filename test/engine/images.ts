import type { PlanarImage, RasterImage } from '../../src/engine/index.ts';
import { normal, streamKey } from '../../src/engine/random.ts';

/** A smooth colour picture with an edge, 8-bit RGBA, opaque. */
export function cleanRaster(width: number, height: number): RasterImage & { data: Uint8ClampedArray } {
  const data = new Uint8ClampedArray(4 * width * height);
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    const edge = x + 2 * y > width ? 40 : -30;
    for (let c = 0; c < 3; c++) data[4 * i + c] = 128 + edge + 60 * Math.sin(x / 4 + c) * Math.cos(y / 5);
    data[4 * i + 3] = 255;
  }
  return { data, width, height };
}

/** The picture with noise of standard deviation sigma (in 1/255), clipped. */
export function noisy(
  { data, width, height }: RasterImage,
  sigma: number,
  seed = 1,
): RasterImage & { data: Uint8ClampedArray } {
  const key = streamKey(seed, 1);
  const out = Uint8ClampedArray.from(data, (value, i) =>
    i % 4 === 3 ? value : value + sigma * normal(key, i),
  );
  return { data: out, width, height };
}

/** Planes of a raster, without alpha. */
export function planar({ data, width, height }: RasterImage): PlanarImage {
  const plane = (c: number) => Float32Array.from({ length: width * height }, (_, i) => data[4 * i + c] / 255);
  return { planes: [plane(0), plane(1), plane(2)], width, height };
}
