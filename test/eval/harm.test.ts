import { describe, expect, it } from 'vitest';
import { drawCorpus } from '../../src/eval/corpus/corpus.ts';
import { paint, type Samples } from '../../src/eval/corpus/draw.ts';
import { DAMAGE_NAMES, DAMAGES, type Damage, damaged } from '../../src/eval/harm/damages.ts';
import type { HarmRow } from '../../src/eval/harm/measure.ts';
import { confusionTable, harm, harmTable, isRight, offenders } from '../../src/eval/harm/report.ts';
import { strokesLeft } from '../../src/eval/harm/strokes.ts';

/** White with black lines of one pixel, 8 px apart, and a field of grey. */
const ruled = (ink = 0) => paint(64, 48, (x, y): Samples => [y % 8 === 4 && x < 48 ? ink : x < 48 ? 1 : 0.5]);

const row = (more: Partial<HarmRow>): HarmRow => ({
  picture: 'text-00',
  kind: 'text',
  damage: 'none',
  found: [],
  words: 'Nothing.',
  seconds: 0,
  ...more,
});

describe('damages', () => {
  it('change colours and nothing else, the same for the same seed', async () => {
    for await (const { image } of drawCorpus({ kinds: ['icon', 'photograph'], count: 1 }))
      for (const name of DAMAGE_NAMES) {
        const [once, again] = [await damaged(image, name, 5), await damaged(image, name, 5)];
        expect(again.planes, name).toEqual(once.planes);
        expect([once.width, once.height], name).toEqual([image.width, image.height]);
        if (image.format.alpha) expect(once.planes[3], name).toEqual(image.planes[3]);
        expect(
          once.planes[0].some((value, i) => value !== image.planes[0][i]),
          name,
        ).toBe((DAMAGES[name] as Damage).finding !== undefined);
      }
  });

  it('have the level they are named after', async () => {
    const grey = paint(128, 128, () => [0.5, 0.5, 0.5]);
    const spread = async (name: 'noise-10' | 'grain-9' | 'chroma-14') => {
      const { planes } = await damaged(grey, name, 1);
      const mean = planes[0].reduce((a, b) => a + b) / planes[0].length;
      return 255 * Math.sqrt(planes[0].reduce((sum, x) => sum + (x - mean) ** 2, 0) / planes[0].length);
    };
    expect(await spread('noise-10')).toBeCloseTo(10, 0);
    expect(await spread('grain-9')).toBeCloseTo(9, 0);
    expect(Math.abs((await spread('chroma-14')) - 14)).toBeLessThan(2.5);
  });
});

describe('strokes', () => {
  it('keep their contrast where nothing changed, and lose as much as they pale', () => {
    const clean = ruled();
    expect(strokesLeft(clean, clean, clean)).toEqual({ ofInput: 1 });
    expect(strokesLeft(clean, clean, ruled(0.2))?.ofInput).toBeCloseTo(0.8, 2);
  });

  it('are told from dots and from tips of shapes, and have no more than in truth', () => {
    const dotted = (ink: number) => paint(60, 60, (x, y): Samples => [x % 6 === 3 && y % 6 === 3 ? ink : 1]);
    const pale = strokesLeft(dotted(0), dotted(0), dotted(0.5));
    expect(pale).toEqual({ dots: expect.closeTo(0.5, 2) });
    const tips = paint(60, 60, (x, y): Samples => [Math.abs((x % 10) - 5) <= 2 * (y % 10) ? 0 : 1]);
    expect(strokesLeft(tips, tips, tips)).toBeUndefined();
    expect(strokesLeft(ruled(0.2), ruled(), ruled(0.2))).toEqual({ ofInput: 1 });
  });

  it('are not seen in edges, and not in pictures without any', () => {
    const edge = paint(40, 40, (x): Samples => [x < 20 ? 0 : 1]);
    expect(strokesLeft(edge, edge, edge)).toBeUndefined();
  });
});

describe('the report of harm', () => {
  it('calls right what is there, or too faint to be seen', () => {
    expect(isRight(row({}))).toBe(true);
    expect(isRight(row({ found: ['impulse'] }))).toBe(false);
    expect(isRight(row({ damage: 'noise-2' }))).toBe(true);
    expect(isRight(row({ damage: 'noise-25' }))).toBe(false);
    expect(isRight(row({ damage: 'noise-25', found: ['noise'] }))).toBe(true);
    expect(isRight(row({ damage: 'noise-25', found: ['noise', 'jpeg'] }))).toBe(false);
  });

  it('names what was changed, made worse or thinned', () => {
    const strokes = { ofInput: 0.9, weakest: 0.5 };
    expect(harm(row({ result: { untouched: false, psnrAfter: 40 } }))).toMatch(/changed/);
    expect(harm(row({ result: { untouched: true } }))).toBeUndefined();
    const noise = { damage: 'noise-25', found: ['noise'] } as const;
    const better = { untouched: false, psnrBefore: 20, psnrAfter: 25 };
    expect(harm(row({ ...noise, result: better }))).toBeUndefined();
    expect(harm(row({ ...noise, result: { ...better, psnrAfter: 19.9 } }))).toBe('-0.10 dB');
    expect(harm(row({ ...noise, result: { ...better, strokes } }))).toBe('strokes 90 %');
  });

  it('counts each picture once in the findings, and each result in the harm', () => {
    const result = { untouched: false, psnrBefore: 20, psnrAfter: 22 };
    const rows = [
      row({ damage: 'noise-25', found: ['noise'], quality: 'fast', result }),
      row({ damage: 'noise-25', found: ['noise'], quality: 'best', result }),
      row({ damage: 'noise-25', picture: 'map-01', kind: 'map', quality: 'best', result }),
    ];
    expect(confusionTable(rows)).toContain('| noise-25 | drawings | 2 | 1 | **1** |');
    expect(harmTable(rows)).toContain('| noise-25 | best | drawings | 2 | 2 | 2.00 |');
    expect(offenders(rows)).toEqual(['map-01 noise-25 best: found nothing – Nothing.']);
  });
});
