import { describe, expect, it } from 'vitest';
import { findCracks } from '../../src/engine/defects/cracks.ts';
import { toPicture } from '../../src/engine/image/picture.ts';
import { findDefects, type PlanarImage } from '../../src/engine/index.ts';
import { uniform } from '../../src/engine/random.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';

const SIDE = 200;

/** Lines across a picture that wander by so much from px to px: [side, side] how much each covers. */
function net(wander: number, seed = 1): Float32Array {
  const cover = new Float32Array(SIDE * SIDE);
  for (let line = 0; line < 8; line++) {
    const random = (i: number) => uniform(seed, 1000 * line + i);
    const upright = line % 2 === 0;
    let [x, y] = upright ? [SIDE * random(0), 0] : [0, SIDE * random(0)];
    const course = (upright ? Math.PI / 2 : 0) + random(1) - 0.5;
    for (let step = 2; step < 1.3 * SIDE; step++) {
      const angle = course + wander * (random(3 * (step >> 2)) - 0.5);
      [x, y] = [x + Math.cos(angle), y + Math.sin(angle)];
      const depth = 0.7 + 0.3 * random(3 * (step >> 4) + 1);
      for (let v = Math.floor(y) - 1; v <= y + 2; v++)
        for (let u = Math.floor(x) - 1; u <= x + 2; u++) {
          if (u < 0 || v < 0 || u >= SIDE || v >= SIDE) continue;
          const near = Math.max(0, 1 - Math.hypot(u - x, v - y) / 1.8);
          cover[v * SIDE + u] = Math.max(cover[v * SIDE + u], Math.min(1, 1.6 * near) * depth);
        }
    }
  }
  return cover;
}

const ground = (x: number, y: number) => 0.4 + 0.2 * Math.sin(x / 25) * Math.cos(y / 31);
const SEPIA = [0.85, 1, 1.25];

/** A toned picture with bright and with dark lines over it; its colours vary by `coloured`. */
function print(
  bright: Float32Array | null,
  dark: Float32Array | null = null,
  coloured = 0,
  times = 1,
): PlanarImage {
  const side = times * SIDE;
  const planes = SEPIA.map((power, c) =>
    Float32Array.from({ length: side * side }, (_, i) => {
      const [x, y] = [Math.floor((i % side) / times), Math.floor(i / side / times)];
      const at = y * SIDE + x;
      let value = ground(x, y) ** power + coloured * (c - 1) * Math.sin(x / 9);
      value += (0.88 - value) * (bright?.[at] ?? 0);
      value += (0.08 - value) * (dark?.[at] ?? 0);
      return Math.round(255 * Math.min(1, Math.max(0, value))) / 255;
    }),
  );
  return { planes, width: side, height: side };
}

const cracksIn = (image: PlanarImage) =>
  new Set(atOnce(findCracks(toPicture(image))).flatMap(({ pixels }) => pixels));

describe('a print that is cracked down to its paper', () => {
  const cover = net(2.4);

  it('has its cracks found, and hardly anything beside them', () => {
    const { mask, defects } = findDefects(print(cover));
    const found = new Set([...mask.data.keys()].filter((at) => mask.data[at] === 0));
    expect(defects.length).toBeGreaterThan(5);
    const near = [0, -1, 1, -SIDE, SIDE];
    const right = [...found].filter((at) => near.some((step) => cover[at + step] > 0)).length;
    const seen = [...cover.keys()].filter((at) => cover[at] > 0.3);
    expect(right / found.size).toBeGreaterThan(0.9);
    expect(seen.filter((at) => found.has(at)).length / seen.length).toBeGreaterThan(0.6);
  });

  it('is one when it was scanned more finely, too', () => {
    const share = cracksIn(print(cover)).size / SIDE ** 2;
    expect(cracksIn(print(cover, null, 0, 2)).size / (2 * SIDE) ** 2).toBeCloseTo(share, 2);
  });
});

describe('no net of cracks is', () => {
  it.each([
    ['what is in colours', print(net(2.4), null, 0.2)],
    ['what has dark lines like the bright ones', print(net(2.4), net(2.4, 2))],
    ['what does not wander: wires, planks and rays', print(net(0))],
    ['a few lines', print(Float32Array.from(net(2.4), (value, i) => (i < 60 * SIDE ? value : 0)))],
  ])('%s', (_, image) => {
    expect(cracksIn(image).size).toBe(0);
  });
});
