import { type Box, cutPicture, paste } from '../image/box.ts';
import type { Picture } from '../image/picture.ts';
import type { NoiseModel } from '../nonlocal/noise-model.ts';
import { fromOpponent, opponentOf } from '../nonlocal/opponent.ts';
import { type IsOver, never } from '../stopping/pace.ts';
import { inStretches, mapped, type Pieces } from '../time-slicing.ts';
import { Blocks } from './judged-blocks.ts';
import type { LastWord } from './task.ts';

/** Rows that are judged at once, and how far around them is looked: both on the blocks' grid. */
const STRIP = { rows: 256, around: 48 } as const;

/**
 * What was taken out of a noisy picture must be noise. It must not look like what was left: contrast that was taken from
 * strokes and edges is given back to them, without the noise. And block by block and colour by colour the energy of the
 * rest must be the noise's, or the original comes back there, fading over.
 *
 * @param estimate [channels, height, width]; what may stay takes its place, strip by strip.
 * @param mapped whether to tell for each pixel what was kept.
 * @param over whether the time is: the strips below are as they were.
 */
export function* whatNoiseExplains(
  picture: Picture,
  estimate: Float32Array,
  noise: NoiseModel,
  mapped = false,
  over: IsOver = never,
): Pieces<LastWord> {
  const { width, height, channels } = picture;
  if (channels !== noise.planes.length) return { colour: estimate, share: 1 };
  const map = mapped ? new Float32Array(width * height) : undefined;
  const whole = { ...picture, colour: estimate };
  let total = 0;
  /** Judged, but not yet in its place: the next strip looks at what was there. */
  let done: { readonly box: Box; readonly colour: Float32Array } | undefined;
  for (let top = 0; top < height; top += STRIP.rows) {
    if (over()) {
      const rest = { x: 0, y: top, width, height: height - top };
      if (done) paste(whole, done.box, done.colour);
      done = { box: rest, colour: cutPicture(picture, rest).colour };
      break;
    }
    const [from, to] = [Math.max(0, top - STRIP.around), Math.min(height, top + STRIP.rows + STRIP.around)];
    const around = { x: 0, y: from, width, height: to - from };
    const ours = cutPicture(whole, around).colour;
    if (done) paste(whole, done.box, done.colour);
    yield;
    const { colour, kept } = yield* explainedIn(cutPicture(picture, around), ours, noise);
    const core = { x: 0, y: top - from, width, height: Math.min(STRIP.rows, height - top) };
    done = {
      box: { ...core, y: top },
      colour: cutPicture({ ...picture, colour, width, height: to - from, alpha: null }, core).colour,
    };
    const mine = kept.subarray(core.y * width, (core.y + core.height) * width);
    total = mine.reduce((sum, share) => sum + share, total);
    map?.set(mine, top * width);
  }
  if (done) paste(whole, done.box, done.colour);
  return { colour: estimate, share: total / (width * height), ...(map ? { map } : {}) };
}

/** Of one strip, as a picture: what may stay of the estimate, and how much of the change that is. */
function* explainedIn(picture: Picture, estimate: Float32Array, noise: NoiseModel) {
  const { width, height, colour } = picture;
  const n = width * height;
  const { kept, contrast } = yield* judged(picture, estimate, noise, true);
  yield* inStretches(estimate.length, (from, to) => {
    for (let i = from; i < to; i++) {
      const ours = Math.min(1, Math.max(0, estimate[i] + contrast[i]));
      estimate[i] = colour[i] + kept[i % n] * (ours - colour[i]);
    }
  });
  return { colour: estimate, kept };
}

/**
 * The contrast alone: what an estimate took from strokes and edges of a picture, beyond what errors of that level can look
 * like, is given back to it; of each colour by itself, since compression smears colours beside brightness. [channels, height, width]
 */
export function* withContrast(
  picture: Picture,
  estimate: Float32Array,
  errors: NoiseModel,
): Pieces<Float32Array> {
  const { contrast } = yield* judged(picture, estimate, errors, false);
  return yield* mapped(contrast, (given, i) => Math.min(1, Math.max(0, estimate[i] + given)));
}

/** Per pixel how much of the change is noise, and per sample the contrast that was not. */
function* judged(picture: Picture, estimate: Float32Array, noise: NoiseModel, tinted: boolean) {
  const { colour } = picture;
  const planes = noise.planes.length as 1 | 3;
  const left = yield* opponentOf(estimate, planes);
  const taken = yield* opponentOf(yield* mapped(colour, (value, i) => value - estimate[i]), planes);
  const blocks = new Blocks(picture, noise, changedRows(picture, estimate), tinted);
  yield* blocks.look(taken, left);
  const { kept, given } = yield* blocks.judge(left);
  return { kept, contrast: yield* fromOpponent(given, planes) };
}

/** Less than this is the rounding of colours to opponent ones and back. */
const ROUNDED = 1e-5;

/** [height] 1 = not as it was: what the time was too short for needs no judgement. */
function changedRows({ colour, width, height }: Picture, estimate: Float32Array): Uint8Array {
  const changed = new Uint8Array(height);
  for (let row = 0, i = 0; i < estimate.length; row++)
    for (const end = i + width; i < end; i++)
      if (Math.abs(estimate[i] - colour[i]) > ROUNDED) changed[row % height] = 1;
  return changed;
}
