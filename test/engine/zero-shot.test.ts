import { describe, expect, it } from 'vitest';
import { Failover } from '../../src/engine/executors/failover.ts';
import { createReferenceExecutor } from '../../src/engine/executors/reference.ts';
import { createWasmExecutor } from '../../src/engine/executors/wasm/index.ts';
import { applyTables } from '../../src/engine/image/axis-table.ts';
import type { Picture } from '../../src/engine/image/picture.ts';
import { toPicture, toPlanes } from '../../src/engine/image/picture.ts';
import { lanczosTable, resize } from '../../src/engine/image/resize.ts';
import { type Diagnosis, type Progress, psnr, restore } from '../../src/engine/index.ts';
import { initialParameters } from '../../src/engine/network/initialise.ts';
import { compile, compileForward } from '../../src/engine/plan/compile.ts';
import { Pace, unhurried } from '../../src/engine/stopping/pace.ts';
import { refine, roundsOf, sigmaOf } from '../../src/engine/tasks/refine.ts';
import { upscale } from '../../src/engine/tasks/upscale.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';
import { applyNetworks } from '../../src/engine/zero-shot/apply.ts';
import { sizesTo, stagePlans } from '../../src/engine/zero-shot/enlarge.ts';
import { lessonsOf } from '../../src/engine/zero-shot/examples.ts';
import { drawBatch, mosaicFor } from '../../src/engine/zero-shot/mosaic.ts';
import { centred, GAIN, networkFor } from '../../src/engine/zero-shot/network.ts';
import { LEARNING } from '../../src/engine/zero-shot/settings.ts';
import { noisy, scene } from '../support/pictures.ts';

const picture = (width: number, height: number): Picture => toPicture(scene(width, height));

/** Random parameters of a network for three planes. */
function randomTheta(channels: number): Float32Array {
  const { graph, objective } = networkFor(8, 8, 3, channels);
  return initialParameters(compile(graph, objective), 3);
}

describe('the sizes of an enlargement', () => {
  it.each([
    [1.5, 1, 1],
    [2, 1, 1],
    [2.5, 2, 2],
    [4, 2, 3],
    [8, 3, 5],
  ])('×%s takes %s stages of at most ×2, %s of ×1.6, the last one the result’s', (factor, large, small) => {
    const from = { width: 101, height: 67 };
    const to = { width: Math.round(101 * factor), height: Math.round(67 * factor) };
    expect(sizesTo(from, to, 2)).toHaveLength(large);
    const sizes = sizesTo(from, to, 1.6);
    expect(sizes).toHaveLength(small);
    expect(sizes.at(-1)).toEqual(to);
  });

  it('are fewer for large results', () => {
    const stages = (width: number, height: number) =>
      stagePlans({ width, height }, { width: 4 * width, height: 4 * height }, LEARNING.balanced).length;
    expect([stages(128, 128), stages(1000, 750)]).toEqual([3, 2]);
  });
});

describe('a batch', () => {
  const lessons = atOnce(lessonsOf(picture(40, 31), 2, 28));
  const mosaic = mosaicFor(31);

  it('has crops of the blurred picture, and what is missing of the sharp one', () => {
    const { input, target } = drawBatch(lessons, 3, mosaic, 5, 0);
    // Their sum is the sharp crop, each sample of which is one of the sharp pictures’.
    const sharp = new Set(
      lessons.flatMap(([example]) => [...example.sharp].map((value) => value.toFixed(4))),
    );
    const sums = input.map((value, i) => (value + 1) / 2 + target[i] / GAIN);
    const known = sums.filter((value) => sharp.has(value.toFixed(4))).length;
    expect(known / sums.length).toBeGreaterThan(0.99);
  });

  it('is the same for a step of a seed, another for others', () => {
    const first = drawBatch(lessons, 3, mosaic, 5, 0);
    expect(drawBatch(lessons, 3, mosaic, 5, 0)).toEqual(first);
    expect(drawBatch(lessons, 3, mosaic, 5, 1).input).not.toEqual(first.input);
    expect(drawBatch(lessons, 3, mosaic, 6, 0).input).not.toEqual(first.input);
  });
});

