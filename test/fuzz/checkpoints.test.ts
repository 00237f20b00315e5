import { expect, it } from 'vitest';
import { decodeCheckpoint, encodeCheckpoint } from '../../src/engine/checkpoints/checkpoint.ts';
import { Journal } from '../../src/engine/checkpoints/journal.ts';
import { CheckpointError } from '../../src/engine/errors.ts';
import { holds, LIMIT, spoils, spoilt, stopwatch } from './fuzz.ts';

const picture = { width: 8, height: 8, channels: 1 as const, colour: new Float32Array(64), alpha: null };
const subject = { picture, options: { task: 'denoise' as const } };
const theta = Float32Array.from({ length: 50 }, (_, i) => Math.sin(i));
const journal = Journal.of([
  ['first', { facts: { networkShare: 0.5 }, planes: { colour: picture.colour } }],
  ['of 1/part 0/run 0/run', { facts: { plan: 'p', state: { rate: 1 } }, planes: { theta } }],
]);
const whole = encodeCheckpoint({ journal, elapsed: 1234 }, subject);

it('checkpoints come back as they were taken', () => {
  const read = decodeCheckpoint(whole, subject);
  expect(read.elapsed).toBe(1234);
  expect(read.journal.entries).toEqual(journal.entries);
});

it('checkpoints, spoilt anyhow, are refused as such, at once', async () => {
  await holds(spoils, (how) => {
    const bytes = spoilt(whole, how);
    if (Buffer.compare(bytes, whole) === 0) return;
    const elapsed = stopwatch();
    expect(() => decodeCheckpoint(bytes, subject)).toThrow(CheckpointError);
    expect(elapsed()).toBeLessThan(LIMIT);
  });
});
