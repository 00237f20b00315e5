import { expect, it } from 'vitest';
import { recompressed } from '../../src/engine/jpeg/recompress.ts';
import { tableOfQuality } from '../../src/engine/jpeg/tables.ts';
import { wiener } from '../../src/engine/jpeg/wiener.ts';
import { wienerResult, wienerTask } from '../../src/engine/jpeg/wiener-task.ts';
import { createPool } from '../../src/engine/nonlocal/pool.ts';
import { normal, streamKey } from '../../src/engine/random.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';

const [width, height] = [45, 37];
const all = { x: 0, y: 0, width, height };
const plane = (f: (x: number, y: number) => number) => ({
  data: Float32Array.from({ length: width * height }, (_, i) => f(i % width, Math.floor(i / width))),
  width,
  height,
});
const off = (a: { data: Float32Array }, b: { data: Float32Array }) =>
  Math.sqrt(a.data.reduce((sum, value, i) => sum + (value - b.data[i]) ** 2, 0) / a.data.length);
const key = streamKey(3, 1);
const truth = plane((x, y) => 60 * Math.sin(x / 2) + (x + y > 40 ? 50 : 0));
const noisy = plane((x, y) => truth.data[y * width + x] + 12 * normal(key, y * width + x));

it('a plane filtered by a perfect guide loses most of its noise', () => {
  expect(off(atOnce(wiener(noisy, truth, 144, all)), truth)).toBeLessThan(0.5 * off(noisy, truth));
});

it('with no error to be expected it stays as it is', () => {
  expect(off(atOnce(wiener(noisy, truth, 0, all)), noisy)).toBeLessThan(1e-3);
});

it('flat planes, whose patches are all alike, are covered everywhere', () => {
  const flat = plane(() => 7);
  expect(off(atOnce(wiener(flat, flat, 100, all)), flat)).toBeLessThan(1e-4);
});

it('in a part of it, the result is that of the whole, within what other references add', () => {
  const core = { x: 20, y: 16, width: 9, height: 7 };
  const [whole, part] = [all, core].map((box) => atOnce(wiener(noisy, truth, 144, box)));
  let [sum, changed] = [0, 0];
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [(i % width) - core.x, Math.floor(i / width) - core.y];
    if (x < 0 || y < 0 || x >= core.width || y >= core.height) continue;
    sum += (whole.data[i] - part.data[i]) ** 2 / (core.width * core.height);
    changed += Number(part.data[i] !== noisy.data[i]);
  }
  expect(changed).toBe(core.width * core.height);
  expect(Math.sqrt(sum)).toBeLessThan(3);
});

it('compressing again on shifted grids leaves what is smooth and takes block edges down', () => {
  const table = tableOfQuality(10);
  const flat = plane(() => table[0] / 8);
  expect(off(atOnce(recompressed(flat, table)), flat)).toBeLessThan(1e-3);
  const edges = plane((x) => (x < 16 ? 0 : 5));
  const again = atOnce(recompressed(edges, table));
  const step = (p: { data: Float32Array }) => p.data[18 * width + 16] - p.data[18 * width + 15];
  expect(step(again)).toBeLessThan(0.7 * step(edges));
});

it.each([
  ['all', all],
  ['a part', { x: 20, y: 16, width: 9, height: 7 }],
  ['a corner', { x: 40, y: 30, width: 5, height: 7 }],
])('the kernel filters %s as the plain reference does, within 1e-3 of 255', async (_, core) => {
  const pool = await createPool(undefined);
  const answer = wienerResult(noisy, await pool.run(() => wienerTask(noisy, truth, 144, core)));
  const plain = atOnce(wiener(noisy, truth, 144, core));
  plain.data.forEach((value, i) => {
    expect(Math.abs(answer.data[i] - value)).toBeLessThan(1e-3);
  });
  pool.dispose();
});

it('the kernel filters planes of one patch, and of none that is alike', async () => {
  const small = { data: noisy.data.slice(0, 64), width: 8, height: 8 };
  const pool = await createPool(undefined);
  const core = { x: 0, y: 0, width: 8, height: 8 };
  const answer = wienerResult(small, await pool.run(() => wienerTask(small, small, 144, core)));
  expect(off(answer, atOnce(wiener(small, small, 144, core)))).toBeLessThan(1e-3);
  pool.dispose();
});
