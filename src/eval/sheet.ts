import sharp from 'sharp';
import { type Panel, sideBySide } from '../shared/side-by-side.ts';

/** Rows of pictures under their labels, one below the other, as a PNG file. */
export async function stackedSheet(rows: readonly (readonly Panel[])[]): Promise<Buffer> {
  const strips = await Promise.all(
    rows.map(async (panels) => (await sideBySide(panels)).png().toBuffer({ resolveWithObject: true })),
  );
  let top = 0;
  const placed = strips.map(({ data, info }) => {
    const at = { input: data, left: 0, top };
    top += info.height;
    return at;
  });
  const width = Math.max(...strips.map(({ info }) => info.width));
  return sharp({ create: { width, height: top, channels: 3, background: '#f5f5f5' } })
    .composite(placed)
    .png({ compressionLevel: 9, adaptiveFiltering: true })
    .toBuffer();
}
