import { afterEach, describe, expect, it, vi } from 'vitest';
import { Journal } from '../../src/engine/checkpoints/journal.ts';
import { OutOfMemoryError } from '../../src/engine/errors.ts';
import type { Executor } from '../../src/engine/executors/executor.ts';
import { Failover } from '../../src/engine/executors/failover.ts';
import { createWasmExecutor } from '../../src/engine/executors/wasm/index.ts';
import { toPicture } from '../../src/engine/image/picture.ts';
import {
  analyse,
  type Progress,
  psnr,
  type RestoreOptions,
  restore,
  type Task,
} from '../../src/engine/index.ts';
import { planBytes } from '../../src/engine/plan/plan.ts';
import { recipeFor } from '../../src/engine/recipes.ts';
import { workInParts } from '../../src/engine/run/in-parts.ts';
import { Reporter } from '../../src/engine/run/reporter.ts';
import { jobOf } from '../../src/engine/tasks/index.ts';
import { cleanRaster, noisy } from './images.ts';

const [width, height] = [220, 170];
const n = width * height;
const clean = cleanRaster(width, height);
const damaged = noisy(clean, 20);
/** Where what is found is not what is tested. */
const diagnosis = analyse(damaged);
const quick = { executor: 'wasm', expert: { net: '6x2', steps: 20 }, previewEveryMs: 0 } as const;
const inParts = { ...quick, expert: { ...quick.expert, partSide: 160 } } as const;

/** Known but for a rectangle, and for scattered dots. */
function mask(x: number, y: number, w: number, h: number, dots = 0) {
  const data = Uint8Array.from({ length: n }, (_, i) => {
    const [column, row] = [i % width, Math.floor(i / width)];
    const inside = column >= x && column < x + w && row >= y && row < y + h;
    return inside || (dots > 0 && (i * 7919) % dots === 0) ? 0 : 255;
  });
  return { data, width, height };
}

async function work(task: Task, options: Partial<RestoreOptions>, executor?: Executor) {
  const all = { ...quick, task, ...options } as RestoreOptions;
  const job = await jobOf(
    task,
    toPicture(task === 'inpaint' ? clean : damaged),
    all,
    task === 'denoise' ? diagnosis : undefined,
  );
  const own = executor ?? (await createWasmExecutor(undefined));
  return workInParts({
    failover: await Failover.start('wasm', undefined, undefined, async () => ({ executor: own, reason: '' })),
    job,
    recipe: recipeFor(task, all, { holeRadius: job.holeRadius }),
    options: all,
    reporter: new Reporter(all),
    journal: Journal.of(),
  });
}

