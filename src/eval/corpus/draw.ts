import sharp from 'sharp';
import type { Size } from '../../engine/image/box.ts';
import type { FileImage } from '../../node/image-file.ts';
import { type Colour, css } from './dice.ts';

/** How the edges of letters are drawn: by coverage, by coverage of a screen's red, green and blue strips, or not at all. */
export type Antialiasing = 'grey' | 'subpixel' | 'bilevel';

/** The outline of some text (the `d` of an SVG path) in one colour. */
export interface Run {
  readonly d: string;
  readonly colour: Colour;
}

export interface Drawing {
  readonly width: number;
  readonly height: number;
  /** Absent = transparent. */
  readonly background?: Colour;
  /** SVG elements, under the text. */
  readonly shapes: string;
  readonly runs?: readonly Run[];
  /** Of the text; default 'grey', the only one for transparent drawings and at other scales than 1. */
  readonly antialiasing?: Antialiasing;
}

/** Draws in 8 bits, `scale` times the size: grey where all of it is grey, without alpha where all of it is opaque. */
export async function render(drawing: Drawing, scale = 1): Promise<FileImage> {
  const { background, shapes, runs = [], antialiasing = 'grey' } = drawing;
  const [width, height] = [Math.round(scale * drawing.width), Math.round(scale * drawing.height)];
  const paper = background ? `<rect width="100%" height="100%" fill="${css(background)}"/>` : '';
  const inline = antialiasing === 'grey' || !background;
  const text = inline ? runs.map(({ d, colour }) => `<path d="${d}" fill="${css(colour)}"/>`).join('') : '';
  const data = await pixels(paper + shapes + text, width, height, drawing);
  if (!inline) for (const run of joined(runs)) blend(data, await coverage(run, drawing), run.colour);
  return fromRgba(data, width, height);
}

/** One run of each colour. */
function joined(runs: readonly Run[]): Run[] {
  const byColour = new Map<string, Run>();
  for (const { d, colour } of runs) {
    const key = css(colour);
    byColour.set(key, { d: (byColour.get(key)?.d ?? '') + d, colour });
  }
  return [...byColour.values()];
}

/** `of`: the size that the body is drawn for, all of which the result shows. */
async function pixels(
  body: string,
  width: number,
  height: number,
  of: Size = { width, height },
): Promise<Uint8Array> {
  const view = `viewBox="0 0 ${of.width} ${of.height}" preserveAspectRatio="none"`;
  const box = `width="${width}" height="${height}" ${view}`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" ${box}>${body}</svg>`;
  return new Uint8Array(await sharp(Buffer.from(svg), { unlimited: true }).ensureAlpha().raw().toBuffer());
}

/** FreeType's default filter for the strips of a screen's pixels: without it, letters have gaudy edges. */
const STRIPS = [0x08, 0x4d, 0x56, 0x4d, 0x08].map((weight) => weight / 256);

/** Share of each pixel's red, green and blue that the text covers, [height, width, 3]. */
async function coverage({ d }: Run, { width, height, antialiasing }: Drawing): Promise<Float32Array> {
  const columns = 3 * width;
  const data = await pixels(`<g transform="scale(3,1)"><path d="${d}"/></g>`, columns, height);
  const at = (x: number, y: number) =>
    data[4 * (y * columns + Math.min(columns - 1, Math.max(0, x))) + 3] / 255;
  const share = new Float32Array(columns * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < columns; x++) {
      const centre = x - (x % 3) + 1;
      share[y * columns + x] =
        antialiasing === 'subpixel'
          ? STRIPS.reduce((sum, weight, k) => sum + weight * at(x + k - 2, y), 0)
          : Number(at(centre - 1, y) + at(centre, y) + at(centre + 1, y) > 1.5);
    }
  return share;
}

function blend(data: Uint8Array, share: Float32Array, colour: Colour): void {
  for (let i = 0; i < share.length; i++) {
    const [pixel, channel] = [Math.floor(i / 3), i % 3];
    const at = 4 * pixel + channel;
    data[at] = Math.round(data[at] + share[i] * (colour[channel] - data[at]));
  }
}

function fromRgba(data: Uint8Array, width: number, height: number): FileImage {
  const n = width * height;
  const plane = (channel: number) => Float32Array.from({ length: n }, (_, i) => data[4 * i + channel] / 255);
  const [r, g, b, a] = [0, 1, 2, 3].map(plane);
  const alpha = a.some((value) => value < 1);
  const grey = r.every((value, i) => value === g[i] && value === b[i]);
  const planes = alpha ? [r, g, b, a] : grey ? [r] : [r, g, b];
  return {
    planes,
    width,
    height,
    container: 'png',
    format: { bits: 8, grey, alpha },
    metadata: {},
    notes: [],
  };
}

/** Samples of one pixel, 0 … 1: grey, RGB or RGBA. */
export type Samples = readonly number[];

/** Paints pixel by pixel, rounded to what `bits` can hold; a file of grey with alpha is not made. */
export function paint(
  width: number,
  height: number,
  colourAt: (x: number, y: number) => Samples,
  bits: 8 | 16 = 8,
): FileImage {
  const white = bits === 16 ? 65535 : 255;
  const planes = colourAt(0, 0).map(() => new Float32Array(width * height));
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const samples = colourAt(x, y);
      for (let c = 0; c < planes.length; c++)
        planes[c][y * width + x] = Math.round(Math.min(1, Math.max(0, samples[c])) * white) / white;
    }
  const format = { bits, grey: planes.length === 1, alpha: planes.length === 4 };
  return { planes, width, height, container: 'png', format, metadata: {}, notes: [] };
}

/** Each pixel as a square of `factor` × `factor`. */
export function enlarge(image: FileImage, factor: number): FileImage {
  const [width, height] = [image.width * factor, image.height * factor];
  const planes = image.planes.map((plane) =>
    Float32Array.from({ length: width * height }, (_, i) => {
      const [x, y] = [i % width, Math.floor(i / width)];
      return plane[Math.floor(y / factor) * image.width + Math.floor(x / factor)];
    }),
  );
  return { ...image, planes, width, height };
}
