import { analysePicture, type Diagnosis, withoutHidden } from './damage/analyse.ts';
import { noisePatches } from './damage/patches.ts';
import { ImageSizeError } from './errors.ts';
import { createExecutor } from './executors/choose.ts';
import type { ExecutorName } from './executors/executor.ts';
import type { Facts } from './facts.ts';
import { type AnyImage, isPlanar, type Picture, toPicture, toPlanes, toRaster } from './image/picture.ts';
import { fromTensor, isTensor, type TensorImage, toTensor } from './image/tensor.ts';
import { workInParts } from './in-parts.ts';
import {
  checkOptions,
  type PlanarImage,
  type Preview,
  type RasterImage,
  type RestoreOptions,
  type Task,
} from './options.ts';
import { recipeFor } from './recipes.ts';
import { throwIfAborted } from './stopping/abort.ts';
import { JOBS } from './tasks/index.ts';
import type { Job } from './tasks/task.ts';
import { inTurns, turn } from './turns.ts';

export type { StoppedBy } from './optimise.ts';

/** What `restore` takes and gives back. */
export type RestorableImage = AnyImage | TensorImage;

export interface RestoreResult<I extends RestorableImage = RasterImage> extends Facts {
  /** In the form that was given: 8-bit RGBA, as many planes, or a tensor. */
  readonly image: I extends PlanarImage ? PlanarImage : I extends TensorImage ? TensorImage : Preview;
  /** What was done: the task asked for, or the one 'auto' chose. */
  readonly task: Task;
  /** What the image was found to suffer from; undefined when neither asked for nor needed. */
  readonly diagnosis?: Diagnosis;
  readonly executor: ExecutorName;
  readonly adapter: string;
  /** Why this executor, in words. */
  readonly reason: string;
  readonly seed: number;
}

/**
 * Restores one image by a deep image prior (Ulyanov, Vedaldi & Lempitsky, CVPR 2018). One too large to be worked on at
 * once is worked on in overlapping parts.
 *
 * @param image 8-bit RGBA, float planes in [0, 1] or a tfjs tensor [height, width, channels]; sRGB, 8×8 pixels or more.
 * @param options the task and how to run it; see RestoreOptions for defaults and ranges.
 * @returns the restored image, in the form of the input; known pixels come back exactly, and so does alpha unless enlarged.
 * @throws InvalidOptionError, ImageSizeError, InvalidSamplesError, MaskError for bad input; GpuUnavailableError,
 * OutOfMemoryError, DeviceLostError, DivergedError from the run; a DOMException AbortError after options.signal.
 * @example const { image } = await restore(imageData, { task: 'denoise' });
 */
export async function restore<I extends RestorableImage>(
  image: I,
  options: RestoreOptions,
): Promise<RestoreResult<I>> {
  checkOptions(options);
  throwIfAborted(options);
  const input: RestorableImage = image;
  const given = isTensor(input) ? await fromTensor(input) : input;
  const picture = toPicture(given);
  const diagnosis = await diagnose(picture, options);
  throwIfAborted(options);
  const task = options.task === 'auto' ? diagnosis!.task : options.task;
  const patchy = task === 'denoise' && diagnosis?.patchy;
  const patches = patchy ? await inTurns(noisePatches(withoutHidden(picture))) : undefined;
  const job = JOBS[task](picture, options, diagnosis, patches);
  checkGuide(job, options);
  const impulse = diagnosis?.impulse;
  recipeFor(task, options, { ...job, impulse }); // refuses a wrong net before a device is asked for
  const { executor, reason } = await createExecutor(options.executor ?? 'auto', options.host);
  try {
    const { picture: result, ...facts } = await workInParts({ executor, job, task, options, impulse });
    await turn();
    const planar = isPlanar(given) ? toPlanes(result) : undefined;
    const restored = planar && isTensor(input) ? await toTensor(planar, input) : (planar ?? toRaster(result));
    return {
      ...facts,
      image: restored as RestoreResult<I>['image'],
      task,
      ...(diagnosis ? { diagnosis } : {}),
      executor: executor.name,
      adapter: executor.adapter,
      reason,
      seed: options.seed ?? 0,
    };
  } finally {
    executor.dispose();
  }
}

/** What the damage is: as the caller knows it, or where the task, the loss or the last word over the result need it. */
async function diagnose(picture: Picture, options: RestoreOptions): Promise<Diagnosis | undefined> {
  if (options.diagnosis) return options.diagnosis;
  const needed = options.task === 'auto' || options.task === 'denoise' || options.task === 'dejpeg';
  return needed ? inTurns(analysePicture(picture, options)) : undefined;
}

function checkGuide({ width, height }: Job, { guide }: RestoreOptions): void {
  if (!guide || (guide.width === width && guide.height === height)) return;
  throw new ImageSizeError(
    `Expected a guide in the result's size, ${width}×${height}, but received ${guide.width}×${guide.height}.`,
  );
}
