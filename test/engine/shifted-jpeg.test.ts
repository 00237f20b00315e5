import sharp from 'sharp';
import { expect, it } from 'vitest';
import { analyse, type PlanarImage, psnr, restore } from '../../src/engine/index.ts';
import { decodeImage } from '../../src/node/decode.ts';

const size = { width: 120, height: 104 };
const photograph = await sharp('samples/nagasaki-boats.png').resize(size.width, size.height).png().toBuffer();
const cut = { left: 3, top: 6, width: size.width - 3, height: size.height - 6 };
const cropped = async (file: Buffer) => decodeImage(await sharp(file).extract(cut).png().toBuffer());
const jpeg = (quality: number) => sharp(photograph).jpeg({ quality }).toBuffer();

it('a JPEG that was cropped off its grid and saved as PNG is found, and restored on its grid; the rim stays', async () => {
  const [clean, image] = [await cropped(photograph), await cropped(await jpeg(30))];
  const found = analyse(image);
  expect(found.jpeg?.quality).toBeCloseTo(30, -1);
  const [x, y] = [found.jpeg!.offset!.x, found.jpeg!.offset!.y];
  expect([x % 8, y % 8]).toEqual([5, 2]);
  const options = { task: 'auto', quality: 'fast', diagnosis: found } as const;
  const { image: result, task } = await restore<PlanarImage>(image, options);
  expect(task).toBe('dejpeg');
  expect(psnr(result, clean)).toBeGreaterThan(psnr(image, clean) + 0.4);
  const rim = (at: number) => at % cut.width < x || at < y * cut.width;
  for (const [c, plane] of result.planes.entries())
    for (const [at, value] of plane.entries()) if (rim(at)) expect(value).toBe(image.planes[c][at]);
});

it('a JPEG that was cropped and saved as JPEG again is said to have been compressed before, and no other is', async () => {
  const [side, kept] = [168, 152];
  const shade = (x: number, y: number) => 128 + 70 * Math.sin(x / 9) * Math.cos(y / 11);
  const samples = Uint8Array.from({ length: side ** 2 }, (_, i) => shade(i % side, Math.floor(i / side)));
  const large = await sharp(samples, { raw: { width: side, height: side, channels: 1 } })
    .png()
    .toBuffer();
  const within = { left: 3, top: 5, width: kept, height: kept };
  const saysBefore = async (old: Buffer, quality: number) => {
    const image = await decodeImage(await sharp(old).extract(within).jpeg({ quality }).toBuffer());
    return analyse(image, { file: image.file! }).croppedJpeg === true;
  };
  const old = await sharp(large).jpeg({ quality: 25 }).toBuffer();
  expect(await Promise.all([saysBefore(old, 85), saysBefore(large, 82), saysBefore(large, 90)])).toEqual([
    true,
    false,
    false,
  ]);
});
