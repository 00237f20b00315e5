// node sharp.mjs photo.jpg thumbnail.webp: restoration as a step between others of sharp.
import { restore } from 'prior-art';
import sharp from 'sharp';

const [input, output] = process.argv.slice(2);
const photo = await sharp(input)
  .autoOrient()
  .toColourspace('srgb')
  .raw()
  .toBuffer({ resolveWithObject: true });
const { image } = await restore(photo, { task: 'denoise', quality: 'fast' });
await sharp(image.data, { raw: image.info }).resize({ width: 400 }).toFile(output);
