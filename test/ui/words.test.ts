import { describe, expect, it } from 'vitest';
import type { Diagnosis } from '../../src/engine/index.ts';
import type { Item, Result, RunState, State } from '../../src/ui/state.ts';
import {
  courseWords,
  doneWords,
  fasterWords,
  foundWords,
  runWords,
  stageLeftWords,
} from '../../src/ui/words.ts';

const noise = { sigma: 0, growth: 0, correlation: 0, shot: false, impulses: 0 };
const clean: Diagnosis = { task: 'none', noise, patchy: false, impulse: false, clean: true, findings: [] };
const noisy = (sigma: number, change: Partial<Diagnosis> = {}): Diagnosis => ({
  ...clean,
  task: 'denoise',
  clean: false,
  noise: { ...noise, sigma },
  findings: [`Noise, σ about ${sigma} of 255.`],
  ...change,
});
const jpeg = (quality: number) =>
  ({ quality, table: new Uint16Array(64), source: 'file', onGrid: true }) as never;

describe('what was found', () => {
  it.each<[string, Diagnosis]>([
    ['Nothing to restore: no noise and no JPEG compression found.', clean],
    ['Nothing to restore: no noise found. Cropped.', { ...clean, croppedJpeg: true, findings: ['Cropped.'] }],
    ['Light noise, fine grain', noisy(4)],
    ['Moderate noise, fine grain, in places', noisy(9, { patchy: true })],
    ['Strong noise, coarse grain', noisy(25, { noise: { ...noise, sigma: 25, correlation: 0.5 } })],
    ['Isolated wrong pixels', noisy(0, { impulse: true })],
    ['Strong JPEG compression', noisy(2, { task: 'dejpeg', jpeg: jpeg(12), findings: [] })],
    [
      'Light noise, fine grain. A drawing: left alone.',
      noisy(4, { findings: ['Noise, σ about 4 of 255.', 'A drawing: left alone.'] }),
    ],
    [
      'Light noise, fine grain · Scratches or dust',
      noisy(4, {
        scratched: true,
        findings: ['Noise, σ about 4 of 255.', 'Scratches or dust: mark them (--mask).'],
      }),
    ],
    ['Moderate noise, fine grain · visible JPEG compression', noisy(12, { task: 'dejpeg', jpeg: jpeg(50) })],
  ])('%s', (words, diagnosis) => {
    expect(foundWords(diagnosis)).toBe(words);
  });
});

const run: RunState = {
  stage: 'nonlocal',
  done: 0.5,
  refines: true,
  step: 0,
  steps: 0,
  bestStep: 0,
  etaMs: 3000,
  points: [],
  preview: undefined,
  box: undefined,
  part: 1,
  parts: 80,
  ending: undefined,
  since: 0,
};
const state = (change: Partial<RunState>, count = 1) =>
  ({ run: { ...run, ...change }, items: Array(count), active: 0, operation: 'restore' }) as unknown as State;

describe('a run', () => {
  it('says which stage it is in, never which part', () => {
    expect(runWords(state({}))).toBe('Restoring: first answer');
    expect(runWords(state({}, 3))).toBe('Restoring 1 of 3: first answer');
    expect(runWords(state({ stage: 'network', step: 4 }))).toBe('Refining');
    expect(runWords(state({ stage: 'network', step: 4, refines: false }))).toBe('Restoring');
    expect(runWords(state({ ending: 'keep' }))).toMatch(/Stopping/);
  });

  it('tells the time that its stage has left', () => {
    expect(stageLeftWords({ ...run, done: 0 })).toBe('Starting');
    expect(stageLeftWords(run)).toBe('In about 3 s');
    expect(stageLeftWords({ ...run, stage: 'network', step: 3, etaMs: 90_000 })).toBe('About 2 min left');
  });
});

const result = {
  operation: 'restore',
  seconds: 14,
  stages: ['nonlocal', 'network'],
  steps: 300,
  engine: 'Processor',
  share: 1,
  stopped: false,
  cutShort: false,
} as unknown as Result;
const item = (change: Partial<Result>) => [{ result: { ...result, ...change } } as Item];

describe('a choice that takes long', () => {
  it('comes with what would be faster', () => {
    expect(fasterWords(undefined, 4000)).toBe('');
    expect(fasterWords(90_000, 4000)).toBe('');
    expect(fasterWords(300_000, 4000)).toMatch(/^Fast takes 4 s\. A marked area/);
    expect(fasterWords(300_000, 300_000)).toMatch(/^A marked area/);
  });
});

describe('a result', () => {
  it('says in its headline whether it is whole', () => {
    expect(doneWords(item({}))).toBe('Restored in 15 s');
    expect(doneWords(item({ stopped: true }))).toBe('Partly refined, stopped after 15 s');
    expect(doneWords(item({ stopped: true, steps: 0, stages: ['nonlocal'] }))).toMatch(/^First answer/);
    expect(doneWords(item({ stopped: true, stages: ['network'] }))).toMatch(/^Partly restored/);
    expect(doneWords(item({ stopped: true, cutShort: true, stages: ['nonlocal'] }))).toMatch(
      /^Partly restored/,
    );
  });

  it('tells which part did what, and what was given back', () => {
    expect(courseWords(result)).toEqual([
      'Made from what repeats in the image, then a network.',
      '14 s, 300 steps on Processor.',
    ]);
    expect(courseWords({ ...result, steps: 0, stages: ['nonlocal'], share: 0.8 })).toEqual([
      'Made from what repeats in the image.',
      '14 s, no network was needed.',
      '80 % of the change was kept; the rest was no damage and was given back.',
    ]);
  });
});
