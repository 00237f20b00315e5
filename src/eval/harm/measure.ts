import type { Quality, Task } from '../../engine/choices.ts';
import type { Diagnosis } from '../../engine/diagnosis/analyse.ts';
import { analyse } from '../../engine/diagnosis/at-once.ts';
import { areSame } from '../../engine/image/same.ts';
import { psnr } from '../../engine/metrics.ts';
import type { PlanarImage, RestoreOptions } from '../../engine/options.ts';
import { restore } from '../../engine/restore.ts';
import type { FileImage } from '../../node/image-file.ts';
import { type DamageName, type Finding, rounded } from './damages.ts';
import { type Strokes, strokesLeft } from './strokes.ts';

/** What identifies a measurement. */
export interface HarmKey {
  readonly picture: string;
  readonly damage: DamageName;
  /** Absent = only the findings. */
  readonly quality?: Quality;
  /** Absent = what is found says. */
  readonly task?: Task;
  /** Share of its time after which it was cut; absent = it was not. */
  readonly cut?: number;
}

/** One measurement: what was found and, with a quality, what became of the picture. */
export interface HarmRow extends HarmKey {
  readonly kind: string;
  readonly found: readonly Finding[];
  /** The findings in the words of the diagnosis. */
  readonly words: string;
  readonly seconds: number;
  readonly result?: Outcome;
}

export interface Outcome {
  /** Sample by sample as it was. */
  readonly untouched: boolean;
  /** dB; absent where nothing differs from the undamaged picture. */
  readonly psnrBefore?: number;
  readonly psnrAfter?: number;
  readonly strokes?: Strokes;
}

/** A diagnosis in the terms of the table. */
export function found({ clean, jpeg, impulse, task, patchy, findings }: Diagnosis): Finding[] {
  const words = findings.join(' ');
  const all: Finding[] = [];
  if (jpeg) all.push('jpeg');
  if (impulse) all.push('impulse');
  if (/dither/i.test(words)) all.push('dither');
  if (/\b(dust|scratch)/i.test(words)) all.push('dust');
  if (/bands/i.test(words)) all.push('bands');
  if (/halftone/i.test(words)) all.push('halftone');
  const noisy = task === 'denoise' || patchy || (!clean && all.length === 0);
  if (noisy && !all.includes('impulse') && !all.includes('dither')) all.push('noise');
  return all;
}

/** What is found in a damaged picture. */
export function diagnose(image: FileImage): { diagnosis: Diagnosis; seconds: number } {
  const start = performance.now();
  const diagnosis = analyse(image, image.file ? { file: image.file } : {});
  return { diagnosis, seconds: (performance.now() - start) / 1000 };
}

/** What `restore` makes of a damaged picture by itself. */
export async function outcome(
  clean: FileImage,
  input: FileImage,
  options: Partial<RestoreOptions>,
): Promise<Outcome & { readonly image: PlanarImage; readonly seconds: number }> {
  const start = performance.now();
  const file = input.file ? { file: input.file } : {};
  const { image } = await restore(input, {
    ...{ task: 'auto', previewEveryMs: 0 },
    ...options,
    ...file,
  });
  const seconds = (performance.now() - start) / 1000;
  const [before, after] = [psnr(input, clean), psnr(rounded(image, clean), clean)];
  const strokes = strokesLeft(clean, input, image);
  return {
    image,
    seconds,
    untouched: same(input, image),
    ...(Number.isFinite(before) ? { psnrBefore: before } : {}),
    ...(Number.isFinite(after) ? { psnrAfter: after } : {}),
    ...(strokes ? { strokes } : {}),
  };
}

function same(a: PlanarImage, b: PlanarImage): boolean {
  return (
    a.width === b.width &&
    a.height === b.height &&
    a.planes.length === b.planes.length &&
    a.planes.every((plane, c) => areSame(plane, b.planes[c]))
  );
}
