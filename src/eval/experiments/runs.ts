import { type DamageOptions, damage } from '../../damage/damage.ts';
import type { PlanarImage, Preview, RestoreOptions } from '../../engine/options.ts';
import { type RestoreResult, restore } from '../../engine/restore.ts';
import { nodeHost } from '../../node/host.ts';
import { type FileImage, readImage } from '../../node/image-file.ts';

/** What every experiment is told. */
export interface Setting {
  readonly image: FileImage;
  readonly steps: number;
  readonly options: Pick<RestoreOptions, 'executor' | 'seed'>;
}

/** The central square of an image file, without alpha. */
export async function centre(path: string, size: number): Promise<FileImage> {
  const image = await readImage(path);
  const side = Math.min(size, image.width, image.height);
  const [left, top] = [Math.floor((image.width - side) / 2), Math.floor((image.height - side) / 2)];
  const planes = image.planes.slice(0, image.format.grey ? 1 : 3).map((plane) =>
    Float32Array.from({ length: side * side }, (_, i) => {
      const [x, y] = [left + (i % side), top + Math.floor(i / side)];
      return plane[y * image.width + x];
    }),
  );
  return { ...image, planes, width: side, height: side, format: { ...image.format, alpha: false } };
}

/** A damaged copy. */
export async function damaged(image: FileImage, how: DamageOptions): Promise<FileImage> {
  return (await damage(image, how)).image;
}

/** A run to its last step, without the automatic stop, watched through previews. */
export async function watched(
  image: PlanarImage,
  { steps, options }: Setting,
  more: Partial<RestoreOptions>,
  onPreview: (step: number, preview: Preview) => void = () => {},
): Promise<RestoreResult<PlanarImage>> {
  return restore(image, {
    task: 'denoise',
    ...options,
    host: await nodeHost(options.executor),
    previewEveryMs: 1,
    onProgress: ({ step, preview }) => {
      if (preview) onPreview(step, preview);
    },
    ...more,
    expert: { steps, runs: 1, earlyStop: false, ...more.expert },
  });
}
