import { describe, expect, it } from 'vitest';
import type { Executor, Run, StepRecord } from '../../src/engine/executors/executor.ts';
import { toPicture } from '../../src/engine/image/picture.ts';
import { optimise } from '../../src/engine/optimise.ts';
import type { Quality, Task } from '../../src/engine/options.ts';
import { recipeFor } from '../../src/engine/recipes.ts';
import { denoiseProblem } from '../../src/engine/tasks/denoise.ts';
import { scene } from '../support/pictures.ts';

const [width, height] = [16, 16];

/** Notes at which step which share of the rate was asked for; a step takes `ms`. */
async function ratesOf(task: Task, quality: Quality, ms: number): Promise<[step: number, rate: number][]> {
  const rates: [number, number][] = [];
  let step = 0;
  const run: Run = {
    bytes: 0,
    write: () => {},
    read: async () => new Float32Array(3 * width * height),
    control: (rate) => rates.push([step, rate]),
    steps: async (count) => {
      const until = performance.now() + ms * count;
      while (performance.now() < until);
      return Array.from({ length: count }, (): StepRecord => ({ step: step++, loss: 1, variance: 1 }));
    },
    checkpoint: () => {},
    rollback: () => {},
    dispose: () => {},
  };
  const executor = { compile: async () => run } as unknown as Executor;
  const problem = denoiseProblem(toPicture(scene(width, height)), { x: 0, y: 0, width, height });
  const options = { task, quality } as const;
  const recipe = { ...recipeFor(task, options, { width, height }), patience: Number.POSITIVE_INFINITY };
  await optimise(executor, problem, recipe, 1, options, async () => {}, Number.POSITIVE_INFINITY);
  return rates;
}

describe('the learning rate', () => {
  it('falls nearly to nothing where a fill ends, at the same steps on slow machines as on fast ones', async () => {
    const fast = await ratesOf('inpaint', 'fast', 0);
    expect(await ratesOf('inpaint', 'fast', 3)).toEqual(fast);
    const rates = fast.map(([, rate]) => rate);
    expect(rates).toEqual([...rates].sort((a, b) => b - a));
    expect(rates[0]).toBeGreaterThan(0.9);
    expect(rates[rates.length - 1]).toBeLessThan(0.1);
  });

  it('stays where the stop is what ends a run', async () => {
    expect(await ratesOf('denoise', 'fast', 0)).toEqual([]);
  });
});
