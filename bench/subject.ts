import { damage } from '../src/damage/damage.ts';
import type { Quality, Task, TaskChoice } from '../src/engine/choices.ts';
import type { Size } from '../src/engine/image/box.ts';
import type { Mask, PlanarImage } from '../src/engine/options.ts';
import { type FileImage, readImage } from '../src/node/image-file.ts';

/** What a restoration is measured on. */
export interface Subject {
  readonly image: PlanarImage & Pick<FileImage, 'file'>;
  readonly mask?: Mask;
}

/** What is measured: a row of a table. */
export interface Case {
  readonly file: string;
  readonly task: TaskChoice;
  readonly quality: Quality;
  /** Of the damaged picture; absent = it is taken as it is. */
  readonly megapixels?: number;
}

/** Lists as they are typed, separated by commas. */
interface Asked {
  readonly image: readonly string[];
  readonly tasks: string;
  readonly qualities: string;
  readonly megapixels: string;
  readonly 'as-is': boolean;
}

/** Every task and quality on every picture and size. */
export function rowsOf<Row extends Case>({ image, tasks, qualities, ...asked }: Asked): Row[] {
  const sizes = asked['as-is'] ? [undefined] : asked.megapixels.split(',').map(Number);
  return image.flatMap((file) =>
    sizes.flatMap((megapixels) =>
      tasks
        .split(',')
        .flatMap((task) =>
          qualities.split(',').map((quality) => ({ file, task, quality, megapixels }) as Row),
        ),
    ),
  );
}

/** Damaged as the task undoes it. */
const DAMAGES = {
  denoise: { noise: 15 },
  dejpeg: { jpeg: 30 },
  inpaint: { scratches: 12 },
  upscale: undefined,
} as const;

/** A file's picture, with what the file tells. */
export const asItIs = async (file: string): Promise<Subject> => ({ image: await readImage(file) });

/** Megapixels beyond which a subject is a smaller one's repetitions: to damage it would take minutes. */
const LARGEST = 4;

/** The picture of a file over so many pixels, 4:3, mirrored at its edges as often as needed, and damaged for a task. */
export async function subjectOf(file: string, task: Task, megapixels: number): Promise<Subject> {
  const source = await readImage(file);
  const size = sizeOf(Math.min(megapixels, LARGEST));
  const whole = { ...source, ...size, planes: source.planes.map((plane) => mirrored(plane, source, size)) };
  const damages = DAMAGES[task];
  const subject: Subject = damages ? await damage(whole, damages) : { image: whole };
  return megapixels > LARGEST ? repeated(subject, sizeOf(megapixels)) : subject;
}

/** On JPEG's grid. */
function sizeOf(megapixels: number): Size {
  const width = 16 * Math.round(Math.sqrt((megapixels * 1e6 * 4) / 3) / 16);
  return { width, height: 16 * Math.round((megapixels * 1e6) / width / 16) };
}

function mirrored(plane: Float32Array, from: Size, { width, height }: Size): Float32Array {
  const fold = (at: number, n: number) => (Math.floor(at / n) % 2 === 0 ? at % n : n - 1 - (at % n));
  return Float32Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [fold(i % width, from.width), fold(Math.floor(i / width), from.height)];
    return plane[y * from.width + x];
  });
}

function repeated({ image, mask }: Subject, size: Size): Subject {
  const tiled = <T extends Float32Array | Uint8Array>(from: T, to: T): T => {
    for (let y = 0; y < size.height; y++)
      for (let x = 0; x < size.width; x += image.width) {
        const start = (y % image.height) * image.width;
        const row = from.subarray(start, start + Math.min(image.width, size.width - x));
        to.set(row, y * size.width + x);
      }
    return to;
  };
  const n = size.width * size.height;
  const planes = image.planes.map((plane) => tiled(plane, new Float32Array(n)));
  const data = mask && tiled(Uint8Array.from(mask.data), new Uint8Array(n));
  return { image: { ...image, ...size, planes }, ...(data ? { mask: { data, ...size } } : {}) };
}
