import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PlanarImage } from '../../engine/options.ts';
import { type Rgb, rgbOfPlanes } from '../../shared/rgb.ts';
import { type Cell, contactSheets } from '../corpus/sheet.ts';
import type { HarmRow } from './measure.ts';
import { gain } from './report.ts';

/** A row, and what it was measured on. */
export interface Shown {
  readonly row: HarmRow;
  readonly cell: Cell;
}

/** A measurement with what it was made of, for a contact sheet. */
export const shownOf = (row: HarmRow, input: PlanarImage, image: PlanarImage, clean: PlanarImage): Shown => ({
  row,
  cell: { label: labelOf(row), image: triptych(input, image, clean) },
});

function labelOf(row: HarmRow): string {
  const strokes = row.result?.strokes?.ofInput;
  const share = strokes === undefined ? '' : ` ${Math.round(100 * strokes)}%`;
  return `${row.picture} ${row.damage} ${row.quality} ${row.result ? gain(row.result).toFixed(2) : ''}${share}`;
}

/** A window of this side, px, around the middle of each, so that letters can be read. */
const WINDOW = 160;

/** Damaged, restored and undamaged side by side. */
function triptych(...images: readonly PlanarImage[]): Rgb {
  const parts = images.map(rgbOfPlanes);
  const [w, h] = [Math.min(WINDOW, parts[2].width), Math.min(WINDOW, parts[2].height)];
  const width = w * parts.length + 2 * (parts.length - 1);
  const data = new Uint8Array(3 * width * h).fill(128);
  parts.forEach((part, i) => {
    const [left, top] = [(part.width - w) >> 1, (part.height - h) >> 1];
    for (let y = 0; y < h; y++) {
      const from = 3 * ((y + top) * part.width + left);
      data.set(part.data.subarray(from, from + 3 * w), 3 * (y * width + i * (w + 2)));
    }
  });
  return { data, width, height: h };
}

/** Contact sheets, the worst first. */
export async function writeSheets(folder: string, shown: readonly Shown[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  const worst = shown.toSorted((a, b) => gain(a.row.result!) - gain(b.row.result!));
  if (worst.length === 0) return;
  const pages = await contactSheets(
    worst.map(({ cell }) => cell),
    { width: 1600, height: 1600, side: 3 * WINDOW + 4 },
  );
  await Promise.all(pages.map((page, i) => writeFile(join(folder, `${i + 1}.png`), page)));
  console.log(`${folder}: ${worst.length} pictures, ${pages.length} contact sheets.`);
}
