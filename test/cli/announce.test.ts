import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { announce } from '../../src/cli/announce.ts';
import { madeUp } from '../../src/engine/estimate/sample.ts';
import { toPlanes } from '../../src/engine/image/picture.ts';

const written: string[] = [];
beforeEach(() => {
  written.length = 0;
  vi.spyOn(process.stderr, 'write').mockImplementation((words) => written.push(String(words)) > 0);
});
afterEach(() => vi.restoreAllMocks());

const options = { task: 'denoise', quality: 'fast' } as const;

it('says how long it will take, and where that is more than is given', async () => {
  const image = toPlanes(madeUp(400, 300));
  await announce(image, options);
  vi.useFakeTimers({ toFake: ['setTimeout'] }); // no share of so little time goes by
  await announce(image, { ...options, maxSeconds: 0.001 });
  vi.useRealTimers();
  expect(written).toEqual([
    expect.stringMatching(/^Takes about \d+ s\.\n$/),
    expect.stringMatching(/^Would take about \d+ s; 0 s are given\.\n$/),
  ]);
});

it('says that it is the processor’s time where a card may denoise', async () => {
  const gpu = { requestAdapter: async () => null } as unknown as GPU;
  await announce(toPlanes(madeUp(400, 300)), { ...options, host: { gpu } });
  expect(written).toEqual([expect.stringMatching(/^Takes about \d+ s on the processor\.\n$/)]);
});

it('says nothing of what is done as soon, after an interrupt, and where finding out takes too much of the time', async () => {
  await announce(toPlanes(madeUp(64, 64)), options);
  await announce(toPlanes(madeUp(400, 300)), { ...options, stopSignal: AbortSignal.abort() });
  await announce(toPlanes(madeUp(400, 300)), { ...options, maxSeconds: 0.001 });
  expect(written).toEqual([]);
});

const onASlowMachine = () => {
  const now = performance.now.bind(performance);
  vi.spyOn(performance, 'now').mockImplementation(() => 1e4 * now());
};

it('says it of a small picture too that takes long to learn from', async () => {
  onASlowMachine();
  const learnt = { task: 'upscale', scale: 4, quality: 'balanced', executor: 'wasm' } as const;
  await announce(toPlanes(madeUp(8, 8)), learnt);
  expect(written).toEqual([expect.stringMatching(/^Takes about/)]);
});

it('says it of a small picture most of which is a hole, which leaves too little to be copied', async () => {
  onASlowMachine();
  const [width, height] = [48, 40];
  const isHole = (x: number, y: number) => x > 5 && x < 42 && y > 5 && y < 34;
  const data = Uint8Array.from({ length: width * height }, (_, i) =>
    isHole(i % width, Math.floor(i / width)) ? 0 : 255,
  );
  const holed = {
    task: 'inpaint',
    quality: 'fast',
    executor: 'wasm',
    mask: { width, height, data },
  } as const;
  await announce(toPlanes(madeUp(width, height)), holed);
  expect(written).toEqual([expect.stringMatching(/^Takes about/)]);
});
