import { streamKey, uniform } from '../random.ts';
import type { Example, Lessons } from './examples.ts';
import { centred, GAIN, GRID, HUBER } from './network.ts';

/** One training step's crops, laid side by side as one image, since plans know no batches. */
export interface Mosaic {
  /** Side of a crop, px. */
  readonly crop: number;
  readonly width: number;
  readonly height: number;
  /** [height, width]: 0 where a crop is too near to its neighbours to be judged, else 1. */
  readonly weight: Float32Array;
}

interface Batch {
  /** [channels, height, width]: the blurred crops, and what is missing of the sharp ones, × GAIN. */
  readonly input: Float32Array;
  readonly target: Float32Array;
  /** The loss of a network that adds nothing. */
  readonly idleLoss: number;
}

const LARGEST_CROP = 48;
const [ACROSS, DOWN] = [3, 2];
/** px at the border of a crop that do not count. */
const EDGE = 4;

/** Crops for pictures whose shorter side is `side`, 8 px or more. */
export function mosaicFor(side: number): Mosaic {
  const crop = Math.min(LARGEST_CROP, GRID * Math.floor(side / GRID));
  const [width, height] = [ACROSS * crop, DOWN * crop];
  const edge = Math.min(EDGE, crop / 8);
  const inside = (at: number) => Math.min(at % crop, crop - 1 - (at % crop)) >= edge;
  const weight = Float32Array.from({ length: width * height }, (_, i) =>
    inside(i % width) && inside(Math.floor(i / width)) ? 1 : 0,
  );
  return { crop, width, height, weight };
}

/** Random crops of the lessons, mirrored and transposed; a pure function of (seed, step). */
export function drawBatch(
  lessons: Lessons,
  channels: number,
  { crop, width, height, weight }: Mosaic,
  seed: number,
  step: number,
): Batch {
  const n = width * height;
  const [input, target] = [new Float32Array(channels * n), new Float32Array(channels * n)];
  const key = streamKey(seed, step);
  let idleLoss = 0;
  for (let place = 0; place < ACROSS * DOWN; place++) {
    const random = (i: number) => uniform(key, 8 * place + i);
    const example = choose(lessons, random(0));
    const left = Math.floor(random(1) * (example.width - crop + 1));
    const top = Math.floor(random(2) * (example.height - crop + 1));
    const [mirrorX, mirrorY, transpose] = [random(3) < 0.5, random(4) < 0.5, random(5) < 0.5];
    const [toX, toY] = [crop * (place % ACROSS), crop * Math.floor(place / ACROSS)];
    const m = example.width * example.height;
    for (let y = 0; y < crop; y++)
      for (let x = 0; x < crop; x++) {
        const [a, b] = transpose ? [y, x] : [x, y];
        const u = left + (mirrorX ? crop - 1 - a : a);
        const v = top + (mirrorY ? crop - 1 - b : b);
        const from = v * example.width + u;
        const to = (toY + y) * width + toX + x;
        for (let c = 0; c < channels; c++) {
          const blurred = example.blurred[c * m + from];
          const missing = GAIN * (example.sharp[c * m + from] - blurred);
          input[c * n + to] = centred(blurred);
          target[c * n + to] = missing;
          idleLoss += weight[to] * penalty(missing);
        }
      }
  }
  return { input, target, idleLoss: idleLoss / target.length };
}

/** The data term's, of one sample. */
const penalty = (r: number) => 2 * HUBER ** 2 * (Math.sqrt(1 + (r / HUBER) ** 2) - 1);

function choose(lessons: Lessons, at: number): Example {
  let sum = 0;
  for (const [example, share] of lessons) {
    sum += share;
    if (at < sum) return example;
  }
  return lessons[lessons.length - 1][0];
}
