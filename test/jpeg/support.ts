import sharp, { type JpegOptions } from 'sharp';
import type { PlanarImage, RasterImage } from '../../src/engine/index.ts';

/** A picture as a JPEG file, and what sharp decodes from it. */
export async function jpegOf(image: PlanarImage | RasterImage, options: JpegOptions) {
  const { width, height } = image;
  const channels = 'planes' in image ? image.planes.length : 4;
  const samples = new Uint8Array(channels * width * height);
  if ('planes' in image)
    image.planes.forEach((plane, c) => {
      plane.forEach((value, i) => {
        samples[channels * i + c] = Math.round(255 * value);
      });
    });
  else samples.set(image.data);
  const raw = { width, height, channels: channels as 1 | 3 | 4 };
  let picture = sharp(samples, { raw }).removeAlpha();
  if (channels === 1) picture = picture.toColourspace('b-w');
  const file = new Uint8Array(await picture.jpeg(options).toBuffer());
  return { file, image: await decoded(file) };
}

/** 8-bit RGBA of a file. */
export async function decoded(file: Uint8Array | string): Promise<RasterImage & { data: Uint8Array }> {
  const { data, info } = await sharp(file)
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data: new Uint8Array(data), width: info.width, height: info.height };
}

/** A drawing, as sharp renders it. */
export async function drawn(
  width: number,
  height: number,
  shapes: string,
  paper = '#fff',
): Promise<RasterImage & { data: Uint8Array }> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="${paper}"/>${shapes}</svg>`;
  const { data } = await sharp(Buffer.from(svg)).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  return { data: new Uint8Array(data), width, height };
}

/** Lines of words, in one size and colour. */
export function text(width: number, height: number, size: number, ink: string): string {
  const words = 'restore 137 image Account total 42.50 Grüße quality of lines table settings'.split(' ');
  let shapes = '';
  for (let y = size + 2; y < height; y += Math.round(1.4 * size)) {
    const line = Array.from({ length: width / size / 2 }, (_, i) => words[(i * 5 + y) % words.length]);
    shapes += `<text x="4" y="${y}" font-size="${size}" font-family="sans-serif" fill="${ink}">${line.join(' ')}</text>`;
  }
  return shapes;
}
