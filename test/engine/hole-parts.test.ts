import { describe, expect, it } from 'vitest';
import { restore } from '../../src/engine/index.ts';
import { uniform } from '../../src/engine/random.ts';
import { holeOf } from '../../src/engine/tasks/hole.ts';
import { partsOf } from '../../src/engine/tasks/hole-parts.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';

const [width, height] = [144, 96];
const n = width * height;
type Shape = (x: number, y: number) => boolean;
const at = (shape: Shape) => (_: unknown, i: number) => shape(i % width, Math.floor(i / width));
const maskOf = (...shapes: Shape[]) => ({
  data: Uint8Array.from({ length: n }, (_, i) => (shapes.some((shape) => at(shape)(0, i)) ? 0 : 255)),
  width,
  height,
});
const scratch: Shape = (x, y) => Math.abs(x - 20 - 0.1 * y) < 1.6;
const square: Shape = (x, y) => x >= 80 && x < 110 && y >= 30 && y < 60;
/** Goes through the square. */
const crack: Shape = (x, y) => Math.abs(y - 44) < 2 && x > 60 && x < 132;

/** The same, up to the picture's border. */
const tear: Shape = (x, y) => Math.abs(y - 44) < 2 && x > 60;
const edge: Shape = (x) => x < 20;

describe('partsOf', () => {
  const parts = (shapes: readonly Shape[], feather = 0) =>
    atOnce(partsOf(atOnce(holeOf(maskOf(...shapes), width, height, { grow: 0, feather })), width, height));
  const marked = (known: Uint8Array | undefined) => [...known!.keys()].filter((i) => known![i] === 0);

  it('is all of a hole that is thin, or thick, its corners and what fades out of it too', () => {
    expect(parts([scratch]).thick).toBeUndefined();
    expect(parts([square]).thin).toBeUndefined();
    expect(parts([square], 20).thin).toBeUndefined();
  });

  it('counts what reaches the border as thick as it is in the picture, and no more', () => {
    const { thin, thick } = parts([square, tear]);
    const isIn = (part: Uint8Array | undefined, x: number) => part?.[44 * width + x] === 0;
    expect([95, 140].map((x) => isIn(thick?.known, x))).toEqual([true, false]);
    expect([95, 140].map((x) => isIn(thin?.known, x))).toEqual([false, true]);
    expect(atOnce(holeOf(maskOf(edge), width, height, { grow: 0, feather: 0 })).thickness).toBe(20);
    expect(parts([edge]).thick).toBeUndefined();
  });

  it('tells a stroke from what is thick, near that as its prolongation', () => {
    const { thin, thick } = parts([scratch, square, crack], 4);
    const both = [...marked(thin?.known), ...marked(thick?.known)];
    expect(new Set(both).size).toBe(both.length);
    expect(both.length).toBe(maskOf(scratch, square, crack).data.filter((known) => known === 0).length);
    const strokes = marked(thin?.known);
    expect(strokes.some((i) => i % width > 80 && i % width < 110)).toBe(false);
    for (const x of [20, 64, 125]) expect(strokes.some((i) => Math.abs((i % width) - x) < 2)).toBe(true);
    expect(thin?.blend.every((share, i) => share === 0 || thick?.blend[i] === 0)).toBe(true);
  });
});

it('a scratch is filled as if it were alone, and what is thick beside it by copies', async () => {
  const grain = (i: number) => 0.15 * (uniform(4, i) - 0.5);
  const stripes = Float32Array.from(
    { length: n },
    (_, i) => 0.5 + 0.3 * Math.sin((i % width) / 3 + i / 900) + grain(i),
  );
  const filled = async (...shapes: Shape[]) => {
    const options = { task: 'inpaint', mask: maskOf(...shapes), quality: 'fast' } as const;
    return (await restore({ planes: [stripes], width, height }, options)).image.planes[0];
  };
  const [alone, both] = [await filled(scratch), await filled(scratch, square)];
  const isHole = at((x, y) => scratch(x, y) || square(x, y));
  expect(both.every((value, i) => isHole(0, i) || value === stripes[i])).toBe(true);
  const far = alone.map((value, i) => (at(scratch)(0, i) ? Math.abs(value - both[i]) : 0));
  expect(Math.max(...far)).toBeLessThan(1 / 255);
  const inside = both.filter((_, i) => at((x, y) => x > 84 && x < 106 && y > 34 && y < 56)(0, i));
  expect(Math.max(...inside) - Math.min(...inside)).toBeGreaterThan(0.5);
});
