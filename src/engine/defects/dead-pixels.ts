import type { Picture } from '../image/picture.ts';
import type { Pieces } from '../time-slicing.ts';

/** How far a dead pixel is off all of its neighbours at least; and how far these lie apart at most, of the full range. */
const OFF = 0.3;
const SMOOTH = 0.06;
/** Of its neighbours, how many are exactly alike at most: a dot on a flat ground is drawn. */
const ALIKE = 3;
/** Share of all pixels from which they are no defects of a sensor: noise, stars, dots of a pattern. */
const MOST = 1e-4;

/** Single pixels, stuck in one colour or all, in a place that is smooth but for them; as indices. */
export function* deadPixels({ colour, channels, width, height }: Picture): Pieces<number[]> {
  const n = width * height;
  const around = [-width - 1, -width, -width + 1, -1, 1, width - 1, width, width + 1];
  const found: number[] = [];
  for (let y = 1; y + 1 < height; y++) {
    for (let x = 1; x + 1 < width; x++) {
      const at = y * width + x;
      for (let c = 0; c < channels; c++) {
        const i = c * n + at;
        // Nearly all pixels end here.
        if (!(Math.abs(colour[i] - colour[i - 1]) >= OFF)) continue;
        let [least, most, alike] = [1, 0, 0];
        for (const step of around) {
          const value = colour[i + step];
          if (value === colour[i - 1]) alike++;
          [least, most] = [Math.min(least, value), Math.max(most, value)];
        }
        if (!(most - least <= SMOOTH && Math.max(colour[i] - most, least - colour[i]) >= OFF)) continue;
        if (alike > ALIKE) continue;
        found.push(at);
        break;
      }
    }
    yield;
  }
  return found.length <= Math.max(1, MOST * n) ? found : [];
}
