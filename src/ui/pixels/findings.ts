import type { Raster } from './crop.ts';

export interface Findings {
  /** Standard deviation of the noise, 1/255; below about 2 it is not worth a word. */
  readonly noise: number;
  /** Whether the noise is spread over neighbouring pixels (film grain, an enlarged scan) rather than single ones. */
  readonly coarse: boolean;
  /** libjpeg's quality of the file, 1 … 100. */
  readonly jpegQuality: number | undefined;
}

/** Sides of the patch looked at: enough pixels for a steady median, few enough for an instant answer. */
const PATCH = 512;

/**
 * Noise by the median absolute deviation of the finest diagonal Haar coefficients (Donoho & Johnstone 1994) of green,
 * the channel that weighs most for the eye, at full and at half size; texture counts as noise, so it is an upper bound.
 */
export function findDamage(image: Raster, jpegQuality: number | undefined): Findings {
  const width = Math.min(image.width, PATCH) & ~1;
  const height = Math.min(image.height, PATCH) & ~1;
  const left = (image.width - width) >> 1;
  const top = (image.height - height) >> 1;
  const green = new Float32Array(width * height);
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++) {
      green[i] = image.data[((top + y) * image.width + left + x) * 4 + 1]!;
    }
  const fine = diagonalDeviation(green, width, height);
  const half = halve(green, width, height);
  const broad = diagonalDeviation(half, width >> 1, height >> 1);
  // Averaging 2×2 independent samples halves their deviation; noise that hardly shrinks has neighbours in step.
  return { noise: fine, coarse: fine > 2 && broad > 0.8 * fine, jpegQuality };
}

function diagonalDeviation(plane: Float32Array, width: number, height: number): number {
  const found: number[] = [];
  for (let y = 0; y + 1 < height; y += 2)
    for (let x = 0; x + 1 < width; x += 2) {
      const i = y * width + x;
      found.push(Math.abs(plane[i]! - plane[i + 1]! - plane[i + width]! + plane[i + width + 1]!) / 2);
    }
  if (found.length === 0) return 0;
  // Flat borders and clipped skies have no noise at all; they must not hide it elsewhere.
  const live = Float32Array.from(found.filter((value) => value > 0)).sort();
  const values = live.length * 4 > found.length ? live : Float32Array.from(found).sort();
  return values[values.length >> 1]! / 0.6745;
}

function halve(plane: Float32Array, width: number, height: number): Float32Array {
  const w = width >> 1;
  const out = new Float32Array(w * (height >> 1));
  for (let y = 0; y < height >> 1; y++)
    for (let x = 0; x < w; x++) {
      const i = 2 * y * width + 2 * x;
      out[y * w + x] = (plane[i]! + plane[i + 1]! + plane[i + width]! + plane[i + width + 1]!) / 4;
    }
  return out;
}
