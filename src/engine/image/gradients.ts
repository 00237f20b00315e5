import type { Pieces } from '../time-slicing.ts';
import type { Size } from './box.ts';
import { type Drawn, isDrawnThroughout } from './drawn.ts';
import type { Picture } from './picture.ts';

/** Less of a picture than this is flat where it is blurred throughout: .07 of photographs behind a blur, .31 and more of four drawings. */
const SOME_FLAT = 0.15;
/** A gradient's pixels lie in squares of so many, which no blend of an edge has room in. */
const SIDE = 4;
/** How often what goes on with the steps of its row or column is added: the rims of round shapes have no square. */
const GOES_ON = 2;
/** How much two steps that follow each other may differ: rounding to 8 bits, and of what turns, as circles do, a share of the larger. */
const BEND = { rounding: 2 / 255, share: 0.15 } as const;

/**
 * A drawing whose colours change from pixel to pixel by steps that are alike, in gradients and soft shadows, is drawn there too. Where
 * it is one throughout, `gradient` tells these pixels.
 */
export function* withGradients(picture: Picture, drawn: Drawn): Pieces<Drawn> {
  const { flat, pixelArt } = drawn;
  if (pixelArt || flat.reduce((sum, is) => sum + is, 0) < SOME_FLAT * flat.length) return drawn;
  const across = yield* straight(picture, 1);
  const down = yield* straight(picture, picture.width);
  const gradient = (yield* gradientPixels(picture, across, down)).map((is, i) => is & ~flat[i]);
  if (!gradient.includes(1)) return drawn;
  for (let i = 0; i < GOES_ON; i++) yield* goOn(gradient, picture, across, down);
  const isDrawing = drawn.share.every((share) => share === 1);
  const even = gradient.map((is, i) => is | flat[i]);
  if (!isDrawing && !(yield* isDrawnThroughout(picture, even))) return drawn;
  return { ...drawn, share: drawn.share.slice().fill(1), gradient };
}

/** [height, width] 1 = in a square of pixels along whose rows and columns all steps are alike. */
function* gradientPixels({ width, height }: Size, across: Uint8Array, down: Uint8Array): Pieces<Uint8Array> {
  const found = new Uint8Array(width * height);
  const bends = (at: number) => {
    for (let v = 0; v < SIDE; v++)
      for (let u = 0; u < SIDE; u++) {
        const i = at + v * width + u;
        if ((u + 2 < SIDE && !across[i]) || (v + 2 < SIDE && !down[i])) return true;
      }
    return false;
  };
  for (let y = 0; y + SIDE <= height; y++) {
    for (let x = 0; x + SIDE <= width; x++) {
      const at = y * width + x;
      if (bends(at)) continue;
      for (let v = 0; v < SIDE; v++) found.fill(1, at + v * width, at + v * width + SIDE);
    }
    yield;
  }
  return found;
}

/** What goes on with the step of two pixels beside it is of the gradient, too. */
function* goOn(gradient: Uint8Array, { width }: Size, across: Uint8Array, down: Uint8Array): Pieces<void> {
  const before = gradient.slice();
  for (let i = 0; i < gradient.length; i++) {
    const isOne = (step: number, alike: Uint8Array) =>
      (before[i + step] === 1 && before[i + 2 * step] === 1 && alike[i] === 1) ||
      (before[i - step] === 1 && before[i - 2 * step] === 1 && alike[i - 2 * step] === 1);
    if (isOne(1, across) || isOne(width, down)) gradient[i] = 1;
    if (i % width === 0) yield;
  }
}

/** 1 = from here on two steps along the axis are alike in all channels. */
function* straight({ width, height, channels, colour }: Picture, step: number): Pieces<Uint8Array> {
  const n = width * height;
  const alike = new Uint8Array(n).fill(1);
  for (let i = 0; i < n; i++) {
    const isEnd = step === 1 ? i % width >= width - 2 : i + 2 * step >= n;
    if (isEnd) alike[i] = 0;
    if (i % width === 0) yield;
    for (let at = i; alike[i] && at < channels * n; at += n) {
      const [one, other] = [colour[at + step] - colour[at], colour[at + 2 * step] - colour[at + step]];
      const most = BEND.rounding + BEND.share * Math.max(Math.abs(one), Math.abs(other));
      if (Math.abs(other - one) > most + 1e-6) alike[i] = 0;
    }
  }
  return alike;
}
