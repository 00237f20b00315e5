import { expect, it } from 'vitest';
import {
  atOnce,
  awaited,
  inStretches,
  inTurns,
  inTurnsUntil,
  mapped,
  type Pieces,
} from '../../src/engine/time-slicing.ts';

const later = () => new Promise<number>((resolve) => setTimeout(resolve, 5, 2));

function* work(): Pieces<number> {
  yield;
  return 1 + (yield* awaited(later()));
}

it('work goes on with what it waited for, also where the time is looked at', async () => {
  expect([await inTurns(work()), await inTurnsUntil(() => false, work())]).toEqual([3, 3]);
});

it('what it waits for in vain ends it', async () => {
  function* failing(): Pieces<never> {
    return yield* awaited(Promise.reject(new Error('Not loaded.'))); // only once it is asked for
  }
  const failed = inTurns(failing());
  await expect(failed).rejects.toThrow('Not loaded.');
});

it('a long loop goes round as often in pieces, in order', () => {
  const seen: number[] = [];
  const pieces = [...inStretches(10, (from, to) => seen.push(from, to), 4)];
  expect([pieces.length, seen]).toEqual([3, [0, 4, 4, 8, 8, 10]]);
  const values = Float32Array.from({ length: 70000 }, (_, i) => i);
  const half = mapped(values, (value, i) => (value + i) / 4);
  expect(half.next().done).toBe(false);
  expect(atOnce(half)).toEqual(values.map((value) => value / 2));
});

it('work ends with an AbortError before the next piece after its signal', async () => {
  const leave = new AbortController();
  const done: string[] = [];
  function* leaving(): Pieces<void> {
    done.push('one');
    leave.abort();
    yield;
    done.push('another');
  }
  const aborted = { name: 'AbortError' };
  await expect(inTurns(leaving(), leave.signal)).rejects.toMatchObject(aborted);
  await expect(inTurnsUntil(() => false, leaving(), leave.signal)).rejects.toMatchObject(aborted);
  expect(done).toEqual(['one']);
});

it('work that waits cannot be done at once', () => {
  expect(() => atOnce(work())).toThrow('inTurns');
});
