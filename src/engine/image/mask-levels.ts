import { countOf, marks } from './binary-plane.ts';
import { boxMeans } from './box-means.ts';
import { correlation } from './correlation.ts';
import { distanceTo } from './distance.ts';
import { luminance as brightnessOf } from './luminance.ts';
import { unreached } from './reached.ts';

export type Colour = readonly [number, number, number];
export type Planes = readonly [Float32Array, Float32Array, Float32Array];

/** A drawing of two colours, antialiased, compressed or painted with a soft brush. */
export interface TwoLevels {
  /** [height, width] 0 = the darker colour … 1 = the lighter. */
  readonly light: Float32Array;
}

/** Two colours, or what was seen instead. */
type Levels = TwoLevels | 'one' | 'many';

/** Levels a channel of the histogram. */
const BINS = 16;
/** The two colours differ by at least this, in samples. */
const CONTRAST = 0.2;
/** A cover nearer than this to 0 or 1 counts as ground or paint. */
const END = 0.1;
/** Samples this near to a colour lie on it; how many do of each colour, and of those far from the other. */
const FLAT = { within: 0.04, some: 0.5, inside: 0.95 } as const;
/**
 * How far a mixture may lie off the line between the two colours, and the share of the painted that may lie farther; a third colour lies
 * `third` off it, in so many pixels, and of all.
 */
const LINE = { within: 0.12, share: 0.1, third: 0.36, pixels: 16, all: 0.005 } as const;
/** Mixtures lie within a JPEG block of both colours, but for this share of the painted. */
const EDGE = { reach: 8, share: 0.05 } as const;
/**
 * Where brightness is of two levels, colours are so much like it in the mean of boxes that reach so far, px, or as good as none; the
 * chequers that stand for transparency, with strokes on them, have half of each.
 */
const AROUND = { reach: 8, alike: 0.9, grey: 0.03, most: 0.4 } as const;
/** With so few mixed pixels among the painted, flat colours are enough: they can only be edges. */
const FEW_MIXED = 0.1;
/** Antialiased lines have at most this many mixed pixels to one of the full colour. */
const MOST_MIXED = 6;
/** Thin strokes on a wide ground need not reach the full colour: all but this share of them lie so near the ground, px. */
const THIN = { reach: 3, share: 0.02, painted: 0.5 } as const;
/** Blurred strokes on such a ground need not either: so near it, px, and so little bent between pixels for how steep they are. */
const BLURRED = { reach: 16, bend: 0.3, narrow: 5, most: 0.55 } as const;
/** Areas drawn on a ground and blurred: so flat are ground and paint, so many mixed pixels are there to one of the paint, so little bent. */
const BLURRED_AREAS = { ground: 0.9, paint: 0.8, mixed: 2, bend: 0.25 } as const;
/** A soft brush: its slopes bend this little from pixel to pixel, dwell on no level and lead from ground to paint. */
const SOFT = { bend: 0.03, dwell: 0.25, ground: 0.75, levels: [0.2, 0.5, 0.8] } as const;
/** The full colour: the mean of what lies beyond this share of the distance that 95 % of the painted stay below. */
const FULL = { quantile: 0.95, share: 0.9 } as const;

/**
 * Tells a drawing of two colours from a picture of many, by flat colours with nothing between them but edges.
 *
 * @param planes 1 or 3 planes of samples in [0, 1].
 */
export function levelsOf(planes: readonly Float32Array[], width: number, height: number): Levels {
  const [r, g = r, b = r] = planes;
  const levels = levelsOfColours([r, g, b], width, height);
  if (levels !== 'many' || planes.length < 3) return levels;
  const bright = brightnessOf(planes);
  const two = levelsOfColours([bright, bright, bright], width, height);
  return typeof two === 'object' && isOfColoursAround(planes, bright, two.light, width) ? two : 'many';
}

/** Whether the colours are those of two of other brightness, as JPEG keeps them: as means over larger pixels than brightness has. */
function isOfColoursAround(
  planes: readonly Float32Array[],
  bright: Float32Array,
  light: Float32Array,
  width: number,
): boolean {
  const lighter = countOf(light, (t) => t >= 0.5) / light.length;
  if (Math.min(lighter, 1 - lighter) > AROUND.most) return false;
  const means = (plane: Float32Array) => boxMeans(plane, width, plane.length / width, AROUND.reach);
  const around = means(light);
  const hues = [planes[0], planes[2]].map((plane) => means(plane.map((value, i) => value - bright[i])));
  return hues.every((hue) => {
    const level = hue.reduce((sum, value) => sum + value, 0) / hue.length;
    const strays = countOf(hue, (value) => Math.abs(value - level) > AROUND.grey);
    return strays === 0 || Math.abs(correlation(hue, around)) >= AROUND.alike;
  });
}

