import { analyse, type Diagnosis } from '../../engine/index.ts';
import { cropImage, type Raster } from './crop.ts';

/** Side of the patch looked at: enough for a steady estimate, few enough pixels for an instant answer. */
const PATCH = 768;

/** What the engine finds in the middle of the image; `file` may tell about its compression. */
export function findDamage(image: Raster, file: Uint8Array): Diagnosis {
  return analyse(middle(image), { file });
}

/** Cut on JPEG's grid, so that its blocks can still be found. */
function middle(image: Raster): Raster {
  const [width, height] = [Math.min(image.width, PATCH), Math.min(image.height, PATCH)];
  const start = (size: number, part: number) => ((size - part) >> 1) & ~15;
  const [x, y] = [start(image.width, width), start(image.height, height)];
  return cropImage(image, { x, y, width, height });
}