describe('the network', () => {
  const channels = 8;
  const theta = randomTheta(channels);

  it('does in the forward plan of every executor what it does in training', async () => {
    const { graph, objective } = networkFor(12, 8, 3, channels);
    const input = picture(12, 8).colour.map(centred);
    const image = async (
      plan: ReturnType<typeof compile>,
      executor: ReturnType<typeof createReferenceExecutor>,
    ) => {
      const run = await executor.compile(plan);
      run.write('theta', theta);
      run.write('blurred', input);
      await run.steps(1);
      return run.read('image');
    };
    const wasm = await createWasmExecutor(undefined);
    const expected = await image(compile(graph, objective), createReferenceExecutor());
    const forward = await image(compileForward(graph, objective), createReferenceExecutor());
    const fast = await image(compileForward(graph, objective), wasm);
    wasm.dispose();
    expect(forward).toEqual(expected);
    expect(Math.max(...fast.map((value, i) => Math.abs(value - expected[i])))).toBeLessThan(1e-4);
  });

  it('is applied in tiles without a seam, and the mean of all views is turned with the picture', async () => {
    const failover = await Failover.start('wasm', undefined, undefined);
    const wide = picture(333, 16);
    const changed = await applyNetworks(failover, wide, { channels, thetas: [theta], views: 1 });
    const end = { ...wide, width: 288, colour: crop(wide, 45, 288) };
    const alone = await applyNetworks(failover, end, { channels, thetas: [theta], views: 1 });
    const [a, b] = [crop(changed, 200, 133), crop({ ...alone, width: 288 }, 155, 133)];
    // The two start on other phases of the network’s grid, so they agree only as far as it hardly matters.
    expect(Math.max(...a.map((value, i) => Math.abs(value - b[i])))).toBeLessThan(0.02);
    const views = { channels, thetas: [theta], views: 8 };
    const small = picture(20, 12);
    const turned = await applyNetworks(failover, transposed(small), views);
    const straight = transposed(await applyNetworks(failover, small, views));
    failover.dispose();
    expect(Math.max(...turned.colour.map((v, i) => Math.abs(v - straight.colour[i])))).toBeLessThan(1e-5);
  });
});

function crop({ width, height, channels, colour }: Picture, from: number, length: number): Float32Array {
  const rows = Array.from({ length: channels * height }, (_, r) =>
    colour.subarray(r * width + from, r * width + from + length),
  );
  return Float32Array.from(rows.flatMap((row) => [...row]));
}

function transposed(picture: Picture): Picture {
  const { width, height, channels, colour } = picture;
  const n = width * height;
  const out = Float32Array.from({ length: channels * n }, (_, i) => {
    const [c, at] = [Math.floor(i / n), i % n];
    return colour[c * n + (at % height) * width + Math.floor(at / height)];
  });
  return { ...picture, width: height, height: width, colour: out };
}

describe('an enlargement learnt from the whole picture', () => {
  it('beats plain ones by far where a picture repeats itself at other sizes, and may be stopped', async () => {
    const large = rings(64);
    const small = toPicture(large);
    const half = resize(small, 32, 32, 'lanczos3');
    const given = { planes: [half.colour], width: 32, height: 32 };
    const options = { task: 'upscale', scale: 2, executor: 'wasm', quality: 'fast' } as const;
    const plain = resize(half, 64, 64, 'lanczos3').colour;
    const { image, stages, notes } = await restore(given, options);
    expect([stages, notes]).toEqual([['network', 'nonlocal'], []]);
    expect(psnr(image, large) - psnr({ ...large, planes: [plain] }, large)).toBeGreaterThan(2);
    const stop = new AbortController();
    const stopped = await restore(given, {
      ...options,
      stopSignal: stop.signal,
      onProgress: ({ step }) => step >= 3 && stop.abort(),
    });
    expect(stopped).toMatchObject({ stoppedBy: 'user', steps: 3 });
    expect(psnr(stopped.image, large)).toBeGreaterThan(psnr({ ...large, planes: [plain] }, large) - 0.1);
  });
});

