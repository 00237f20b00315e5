import type { Picture } from '../image/picture.ts';
import { inStretches, type Pieces } from '../time-slicing.ts';

/** How far colours may lie from a line of brightness, 1/255, in a picture that is grey or toned. */
const TONED = 4;

/** Whether a picture is grey or toned. */
export function* isMonochrome({ channels, colour, width, height }: Picture): Pieces<boolean> {
  if (channels !== 3) return true;
  const n = width * height;
  const brightness = (i: number) => (colour[i] + colour[n + i] + colour[2 * n + i]) / 3;
  for (const other of [2, 1]) {
    const deviation = yield* deviationFromLine(n, brightness, (i) => colour[i] - colour[other * n + i]);
    if (!(255 * deviation <= TONED)) return false;
  }
  return true;
}

/** Root mean square of what the best line over x leaves of y; samples that are not a number are left out. */
function* deviationFromLine(n: number, x: (i: number) => number, y: (i: number) => number): Pieces<number> {
  let [m, sx, sy, sxx, sxy, syy] = [0, 0, 0, 0, 0, 0];
  yield* inStretches(n, (from, to) => {
    for (let i = from; i < to; i++) {
      const [a, b] = [x(i), y(i)];
      if (Number.isNaN(a)) continue;
      m++;
      sx += a;
      sy += b;
      sxx += a * a;
      sxy += a * b;
      syy += b * b;
    }
  });
  if (m === 0) return 0;
  const [vx, vy, c] = [sxx / m - (sx / m) ** 2, syy / m - (sy / m) ** 2, sxy / m - (sx * sy) / m ** 2];
  return Math.sqrt(Math.max(0, vx > 1e-9 ? vy - c ** 2 / vx : vy));
}
