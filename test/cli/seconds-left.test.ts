import { afterEach, expect, it, vi } from 'vitest';
import { readInputs } from '../../src/cli/read-inputs.ts';
import { secondsLeft } from '../../src/cli/seconds-left.ts';
import { restore } from '../../src/engine/index.ts';
import type { RestoreOptions } from '../../src/engine/options.ts';
import { encodeImage } from '../../src/node/encode.ts';
import { noisy, scene } from '../support/pictures.ts';

afterEach(() => vi.restoreAllMocks());

const image = {
  ...scene(64, 64),
  format: { bits: 8, grey: false, alpha: false },
  metadata: {},
  notes: [],
  container: 'png',
} as unknown as Parameters<typeof secondsLeft>[1];

it('keeps what went by and what writing is going to take', async () => {
  let now = 4000;
  vi.spyOn(performance, 'now').mockImplementation(() => {
    now += 100;
    return now;
  });
  // 4 s went by, and 0.2; a quarter of the result took 0.1 to write.
  const given = { seconds: 10, began: 0 };
  expect(await secondsLeft(given, image, { format: 'png', scale: 2 })).toBeCloseTo(10 - 4.3 - 0.4, 6);
  expect(await secondsLeft({ ...given, seconds: 2 }, image, { format: 'png', scale: 1 })).toBe(0.001);
});

it('leaves it to the result to say that it cannot be encoded', async () => {
  vi.spyOn(performance, 'now').mockReturnValue(4000);
  const given = { seconds: 10, began: 0 };
  const noFormat = { format: 'none' as never, scale: 1 };
  expect(await secondsLeft(given, image, noFormat)).toBeCloseTo(6, 6);
});

it.each([
  ['what is wrong', { task: 'auto' }, {}],
  ['what is damaged', { task: 'inpaint' }, { mask: 'auto' }],
] satisfies [string, RestoreOptions, { mask?: string }][])(
  'looks for %s no longer than there is time for',
  async (_, options: RestoreOptions, flags) => {
    const format = { bits: 8, grey: false, alpha: false } as const;
    const source = await encodeImage('x.png', noisy(scene(160, 160), 25), format);
    for (const looks of [0, 5]) {
      let asked = 0;
      const asks = { ...options };
      const { image, findings } = await readInputs(
        { source, name: 'x.png' },
        { ...flags, quiet: true },
        asks,
        () => asked++ >= looks,
      );
      expect(asked).toBeLessThan(looks + 5);
      expect(findings?.join() ?? 'time').toMatch(/time/);
      const result = await restore(image, { maxSeconds: 0.001, ...asks });
      expect(result).toMatchObject({ task: 'none', stoppedBy: 'time' });
      expect(result.notes.join()).toMatch(/time ran out before it was known what is wrong/);
    }
  },
);
