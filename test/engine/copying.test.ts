import { describe, expect, it } from 'vitest';
import { announcedBy, evened } from '../../src/engine/copying/announced.ts';
import { fillByCopying } from '../../src/engine/copying/fill.ts';
import type { Level } from '../../src/engine/copying/level.ts';
import { minimumCut, SLOTS } from '../../src/engine/copying/max-flow.ts';
import { type RestoreOptions, restore } from '../../src/engine/index.ts';
import { streamKey, uniform } from '../../src/engine/random.ts';
import { fitsBetter } from '../../src/engine/tasks/copied-estimate.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';

describe('evened', () => {
  it('makes kinds likelier of which less was copied than announced, and no place unlikely as a whole', () => {
    const hole = new Uint8Array(10).fill(1);
    // Place 0 of the picture is of the first kind, place 1 of the second; the rim announces six tenths and four.
    const like = Float32Array.from({ length: 20 }, (_, at) => (at === 0 || at === 3 ? 1 : 0));
    const near = Float32Array.from({ length: 20 }, (_, at) => (at % 2 === 0 ? 0.6 : 0.4));
    const announced = { kinds: 2, near, like, apart: 0 };
    const less = evened(announced, hole, () => 0);
    expect(less.near[0]).toBeLessThan(0.4);
    expect(less.near[0] + less.near[1]).toBeCloseTo(1);
    const right = evened(announced, hole, (i) => (i < 6 ? 0 : 1));
    expect(right.near[0]).toBeCloseTo(0.6, 2);
  });
});

describe('minimumCut', () => {
  const [width, height] = [4, 3];
  const count = width * height;
  const neighbours = Int32Array.from({ length: SLOTS * count }, (_, at) => {
    const [i, slot] = [Math.floor(at / SLOTS), at % SLOTS];
    const [x, y] = [i % width, Math.floor(i / width)];
    const [u, v] = [x + [1, -1, 0, 0][slot], y + [0, 0, 1, -1][slot]];
    return u < 0 || v < 0 || u >= width || v >= height ? -1 : v * width + u;
  });

  it('is the cheapest of all cuts of small grids', () => {
    for (let trial = 0; trial < 40; trial++) {
      const key = streamKey(trial, 1);
      // Whole numbers, many of them 0, so that sums are exact and cuts are often tied.
      const draw = (i: number) => Math.max(0, Math.floor(12 * uniform(key, i)) - 3);
      const capacity = Float64Array.from(neighbours, (j, at) => (j < 0 ? 0 : draw(at)));
      const terminal = Float64Array.from({ length: count }, (_, i) => draw(500 + i) - draw(600 + i));
      const costOf = (sink: (i: number) => boolean) => {
        let cost = 0;
        for (let i = 0; i < count; i++) {
          if (sink(i)) cost += Math.max(0, terminal[i]);
          else {
            cost += Math.max(0, -terminal[i]);
            for (let k = 0; k < SLOTS; k++) {
              const j = neighbours[SLOTS * i + k];
              if (j >= 0 && sink(j)) cost += capacity[SLOTS * i + k];
            }
          }
        }
        return cost;
      };
      let least = Number.POSITIVE_INFINITY;
      for (let cut = 0; cut < 2 ** count; cut++)
        least = Math.min(
          least,
          costOf((i) => ((cut >> i) & 1) === 1),
        );
      const flow = { count, neighbours, capacity: capacity.slice(), terminal: terminal.slice() };
      const found = atOnce(minimumCut(flow));
      expect(costOf((i) => found[i] === 1)).toBe(least);
    }
  });
});

const [width, height] = [112, 96];
const n = width * height;
const isHole = (i: number) => Math.hypot((i % width) - 52, Math.floor(i / width) - 46) < 17;

/** Rough bricks: a pattern that repeats, in grain that does not. */
const bricks = Float32Array.from({ length: 3 * n }, (_, i) => {
  const [x, y, c] = [i % width, Math.floor((i % n) / width), Math.floor(i / n)];
  const row = Math.floor(y / 8);
  const joint = y % 8 < 2 || (x + 9 * (row % 2)) % 18 < 2;
  return (joint ? 0.75 : 0.35 + 0.1 * c) + 0.12 * (uniform(11, i % n) - 0.5);
});

/** The bricks with grey in the hole, of which only some may be copied. */
function level(mayCopy: (x: number, y: number) => boolean = () => true): Level {
  const hole = Uint8Array.from({ length: n }, (_, i) => (isHole(i) ? 1 : 0));
  const source = hole.map((h, i) => (h || !mayCopy(i % width, Math.floor(i / width)) ? 0 : 1));
  const colour = bricks.map((value, i) => (isHole(i % n) ? 0.45 + 0.07 * Math.floor(i / n) : value));
  return { width, height, channels: 3, colour, hole, source };
}

