import { afterEach, expect, it, vi } from 'vitest';
import type { Progress } from '../../src/engine/options.ts';
import { Reporter } from '../../src/engine/run/reporter.ts';

afterEach(() => {
  vi.useRealTimers();
});

it('tells the pace of the steps: a slow start does not make what is left look longer', async () => {
  vi.useFakeTimers();
  const seen: Progress[] = [];
  const onProgress = (progress: Progress) => void seen.push(progress);
  const reporter = new Reporter({ task: 'denoise', previewEveryMs: 0, onProgress });
  const position = { steps: 100, bestStep: 0, record: { loss: 1, variance: 1 } as never, part: 1, parts: 1 };
  // Compiling for a graphics card, say, takes a minute; then every step takes 20 ms.
  vi.advanceTimersByTime(60_000);
  await reporter.report({ ...position, step: 1 }, undefined as never);
  vi.advanceTimersByTime(200);
  await reporter.report({ ...position, step: 11 }, undefined as never);
  expect(seen.map(({ msPerStep, etaMs }) => [msPerStep, etaMs])).toEqual([
    [60_000, 99 * 60_000],
    [20, 89 * 20],
  ]);
});
