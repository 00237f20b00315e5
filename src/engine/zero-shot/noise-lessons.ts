import type { Picture } from '../image/picture.ts';
import { type NoiseModel, varianceAt } from '../nonlocal/noise-model.ts';
import { brightnessFactor, fromOpponent, opponentOf } from '../nonlocal/opponent.ts';
import { normal, streamKey } from '../random.ts';
import { mapped, type Pieces } from '../time-slicing.ts';
import type { Lessons } from './examples.ts';

/** Draws of the noise, and the pixels of all of them from which fewer do: a training sees some four million. */
const DRAWS = 6;
const ENOUGH = 2 ** 20;
/** Pixels between turns for the page. */
const PIECE = 2 ** 16;
/**
 * What an estimate of a noisy picture says of taking noise out: itself, beside itself with noise of the same kind, drawn anew.
 *
 * @param picture the noisy picture, without alpha, of 1 or 3 planes.
 * @param estimate [channels, height, width]
 */
export function* noiseLessons(
  { width, height, channels }: Picture,
  estimate: Float32Array,
  noise: NoiseModel,
  seed: number,
): Pieces<Lessons> {
  const draws = Math.max(1, Math.min(DRAWS, Math.floor(ENOUGH / (width * height))));
  const lessons: [Lessons[number][0], number][] = [];
  for (let draw = 0; draw < draws; draw++) {
    const blurred = yield* withNoise(estimate, channels as 1 | 3, noise, streamKey(seed, draw));
    lessons.push([{ width, height, blurred, sharp: estimate }, 1 / draws]);
  }
  return lessons;
}

function* withNoise(
  colour: Float32Array,
  planes: 1 | 3,
  noise: NoiseModel,
  key: ReturnType<typeof streamKey>,
): Pieces<Float32Array> {
  const n = colour.length / planes;
  const opponent = yield* opponentOf(colour, planes);
  const factor = brightnessFactor(planes);
  for (let i = 0; i < n; i++) {
    if (i % PIECE === 0) yield;
    const brightness = factor * opponent[i];
    for (let p = 0; p < planes; p++)
      opponent[p * n + i] += Math.sqrt(varianceAt(noise.planes[p], brightness)) * normal(key, p * n + i);
  }
  return yield* mapped(yield* fromOpponent(opponent, planes), (value) => Math.min(1, Math.max(0, value)));
}
