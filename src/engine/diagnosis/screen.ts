import { type Box, cutPicture } from '../image/box.ts';
import type { Picture } from '../image/picture.ts';
import { type Peak, peaksOf } from '../image/spectrum.ts';
import type { Pieces } from '../time-slicing.ts';

/** Side of the patches that are looked at, px, and how many along either axis at most. */
const PATCH = { side: 128, most: 2, least: 48 } as const;
/**
 * A screen of dots is two waves, equally fine and at right angles. Frequencies, cycles a pixel (a finer screen is ordered
 * dither, and pixels beside pixels); by how much they may differ; cosine of their angle; share of the texture they have at
 * least. Of 404 drawn pictures those with halftone have 0.53 and more, others in this range less than 0.35, but for
 * checkerboards; photographs, noisy or not, less than 0.15.
 */
const SCREEN = { slowest: 0.065, finest: 0.31, alike: 0.08, cosine: 0.1, share: 0.4, waves: 12 } as const;
/** Side of the squares whose mean is the tone, px, and what it varies by at least, as a standard deviation: a flat pattern has one tone. */
const TONE = { side: 16, varied: 0.04 } as const;

/** Whether most of a picture is halftone, as prints are: dots on a regular screen that make its tones by their size. */
export function* isHalftone(picture: Picture): Pieces<boolean> {
  const { width, height } = picture;
  if (Math.min(width, height) < PATCH.least) return false;
  const [xs, ys] = [startsOf(width), startsOf(height)];
  let screened = 0;
  for (const y of ys)
    for (const x of xs) {
      const box = { x, y, width: Math.min(width, PATCH.side), height: Math.min(height, PATCH.side) };
      if (yield* isScreened(picture, box)) screened++;
    }
  return 2 * screened > xs.length * ys.length && toneVaries(picture);
}

/** Patches from one border to the other. */
function startsOf(length: number): number[] {
  const count = Math.min(PATCH.most, Math.max(1, Math.floor(length / PATCH.side)));
  const room = Math.max(0, length - PATCH.side);
  return Array.from({ length: count }, (_, i) =>
    Math.round(count === 1 ? room / 2 : (i * room) / (count - 1)),
  );
}

/** Whether a screen is most of what is seen in a box in one of the colours, in pieces. */
export function* isScreened(picture: Picture, box: Box): Pieces<boolean> {
  const { colour, channels, width, height } = cutPicture(picture, box);
  const n = width * height;
  for (let c = 0; c < channels; c++) {
    const plane = colour.subarray(c * n, (c + 1) * n);
    const known = plane.map((value) => Number(!Number.isNaN(value)));
    const peaks = (yield* peaksOf(plane, known, width, height)).slice(0, SCREEN.waves);
    if (
      peaks.some((a) =>
        peaks.some((b) => a.share <= b.share && 2 * a.share >= SCREEN.share && areScreen(a, b)),
      )
    )
      return true;
  }
  return false;
}

function areScreen({ wave: a }: Peak, { wave: b }: Peak): boolean {
  const [fa, fb] = [a, b].map(({ down, across }) => Math.hypot(down, across));
  const cosine = Math.abs(a.down * b.down + a.across * b.across) / (fa * fb);
  const inRange = Math.max(fa, fb) <= SCREEN.finest && Math.min(fa, fb) >= SCREEN.slowest;
  return inRange && Math.abs(fa / fb - 1) <= SCREEN.alike && cosine <= SCREEN.cosine;
}

function toneVaries({ colour, channels, width, height }: Picture): boolean {
  const n = width * height;
  for (let c = 0; c < channels; c++) {
    let [sum, squares, count] = [0, 0, 0];
    for (let top = 0; top + TONE.side <= height; top += TONE.side)
      for (let left = 0; left + TONE.side <= width; left += TONE.side) {
        let tone = 0;
        for (let i = 0; i < TONE.side ** 2; i++)
          tone += colour[c * n + (top + Math.floor(i / TONE.side)) * width + left + (i % TONE.side)];
        tone /= TONE.side ** 2;
        if (Number.isNaN(tone)) continue;
        sum += tone;
        squares += tone * tone;
        count++;
      }
    if (count > 0 && Math.sqrt(Math.max(0, squares / count - (sum / count) ** 2)) >= TONE.varied) return true;
  }
  return false;
}
