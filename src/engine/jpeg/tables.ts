import { AREA } from './dct.ts';

/** Annex K of ITU-T T.81: the tables that libjpeg scales, as they are at quality 50. */
// biome-ignore format: rows of the standard's tables
const STANDARD = {
  luma: [
    16, 11, 10, 16, 24, 40, 51, 61,
    12, 12, 14, 19, 26, 58, 60, 55,
    14, 13, 16, 24, 40, 57, 69, 56,
    14, 17, 22, 29, 51, 87, 80, 62,
    18, 22, 37, 56, 68, 109, 103, 77,
    24, 35, 55, 64, 81, 104, 113, 92,
    49, 64, 78, 87, 103, 121, 120, 101,
    72, 92, 95, 98, 112, 100, 103, 99,
  ],
  chroma: [
    17, 18, 24, 47, 99, 99, 99, 99,
    18, 21, 26, 66, 99, 99, 99, 99,
    24, 26, 56, 99, 99, 99, 99, 99,
    47, 66, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99,
  ],
};

/** libjpeg's scaling of the standard table to a quality, 1 … 100. */
export function tableOfQuality(quality: number, kind: keyof typeof STANDARD = 'luma'): Uint16Array {
  const scale = quality < 50 ? 5000 / quality : 200 - 2 * quality;
  return Uint16Array.from(STANDARD[kind], (q) =>
    Math.min(255, Math.max(1, Math.floor((Math.floor(scale) * q + 50) / 100))),
  );
}

/** The quality whose standard table is nearest to the known steps (0 = unknown), and their mean distance from it (ln). */
export function nearestQuality(steps: ArrayLike<number>): { quality: number; distance: number } {
  let best = { quality: 1, distance: Number.POSITIVE_INFINITY };
  for (let quality = 1; quality <= 100; quality++) {
    const table = tableOfQuality(quality);
    let [sum, known] = [0, 0];
    for (let i = 0; i < AREA; i++) {
      if (steps[i] === 0) continue;
      sum += Math.abs(Math.log(steps[i] / table[i]));
      known++;
    }
    const distance = sum / Math.max(1, known);
    if (distance < best.distance) best = { quality, distance };
  }
  return best;
}