function levelsOfColours(rgb: Planes, width: number, height: number): Levels {
  const plain = plainlyTwo(rgb);
  if (plain) return plain;
  const ground = commonest(rgb);
  const far = distances(rgb, ground);
  const paint = fullColour(rgb, far);
  if (!paint) return 'one';
  const contrast = Math.max(...paint.map((value, c) => Math.abs(value - ground[c])));
  const mixed = contrast >= CONTRAST ? mixtures(rgb, ground, paint) : undefined;
  if (!mixed || mixed.isThird || mixed.astray > LINE.share * countOf(far, (d) => d > END)) return 'many';
  const { cover } = mixed;
  if (!isDrawn({ cover, far, toPaint: distances(rgb, paint), width, height })) return 'many';
  return { light: luminance(paint) > luminance(ground) ? cover : cover.map((t) => 1 - t) };
}

/** What would come of two colours alone, without looking at them as if there were more; undefined where there are. */
function plainlyTwo([r, g, b]: Planes): TwoLevels | undefined {
  const isAs = (i: number, j: number) => r[i] === r[j] && g[i] === g[j] && b[i] === b[j];
  const isOther = (_: number, i: number) => !isAs(i, 0);
  const other = r.findIndex(isOther);
  if (other < 0) return undefined;
  const colourAt = (i: number): Colour => [r[i], g[i], b[i]];
  const [first, second] = [colourAt(0), colourAt(other)];
  if (Math.max(...first.map((value, c) => Math.abs(value - second[c]))) < CONTRAST) return undefined;
  if (r.some((_, i) => !isAs(i, 0) && !isAs(i, other))) return undefined;
  const isLight = luminance(second) > luminance(first) ? isOther : (_: number, i: number) => isAs(i, 0);
  return { light: r.map((value, i) => (isLight(value, i) ? 1 : 0)) };
}

const luminance = ([r, g, b]: Colour) => 0.299 * r + 0.587 * g + 0.114 * b;

/** Largest difference of a channel from a colour. */
function distances([r, g, b]: Planes, [red, green, blue]: Colour): Float32Array {
  return r.map((value, i) => Math.max(Math.abs(value - red), Math.abs(g[i] - green), Math.abs(b[i] - blue)));
}

/** Mean of the pixels around the fullest bin of the histogram. */
export function commonest([r, g, b]: Planes): Colour {
  const bins = new Uint32Array(BINS ** 3);
  const level = (value: number) => Math.round(value * (BINS - 1));
  const bin = r.map((red, i) => (level(red) * BINS + level(g[i])) * BINS + level(b[i]));
  for (const index of bin) bins[index]++;
  const fullest = bins.indexOf(bins.reduce((most, value) => Math.max(most, value), 0));
  return meanWhere([r, g, b], (i) => bin[i] === fullest);
}

/** The mean colour of the pixels that lie about as far from the ground as any; undefined where none lies off it. */
function fullColour(rgb: Planes, far: Float32Array): Colour | undefined {
  const marked = far.filter((d) => d > FLAT.within).sort();
  if (marked.length === 0) return undefined;
  const full = FULL.share * marked[Math.floor(FULL.quantile * (marked.length - 1))];
  return meanWhere(rgb, (i) => far[i] >= full);
}

function meanWhere([r, g, b]: Planes, where: (i: number) => boolean): Colour {
  let [red, green, blue, n] = [0, 0, 0, 0];
  for (let i = 0; i < r.length; i++) {
    if (!where(i)) continue;
    red += r[i];
    green += g[i];
    blue += b[i];
    n++;
  }
  return [red / n, green / n, blue / n];
}

/** How much of the paint each pixel holds, and how many pixels are no mixture of the two. */
function mixtures([r, g, b]: Planes, ground: Colour, paint: Colour) {
  const axis = paint.map((value, c) => value - ground[c]);
  const length = axis.reduce((sum, value) => sum + value * value, 0);
  let [astray, others] = [0, 0];
  const cover = r.map((_, i) => {
    const [red, green, blue] = [r[i] - ground[0], g[i] - ground[1], b[i] - ground[2]];
    const t = (red * axis[0] + green * axis[1] + blue * axis[2]) / length;
    const off = Math.max(
      Math.abs(red - t * axis[0]),
      Math.abs(green - t * axis[1]),
      Math.abs(blue - t * axis[2]),
    );
    if (off > LINE.within) astray++;
    if (off > LINE.third) others++;
    return Math.min(1, Math.max(0, t));
  });
  return { cover, astray, isThird: others > Math.max(LINE.pixels, LINE.all * r.length) };
}

interface Drawing {
  /** 0 = ground … 1 = paint. */
  readonly cover: Float32Array;
  /** Distance of each pixel's colour from the ground's. */
  readonly far: Float32Array;
  readonly toPaint: Float32Array;
  readonly width: number;
  readonly height: number;
}

