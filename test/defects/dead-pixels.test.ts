import { expect, it } from 'vitest';
import { deadPixels } from '../../src/engine/defects/dead-pixels.ts';
import { toPicture } from '../../src/engine/image/picture.ts';
import { uniform } from '../../src/engine/random.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';

const SIZE = 200;
const PLACES = [20 * SIZE + 100, 150 * SIZE + 40];
/** Shares of 3 × 3: one pixel; and what interpolation makes of a green, and of a red or blue, sample of a Bayer mosaic. */
const ALONE = [0, 0, 0, 0, 1, 0, 0, 0, 0];
const GREEN = [0, 0.25, 0, 0.25, 1, 0.25, 0, 0.25, 0];
const RED = [0.25, 0.5, 0.25, 0.5, 1, 0.5, 0.25, 0.5, 0.25];
const ALL = [0, 1, 2];

interface Spot {
  readonly at: number;
  readonly shape: readonly number[];
  readonly channels: readonly number[];
  readonly to: number;
}
const smooth = (c: number, i: number) => 0.4 + (i % SIZE) / 1000 + 0.02 * uniform(c, i);

function withSpots(spots: readonly Spot[], ground = smooth) {
  const planes = ALL.map((c) => Float32Array.from({ length: SIZE ** 2 }, (_, i) => ground(c, i)));
  for (const { at, shape, channels, to } of spots)
    for (const c of channels) {
      const rise = to - planes[c][at];
      shape.forEach((share, i) => {
        const place = at + (Math.floor(i / 3) - 1) * SIZE + (i % 3) - 1;
        planes[c][place] = Math.min(1, Math.max(0, planes[c][place] + share * rise));
      });
    }
  return toPicture({ planes, width: SIZE, height: SIZE });
}

const at = (places: readonly number[], shape: readonly number[], channels = ALL, to = 1): Spot[] =>
  places.map((place) => ({ at: place, shape, channels, to }));

it.each([
  ['white', ALONE, ALL, 1, 1, 'bright'],
  ['stuck at red', ALONE, [0], 1, 1, 'bright'],
  ['black', ALONE, ALL, 0, 1, 'dark'],
  ['a hot green sample of a mosaic', GREEN, [1], 1, 5, 'bright'],
  ['a hot blue one', RED, [2], 1, 9, 'bright'],
  ['a dead red one', RED, [0], 0, 9, 'dark'],
] as const)(
  'a pixel that is %s is found with what it changed around it',
  (_, shape, channels, to, area, polarity) => {
    const found = atOnce(deadPixels(withSpots(at(PLACES, shape, [...channels], to))));
    expect(found.map(({ pixels }) => pixels[0])).toEqual(PLACES);
    expect(found.map((one) => [one.pixels.length, one.polarity])).toEqual(PLACES.map(() => [area, polarity]));
  },
);

it.each([
  ['a star, soft and of all channels', withSpots(at(PLACES, GREEN))],
  ['a softer one', withSpots(at(PLACES, RED))],
  [
    'a star as sharp as a dead pixel, among as many soft ones',
    withSpots([...at(PLACES, ALONE), ...at([10050, 20050], RED)]),
  ],
  ['a dot on a flat ground', withSpots(at(PLACES, ALONE), () => 0.5)],
  ['a grain', withSpots(at(PLACES, ALONE), (c, i) => 0.3 + 0.5 * uniform(c, i))],
  ['an edge', withSpots([], (_, i) => (i % SIZE > 80 ? 0.9 : 0.1))],
])('%s is none', (_, picture) => {
  expect(atOnce(deadPixels(picture))).toEqual([]);
});
