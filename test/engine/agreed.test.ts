import { expect, test } from 'vitest';
import { Journal } from '../../src/engine/checkpoints/journal.ts';
import { Failover } from '../../src/engine/executors/failover.ts';
import type { Picture } from '../../src/engine/image/picture.ts';
import { resize } from '../../src/engine/image/resize.ts';
import { streamKey, uniform } from '../../src/engine/random.ts';
import { agreedShare, withShare } from '../../src/engine/zero-shot/agreed.ts';
import { enlargeByLearning } from '../../src/engine/zero-shot/enlarge.ts';
import { LEARNING } from '../../src/engine/zero-shot/settings.ts';

/** Three planes of noise about the middle. */
function speckled(side: number, seed: number, height = 0.5): Picture {
  const key = streamKey(seed, 0);
  const colour = Float32Array.from(
    { length: 3 * side * side },
    (_, i) => 0.5 + height * (uniform(key, i) - 0.5),
  );
  return { width: side, height: side, channels: 3, colour, alpha: null };
}

const sum = (a: Picture, b: Picture, of = (x: number, y: number) => x + y - 0.5): Picture => ({
  ...a,
  colour: a.colour.map((value, i) => of(value, b.colour[i])),
});

test('of answers that are alike all stays, of answers that have nothing in common none', () => {
  const [base, added, other] = [speckled(24, 1), speckled(24, 2, 0.1), speckled(24, 3, 0.1)];
  const one = sum(base, added);
  const both = sum(one, sum(base, other), (x, y) => (x + y) / 2);
  expect(agreedShare(base, one, one)).toBe(1);
  expect(agreedShare(base, one, both)).toBe(0);
  expect(agreedShare(base, base, base)).toBe(0);
  const mostly = sum(
    base,
    sum(added, other, (x, y) => x + 0.7 * (y - 0.5)),
  );
  const share = agreedShare(
    base,
    one,
    sum(one, mostly, (x, y) => (x + y) / 2),
  );
  expect(share).toBeGreaterThan(0.7);
  expect(share).toBeLessThan(1);
  const half = withShare(base, one, 0.5);
  for (const [i, value] of half.colour.entries())
    expect(value).toBeCloseTo(base.colour[i] + 0.5 * (added.colour[i] - 0.5), 6);
});

test('of what is learnt by heart from a few pixels of noise half is left out', async () => {
  const picture = speckled(24, 5);
  const plain = resize(picture, 48, 48, 'lanczos3');
  const failover = await Failover.start('wasm', undefined, undefined);
  const { picture: enlarged } = await enlargeByLearning(picture, plain, {
    ...{ failover, journal: Journal.of(), settings: { ...LEARNING.fast, channels: 8 } },
    ...{ reduction: 'lanczos', seed: 1, allowed: 1e9, clock: () => 0 },
    ...{ stopped: () => false, over: () => false, report: async () => {}, settle: async (whole) => whole },
  });
  let added = 0;
  for (const [i, value] of enlarged.colour.entries()) added += (value - plain.colour[i]) ** 2;
  const deviation = 255 * Math.sqrt(added / enlarged.colour.length);
  failover.dispose();
  expect(deviation).toBeLessThan(12);
});
