import type { PlanarImage } from '../options.ts';
import { boxMean } from './box-means.ts';

/** Looked at: so many pixels at most, and only where both colours have this share. */
const LOOK = { pixels: 10_000, share: 0.1 } as const;
/** The picture as it is, and against what is around: boxes reaching so far on each side, px. */
const VIEWS = [
  { blur: 0, right: 0.985 },
  { blur: 0, against: 12, right: 0.85 },
] as const;
/** Of the pixels whose tones are nearest to where the colours part, this share, half of it on either side, is looked at. */
const NEAREST = { share: 0.1, spread: 0.004 } as const;
/** An area of one colour is lost or drawn, and whoever marks it follows its outline, which is smooth once blurred: samples this near, so many. */
const FLAT = { within: 0.03, share: 0.6 } as const;

/**
 * Whether a drawing of two colours is the picture cut in two at some tone, as a threshold or two colours for all of it do.
 * An area that someone drew may follow the picture's outlines, and may be told by its tones where it is lost; but tones near
 * to the parting one lie on either side of it.
 *
 * @param light [height, width] 0 … 1, of the picture's size.
 */
export function isCutAtTone({ planes, width, height }: PlanarImage, light: Float32Array): boolean {
  const n = width * height;
  if (light.length !== n) return false;
  const count = Math.min(n, LOOK.pixels);
  const at = Uint32Array.from({ length: count }, (_, k) => Math.floor((k * n) / count));
  const isLight = Uint8Array.from(at, (i) => (light[i] >= 0.5 ? 1 : 0));
  const lighter = isLight.reduce((sum, set) => sum + set, 0) / count;
  if (Math.min(lighter, 1 - lighter) < LOOK.share) return false;
  const colours = planes.length < 3 ? planes.slice(0, 1) : planes.slice(0, 3);
  const means = colours.map((plane) => {
    const mean = boxMean(plane, width, height);
    return (reach: number) => Float32Array.from(at, (i) => mean(i, reach));
  });
  const own = means.map((mean) => mean(0));
  const flat = [0, 1].some((side) => isFlat(own, isLight, side));
  return VIEWS.slice(0, flat ? 1 : VIEWS.length).some((view) => {
    const seen = means.map((mean) => {
      const near = mean(view.blur);
      if (!('against' in view)) return near;
      const around = mean(view.against);
      return near.map((value, k) => value - around[k]);
    });
    return weighings(seen, isLight).some((weights) => {
      const tones = seen[0].map((_, k) => seen.reduce((sum, plane, c) => sum + weights[c] * plane[k], 0));
      return partedAt(tones, isLight) >= view.right;
    });
  });
}

function isFlat(colours: readonly Float32Array[], isLight: Uint8Array, side: number): boolean {
  const [first, ...others] = colours.map((plane) => plane.filter((_, k) => isLight[k] === side));
  const middle = [first, ...others].map((plane) => plane.slice().sort()[plane.length >> 1]);
  const flat = first.reduce((sum, value, k) => {
    const near = (sample: number, c: number) => Math.abs(sample - middle[c]) <= FLAT.within;
    return sum + (near(value, 0) && others.every((plane, c) => near(plane[k], c + 1)) ? 1 : 0);
  }, 0);
  return flat >= FLAT.share * first.length;
}

/** Brightness, each colour alone, and the direction in which light and dark are apart, as with two colours for all. */
function weighings(colours: readonly Float32Array[], isLight: Uint8Array): readonly (readonly number[])[] {
  if (colours.length === 1) return [[1]];
  const apart = colours.map((plane) => {
    const sums = [0, 0];
    const counts = [0, 0];
    plane.forEach((value, k) => {
      sums[isLight[k]] += value;
      counts[isLight[k]]++;
    });
    return sums[1] / counts[1] - sums[0] / counts[0];
  });
  return [[0.299, 0.587, 0.114], [1, 0, 0], [0, 1, 0], [0, 0, 1], apart];
}

/** Which share of the tones nearest to the one that parts the colours best lies on its side of it; 0 where they do not differ. */
function partedAt(tones: Float32Array, isLight: Uint8Array): number {
  const order = Uint32Array.from(tones, (_, k) => k).sort((a, b) => tones[a] - tones[b]);
  const tone = (rank: number) => tones[order[rank]];
  // By how many the light ones prevail among the darkest: its extremes are where the colours part best.
  let [lead, least, most, atLeast, atMost] = [0, 0, 0, 0, 0];
  order.forEach((k, rank) => {
    lead += isLight[k] ? 1 : -1;
    if (lead < least) [least, atLeast] = [lead, rank + 1];
    if (lead > most) [most, atMost] = [lead, rank + 1];
  });
  const half = Math.round((NEAREST.share / 2) * order.length);
  const shares = [atLeast, atMost].map((border, below) => {
    const [from, to] = [border - half, border + half];
    if (from < 0 || to > order.length) return 0;
    const spread = Math.min(tone(border - 1) - tone(from), tone(to - 1) - tone(border));
    // A gap between tones is no parting of a photograph's: what lies on either side are two things.
    if (spread < NEAREST.spread || tone(border) - tone(border - 1) > spread) return 0;
    let right = 0;
    for (let rank = from; rank < to; rank++)
      if (isLight[order[rank]] === (rank < border ? below : 1 - below)) right++;
    return right / (to - from);
  });
  return Math.max(...shares);
}
