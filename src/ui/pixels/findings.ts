import { cutRaster } from '../../engine/image/box.ts';
import { findDrawn } from '../../engine/image/drawn.ts';
import { toPicture } from '../../engine/image/picture.ts';
import { premultiply } from '../../engine/image/premultiply.ts';
import { analyse, type Diagnosis } from '../../engine/index.ts';
import { atOnce } from '../../engine/time-slicing.ts';
import type { Raster } from './crop.ts';

/** Side of the patch looked at: enough for a steady estimate, few enough pixels for an instant answer. */
const PATCH = 768;

/** What the engine finds in the middle of the image; `file` may tell about its compression. */
export function findDamage(image: Raster, file: Uint8Array): Diagnosis {
  return analyse(middle(image), { file });
}

/** Flat colours throughout, beside a photograph, or none. */
export type Content = 'graphic' | 'mixed' | 'photograph';

/** Mean share of flat colours from which a picture is called a graphic: its smooth edges have none. */
const GRAPHIC = 0.9;

/** What the middle of the image is made of: the engine enlarges flat colours otherwise than a photograph. */
export function findContent(image: Raster): Content {
  const { share } = atOnce(findDrawn(premultiply(toPicture(middle(image)))));
  const mean = share.reduce((sum, one) => sum + one, 0) / share.length;
  if (mean === 0) return 'photograph';
  return mean >= GRAPHIC ? 'graphic' : 'mixed';
}

/** Cut on JPEG's grid, so that its blocks can still be found. */
function middle(image: Raster): Raster {
  const [width, height] = [Math.min(image.width, PATCH), Math.min(image.height, PATCH)];
  const start = (size: number, part: number) => ((size - part) >> 1) & ~15;
  const [x, y] = [start(image.width, width), start(image.height, height)];
  return cutRaster(image, { x, y, width, height });
}
