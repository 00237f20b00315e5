import sharp from 'sharp';
import { CAP_HEIGHT, letteringPath } from '../../shared/lettering.ts';
import { type Rgb, shrinkToFit } from '../../shared/rgb.ts';

/** A picture and what stands under it. */
export interface Cell {
  readonly label: string;
  readonly image: Rgb;
}

interface SheetLayout {
  /** Of a page, px. */
  readonly width: number;
  readonly height: number;
  /** Longest side of a picture, px: larger ones are reduced, smaller ones enlarged by whole pixels. */
  readonly side: number;
}

const CONTACT: SheetLayout = { width: 1600, height: 1600, side: 220 };
const GAP = 8;
const LABEL = 10;

interface Placed {
  readonly cell: Cell;
  readonly zoom: number;
  readonly left: number;
  readonly top: number;
}

/** Puts pictures in rows, row by row, on as many pages as it takes; PNG files. */
export async function contactSheets(
  cells: readonly Cell[],
  layout: SheetLayout = CONTACT,
): Promise<Buffer[]> {
  const pages: Placed[][] = [[]];
  let [x, y, row] = [GAP, GAP, 0];
  for (const { label, image } of cells) {
    const shown = shrinkToFit(image, layout.side);
    const zoom = Math.max(1, Math.floor(layout.side / Math.max(shown.width, shown.height, layout.side / 8)));
    const [width, height] = [shown.width * zoom, shown.height * zoom + LABEL];
    if (x + width + GAP > layout.width) [x, y, row] = [GAP, y + row + GAP, 0];
    if (y + height + GAP > layout.height) {
      pages.push([]);
      [x, y, row] = [GAP, GAP, 0];
    }
    pages.at(-1)?.push({ cell: { label, image: shown }, zoom, left: x, top: y });
    x += width + GAP;
    row = Math.max(row, height);
  }
  return Promise.all(pages.map((page) => draw(page, layout.width)));
}

async function draw(placed: readonly Placed[], width: number): Promise<Buffer> {
  const bottom = ({ top, cell, zoom }: Placed) => top + cell.image.height * zoom + LABEL + GAP;
  const height = Math.max(...placed.map(bottom));
  const pictures = await Promise.all(
    placed.map(async ({ cell: { image }, zoom, left, top }) => {
      const { width: w, height: h, data } = image;
      const enlarged = sharp(data, { raw: { width: w, height: h, channels: 3 } })
        .resize(w * zoom, h * zoom, { kernel: 'nearest' })
        .png({ compressionLevel: 1 });
      return { input: await enlarged.toBuffer(), left, top };
    }),
  );
  const d = placed
    .map(({ cell, left, top, zoom }) =>
      letteringPath(cell.label, left, top + cell.image.height * zoom + LABEL - CAP_HEIGHT, 1),
    )
    .join('');
  const labels = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><path d="${d}" fill="none" stroke="#fff" stroke-width=".9"/></svg>`;
  return sharp({ create: { width, height, channels: 3, background: '#555' } })
    .composite([...pictures, { input: Buffer.from(labels), left: 0, top: 0 }])
    .png()
    .toBuffer();
}
