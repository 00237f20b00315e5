import { beforeAll, describe, expect, it } from 'vitest';
import { restore } from '../../src/engine/index.ts';
import { fillNonlocal } from '../../src/engine/nonlocal/fill.ts';
import { referenceFill } from '../../src/engine/nonlocal/fill-reference.ts';
import { type FillTile, fillTask } from '../../src/engine/nonlocal/fill-tile.ts';
import { createPool, type KernelPool } from '../../src/engine/nonlocal/pool.ts';
import { normal, streamKey, uniform } from '../../src/engine/random.ts';
import { nodeHost } from '../../src/node/host.ts';
import { nodeThreads } from '../../src/node/threads.ts';

/** Stripes over a ramp, each plane another, with a little noise. */
function stripes(planes: number, width: number, height: number): Float32Array {
  const key = streamKey(3, 5);
  return Float32Array.from({ length: planes * width * height }, (_, i) => {
    const [x, y, p] = [i % width, Math.floor(i / width) % height, Math.floor(i / (width * height))];
    return 0.5 + 0.25 * Math.sin((x + y / 2) * 1.1 + p) + y / (5 * height) + 0.01 * normal(key, i);
  });
}

/** Known but for every fifth row's middle, and a scattering of pixels. */
const knownOf = (width: number, height: number, missing: number) =>
  Uint8Array.from({ length: width * height }, (_, i) => (uniform(77, i) < missing ? 0 : 1));

function tileOf(planes: number, width: number, height: number, missing: number, patch: number): FillTile {
  const references: number[] = [];
  for (let y = 0; y + patch <= height; y += 3)
    for (let x = 0; x + patch <= width; x += 2) references.push(y * width + x);
  const known = Float32Array.from(knownOf(width, height, missing));
  return { width, height, planes, estimate: stripes(planes, width, height), known, references };
}

const CASES = [
  ['grey, patches of 8', 1, 27, 21, 0.4, 8, 30],
  ['colour, patches of 6', 3, 23, 19, 0.4, 6, 41],
  ['next to nothing known', 3, 19, 17, 0.97, 6, 24],
  ['nothing known', 1, 17, 19, 1, 5, 24],
  ['fewer patches than a group takes', 3, 9, 10, 0.3, 6, 60],
] as const;

/** Samples are in [0, 1]; the kernel solves in single precision, the reference in double. */
const TOLERANCE = 5e-4;

describe('the kernel of the non-local fill', () => {
  let pool: KernelPool;
  beforeAll(async () => {
    nodeThreads(1); // relaxed SIMD where it needs a flag
    pool = await createPool(undefined);
  });

  it.each(CASES)(
    'computes what the plain loops do: %s',
    async (_, planes, width, height, missing, patch, members) => {
      const tile = tileOf(planes, width, height, missing, patch);
      const settings = { patch, radius: 7, members, variance: 1e-4 };
      const found = await pool.run(() => fillTask(tile, settings));
      const expected = referenceFill(tile, settings);
      const n = width * height;
      expect(found.subarray(planes * n)).toEqual(Float32Array.from(expected.subarray(planes * n)));
      let worst = 0;
      for (let i = 0; i < planes * n; i++) {
        const count = expected[planes * n + (i % n)];
        if (count > 0) worst = Math.max(worst, Math.abs(found[i] - expected[i]) / count);
      }
      expect(worst).toBeLessThan(TOLERANCE);
    },
  );
});

const [width, height] = [150, 91];
const n = width * height;

describe('fillNonlocal', () => {
  const truth = stripes(3, width, height);
  const known = knownOf(width, height, 0.5);
  const start = truth.map((value, i) => (known[i % n] ? value : 0.5));
  const error = (planes: Float32Array) =>
    Math.sqrt(planes.reduce((sum, v, i) => sum + (v - truth[i]) ** 2, 0) / (3 * n));

  it('finds stripes of which half of the pixels are missing, and keeps the known ones', async () => {
    const filled = await fillNonlocal({ width, height, planes: 3, start, known }, { rounds: 8 });
    expect(error(filled)).toBeLessThan(0.015);
    expect(error(start)).toBeGreaterThan(0.1);
    expect(filled.every((value, i) => !known[i % n] || value === truth[i])).toBe(true);
  });

  it('gives the same bits with workers and without', async () => {
    const picture = { width, height, planes: 3, start, known };
    const host = await nodeHost();
    const here = await fillNonlocal(picture, { rounds: 2 });
    expect(await fillNonlocal(picture, { rounds: 2, host })).toEqual(here);
  });

  it('ends when aborted', async () => {
    const abort = new AbortController();
    const filling = fillNonlocal(
      { width, height, planes: 3, start, known },
      { rounds: 8, signal: abort.signal, progress: async () => abort.abort() },
    );
    await expect(filling).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
  });
});

describe('a scratched picture', () => {
  const planes = [0, 1, 2].map((c) =>
    stripes(3, width, height)
      .slice(c * n, (c + 1) * n)
      .map((v) => Math.min(1, Math.max(0, v))),
  );
  const scratches = Uint8Array.from({ length: n }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    // Two reach the borders, one of them a corner.
    return Math.abs(x - y - 3) < 3 || Math.abs(x - 90 - y / 9) < 2 ? 0 : 255;
  });
  const mask = { data: scratches, width, height };

  it.each(['fast', 'balanced'] as const)('is filled without a network, %s', async (quality) => {
    const { image, stages, executor } = await restore(
      { planes, width, height },
      { task: 'inpaint', mask, quality },
    );
    expect([stages, executor]).toEqual([['nonlocal'], 'none']);
    const off = image.planes.flatMap((plane, c) =>
      Array.from(plane, (v, i) => (scratches[i] ? 0 : Math.abs(v - planes[c][i]))),
    );
    expect(Math.sqrt(off.reduce((sum, v) => sum + v * v, 0) / off.filter((v) => v > 0).length)).toBeLessThan(
      0.03,
    );
    for (let c = 0; c < 3; c++)
      expect(image.planes[c].every((v, i) => !scratches[i] || v === planes[c][i])).toBe(true);
  });

  it('takes nothing from what alpha hides, and does not change it', async () => {
    const hidden = Float32Array.from({ length: n }, (_, i) => (Math.floor(i / width) > 60 ? 0 : 1));
    const garish = planes.map((plane, c) => plane.map((v, i) => (hidden[i] ? v : c === 1 ? 1 : 0)));
    const other = planes.map((plane) => plane.map((v, i) => (hidden[i] ? v : 0.3)));
    const options = { task: 'inpaint', mask, quality: 'fast' } as const;
    const a = await restore({ planes: [...garish, hidden], width, height }, options);
    const b = await restore({ planes: [...other, hidden], width, height }, options);
    for (let c = 0; c < 3; c++) {
      expect(a.image.planes[c].every((v, i) => !hidden[i] || v === b.image.planes[c][i])).toBe(true);
      expect(a.image.planes[c].every((v, i) => hidden[i] > 0 || v === garish[c][i])).toBe(true);
    }
  });
});
