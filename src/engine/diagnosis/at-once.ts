import { checkOptions } from '../check-options.ts';
import { isScratched } from '../defects/find.ts';
import { type AnyImage, toPicture } from '../image/picture.ts';
import { atOnce } from '../time-slicing.ts';
import { type AnalyseOptions, analysePicture, type Diagnosis } from './analyse.ts';
import * as closer from './closer-look.ts';

/**
 * Says what is wrong with an image: noise level, correlation and kind, JPEG steps (from the file's bytes, or from the
 * pixels); and which task undoes it: none where nothing was found.
 *
 * @param image 8-bit RGBA or float planes in [0, 1].
 * @param options a mask or factor decides the task; `file` the bytes it was read from.
 * @throws ImageSizeError, InvalidSamplesError for a bad image; InvalidOptionError.
 * @example const { task, findings } = analyse(imageData);
 */
export function analyse(image: AnyImage, options: AnalyseOptions = {}): Diagnosis {
  checkOptions({ task: 'auto', ...options });
  return atOnce(analysePicture(toPicture(image), options, { isScratched, closer }));
}
