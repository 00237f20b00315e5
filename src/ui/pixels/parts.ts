import type { Raster } from './crop.ts';
import type { Box } from './mask.ts';

/** Pixels over which two neighbouring parts fade into each other. */
export const OVERLAP = 48;

/** JPEG's blocks: what the whole image says of them must hold in its parts. */
const GRID = 8;

/**
 * Cuts a box into a grid of parts of at most about `maxPixels`, overlapping, row by row; one part if it fits. They
 * start on JPEG's grid, counted from the box.
 */
export function cutIntoParts(box: Box, maxPixels: number): Box[] {
  if (box.width * box.height <= maxPixels) return [box];
  const side = Math.max(4 * OVERLAP, Math.floor(Math.sqrt(maxPixels)));
  const rows = spans(box.y, box.height, Math.max(side, Math.floor(maxPixels / Math.min(side, box.width))));
  const columns = spans(box.x, box.width, side);
  return rows.flatMap(([y, height]) => columns.map(([x, width]) => ({ x, y, width, height })));
}

function spans(from: number, length: number, side: number): [start: number, length: number][] {
  if (length <= side) return [[from, length]];
  const count = Math.ceil((length - OVERLAP) / (side - OVERLAP));
  const each = Math.ceil((length + (count - 1) * OVERLAP) / count);
  return Array.from({ length: count }, (_, i) => {
    const end = each + Math.round((i * (length - each)) / (count - 1));
    const start = Math.floor((end - each) / GRID) * GRID;
    return [from + start, end - start];
  });
}

/** What parts are laid into: a picture that starts as `base`, and how much weight every pixel has got so far. */
export interface Canvas {
  readonly picture: Raster;
  readonly base: Raster;
  /** Only where several parts meet. */
  readonly sums: Float32Array | undefined;
}

export interface LaidPart {
  readonly patch: Raster;
  /** Place of the patch's left top corner. */
  readonly x: number;
  readonly y: number;
  /** Pixels over which it fades towards each of its sides. */
  readonly fade: number;
  /** How much of each pixel of the picture may change, 0 … 255; absent = all. */
  readonly weight?: Uint8Array;
}

/**
 * Lays a part into the picture. Every pixel becomes the mean of the parts that cover it, weighted by their distance
 * from their own sides, so that no side is to be seen; pixels of weight 0 stay bit-identical.
 */
export function layPart(
  { picture, base, sums }: Canvas,
  { patch, x: left, y: top, fade, weight }: LaidPart,
): void {
  const width = Math.min(patch.width, picture.width - left);
  const height = Math.min(patch.height, picture.height - top);
  const ramp = (at: number, length: number) => Math.min(1, (at + 1) / (fade + 1), (length - at) / (fade + 1));
  for (let y = 0; y < height; y++) {
    const down = ramp(y, height);
    for (let x = 0; x < width; x++) {
      const to = (top + y) * picture.width + left + x;
      const change = weight ? weight[to]! / 255 : 1;
      if (change === 0) continue;
      let share = 1;
      if (sums) {
        const own = down * ramp(x, width);
        sums[to]! += own;
        share = own / sums[to]!;
      }
      const from = 4 * (y * patch.width + x);
      for (let c = 0; c < 4; c++) {
        const i = 4 * to + c;
        const wanted =
          change === 1 ? patch.data[from + c]! : mix(base.data[i]!, patch.data[from + c]!, change);
        picture.data[i] = Math.round(mix(picture.data[i]!, wanted, share));
      }
    }
  }
}

function mix(a: number, b: number, share: number): number {
  return a + share * (b - a);
}
