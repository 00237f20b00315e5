import { describe, expect, it } from 'vitest';
import { checkOptions } from '../../src/engine/check-options.ts';
import { QUALITIES, TASKS } from '../../src/engine/choices.ts';
import { recipeFor } from '../../src/engine/recipes.ts';

describe('presets', () => {
  it('take longer for better quality, whatever the task', () => {
    for (const task of TASKS) {
      const work = QUALITIES.map((quality) => {
        const { steps, runs } = recipeFor(task, { task, quality });
        return steps * runs;
      });
      expect(work).toEqual([...new Set(work)].sort((a, b) => a - b));
    }
  });

  it('stop by variance where noise would be learnt, and only there', () => {
    const keep = TASKS.map((task) => recipeFor(task, { task }).keep);
    expect(keep).toEqual(['best', 'best', 'last', 'last']);
  });

  it('learn faster on larger images, within bounds', () => {
    const rate = (width: number) =>
      recipeFor('denoise', { task: 'denoise', quality: 'best' }).optimiser({ width, height: width })
        .learningRate;
    expect(rate(128)).toBeCloseTo(0.03, 5);
    expect(rate(256)).toBeCloseTo(0.07, 2);
    expect([rate(8), rate(4096)]).toEqual([0.02, 0.07]);
  });

  it('have no skip connections into large holes, and keep them for thin ones', () => {
    const skips = (holeRadius: number) => recipeFor('inpaint', { task: 'inpaint' }, { holeRadius }).skips;
    expect(Math.max(...skips(30))).toBe(0);
    expect(Math.min(...skips(3))).toBeGreaterThan(0);
  });

  it('bear outliers where the noise has some', () => {
    expect(recipeFor('denoise', { task: 'denoise' }).huber).toBe(0);
    expect(recipeFor('denoise', { task: 'denoise' }, { impulse: true }).huber).toBeGreaterThan(0);
  });
});

describe('options', () => {
  it('override the preset one by one', () => {
    const options = { task: 'denoise', expert: { steps: 7, runs: 3, net: '16,24', emaDecay: 0.5 } } as const;
    const recipe = recipeFor('denoise', options);
    expect(recipe).toMatchObject({ steps: 7, runs: 3, channels: [16, 24], emaDecay: 0.5 });
    expect(recipe.skips).toHaveLength(2);
  });

  it('give Adam more steps and its own rate', () => {
    const muon = recipeFor('denoise', { task: 'denoise' });
    const adam = recipeFor('denoise', { task: 'denoise', expert: { optimiser: 'adam' } });
    expect(adam.optimiser({ width: 128, height: 128 })).toEqual({ kind: 'adam', learningRate: 0.01 });
    expect(adam.steps).toBeGreaterThan(muon.steps);
    expect(adam.patience).toBeGreaterThan(muon.patience);
  });

  it('never stop early when told not to', () => {
    const { patience } = recipeFor('denoise', { task: 'denoise', expert: { earlyStop: false } });
    expect(patience).toBe(Number.POSITIVE_INFINITY);
  });

  it('make total variation one convex run, whatever the quality', () => {
    const recipe = recipeFor('denoise', { task: 'denoise', prior: 'tv', quality: 'best' });
    expect(recipe).toMatchObject({ runs: 1, emaDecay: 0, keep: 'last' });
    expect(recipe.totalVariation).toBeGreaterThan(0);
  });

  it('refuse a network that is none', () => {
    for (const net of ['0x3', 'x', '32x9', '1,,2'])
      expect(() => checkOptions({ task: 'denoise', expert: { net } })).toThrow(
        /'WIDTHxSCALES'.* for expert\.net/,
      );
  });
});
