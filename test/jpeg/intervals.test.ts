import { describe, expect, it } from 'vitest';
import { type Picture, toPicture, toPlanes, toRaster } from '../../src/engine/image/picture.ts';
import { psnr, type RasterImage } from '../../src/engine/index.ts';
import { findCoefficients } from '../../src/engine/jpeg/decoded.ts';
import { readHeader } from '../../src/engine/jpeg/file.ts';
import { FileTiles } from '../../src/engine/jpeg/file-tiles.ts';
import { insideIntervals } from '../../src/engine/tasks/inside-intervals.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';
import { noisy, scene } from '../support/pictures.ts';
import { drawn, jpegOf, text } from './support.ts';

const components = (file: Uint8Array, { channels }: Picture) =>
  readHeader(file)!.components.slice(0, channels);

/** The mean of 3 × 3 pixels: what no restoration may do to text. */
function blurred({ colour, width, height }: Picture): Float32Array {
  const n = width * height;
  return colour.map((_, i) => {
    const [from, x, y] = [Math.floor(i / n) * n, i % width, Math.floor((i % n) / width)];
    let sum = 0;
    for (let k = 0; k < 9; k++) {
      const [u, v] = [x + (k % 3) - 1, y + Math.floor(k / 3) - 1];
      sum +=
        colour[from + Math.min(height - 1, Math.max(0, v)) * width + Math.min(width - 1, Math.max(0, u))];
    }
    return sum / 9;
  });
}

describe('the coefficients of a decoded picture', () => {
  it.each([
    [10, '4:2:0'],
    [50, '4:2:0'],
    [80, '4:4:4'],
  ])('are found exactly, quality %d, %s', async (quality, chromaSubsampling) => {
    const { file, image } = await jpegOf(scene(96, 80), { quality, chromaSubsampling });
    const picture = toPicture(image);
    const { coefficients, certain } = atOnce(findCoefficients(picture, components(file, picture)));
    certain.forEach((blocks, c) => {
      expect(blocks.every((yes) => yes === 1)).toBe(true);
      const { table } = components(file, picture)[c];
      expect(coefficients[c].data.every((value, i) => Number.isInteger(value / table[i % 64]))).toBe(true);
    });
  });
});

describe('the coefficients of brightness alone', () => {
  it('are found of a coloured picture, also where samples were cut off at white', async () => {
    const { file, image } = await jpegOf(await drawn(96, 80, text(96, 80, 12, '#000')), {
      quality: 50,
      chromaSubsampling: '4:4:4',
    });
    const grey = toPicture(image);
    const n = grey.width * grey.height;
    const colour = Float32Array.from({ length: 3 * n }, (_, i) =>
      Math.min(1, grey.colour[i % n] + (i < n ? 0.1 : 0)),
    );
    const tinted: Picture = { ...grey, channels: 3, colour };
    const { coefficients } = atOnce(findCoefficients(tinted, components(file, grey).slice(0, 1)));
    expect(coefficients).toHaveLength(1);
    expect(coefficients[0].data.every(Number.isFinite)).toBe(true);
  });
});

describe('a result inside the intervals', () => {
  const cases = [
    [20, '4:2:0', 96, 80],
    [20, '4:2:0', 75, 61],
    [50, '4:4:4', 75, 61],
    [10, '4:2:0', 600, 270],
  ] as const;
  it.each(cases)(
    'compresses to the same file again: quality %d, %s, %d × %d',
    async (quality, chromaSubsampling, width, height) => {
      const options = { quality, chromaSubsampling };
      const { file, image } = await jpegOf(scene(width, height), options);
      const picture = toPicture(image);
      const { colour } = toPicture(noisy(toPlanes(picture), 40));
      const again = async (of: Float32Array) =>
        (await jpegOf(toRaster({ ...picture, colour: of }), options)).image;
      const word = atOnce(
        insideIntervals(picture, colour, new FileTiles(picture, components(file, picture))),
      );
      // The blocks that reach past the border are compressed with what repeats it, which no picture has to fit.
      const inner = (i: number) =>
        (i >> 2) % width < width - (width % 16) && (i >> 2) / width < height - (height % 16);
      const off = ({ data }: RasterImage) =>
        data.filter((value, i) => inner(i) && Math.abs(value - image.data[i]) > 2).length;
      expect(off(await again(word.colour)) / image.data.length).toBeLessThan(0.002);
      expect(off(await again(colour)) / image.data.length).toBeGreaterThan(0.1);
      expect(word.share).toBeGreaterThan(0.05);
      expect(word.share).toBeLessThan(1);
    },
  );

  it.each([10, 20, 50, 80])(
    'keeps its text, quality %d, though the estimate had blurred it',
    async (quality) => {
      const truth = await drawn(160, 96, `${text(160, 96, 12, '#06c')}<rect x="2" width="1" height="96"/>`);
      const { file, image } = await jpegOf(truth, { quality });
      const picture = toPicture(image);
      const colour = blurred(picture);
      const word = atOnce(
        insideIntervals(picture, colour, new FileTiles(picture, components(file, picture))),
      );
      const db = (of: Float32Array) => psnr(toRaster({ ...picture, colour: of }), truth);
      expect(db(word.colour)).toBeGreaterThan(db(picture.colour) - 0.8);
      expect(db(colour)).toBeLessThan(db(picture.colour) - 2);
    },
  );

  it('may be the picture itself where rounding hides which of two steps a mean was', async () => {
    for (let blue = 96; blue < 160; blue += 8) {
      const flat = [112, 128, blue].map((value) => new Float32Array(32 * 32).fill(value / 255));
      const { file, image } = await jpegOf({ planes: flat, width: 32, height: 32 }, { quality: 80 });
      const picture = toPicture(image);
      const word = atOnce(
        insideIntervals(picture, picture.colour, new FileTiles(picture, components(file, picture))),
      );
      const off = Math.max(...word.colour.map((value, i) => Math.abs(value - picture.colour[i])));
      expect(255 * off).toBeLessThan(0.05);
    }
  });

  it('leaves planes alone whose compression is not known', async () => {
    const { file, image } = await jpegOf(scene(64, 64), { quality: 20 });
    const picture = toPicture(image);
    const [luma] = components(file, picture);
    const { colour } = toPicture(noisy(toPlanes(picture), 8));
    const word = atOnce(insideIntervals(picture, colour, new FileTiles(picture, [luma])));
    const n = 64 * 64;
    const difference = (of: Float32Array, i: number) => of[i] - of[2 * n + i];
    for (let i = 0; i < n; i++)
      expect(difference(word.colour, i)).toBeCloseTo(difference(picture.colour, i), 5);
  });
});
