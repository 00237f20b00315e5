import sharp, { type Sharp } from 'sharp';
import { CAP_HEIGHT, letteringPath, letteringWidth } from './lettering.ts';
import type { Rgb } from './rgb.ts';

export interface Panel {
  readonly label: string;
  readonly image: Rgb;
}

const GAP = 8;
const STRIP = 28;
const INK = '#202124';
/** librsvg draws no wider than 32767 px. */
const WIDEST_LABEL = 8192;
/** Small images are enlarged by whole pixels to at least this width. */
const MIN_WIDTH = 160;

/** The size of so many pictures side by side, the largest of which is that wide and high. */
export function sheetSize(count: number, { width, height }: Pick<Rgb, 'width' | 'height'>) {
  const zoom = Math.max(1, Math.ceil(MIN_WIDTH / width));
  return { width: left(count, width * zoom), height: height * zoom + STRIP + GAP };
}

/** Where a picture begins, counted from 0. */
const left = (i: number, width: number) => GAP + i * (width + GAP);

/** Pictures side by side, each under its label, as an sRGB image for sharp to encode. All get the largest one's size. */
export async function sideBySide(panels: readonly Panel[]): Promise<Sharp> {
  const widest = Math.max(...panels.map(({ image }) => image.width));
  const tallest = Math.max(...panels.map(({ image }) => image.height));
  const zoom = Math.max(1, Math.ceil(MIN_WIDTH / widest));
  const [width, height] = [widest * zoom, tallest * zoom];
  const pictures = await Promise.all(panels.map(({ image }) => enlarge(image, width, height)));
  const sheet = sheetSize(panels.length, { width: widest, height: tallest });
  const labels = await Promise.all(panels.map((panel) => label(panel.label, Math.min(width, WIDEST_LABEL))));
  return sharp({
    create: { ...sheet, channels: 3, background: '#f5f5f5' },
    limitInputPixels: false,
  }).composite(
    panels.flatMap((_, i) => [
      { input: pictures[i], left: left(i, width), top: STRIP, limitInputPixels: false },
      { input: labels[i], left: left(i, width), top: 0 },
    ]),
  );
}

/** By whole pixels where the factor is whole, so that what was there is what is seen. */
function enlarge({ data, ...size }: Rgb, width: number, height: number): Promise<Buffer> {
  const kernel = width % size.width === 0 && height % size.height === 0 ? 'nearest' : 'cubic';
  return sharp(data, { raw: { ...size, channels: 3 }, limitInputPixels: false })
    .resize(width, height, { fit: 'fill', kernel })
    .png({ compressionLevel: 1 })
    .toBuffer();
}

async function label(text: string, width: number): Promise<Buffer> {
  const unit = Math.min(2, (width - 2) / Math.max(1, letteringWidth(text, 1)));
  const path = letteringPath(text, 1, (STRIP - CAP_HEIGHT * unit) / 2, unit);
  const style = `fill="none" stroke="${INK}" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${STRIP}"><path d="${path}" ${style}/></svg>`;
  return sharp(Buffer.from(svg)).png().toBuffer();
}