describe('refining an enlargement', async () => {
  const large = toPicture(rings(64));
  const small = resize(large, 32, 32, 'lanczos3');
  const plain = { ...resize(small, 64, 64, 'lanczos3'), alpha: null };
  const job = await upscale(small, { task: 'upscale', scale: 2 });
  const settle = async ({ colour }: Picture) => atOnce(job.lastWord!(colour)).colour;
  const how = { rounds: 4, sigma: 10, settle };

  it('brings it nearer to its own repetitions, and keeps what shrinks to the picture', async () => {
    const settled = { ...plain, colour: await settle(plain) };
    const found = await refine(settled, { ...how, pace: unhurried() });
    const error = ({ colour }: Picture) => psnr(toPlanes({ ...large, colour }), toPlanes(large));
    expect(error(found)).toBeGreaterThan(error(settled) + 0.3);
    const table = lanczosTable(64, 32, 2);
    const shrunk = applyTables(found.colour, found.channels, table, table);
    shrunk.forEach((value, i) => {
      expect(Math.abs(value - small.colour[i])).toBeLessThan(1.1 / 255);
    });
  });

  it('takes less for wrong in what goes on from a refined one', () => {
    expect(sigmaOf(4, true)).toBeLessThan(sigmaOf(4, false));
    expect(sigmaOf(1.5, true)).toBe(sigmaOf(1.5, false));
  });

  it('leaves it as it is without time, and large ones and transparent ones always', async () => {
    const over = new Pace(() => Number.NEGATIVE_INFINITY);
    expect((await refine(plain, { ...how, pace: over })).colour).toBe(plain.colour);
    const rounds = (side: number, channels: Picture['channels']) =>
      roundsOf('best', { width: side, height: side, channels }, true);
    expect([rounds(256, 3), rounds(2048, 3), rounds(4096, 3), rounds(256, 4)]).toEqual([6, 1, 0, 0]);
  });

  it('takes fewer rounds where a further enlargement learns from it', () => {
    const size = { width: 256, height: 256, channels: 3 } as const;
    expect([true, false].map((isLast) => roundsOf('best', size, isLast))).toEqual([6, 2]);
  });
});

describe('what is noisy', () => {
  it('is cleaned before it is enlarged, and that is said', async () => {
    const clean = scene(96, 72);
    const damaged = noisy(clean, 20);
    const enlarged = (diagnosis?: Diagnosis) => {
      const stop = new AbortController();
      const { signal: stopSignal } = stop;
      const onProgress = ({ stage }: Progress) => stage === 'network' && stop.abort();
      const options = { task: 'upscale', executor: 'wasm', stopSignal, onProgress } as const;
      return restore(damaged, { ...options, ...(diagnosis ? { diagnosis } : {}) });
    };
    const cleaned = await enlarged();
    expect(cleaned.notes[0]).toMatch(/noise was taken out/);
    const left = await enlarged({ ...cleaned.diagnosis!, clean: true });
    expect(left.notes.join()).not.toMatch(/noise/);
    const large = { ...toPlanes(resize(toPicture(clean), 192, 144, 'bicubic')) };
    expect(psnr(cleaned.image, large) - psnr(left.image, large)).toBeGreaterThan(3);
  });
});

/** Soft-edged rings of many radii, grey. */
function rings(side: number) {
  const plane = Float32Array.from({ length: side * side }, (_, i) => {
    const r = Math.hypot((i % side) - side / 3, Math.floor(i / side) - side / 2);
    const wave = Math.sin(r / 2.2);
    return 0.5 + 0.4 * Math.max(-1, Math.min(1, 2.5 * wave));
  });
  return { planes: [plane], width: side, height: side };
}
