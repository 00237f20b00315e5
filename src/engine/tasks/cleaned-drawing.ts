import type { Diagnosis } from '../diagnosis/analyse.ts';
import type { Picture } from '../image/picture.ts';
import type { IsOver } from '../stopping/pace.ts';
import { inTurns } from '../time-slicing.ts';

/** A drawing that was cleaned before it is enlarged, in flat colours; undefined of others. */
export async function cleanedDrawing(
  picture: Picture,
  cleaned: Picture,
  diagnosis: Diagnosis,
  cleaning: 'denoise' | 'dejpeg',
  over: IsOver,
): Promise<Picture | undefined> {
  return cleaning === 'dejpeg'
    ? inTurns((await import('./drawn-cleaned.ts')).flatGround(picture, cleaned, diagnosis, over))
    : inTurns((await import('./drawn-under-noise.ts')).drawnUnderNoise(picture, cleaned, diagnosis, over));
}
