import { availableParallelism } from 'node:os';
import { expect, it } from 'vitest';
import { affordableThreads } from '../../src/node/addresses.ts';

it('starts no more threads than there are processors, and addresses', () => {
  expect([0, 2e9, 3.3e9].map(affordableThreads)).toEqual([0, 0, Math.min(2, availableParallelism())]);
  expect(affordableThreads(Number.POSITIVE_INFINITY)).toBe(availableParallelism());
  expect(affordableThreads()).toBeGreaterThan(0);
});
