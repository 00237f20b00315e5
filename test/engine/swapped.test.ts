import { expect, test } from 'vitest';
import { atOnce } from '../../src/engine/time-slicing.ts';
import { withoutSwapped } from '../../src/engine/zero-shot/swapped.ts';

const [WIDTH, HEIGHT, HALF] = [96, 41, 48];

/** Three planes of `at(x, y)`. */
function drawn(at: (x: number, y: number) => number) {
  const plane = Float32Array.from({ length: WIDTH * HEIGHT }, (_, i) => at(i % WIDTH, Math.floor(i / WIDTH)));
  const colour = new Float32Array(3 * plane.length);
  for (let c = 0; c < 3; c++) colour.set(plane, c * plane.length);
  return { width: WIDTH, height: HEIGHT, channels: 3, colour, alpha: null } as const;
}

const stripes = (x: number) => 0.5 + 0.2 * Math.cos((2 * Math.PI * x) / 3.75);
const finer = (x: number, y: number) => 0.5 + 0.2 * Math.cos((2 * Math.PI * (x + y)) / 3.5);
const soft = (x: number) => 0.5 + 0.3 * Math.tanh((x - 72) / 1.6);
const sharp = (x: number) => 0.5 + 0.3 * Math.tanh((x - 72) / 0.8);

test('stripes that were swapped for others are as they were; a sharper edge far from them stays', () => {
  const base = drawn((x) => (x < HALF ? stripes(x) : soft(x)));
  const learnt = drawn((x, y) => (x < HALF ? finer(x, y) : sharp(x)));
  const told = atOnce(withoutSwapped(base, { ...learnt, colour: learnt.colour.slice() })).colour;
  let [inStripes, atEdge] = [0, 0];
  for (let i = 0; i < told.length; i++) {
    const x = i % WIDTH;
    if (x < HALF - 12) inStripes = Math.max(inStripes, Math.abs(told[i] - base.colour[i]));
    if (x > 66 && x < 78) atEdge = Math.max(atEdge, Math.abs(told[i] - learnt.colour[i]));
  }
  expect(inStripes).toBeLessThan(1e-6);
  expect(atEdge).toBeLessThan(0.01);
});

test('what only makes sharper is left bit for bit', () => {
  const base = drawn((x) => (x < HALF ? stripes(x) : soft(x)));
  const learnt = drawn((x) => (x < HALF ? 0.5 + 1.3 * (stripes(x) - 0.5) : sharp(x)));
  const colour = learnt.colour.slice();
  expect(atOnce(withoutSwapped(base, { ...learnt, colour })).colour).toEqual(learnt.colour);
});
