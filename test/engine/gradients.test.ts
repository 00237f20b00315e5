import { describe, expect, it } from 'vitest';
import { findDrawn } from '../../src/engine/image/drawn.ts';
import { withGradients } from '../../src/engine/image/gradients.ts';
import type { Picture } from '../../src/engine/image/picture.ts';
import { upscale } from '../../src/engine/tasks/upscale.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';

const SIZE = 48;

/** Samples of 8 bits, means over `scale` times finer points than pixels are. */
function drawn(scale: number, colourAt: (x: number, y: number) => readonly number[]): Picture {
  const [side, fine] = [SIZE * scale, 4];
  const points = Array.from({ length: fine * fine }, (_, s) => [
    (s % fine) + 0.5,
    Math.floor(s / fine) + 0.5,
  ]);
  const planes = [0, 1, 2].map((c) =>
    Float32Array.from({ length: side * side }, (_, i) => {
      const at = ([u, v]: number[]) =>
        colourAt(((i % side) + u / fine) / scale, (Math.floor(i / side) + v / fine) / scale)[c];
      return Math.round(points.reduce((sum, point) => sum + at(point), 0) / points.length) / 255;
    }),
  );
  const colour = Float32Array.from(planes.flatMap((plane) => [...plane]));
  return { width: side, height: side, channels: 3, colour, alpha: null };
}

/** A card whose colours change across it, white strokes on it, and its soft shadow. */
function card(x: number, y: number): number[] {
  const inside = Math.abs(x - 24) < 15.3 && Math.abs(y - 22) < 13.6;
  const stroke = inside && Math.abs(y - 22 - 0.4 * (x - 24)) < 1.7;
  if (stroke) return [255, 255, 255];
  const shade = 60 * Math.exp(-(((x - 24) / 14) ** 4) - ((y - 27) / 14) ** 4);
  return inside ? [250 - 2 * x - y, 110 - 1.5 * x, 20 + 0.7 * y] : [245 - shade, 245 - shade, 250 - shade];
}

describe('gradients of drawings', () => {
  it('are enlarged as they are drawn, without lines beside their edges', async () => {
    const small = drawn(1, card);
    const truth = drawn(3, card);
    const job = await upscale(small, { task: 'upscale', scale: 3, quality: 'fast' });
    const result = atOnce(job.lastWord!(job.start().colour)).colour;
    const side = truth.width;
    const isInside = (x: number, y: number) =>
      Math.abs(x / 3 - 24) < 13 && Math.abs(y / 3 - 22) < 11 && Math.abs(y / 3 - 22 - 0.4 * (x / 3 - 24)) > 5;
    let worst = 0;
    for (let i = 0; i < result.length; i++) {
      const [x, y] = [i % side, Math.floor((i % side ** 2) / side)];
      if (isInside(x, y)) worst = Math.max(worst, Math.abs(result[i] - truth.colour[i]));
    }
    expect(255 * worst).toBeLessThan(2.5);
  });

  it('are no photograph behind a blur', () => {
    const blurred = drawn(1, (x, y) => {
      const value = 128 + 90 * Math.sin(x / 5) * Math.cos(y / 6);
      return [value, 0.8 * value, 0.5 * value + 20];
    });
    const found = atOnce(findDrawn(blurred));
    expect(atOnce(withGradients(blurred, found))).toBe(found);
  });
});
