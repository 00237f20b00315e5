import { damage } from '../src/damage/damage.ts';
import type { Task } from '../src/engine/choices.ts';
import type { Mask, PlanarImage } from '../src/engine/options.ts';
import { readImage } from '../src/node/image-file.ts';

/** What a restoration is measured on. */
export interface Subject {
  readonly image: PlanarImage;
  readonly mask?: Mask;
}

/** Damaged as the task undoes it. */
const DAMAGES = {
  denoise: { noise: 15 },
  dejpeg: { jpeg: 30 },
  inpaint: { scratches: 12 },
  upscale: undefined,
} as const;

/** The picture of a file over so many pixels, 4:3, mirrored at its edges as often as needed, and damaged for a task. */
export async function subjectOf(file: string, task: Task, megapixels: number): Promise<Subject> {
  const source = await readImage(file);
  const width = 16 * Math.round(Math.sqrt((megapixels * 1e6 * 4) / 3) / 16);
  const height = 16 * Math.round((megapixels * 1e6) / width / 16);
  const fold = (at: number, n: number) => (Math.floor(at / n) % 2 === 0 ? at % n : n - 1 - (at % n));
  const planes = source.planes.map((plane) =>
    Float32Array.from({ length: width * height }, (_, i) => {
      const [x, y] = [fold(i % width, source.width), fold(Math.floor(i / width), source.height)];
      return plane[y * source.width + x];
    }),
  );
  const whole = { ...source, planes, width, height };
  const damages = DAMAGES[task];
  return damages ? damage(whole, damages) : { image: whole };
}
