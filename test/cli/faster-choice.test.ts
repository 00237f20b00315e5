import { afterEach, expect, it, vi } from 'vitest';
import { announce } from '../../src/cli/announce.ts';
import type { Quality } from '../../src/engine/choices.ts';
import { estimate } from '../../src/engine/estimate/estimate.ts';

vi.mock('../../src/engine/estimate/estimate.ts', () => ({ estimate: vi.fn() }));
afterEach(() => vi.restoreAllMocks());

/** What is said of a picture that takes so long. */
async function said(quality: Quality, seconds: Partial<Record<Quality, number>>): Promise<string> {
  const written: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((words) => written.push(String(words)) > 0);
  const cost = (of: Quality) => ({ seconds: seconds[of]!, bytes: 0, stages: ['nonlocal' as const] });
  vi.mocked(estimate).mockImplementation((async (
    _image: unknown,
    _options: unknown,
    [of]: readonly Quality[],
  ) => ({
    [of]: cost(of),
  })) as unknown as typeof estimate);
  const plane = new Float32Array(400 * 300);
  await announce({ planes: [plane], width: 400, height: 300 }, { task: 'denoise', quality });
  return written.join('');
}

it('names the faster choice over two minutes, where it is one', async () => {
  expect(await said('balanced', { balanced: 150, fast: 40 })).toBe(
    'Takes about 2 min 30 s; --quality fast about 40 s.\n',
  );
  expect(await said('best', { best: 121, fast: 119 })).toBe('Takes about 2 min 1 s.\n');
  expect(await said('balanced', { balanced: 119, fast: 40 })).toBe('Takes about 1 min 59 s.\n');
  expect(await said('fast', { fast: 150 })).toBe('Takes about 2 min 30 s.\n');
});
