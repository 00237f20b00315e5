import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { progressView } from '../../src/cli/progress.ts';
import type { Progress } from '../../src/engine/options.ts';

const progress = (change: Partial<Progress>): Progress => ({
  ...{ stage: 'network', done: 0, step: 0, steps: 0, part: 1, parts: 1, loss: 0.01, variance: 0 },
  ...{ bestStep: 0, msPerStep: 10, etaMs: 3000 },
  ...change,
});

/** What a stream gets to show of a run with a first answer and a network, as one text. */
function shown(isTTY: boolean): string {
  const stream = Object.assign(new PassThrough(), {
    isTTY,
    columns: 100,
    rows: 30,
    cursorTo() {},
    clearLine() {},
  });
  const view = progressView(false, stream as unknown as NodeJS.WriteStream);
  view.update(progress({ stage: 'nonlocal', done: 0.25 }));
  view.update(progress({ step: 40, steps: 200 }));
  view.close();
  view.update(progress({ step: 41, steps: 200 }));
  return String(stream.read());
}

it('a terminal gets a bar for the first answer, then one for the network', () => {
  expect(shown(true)).toMatch(/first answer, 25 %[\s\S]*40\/200 steps/);
  expect(shown(true)).not.toContain('41/200');
});

it('what is no terminal gets a line now and then', () => {
  expect(shown(false)).toBe('first answer, 25 % done\n');
});