/** Sky and tower: two tones with grain, and between them an edge that goes through the hole; what the guide has there is neither. */
function tower(): Level {
  const grain = (i: number) => 0.08 * (uniform(12, i) - 0.5);
  const whole = level();
  const shade = (i: number) => (i % width < 52 ? 0.25 : 0.75);
  const colour = Float32Array.from({ length: n }, (_, i) => (isHole(i) ? 0.5 : shade(i) + grain(i)));
  return { ...whole, channels: 1, colour };
}

/** Mean squared step to the right of what `picks`. */
function roughness(colour: ArrayLike<number>, picks: (i: number) => boolean): number {
  let [sum, count] = [0, 0];
  for (let i = 0; i + 1 < n; i++) {
    if (!picks(i) || !picks(i + 1)) continue;
    sum += (colour[i + 1] - colour[i]) ** 2;
    count++;
  }
  return sum / count;
}

/** What of the hole has the tone of its side of the tower's edge. */
function onItsSide(colour: ArrayLike<number>): number {
  const inside = Array.from({ length: n }, (_, i) => i).filter(isHole);
  const right = inside.filter((i) => Math.abs(colour[i] - (i % width < 52 ? 0.25 : 0.75)) < 0.15);
  return right.length / inside.length;
}

describe('announcedBy', () => {
  it('tells a rim that is alike all around, rough or not, from one of two things', () => {
    const shades: ((i: number) => number)[] = [
      (i) => 100 + 20 * uniform(14, i),
      (i) => (i % width < 52 ? 60 : 190),
    ];
    const [alike, two] = shades.map((shade) => {
      const tones = Float32Array.from({ length: n }, (_, i) => shade(i));
      return atOnce(announcedBy({ ...level(), channels: 1 }, tones, new Float32Array(n))).apart;
    });
    expect(alike).toBeLessThan(1);
    expect(two).toBeGreaterThan(10);
  });
});

