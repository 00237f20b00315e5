import type { Crossing } from './crossings.ts';
import type { Level } from './level.ts';
import { type Beside, BROAD } from './strokes.ts';

/** What stands out so much, [0, 1], is met by a line, and not only the ground beside another one. */
const MET = 0.1;
/** Steps a pixel. */
const STEPS = 4;

/** A line that ends at another one. */
interface Tee {
  readonly from: Crossing;
  readonly to: Crossing;
  readonly length: number;
}

/** Where an end that nothing goes on with meets what is drawn already, straight on through the hole; undefined where it meets nothing. */
export function teeOf(level: Level, from: Crossing, contrast: Float32Array): Tee | undefined {
  const { width, height, hole } = level;
  let [inside, most, length] = [0, 0, 0];
  for (let k = 0; ; k++) {
    const [u, v] = [
      Math.round(from.x - (k / STEPS) * from.outX),
      Math.round(from.y - (k / STEPS) * from.outY),
    ];
    const isOut = u < 0 || v < 0 || u >= width || v >= height;
    const i = isOut ? 0 : v * width + u;
    if (!isOut && hole[i]) inside++;
    // It has come out of the hole again, or past the middle of what it meets.
    if (isOut || (!hole[i] && inside > 0) || (most >= MET && contrast[i] < most)) break;
    if (contrast[i] > most) [most, length] = [contrast[i], k / STEPS];
  }
  if (most < MET) return undefined;
  const { profile, outX, outY } = from;
  const mirrored = { at: (across: number) => profile.at(-across) };
  const [x, y] = [from.x - length * outX, from.y - length * outY];
  return { from, to: { x, y, outX: -outX, outY: -outY, profile: mirrored, isShort: false }, length };
}

/** The pixels of the hole at it. */
export function besideTee({ width, height, hole }: Level, { from, to, length }: Tee): Map<number, Beside> {
  const places = new Map<number, Beside>();
  const range = (a: number, b: number, end: number) =>
    [Math.max(0, Math.ceil(Math.min(a, b) - BROAD)), Math.min(end, Math.max(a, b) + BROAD)] as const;
  const [left, right] = range(from.x, to.x, width - 1);
  const [top, bottom] = range(from.y, to.y, height - 1);
  for (let y = top; y <= bottom; y++)
    for (let x = left; x <= right; x++) {
      const [dx, dy] = [x - from.x, y - from.y];
      const along = -(dx * from.outX + dy * from.outY);
      const across = dx * from.outY - dy * from.outX;
      if (hole[y * width + x] && Math.abs(across) <= BROAD && along >= 0 && along <= length)
        places.set(y * width + x, { share: 0, across });
    }
  return places;
}
