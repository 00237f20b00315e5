import type { Box } from '../../engine/image/box.ts';
import { CONTEXT, contextOf } from '../../engine/image/context.ts';
import type { FillArea } from './mask.ts';

/** Below this many pixels a fill looks at the whole image: cutting would save little and lose context. */
const WHOLE_BELOW = 512 * 512;
/** Context kept around the area on every side at least, px. */
const MIN_CONTEXT = 64;
/** The crop is never smaller than this, px: the network needs room for its scales. */
const MIN_SIDE = 192;

/** The part of the image a fill has to look at: the area's box with as much around it as the engine copies from. */
export function fillCrop({ width, height, box }: FillArea): Box {
  if (width * height <= WHOLE_BELOW) return { x: 0, y: 0, width, height };
  const margin = Math.max(MIN_CONTEXT, contextOf(box, CONTEXT.sources));
  const [x, w] = span(box.x, box.width, width, margin);
  const [y, h] = span(box.y, box.height, height, margin);
  return { x, y, width: w, height: h };
}

function span(from: number, length: number, size: number, margin: number): [start: number, length: number] {
  const wanted = Math.min(size, Math.max(MIN_SIDE, length + 2 * margin));
  const start = Math.min(size - wanted, Math.max(0, Math.round(from + length / 2 - wanted / 2)));
  return [start, wanted];
}

export interface Raster {
  readonly data: Uint8ClampedArray<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
}

/** The image with a patch laid into a box of it, by a weight 0 … 255 a pixel; where that is 0 it stays bit-identical. */
export function layPatch(image: Raster, patch: Raster, box: Box, weight: Uint8Array): Raster {
  const data = image.data.slice();
  for (let y = 0, from = 0; y < patch.height; y++)
    for (let x = 0; x < patch.width; x++, from += 4) {
      const at = (box.y + y) * image.width + box.x + x;
      const share = weight[at]! / 255;
      if (share === 0) continue;
      for (let c = 0; c < 4; c++) {
        const before = data[4 * at + c]!;
        data[4 * at + c] = Math.round(before + share * (patch.data[from + c]! - before));
      }
    }
  return { data, width: image.width, height: image.height };
}