describe('fillByCopying', () => {
  it('gives a hole the texture around it, from what may be copied alone', async () => {
    const lower = level((_, y) => y >= 24);
    const { colour, from, left } = (await fillByCopying(lower, { seed: 0 }))!;
    expect(left).toBe(0);
    from.forEach((j, i) => {
      if (isHole(i)) expect(lower.source[j]).toBe(1);
    });
    expect(colour.every((value, i) => isHole(i % n) || value === bricks[i])).toBe(true);
    const ratio = roughness(colour, isHole) / roughness(bricks, (i) => !isHole(i));
    expect(ratio).toBeGreaterThan(0.7);
    expect(ratio).toBeLessThan(1.3);
    // Bricks go on: the joints, seen as rows, are where they were.
    const error = Math.sqrt(
      colour.reduce((sum, value, i) => sum + (value - bricks[i]) ** 2, 0) / (3 * Math.PI * 17 ** 2),
    );
    expect(error).toBeLessThan(0.09);
  });

  it('continues an edge through a hole, though its guide wants the mean of both sides', async () => {
    const { colour } = (await fillByCopying(tower(), { seed: 0 }))!;
    expect(onItsSide(colour)).toBeGreaterThan(0.97);
  });

  it('leaves water between two banks calm, though the banks are rough', async () => {
    const isBank = (i: number) => Math.abs(Math.floor(i / width) - 46) > 17;
    const grain = (i: number) => (isBank(i) ? 0.5 : 0.02) * (uniform(13, i) - 0.5);
    const water = Float32Array.from({ length: n }, (_, i) => 0.5 + (isHole(i) ? 0 : grain(i)));
    const { colour } = (await fillByCopying({ ...level(), channels: 1, colour: water }, { seed: 0 }))!;
    const calm = roughness(water, (i) => !isHole(i) && !isBank(i));
    expect(roughness(colour, isHole) / calm).toBeLessThan(2);
  });

  it('is as rough as what lies around where calm copies of it would meet with the least difference', async () => {
    const amount = (i: number) => uniform(21, Math.floor((i % width) / 5) + 99 * Math.floor(i / width / 5));
    const patchy = Float32Array.from({ length: n }, (_, i) =>
      isHole(i) ? 0.5 : 0.5 + (amount(i) < 0.4 ? 0.6 : 0.06) * (uniform(22, i) - 0.5),
    );
    const { rough } = (await fillByCopying({ ...level(), channels: 1, colour: patchy }, { seed: 0 }))!;
    expect(rough).toBeGreaterThan(0.7);
    expect(rough).toBeLessThan(1.3);
  });

  it('copies the same by the same seed, and from elsewhere by another', async () => {
    const [a, b, c] = await Promise.all(
      [3, 3, 4].map(async (seed) => (await fillByCopying(level(), { seed }))!),
    );
    expect(b.colour).toEqual(a.colour);
    const holes = [...a.from.keys()].filter(isHole);
    const moved = holes.filter((i) => a.from[i] !== c.from[i]);
    expect(moved.length / holes.length).toBeGreaterThan(0.5);
  });

  it('is no answer where nothing may be copied, and ends at once when aborted', async () => {
    expect(
      await fillByCopying(
        level(() => false),
        { seed: 0 },
      ),
    ).toBeUndefined();
    const aborted = fillByCopying(level(), { seed: 0, signal: AbortSignal.abort() });
    await expect(aborted).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('fitsBetter', () => {
  const near = { cost: 70, left: 0.01, rough: 1 };
  it('takes what is farther off where it leaves less and costs less, or leaves half as much', () => {
    expect(fitsBetter({ cost: 68, left: 0.008, rough: 0.6 }, near, false)).toBe(true);
    expect(fitsBetter({ cost: 74, left: 0.008, rough: 0.6 }, near, false)).toBe(false);
    expect(fitsBetter({ cost: 74, left: 0.004, rough: 0.6 }, near, false)).toBe(true);
  });

  it('takes, of two that leave the same, what is as rough as the rim', () => {
    const calm = { ...near, rough: 0.67 };
    expect(fitsBetter({ cost: 75, left: 0.0104, rough: 0.9 }, calm, false)).toBe(true);
    expect(fitsBetter({ cost: 60, left: 0.0104, rough: 0.1 }, calm, false)).toBe(false);
  });
});

describe('a large hole', () => {
  const mask = { data: Uint8Array.from({ length: n }, (_, i) => (isHole(i) ? 0 : 255)), width, height };
  const colours = [0, 1, 2].map((c) => bricks.slice(c * n, (c + 1) * n));
  // What is hidden has a colour of its own, which is not to be seen anywhere.
  const alpha = Float32Array.from({ length: n }, (_, i) => (i % width < 12 ? 0 : 1));
  it.each([
    ['grey', colours.slice(0, 1)],
    ['RGBA, half of it hidden', [...colours, alpha]],
  ])('is filled with texture, all else is as it was: %s', async (_, planes) => {
    const shown = planes.map((p, c) =>
      planes.length === 4 && c < 3 ? p.map((v, i) => (alpha[i] ? v : 1)) : p,
    );
    const options = { task: 'inpaint', mask, quality: 'fast' } as const;
    const { image, stages } = await restore({ planes: shown, width, height }, options);
    expect(stages).toEqual(['nonlocal']);
    shown.forEach((plane, c) => {
      expect(plane.every((value, i) => isHole(i) || image.planes[c][i] === value)).toBe(true);
    });
    const ratio = roughness(image.planes[0], isHole) / roughness(bricks, (i) => !isHole(i));
    expect(ratio).toBeGreaterThan(0.6);
    expect(Math.max(...image.planes[0].filter((_, i) => isHole(i)))).toBeLessThan(0.95);
  });

  it('has another texture by another seed, and nothing of what is excluded, whatever that is', async () => {
    const isOut = (i: number) => Math.floor(i / width) < 16;
    const data = Uint8Array.from(mask.data, (_, i) => (isOut(i) ? 0 : 255));
    const other = colours.map((plane) => plane.map((v, i) => (isOut(i) ? plane[i + 16 * width] : v)));
    const inHole = async (planes: Float32Array[], options: Partial<RestoreOptions>) => {
      const asked = { task: 'inpaint', mask, quality: 'fast', ...options } as const;
      const { image } = await restore({ planes, width, height }, asked);
      return image.planes[0].filter((_, i) => isHole(i));
    };
    const excluding = { copyFrom: { ...mask, data } };
    const first = await inHole(colours, excluding);
    expect(await inHole(other, excluding)).toEqual(first);
    for (const second of [await inHole(colours, {}), await inHole(colours, { ...excluding, seed: 1 })]) {
      const moved = second.filter((value, k) => Math.abs(value - first[k]) > 0.01);
      expect(moved.length / first.length).toBeGreaterThan(0.2);
    }
  });

  it('is drawn small by a network, unless that is to be fast or the time is over', async () => {
    const stop = new AbortController();
    const previews: boolean[] = [];
    const { stages, steps, executor } = await restore(
      { planes: colours, width, height },
      {
        ...{ task: 'inpaint', mask, executor: 'wasm', stopSignal: stop.signal, previewEveryMs: 1 },
        onProgress: ({ done, preview }) => {
          previews.push(preview !== undefined);
          if (done > 0.26) stop.abort();
        },
      },
    );
    expect(stages).toEqual(['network', 'nonlocal']);
    expect(executor).toBe('wasm');
    expect(steps).toBeGreaterThan(0);
    expect(previews[0]).toBe(true);
  });
});
