import { describe, expect, it } from 'vitest';
import { findDrawn } from '../../src/engine/image/drawn.ts';
import { withPens } from '../../src/engine/image/pens.ts';
import type { Picture } from '../../src/engine/image/picture.ts';
import { upscale } from '../../src/engine/tasks/upscale.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';

const SIZE = 32;
const FINE = 8;

/** Black on white, by the share of each pixel that is covered, and how dark it is there. */
function drawn(darkAt: (x: number, y: number) => number): Picture {
  const plane = Float32Array.from({ length: SIZE ** 2 }, (_, i) => {
    let sum = 0;
    for (let s = 0; s < FINE ** 2; s++)
      sum += darkAt(
        (i % SIZE) + ((s % FINE) + 0.5) / FINE,
        Math.floor(i / SIZE) + (Math.floor(s / FINE) + 0.5) / FINE,
      );
    return 1 - Math.round((255 * sum) / FINE ** 2) / 255;
  });
  return { width: SIZE, height: SIZE, channels: 1, colour: plane, alpha: null };
}

/** An arrow's head, of strokes of 1.5 px at 45°, and a shaft between two rows that is as thick as told, and as dark. */
function arrow(half: number, dark: number) {
  return (x: number, y: number): number => {
    const away = Math.abs(y - 16);
    const isHead = x > 16 && x < 28.2 && Math.abs(28 - x - away) * Math.SQRT1_2 < 0.75;
    return isHead ? 1 : x > 3 && x < 27 && away < half ? dark : 0;
  };
}

async function enlarged(small: Picture): Promise<(x: number, y: number) => number> {
  const job = await upscale(small, { task: 'upscale', scale: 4, quality: 'fast' });
  const { colour } = atOnce(job.lastWord!(job.start().colour));
  return (x, y) => colour[y * 4 * SIZE + x];
}

describe('strokes of one pen', () => {
  it('are as dark between two rows of pixels as they are elsewhere', async () => {
    const at = await enlarged(drawn(arrow(0.75, 1)));
    for (let x = 20; x < 56; x++) {
      const column = Array.from({ length: 12 }, (_, i) => at(x, 58 + i));
      expect(column.slice(5, 7)).toEqual([0, 0].map(() => expect.closeTo(0, 1)));
      expect(Math.abs(6 - column.reduce((sum, value) => sum + 1 - value, 0))).toBeLessThan(0.2);
    }
  });

  it('end at the right border, and do not go on at the left one', () => {
    const small = drawn((x, y) => {
      const away = Math.abs(y - 16);
      const isHead = x < 12 && Math.abs(x - 0.5 - away) * Math.SQRT1_2 < 0.75;
      return isHead || (x > 1 && away < 0.75) ? 1 : 0;
    });
    const { ink } = atOnce(withPens(small, atOnce(findDrawn(small))));
    const columns = [...ink!.keys()].map((i) => i % SIZE);
    expect([Math.min(...columns) > 1, Math.max(...columns)]).toEqual([true, SIZE - 1]);
  });

  it.each([0.3, 0.5, 0.9])('are not taken for such where they hold other ink: %s of it', (dark) => {
    const small = drawn(arrow(1, dark));
    const found = atOnce(findDrawn(small));
    expect(atOnce(withPens(small, found))).toBe(found);
  });
});
