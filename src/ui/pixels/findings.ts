import { analyse, type Diagnosis } from '../../engine/index.ts';
import { cropImage, type Raster } from './crop.ts';

/** What the panel says about the damage, from the engine's own diagnosis. */
export interface Findings {
  /** Standard deviation of the noise, 1/255. */
  readonly noise: number;
  /** The noise is spread over neighbouring pixels (film grain, an enlarged scan) rather than single ones. */
  readonly coarse: boolean;
  /** libjpeg's quality, 1 … 100; absent where compression leaves nothing to be seen. */
  readonly jpegQuality: number | undefined;
  /** Nothing was found: a restoration could only lose. */
  readonly clean: boolean;
  /** What Restore will do about it; 'none': nothing, unless it is asked to all the same. */
  readonly task: Diagnosis['task'];
  /** All of it, for the engine: a large image is restored in parts, and one diagnosis serves them all. */
  readonly diagnosis: Diagnosis;
}

/** Side of the patch looked at: enough for a steady estimate, few enough pixels for an instant answer. */
const PATCH = 768;
/** Neighbours in step by more than this make the grain coarse. */
const COARSE = 0.2;

/** Looks at the middle of the image; `file` may tell about its compression. */
export function findDamage(image: Raster, file: Uint8Array): Findings {
  const diagnosis = analyse(middle(image), { file });
  const { noise, jpeg, clean, task } = diagnosis;
  const coarse = noise.correlation > COARSE;
  return { noise: noise.sigma, coarse, jpegQuality: jpeg?.quality, clean, task, diagnosis };
}

/** Cut on JPEG's grid, so that its blocks can still be found. */
function middle(image: Raster): Raster {
  const [width, height] = [Math.min(image.width, PATCH), Math.min(image.height, PATCH)];
  const start = (size: number, part: number) => ((size - part) >> 1) & ~15;
  const [x, y] = [start(image.width, width), start(image.height, height)];
  return cropImage(image, { x, y, width, height });
}
