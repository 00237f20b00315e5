import type { Picture } from '../image/picture.ts';
import type { IsOver } from '../stopping/pace.ts';
import type { Pieces } from '../time-slicing.ts';

/** How far around a pixel is looked, px, and at how many places. */
const AROUND = { reach: 20, places: 128 } as const;
/**
 * How far colours may differ to be taken for one, in deviations of the noise: errors of an estimate of letters are of .3 to .6. Chosen
 * on three drawings of eighteen, where .3 to .45 differ by .3 dB: more draws faint dots into their ground.
 */
const ALIKE = 0.33;
/** Entries of the table of exp(−d² / 2), and the square up to which it goes. */
const TABLE = { size: 512, most: 9 } as const;
const WEIGHTS = Float32Array.from({ length: TABLE.size + 1 }, (_, k) =>
  Math.exp((-k * TABLE.most) / TABLE.size / 2),
);

/** On a spiral that covers a disc evenly (Vogel 1979), [dx, dy]. */
const PLACES = Array.from({ length: AROUND.places }, (_, k) => {
  const radius = AROUND.reach * Math.sqrt((k + 1) / AROUND.places);
  const angle = k * Math.PI * (3 - Math.sqrt(5));
  return [Math.round(radius * Math.cos(angle)), Math.round(radius * Math.sin(angle))] as const;
});

/**
 * An estimate of a drawing, each colour drawn to the mean of those around that are alike (one step of mean shift, Fukunaga & Hostetler
 * 1975): a drawing has few colours, and errors lead away from them. By Tweedie's formula that is what is to be expected of an estimate
 * whose errors are as large as what is taken for alike. [channels, height, width]; the estimate itself where it was `over` before the end.
 */
export function* coloursGathered(
  { width, height, channels }: Picture,
  estimate: Float32Array,
  sigma: number,
  over: IsOver,
): Pieces<Float32Array> {
  const n = width * height;
  const sums = estimate.slice();
  const weights = new Float32Array(width);
  const scale = TABLE.size / (TABLE.most * (ALIKE * sigma) ** 2);
  for (let y = 0; y < height; y++) {
    if (over()) return estimate;
    weights.fill(1);
    for (const [dx, dy] of PLACES) {
      if (y + dy < 0 || y + dy >= height) continue;
      const to = Math.min(width, width - dx);
      for (let x = Math.max(0, -dx), i = y * width + x, j = i + dy * width + dx; x < to; x++, i++, j++) {
        let off = 0;
        for (let p = 0; p < channels; p++) off += (estimate[i + p * n] - estimate[j + p * n]) ** 2;
        const at = off * scale;
        if (!(at < TABLE.size)) continue;
        const weight = WEIGHTS[Math.round(at)];
        weights[x] += weight;
        for (let p = 0; p < channels; p++) sums[i + p * n] += weight * estimate[j + p * n];
      }
    }
    for (let x = 0; x < width; x++)
      for (let p = 0, i = y * width + x; p < channels; p++, i += n) sums[i] /= weights[x];
    yield;
  }
  return sums;
}