/** Refuses plans over so many bytes; tells how many it had and what is still there. */
async function limited(most: number) {
  const executor = await createWasmExecutor(undefined);
  const seen = { refused: 0, taken: 0, alive: 0, largest: 0 };
  const limited: Executor = {
    name: executor.name,
    adapter: executor.adapter,
    dispose: () => executor.dispose(),
    compile: async (plan) => {
      if (planBytes(plan) > most) {
        seen.refused++;
        throw new OutOfMemoryError(`${planBytes(plan)} bytes are more than ${most}.`);
      }
      seen.taken++;
      seen.largest = Math.max(seen.largest, planBytes(plan));
      seen.alive++;
      const run = await executor.compile(plan);
      const dispose = run.dispose.bind(run);
      let alive = 1;
      run.dispose = () => {
        seen.alive -= alive;
        alive = 0;
        dispose();
      };
      return run;
    },
  };
  return { executor: limited, seen };
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('in parts', () => {
  it('leaves no seam', async () => {
    // A ramp, so that a step of brightness along a part's edge has nowhere to hide.
    const ramp = {
      ...clean,
      data: clean.data.map((_, i) => (i % 4 === 3 ? 255 : 60 + (120 * ((i >> 2) % width)) / width)),
    };
    const { image, parts } = await restore(noisy(ramp, 20), {
      ...inParts,
      task: 'denoise',
      expert: { ...inParts.expert, steps: 40 },
    });
    expect(parts).toBe(4);
    const column = (x: number) => {
      let sum = 0;
      for (let y = 0; y < height; y++) for (let c = 0; c < 3; c++) sum += image.data[4 * (y * width + x) + c];
      return sum / (3 * height);
    };
    const jumps = Array.from({ length: width - 1 }, (_, x) =>
      Math.abs(column(x + 1) - column(x) - 120 / width),
    );
    const edges = new Set([80, 140].flatMap((x) => [x - 1, x]));
    // Noise that is left makes jumps too: a seam would be the greatest of all.
    const elsewhere = jumps.filter((_, x) => !edges.has(x));
    for (const x of edges) expect(jumps[x]).toBeLessThan(Math.max(...elsewhere));
  });

  it('restores as well as at once', async () => {
    const expert = { ...inParts.expert, steps: 30 };
    const options = { ...inParts, task: 'denoise', diagnosis, expert, seed: 3 } as const;
    const a = await restore(damaged, options);
    const whole = await restore(damaged, { ...options, expert: { ...options.expert, partSide: 4096 } });
    expect([a.parts, whole.parts]).toEqual([4, 1]);
    expect(psnr(a.image, clean)).toBeGreaterThan(psnr(whole.image, clean) - 1);
    expect(a).toMatchObject({ steps: 120, runs: 1, stoppedBy: 'steps' });
    expect([a.losses.length, a.variances.length]).toEqual([120, 120]);
    expect(a.bytes).toBeLessThan(0.6 * whole.bytes);
  });

  it('gives the same for the same seed, and only for that', async () => {
    const expert = { ...inParts.expert, steps: 3 };
    const options = { ...inParts, task: 'denoise', diagnosis, expert } as const;
    const seeded = async (seed: number) => (await restore(damaged, { ...options, seed })).image.data;
    const first = await seeded(3);
    expect(await seeded(3)).toEqual(first);
    expect(await seeded(4)).not.toEqual(first);
  });

  it.each([
    [1.5, 150, 120],
    [2.5, 110, 90],
  ])('up-scales by %s', async (scale, width, height) => {
    const size = [Math.round(width * scale), Math.round(height * scale)];
    const clean = cleanRaster(width, height);
    const { image, parts } = await restore(clean, {
      ...inParts,
      task: 'upscale',
      scale,
      expert: { ...inParts.expert, partSide: Math.min(300, Math.round(0.75 * size[0])) },
    });
    expect(parts).toBeGreaterThan(1);
    expect([image.width, image.height]).toEqual(size);
    // Twenty steps and the back-projection come close to what cubic enlargement makes of so smooth a picture.
    const bicubic = (await jobOf('upscale', toPicture(clean), { task: 'upscale', scale })).start();
    const plane = size[0] * size[1];
    let squares = 0;
    for (let i = 0; i < plane; i++) squares += (image.data[4 * i] / 255 - bicubic.colour[i]) ** 2;
    expect(Math.sqrt(squares / plane)).toBeLessThan(0.05);
  });

  it('up-scales what is transparent, in previews too', async () => {
    const [width, height] = [130, 100];
    const half = (i: number) => (i % width < width / 2 ? 0 : 255);
    const data = cleanRaster(width, height).data.map((value, i) => (i % 4 === 3 ? half(i >> 2) : value));
    const previews: Progress['preview'][] = [];
    const options = {
      ...inParts,
      task: 'upscale',
      scale: 1.5,
      expert: { ...inParts.expert, steps: 4, partSide: 130 },
      previewEveryMs: 1,
    } as const;
    const onProgress = ({ preview }: Progress) => previews.push(preview);
    const { image, parts } = await restore({ data, width, height }, { ...options, onProgress });
    expect(parts).toBeGreaterThan(1);
    const middle = (width * 1.5) / 2;
    for (const shown of [image, ...previews])
      for (let i = 0; shown && i < shown.width * shown.height; i++) {
        const [across, alpha] = [(i % shown.width) - middle, shown.data[4 * i + 3]];
        if (Math.abs(across) > 6 && alpha !== (across < 0 ? 0 : 255))
          throw new Error(`Alpha is ${alpha}, ${across} px from the edge.`);
      }
    expect(previews.some(Boolean)).toBe(true);
  });

  it('keeps alpha and what it hides', async () => {
    const data = damaged.data.map((value, i) => (i % 4 === 3 ? [0, 90, 255][(i >> 2) % 3] : value));
    const { image } = await restore(
      { ...damaged, data },
      { ...inParts, task: 'dejpeg', expert: { ...inParts.expert, steps: 3 } },
    );
    image.data.forEach((value, i) => {
      if ((i % 4 === 3 || data[i | 3] === 0) && value !== data[i]) throw new Error(`Sample ${i} changed.`);
    });
  });
});

describe('a hole in parts', () => {
  const changedWhereKnown = (image: { data: Uint8ClampedArray }, known: Uint8Array) =>
    image.data.filter((value, i) => known[i >> 2] && value !== clean.data[i]).length;

  it('is filled, known pixels bit-identical, parts without any of it left out', async () => {
    const holes = mask(10, 10, 8, 140);
    for (let x = 190; x < 210; x++) holes.data[20 * width + x] = 0;
    const options = { ...inParts, task: 'inpaint', mask: holes } as const;
    const { image, parts } = await restore(clean, options);
    expect(parts).toBe(3); // of four: that on the right below has nothing to fill
    expect(changedWhereKnown(image, holes.data)).toBe(0);
    const whole = await restore(clean, { ...options, expert: { ...options.expert, partSide: 4096 } });
    expect(whole.parts).toBe(1);
    expect(psnr(image, clean)).toBeGreaterThan(38);
  });

  it('fades as at once where it has a feather', async () => {
    const { image } = await restore(clean, {
      ...inParts,
      task: 'inpaint',
      mask: mask(0, 0, 1, 1, 997),
      maskFeather: 3,
    });
    const worst = image.data.reduce((most, value, i) => Math.max(most, Math.abs(value - clean.data[i])), 0);
    expect(worst).toBeGreaterThan(0);
    expect(psnr(image, clean)).toBeGreaterThan(30);
  });

  it('may cover parts whole: they grow until they know something', async () => {
    const { data } = mask(0, 0, 150, 160);
    const { image, parts } = await restore(clean, {
      ...inParts,
      task: 'inpaint',
      mask: { data, width, height },
    });
    expect(parts).toBe(4);
    expect(changedWhereKnown(image, data)).toBe(0);
    const inside = image.data.filter((_, i) => !data[i >> 2] && i % 4 !== 3);
    expect(inside.reduce((sum, value) => sum + value, 0) / inside.length).toBeGreaterThan(60);
  });
});

describe('too little memory', () => {
  it('is met with smaller parts', async () => {
    const few = { expert: { ...quick.expert, steps: 2 } };
    const whole = (await work('denoise', few)).bytes;
    const { executor, seen } = await limited(0.6 * whole);
    const { parts, colour, bytes } = await work('denoise', few, executor);
    expect(parts).toBeGreaterThan(1);
    expect(bytes).toBeLessThan(0.6 * whole);
    expect(seen).toMatchObject({ refused: 1, taken: parts, alive: 0 });
    expect(colour.every((value) => value > 0 || value === 0)).toBe(true);
  });

  it('is an error where even small parts do not fit', async () => {
    const { executor, seen } = await limited(1000);
    await expect(work('denoise', {}, executor)).rejects.toBeInstanceOf(OutOfMemoryError);
    expect(seen.taken).toBe(0);
  });

  it('leaves the depth of a large hole smooth, and says so', async () => {
    const options = { expert: { ...inParts.expert, steps: 2 }, mask: mask(0, 0, 150, 160) };
    const free = await limited(Number.POSITIVE_INFINITY);
    await work('inpaint', options, free.executor);
    const { executor } = await limited(free.seen.largest - 1);
    const { notes, colour } = await work('inpaint', options, executor);
    expect(notes.join()).toMatch(/deep in the hole .* filled smoothly/);
    // The corner lies deepest: as bright as the known pixels that the smooth fill continues.
    for (let x = 0; x < 60; x++) expect(Math.abs(colour[x] - 0.5)).toBeLessThan(0.3);
  });
});

describe('the run in parts', () => {
  it('counts steps on and on, and previews whole pictures that are never black', async () => {
    const seen: Progress[] = [];
    const small = cleanRaster(130, 100);
    const options = {
      ...inParts,
      task: 'upscale',
      scale: 1.5,
      expert: { ...inParts.expert, steps: 8, runs: 2, partSide: 130 },
      previewEveryMs: 1,
    } as const;
    const { steps, parts } = await restore(small, { ...options, onProgress: (p) => seen.push(p) });
    for (const [i, { step, steps: most, part, etaMs }] of seen.entries()) {
      expect(step).toBeGreaterThan(seen[i - 1]?.step ?? 0);
      expect(part).toBeGreaterThanOrEqual(seen[i - 1]?.part ?? 1);
      expect(most).toBeLessThanOrEqual(seen[i - 1]?.steps ?? most);
      expect(etaMs).toBeGreaterThanOrEqual(0);
    }
    expect(seen.at(-1)).toMatchObject({ step: steps, steps, part: parts, parts, etaMs: 0 });
    const previews = seen.flatMap(({ preview, part }) => (preview ? [{ ...preview, part }] : []));
    expect(new Set(previews.map(({ part }) => part)).size).toBe(parts);
    for (const preview of previews) {
      expect([preview.width, preview.height]).toEqual([195, 150]);
      // Where no part was begun, the plain enlargement shows: this picture has nothing darker than 38.
      const last = preview.data.slice(-4 * 195);
      if (preview.part < parts)
        expect(last.reduce((least, v) => Math.min(least, v), 255)).toBeGreaterThan(20);
    }
  });

  it('stops with what there is, the rest as it was, and says so', async () => {
    const stop = new AbortController();
    const result = await restore(damaged, {
      ...inParts,
      task: 'denoise',
      diagnosis,
      stopSignal: stop.signal,
      onProgress: ({ part }) => part === 2 && stop.abort(),
    });
    expect(result).toMatchObject({ parts: 1, stoppedBy: 'user' });
    expect(result.notes).toContain('Stopped with 1 of 4 parts done; the rest is as it was.');
    const from = 4 * (150 * width + 20);
    const differs = (at: number) =>
      result.image.data.slice(at, at + 400).some((v, i) => v !== damaged.data[at + i]);
    expect([differs(0), differs(from)]).toEqual([true, false]);
  });

  it.each(['upscale', 'inpaint'] as const)('leaves no gap where %s is stopped', async (task) => {
    const stop = new AbortController();
    const options = { ...inParts, task, mask: mask(4, 4, 210, 160), stopSignal: stop.signal };
    const { image, notes } = await restore(clean, { ...options, onProgress: () => stop.abort() });
    expect(notes.join()).toMatch(task === 'upscale' ? /enlarged plainly/ : /filled smoothly/);
    // The first part was only just begun; the rest is as dark as the picture at most.
    const corner = image.data
      .slice(-4 * 20 * image.width)
      .filter((_, i) => (i >> 2) % image.width > 0.7 * image.width);
    expect(corner.reduce((low, value) => Math.min(low, value), 255)).toBeGreaterThan(20);
  });

  it('can be aborted between parts, and frees everything', async () => {
    const abort = new AbortController();
    const { executor, seen } = await limited(Number.POSITIVE_INFINITY);
    const run = work(
      'denoise',
      {
        expert: inParts.expert,
        signal: abort.signal,
        onProgress: ({ part, step }) => part === 2 && step > 30 && abort.abort(),
      },
      executor,
    );
    await expect(run).rejects.toMatchObject({ name: 'AbortError' });
    expect(seen).toMatchObject({ taken: 2, alive: 0 });
  });

  it('shares maxSeconds among the parts', async () => {
    // A look at the clock takes 5 ms, however busy the machine is; half of the looks are the diagnosis'.
    let looks = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => 5 * ++looks);
    const steps: number[] = [];
    const result = await restore(damaged, {
      ...inParts,
      task: 'denoise',
      expert: { ...inParts.expert, steps: 20000, earlyStop: false },
      maxSeconds: 300,
      onProgress: ({ part, step }) => {
        steps[part - 1] = step - steps.slice(0, part - 1).reduce((sum, s) => sum + s, 0);
      },
    });
    expect(result).toMatchObject({ parts: 4, stoppedBy: 'time' });
    // The first would have used it up.
    expect(Math.min(...steps)).toBeGreaterThan(0);
  });
});
