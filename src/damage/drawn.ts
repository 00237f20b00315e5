import sharp from 'sharp';
import { streamKey, uniform } from '../engine/random.ts';
import { CAP_HEIGHT, letteringPath, letteringWidth } from '../shared/lettering.ts';
import { STREAMS } from './samples.ts';

/** An SVG drawing that covers the image: 0 … 1 a pixel. */
export async function coverage(body: string, width: number, height: number): Promise<Float32Array> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${body}</svg>`;
  const { data, info } = await sharp(Buffer.from(svg))
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return Float32Array.from({ length: width * height }, (_, i) => data[(i + 1) * info.channels - 1] / 255);
}

/**
 * Long thin curves from edge to edge, mostly upright as film is scratched, with a few specks of dust along them:
 * 1 to 3 px wide on an image of 512 px, wider on larger ones.
 */
export function scratches(count: number, width: number, height: number, seed: number): Promise<Float32Array> {
  const key = streamKey(seed, STREAMS.scratches);
  const lines = Array.from({ length: count }, (_, i) => scratch(streamKey(key, i), width, height));
  return coverage(
    `<g fill="none" stroke="white" stroke-linecap="round">${lines.join('')}</g>`,
    width,
    height,
  );
}

function scratch(key: number, width: number, height: number): string {
  let drawn = 0;
  const random = (from: number, to: number) => from + (to - from) * uniform(key, drawn++);
  const thickness = random(1, 3) * Math.max(1, Math.min(width, height) / 512);
  const [x, lean] = [random(0, width), random(-0.25, 0.25) * height];
  const [top, bottom] = [random(-0.1, 0.4) * height, random(0.6, 1.1) * height];
  const point = (t: number, wobble: number) =>
    `${(x + lean * t + random(-wobble, wobble) * width).toFixed(2)} ${(top + (bottom - top) * t).toFixed(2)}`;
  const curve = `M${point(0, 0)}C${point(0.33, 0.04)} ${point(0.67, 0.04)} ${point(1, 0)}`;
  const specks = Array.from({ length: 2 }, () => {
    const [cx, cy, radius] = [random(0, width), random(0, height), thickness * random(0.7, 1.8)];
    return `<circle cx="${cx.toFixed(2)}" cy="${cy.toFixed(2)}" r="${radius.toFixed(2)}" fill="white" stroke="none"/>`;
  });
  return `<path d="${curve}" stroke-width="${thickness.toFixed(2)}"/>${specks.join('')}`;
}

/** The text again and again in lines that fill the image, as a watermark or a caption gone wrong. */
export function textOverlay(text: string, width: number, height: number): Promise<Float32Array> {
  const unit = Math.max(0.8, Math.min(width, height) / 22 / CAP_HEIGHT);
  const lineHeight = CAP_HEIGHT * unit * 1.9;
  const repeat = `${text} `;
  const span = letteringWidth(repeat, unit) + 2 * unit;
  const copies = Math.ceil(width / span) + 1;
  let path = '';
  for (let line = 0; line * lineHeight < height; line++) {
    const left = -((line * 0.37) % 1) * span;
    path += letteringPath(repeat.repeat(copies), left, line * lineHeight + unit * 2, unit);
  }
  const style = `fill="none" stroke="white" stroke-linecap="round" stroke-linejoin="round" stroke-width="${unit}"`;
  return coverage(`<path d="${path}" ${style}/>`, width, height);
}