/** Flat ground, flat paint, and between them edges or the slopes of a soft brush. */
function isDrawn({ cover, far, toPaint, width, height }: Drawing): boolean {
  const isGround = marks(cover, (t) => t < END);
  const isPaint = marks(cover, (t) => t > 1 - END);
  const onGround = (i: number) => far[i] <= FLAT.within;
  const onPaint = (i: number) => toPaint[i] <= FLAT.within;
  const flatGround = shareOf(isGround, onGround);
  if (flatGround < FLAT.some) return false; // most photographs end here
  const [painted, paint] = [cover.length - count(isGround), count(isPaint)];
  const flatPaint = shareOf(isPaint, onPaint);
  const flat = Math.min(flatGround, flatPaint);
  if (flat >= FLAT.inside && painted - paint <= FEW_MIXED * painted) return true; // and most masks here
  const fromGround = distanceTo(isGround, width, height);
  const fromPaint = distanceTo(isPaint, width, height);
  const isWithin = (reach: number) => countOf(fromGround, (d) => d > reach) <= THIN.share * painted;
  if (painted <= THIN.painted * cover.length) {
    if (isWithin(THIN.reach)) return flatGround >= FLAT.inside;
    const most = isWithin(BLURRED.narrow) ? BLURRED.most : BLURRED.bend;
    if (flatGround >= FLAT.inside && isWithin(BLURRED.reach) && bendOf(cover, isGround, width) <= most)
      return true;
  }
  const areas = flatGround >= BLURRED_AREAS.ground && flatPaint >= BLURRED_AREAS.paint;
  if (
    areas &&
    painted - paint <= BLURRED_AREAS.mixed * paint &&
    bendOf(cover, isGround, width) <= BLURRED_AREAS.bend
  )
    return true;
  const slope: number[] = [];
  for (let i = 0; i < cover.length; i++)
    if (!isGround[i] && !isPaint[i] && Math.max(fromGround[i], fromPaint[i]) > EDGE.reach) slope.push(i);
  if (slope.length > EDGE.share * painted) return flatGround >= SOFT.ground && isSoft(cover, slope, width);
  const isFar = (i: number) => fromPaint[i] > EDGE.reach;
  const isPlain =
    count(isGround, isFar) > 0
      ? shareOf(isGround, onGround, isFar) >= FLAT.inside
      : flatGround >= SOFT.ground;
  return (
    isPlain &&
    shareOf(isPaint, onPaint, (i) => fromGround[i] > EDGE.reach) >= FLAT.inside &&
    flatPaint >= FLAT.some &&
    painted - paint <= MOST_MIXED * paint
  );
}

function count(set: Uint8Array, where = (_: number) => true): number {
  let sum = 0;
  for (let i = 0; i < set.length; i++) if (set[i] && where(i)) sum++;
  return sum;
}

/** Share of a set, or of a part of it, that fulfils a condition; 1 where the part is empty. */
function shareOf(set: Uint8Array, fulfils: (i: number) => boolean, part = (_: number) => true): number {
  const size = count(set, part);
  return size === 0 ? 1 : count(set, (i) => part(i) && fulfils(i)) / size;
}

/** How much covers differ from the mean of their four neighbours where there is paint, for how much they rise there. */
function bendOf(cover: Float32Array, isGround: Uint8Array, width: number): number {
  let [bent, steep] = [0, 0];
  for (let i = width; i < cover.length - width; i++) {
    if (isGround[i] || i % width === 0 || i % width === width - 1) continue;
    const [left, right, above, below] = [cover[i - 1], cover[i + 1], cover[i - width], cover[i + width]];
    bent += Math.abs(cover[i] - (left + right + above + below) / 4);
    steep += Math.hypot(right - left, below - above) / 2;
  }
  return bent / steep;
}

/**
 * Whether these mixtures rise evenly from ground to paint, as a soft brush leaves them: no texture, no flat areas, no hills that do
 * not rise to the top, no dips without ground.
 */
function isSoft(cover: Float32Array, slope: readonly number[], width: number): boolean {
  const levels = new Uint32Array(BINS * 2);
  let bent = 0;
  for (const i of slope) {
    levels[Math.floor(cover[i] * (levels.length - 1))]++;
    const inside = i % width > 0 && i % width < width - 1 && i >= width && i + width < cover.length;
    if (!inside) continue;
    const mean = (cover[i - 1] + cover[i + 1] + cover[i - width] + cover[i + width]) / 4;
    if (Math.abs(cover[i] - mean) > SOFT.bend) bent++;
  }
  if (bent > EDGE.share * slope.length || Math.max(...levels) > SOFT.dwell * slope.length) return false;
  const isPaint = (i: number) => cover[i] > 1 - END;
  const isGround = (i: number) => cover[i] < END;
  const { length } = cover;
  const astray = (level: number) =>
    unreached(length, width, (i) => cover[i] > level, isPaint) +
    unreached(length, width, (i) => cover[i] < level, isGround);
  return SOFT.levels.every((level) => astray(level) <= EDGE.share * slope.length);
}
