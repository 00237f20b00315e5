import type { PlanarImage } from '../options.ts';
import { boxMeans } from './box-means.ts';
import { distanceTo } from './distance.ts';
import { type Colour, commonest, type Planes } from './mask-levels.ts';

/**
 * Samples that differ by more than this were changed, and not by compression, which in small pictures full of detail goes farther: by
 * so many times what half of the samples do. Of the picture at least so much was not changed.
 */
const CHANGED = { by: 0.08, times: 5, unchanged: 0.5 } as const;
/**
 * Of what was changed so much is paint of the full colour, no farther off than this; nearly all else is a mixture of paint and picture
 * within a block of that, px, or beside it, where JPEG blurs colours.
 */
const PAINT = { full: 0.3, within: 0.06, cover: 0.9, share: 0.97, rim: 8, beside: 3 } as const;
/**
 * The same where compression shows in what is not painted, by so many times its median: it keeps the means of boxes; colours are blurred
 * over, a few changes are its own, and paint goes far beyond those.
 */
const COMPRESSED = {
  ...{ least: 0.006, most: 0.05, box: 4, mean: 0.012 },
  ...{ full: 0.2, times: 3, within: 0.1, share: 0.85, astray: 0.02, beyond: 8 },
} as const;
/** Paint may show the picture through, by this much at most. */
const TRANSLUCENT = 0.9;
/** Less variance than this tells nothing of how much shows through. */
const FLAT = 1e-3;

/** A picture and a drawing over a copy of it. */
export interface Over {
  /** [height, width] 1 = other than in the picture. */
  readonly changed: Uint8Array;
  /** [height, width] largest difference of a colour from the picture's. */
  readonly differences: Float32Array;
  /** [height, width] 0 … 1: how much of each pixel one paint covers, where that explains the changes. */
  readonly cover?: Float32Array;
}

/** What was painted over a picture; undefined where less than half of it is to be seen as it is, or sizes differ. */
export function paintedOver(picture: PlanarImage, drawn: PlanarImage): Over | undefined {
  if (picture.width !== drawn.width || picture.height !== drawn.height) return undefined;
  const [below, above] = [coloursOf(picture), coloursOf(drawn)];
  const differences = Float32Array.from(below[0], (_, i) => distance(below, above, i));
  const bounds = boundsOf(below, above, differences, picture.width);
  const changed = Uint8Array.from(differences, (d) => (d > bounds.by ? 1 : 0));
  const count = changed.reduce((sum, set) => sum + set, 0);
  if (count > (1 - CHANGED.unchanged) * changed.length) return undefined;
  if (count === 0) return { changed, differences };
  const [r, g, b] = above.map((plane) => marked(plane, changed));
  const flat: Paint = { through: 0, colour: commonest([r, g, b]) };
  const { width, height } = drawn;
  for (const paint of [flat, translucent(below, above, changed)]) {
    const cover = paint && coverOf(paint, { below, above, changed, differences, width, height, ...bounds });
    if (cover) return { changed, differences, cover };
  }
  return { changed, differences };
}

/** Differences that tell paint from what compression did, where it did anything that shows. */
function boundsOf(below: Planes, above: Planes, differences: Float32Array, width: number): Bounds {
  const median = medianOf(differences);
  const { by } = CHANGED;
  const plain = { by, within: PAINT.within, full: PAINT.full, share: PAINT.share, astray: 0, beyond: 0 };
  if (median < COMPRESSED.least || median > COMPRESSED.most || !keepsMeans(below, above, width)) return plain;
  return {
    by: Math.max(by, CHANGED.times * median),
    within: Math.min(COMPRESSED.within, Math.max(PAINT.within, COMPRESSED.times * median)),
    full: COMPRESSED.full,
    share: COMPRESSED.share,
    astray: COMPRESSED.astray,
    beyond: COMPRESSED.beyond * median,
  };
}

/** Whether most boxes have the brightness that they had. */
function keepsMeans([r, g, b]: Planes, [red, green, blue]: Planes, width: number): boolean {
  const change = r.map((x, i) => 0.299 * (red[i] - x) + 0.587 * (green[i] - g[i]) + 0.114 * (blue[i] - b[i]));
  return (
    medianOf(boxMeans(change, width, change.length / width, COMPRESSED.box).map(Math.abs)) < COMPRESSED.mean
  );
}

