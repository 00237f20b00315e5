import { expect, it } from 'vitest';
import { atOnce, awaited, inTurns, inTurnsUntil, type Pieces } from '../../src/engine/time-slicing.ts';

const later = () => new Promise<number>((resolve) => setTimeout(resolve, 5, 2));

function* work(): Pieces<number> {
  yield;
  return 1 + (yield* awaited(later()));
}

it('work goes on with what it waited for, also where the time is looked at', async () => {
  expect([await inTurns(work()), await inTurnsUntil(() => false, work())]).toEqual([3, 3]);
});

it('what it waits for in vain ends it', async () => {
  const failed = inTurns(awaited(Promise.reject(new Error('Not loaded.'))));
  await expect(failed).rejects.toThrow('Not loaded.');
});

it('work that waits cannot be done at once', () => {
  expect(() => atOnce(work())).toThrow('inTurns');
});
