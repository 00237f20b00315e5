import { marks } from '../image/binary-plane.ts';
import type { Size } from '../image/box.ts';
import { distancesTo } from '../image/distance.ts';
import { type Picture, planesIn } from '../image/picture.ts';
import type { Pieces } from '../time-slicing.ts';
import { continuedSoftly } from './isophotes.ts';

/** How far around a hole is looked at, px. */
const RIM = 10;
/** Half of the window whose range tells how much changes at a pixel, px. */
const ABOUT = 3;
/** A second difference above this, in [0, 1], and that share of what changes about is something sharp: a Gaussian's edge of σ 1 has .24, one between two pixels .5 and more. */
const SHARP = { least: 2.5 / 255, share: 0.3 } as const;
/** Something changes where it does by more than this. */
const CHANGES = 3 / 255;
/** Share of the rim that must change: flat colours are continued as such elsewhere. */
const SOME = 0.05;
/** Share of what changes that is not sharp: of what is soft throughout (.997 and more in 14 pictures), and of what has sharp straight edges in it (.88 to .93). */
const ALL = 0.98;
const MOST = 0.8;
/** Share of it that has nothing sharp about, where there is something sharp elsewhere: of lines on flat colours none. */
const APART = 0.25;
/** How wide a rim is hidden, and how far off what is continued into it may be, as a root mean square in [0, 1]; chosen on the same 14. */
const HIDDEN = { px: 4, soft: 5 / 255, thin: 2.2 / 255, edges: 1 / 255 } as const;

/**
 * Whether a hole lies in what is soft, which `continuedSoftly` continues: the rim has no high frequencies but for straight edges, and a rim
 * that is hidden with the hole comes back.
 *
 * @param lack [height, width] 1 = to be filled.
 * @param isThin whether the non-local fill would do otherwise, which needs no help but where it goes wrong.
 */
export function* isSoftAround(picture: Picture, lack: Uint8Array, isThin: boolean): Pieces<boolean> {
  const away = yield* distancesTo(lack, picture.width, picture.height);
  const { changing, soft, apart } = yield* looksOf(picture, lack, away);
  if (changing < SOME || soft < MOST || (soft < ALL && apart < APART)) return false;
  const most = soft < ALL ? HIDDEN.edges : isThin ? HIDDEN.thin : HIDDEN.soft;
  return (yield* missed(picture, away)) <= most;
}

interface Looks {
  /** Share of the rim where anything changes. */
  readonly changing: number;
  /** Share of that where nothing is sharp. */
  readonly soft: number;
  /** Share of that with nothing sharp about. */
  readonly apart: number;
}

function* looksOf(picture: Picture, lack: Uint8Array, away: Float32Array): Pieces<Looks> {
  const { width, height } = picture;
  const planes = planesIn(picture.colour, picture.channels);
  const isSharp = new Uint8Array(lack.length);
  const changes = new Uint8Array(lack.length);
  let rim = 0;
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (lack[i] || away[i] > RIM) continue;
      rim++;
      for (const plane of planes) {
        const range = rangeAbout(plane, lack, x, y, picture);
        if (range > CHANGES) changes[i] = 1;
        if (bendAt(plane, lack, x, y, picture) > SHARP.least + SHARP.share * range) isSharp[i] = 1;
      }
    }
    yield;
  }
  const sharp = yield* distancesTo(isSharp, width, height);
  let [changing, soft, apart] = [0, 0, 0];
  for (let i = 0; i < lack.length; i++) {
    changing += changes[i];
    soft += changes[i] & ~isSharp[i];
    if (changes[i] && sharp[i] > 2 * ABOUT) apart++;
  }
  return {
    changing: changing / Math.max(1, rim),
    soft: soft / Math.max(1, changing),
    apart: apart / Math.max(1, changing),
  };
}

function rangeAbout(
  plane: Float32Array,
  lack: Uint8Array,
  x: number,
  y: number,
  { width, height }: Size,
): number {
  let [low, high] = [1, 0];
  for (let v = Math.max(0, y - ABOUT); v <= Math.min(height - 1, y + ABOUT); v++)
    for (let j = v * width + Math.max(0, x - ABOUT); j <= v * width + Math.min(width - 1, x + ABOUT); j++) {
      if (lack[j]) continue;
      low = Math.min(low, plane[j]);
      high = Math.max(high, plane[j]);
    }
  return high - low;
}

/** The greater second difference, of those along the row and the column that are known. */
function bendAt(
  plane: Float32Array,
  lack: Uint8Array,
  x: number,
  y: number,
  { width, height }: Size,
): number {
  const i = y * width + x;
  const along = (step: number, isInside: boolean) =>
    isInside && !lack[i - step] && !lack[i + step]
      ? Math.abs(plane[i - step] - 2 * plane[i] + plane[i + step])
      : 0;
  return Math.max(along(1, x > 0 && x + 1 < width), along(width, y > 0 && y + 1 < height));
}

/** How far off a hidden rim comes back, as a root mean square in [0, 1]. */
function* missed({ width, height, channels, colour }: Picture, away: Float32Array): Pieces<number> {
  const planes = planesIn(colour, channels);
  const known = marks(away, (px) => px > HIDDEN.px);
  if (!known.includes(1)) return Number.POSITIVE_INFINITY;
  const filled = yield* continuedSoftly(planes, known, width, height);
  let [squares, count] = [0, 0];
  for (let i = 0; i < known.length; i++) {
    if (known[i] || away[i] === 0) continue;
    for (const [p, plane] of planes.entries()) squares += (filled[p][i] - plane[i]) ** 2;
    count += planes.length;
  }
  return Math.sqrt(squares / Math.max(1, count));
}
