import { expect, it } from 'vitest';
import { AREA, dct, inverseDct, SIDE } from '../../src/engine/jpeg/dct.ts';

/** ITU-T T.81, A.3.3, as it stands there. */
function plain(block: Float64Array): Float64Array {
  const scale = (k: number) => Math.sqrt((k === 0 ? 1 : 2) / SIDE);
  const cosine = (x: number, k: number) => Math.cos(((2 * x + 1) * k * Math.PI) / 16);
  return Float64Array.from({ length: AREA }, (_, i) => {
    const [v, u] = [i >> 3, i & 7];
    let sum = 0;
    for (let y = 0; y < SIDE; y++)
      for (let x = 0; x < SIDE; x++) sum += block[y * SIDE + x] * cosine(x, u) * cosine(y, v);
    return scale(u) * scale(v) * sum;
  });
}

it('the fast cosine transform is the plain one, within 1e-12, and is undone by its inverse', () => {
  const blocks = Float64Array.from({ length: 3 * AREA }, (_, i) => Math.sin(i * i));
  const work = blocks.slice();
  dct(work, AREA);
  const [first, second, third] = [0, 1, 2].map((b) => blocks.slice(b * AREA, (b + 1) * AREA));
  expect(work.slice(0, AREA)).toEqual(first);
  expect(work.slice(2 * AREA)).toEqual(third);
  plain(second).forEach((value, i) => {
    expect(work[AREA + i]).toBeCloseTo(value, 12);
  });
  inverseDct(work, AREA);
  second.forEach((value, i) => {
    expect(work[AREA + i]).toBeCloseTo(value, 12);
  });
});
