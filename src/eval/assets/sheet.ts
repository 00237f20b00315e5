import sharp from 'sharp';
import type { Box } from '../../engine/image/box.ts';
import type { PlanarImage } from '../../engine/options.ts';
import { type Rgb, rgbOfPlanes } from '../../shared/rgb.ts';
import { type Cell, contactSheets } from '../corpus/sheet.ts';

/** What is shown of a drawing at most, px of it. */
const SHOWN = { width: 26, height: 20 };
/** Between results, px. */
const GAP = 4;
const COLUMNS = 3;

/**
 * The results of one drawing side by side, all of one size, `scale` times the drawing's, at their own pixels: the part of
 * which the last one has most to show.
 */
export function cellOf(label: string, results: readonly PlanarImage[], scale: number): Cell {
  const images = results.map(rgbOfPlanes);
  const part = richestPart(images[images.length - 1], scale);
  const { width, height } = part;
  const across = images.length * (width + GAP) - GAP;
  const data = new Uint8Array(across * height * 3).fill(255);
  images.forEach((image, i) => {
    for (let y = 0; y < height; y++) {
      const from = 3 * ((part.y + y) * image.width + part.x);
      data.set(image.data.subarray(from, from + 3 * width), 3 * (y * across + i * (width + GAP)));
    }
  });
  return { label, image: { data, width: across, height } };
}

/** Of parts a quarter of their size apart, the one with the greatest differences between neighbours. */
function richestPart(image: Rgb, scale: number): Box {
  const width = Math.min(image.width, Math.round(SHOWN.width * scale));
  const height = Math.min(image.height, Math.round(SHOWN.height * scale));
  let [richest, most] = [{ x: 0, y: 0, width, height }, -1];
  for (let y = 0; y + height <= image.height; y += Math.ceil(height / 4))
    for (let x = 0; x + width <= image.width; x += Math.ceil(width / 4)) {
      const here = { x, y, width, height };
      const detail = detailIn(image, here);
      if (detail > most) [richest, most] = [here, detail];
    }
  return richest;
}

function detailIn({ data, width }: Rgb, box: Box): number {
  let sum = 0;
  for (let y = box.y; y < box.y + box.height - 1; y++)
    for (let i = 3 * (y * width + box.x); i < 3 * (y * width + box.x + box.width - 1); i++)
      sum += Math.abs(data[i + 3] - data[i]) + Math.abs(data[i + 3 * width] - data[i]);
  return sum;
}

/** All cells on one page, a PNG file. */
export async function pageOf(cells: readonly Cell[]): Promise<Buffer> {
  const side = Math.max(...cells.map(({ image }) => Math.max(image.width, image.height)));
  const layout = { width: COLUMNS * (side + 8) + 8, height: Number.POSITIVE_INFINITY, side };
  const [page] = await contactSheets(cells, layout);
  return sharp(page).png({ compressionLevel: 9, adaptiveFiltering: false }).toBuffer();
}