const medianOf = (values: Float32Array) => values.slice().sort()[values.length >> 1];

function coloursOf({ planes }: PlanarImage): Planes {
  const [r, g = r, b = r] = planes.length < 3 ? planes.slice(0, 1) : planes;
  return [r, g, b];
}

const distance = (a: Planes, b: Planes, i: number) =>
  Math.max(Math.abs(a[0][i] - b[0][i]), Math.abs(a[1][i] - b[1][i]), Math.abs(a[2][i] - b[2][i]));

const marked = (plane: Float32Array, set: Uint8Array) => plane.filter((_, i) => set[i]);

/** Drawn = through · picture + colour. */
interface Paint {
  readonly through: number;
  readonly colour: Colour;
}

/** The best fit of translucent paint to what was changed; undefined where that tells nothing of it. */
function translucent(below: Planes, above: Planes, changed: Uint8Array): Paint | undefined {
  const pairs = below.map((plane, c) => [marked(plane, changed), marked(above[c], changed)] as const);
  const means = pairs.map((pair) => pair.map(meanOf));
  const [covariance, variance] = [1, 0].map((other) =>
    pairs.reduce((sum, pair, c) => {
      const products = pair[0].map((x, i) => (x - means[c][0]) * (pair[other][i] - means[c][other]));
      return sum + meanOf(products);
    }, 0),
  );
  const through = covariance / variance;
  if (variance < FLAT || !(through > 0 && through <= TRANSLUCENT)) return undefined;
  const [r, g, b] = means.map(([x, y]) => y - through * x);
  const possible = [r, g, b].every((value) => Math.abs(value / (1 - through) - 0.5) <= 0.5 + PAINT.within);
  return possible ? { through, colour: [r, g, b] } : undefined;
}

const meanOf = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

interface Bounds {
  /** Samples farther apart than this were changed. */
  readonly by: number;
  /** Paint is no farther off its colour than this. */
  readonly within: number;
  /** Share of the changed that has the full colour, and that is explained by paint. */
  readonly full: number;
  readonly share: number;
  /** Share of all that may be changed and not by paint. */
  readonly astray: number;
  /** Half of what has the full colour differs from the picture by more than this. */
  readonly beyond: number;
}

interface Pair extends Bounds {
  readonly below: Planes;
  readonly above: Planes;
  readonly changed: Uint8Array;
  readonly differences: Float32Array;
  readonly width: number;
  readonly height: number;
}

/** How much of each pixel is painted; undefined where paint does not explain what was changed. */
function coverOf({ through, colour }: Paint, pair: Pair) {
  const { below, above, changed, width, height, within } = pair;
  let [all, full] = [0, 0];
  const cover = new Float32Array(changed.length);
  const [isFull, isMixed] = [new Uint8Array(changed.length), new Uint8Array(changed.length)];
  for (let i = 0; i < changed.length; i++) {
    const axis = below.map((plane, c) => through * plane[i] + colour[c] - plane[i]);
    const change = below.map((plane, c) => above[c][i] - plane[i]);
    const length = axis.reduce((sum, value) => sum + value * value, 0);
    const product = axis.reduce((sum, value, c) => sum + value * change[c], 0);
    // Where the picture has the colour of the paint itself, it may be painted or not.
    const t = length > 0 ? Math.min(1, Math.max(0, product / length)) : 1;
    cover[i] = t;
    if (!changed[i]) continue;
    all++;
    if (Math.max(...axis.map((value, c) => Math.abs(change[c] - t * value))) > within) continue;
    isMixed[i] = 1;
    if (t < PAINT.cover) continue;
    isFull[i] = 1;
    full++;
  }
  if (full < pair.full * all || medianOf(marked(pair.differences, isFull)) < pair.beyond) return undefined;
  const far = distanceTo(isFull, width, height);
  const isPaint = (i: number) => far[i] <= (isMixed[i] ? PAINT.rim : PAINT.beside);
  const painted = changed.reduce((sum, set, i) => sum + (set && isPaint(i) ? 1 : 0), 0);
  if (
    painted < pair.share * all ||
    (painted < PAINT.share * all && all - painted > pair.astray * changed.length)
  )
    return undefined;
  return cover.map((t, i) => ((changed[i] && isPaint(i)) || far[i] < 2 ? t : 0));
}
