import type { PlanarImage } from '../options.ts';
import { quantile } from '../quantile.ts';
import { countOf, marks } from './binary-plane.ts';
import { type Box, boxAround, cutPlane, growBox } from './box.ts';
import { boxMeans } from './box-means.ts';
import { distanceTo } from './distance.ts';
import { type Colour, commonest, type Planes } from './mask-levels.ts';

/**
 * Samples that differ by more than this, and by so many times what half of them do, were changed. Of the picture at least so much was
 * not, and where half of what is looked at differs by more than `unlike` it is another picture.
 */
const CHANGED = { by: 0.08, times: 5, unchanged: 0.5, unlike: 0.1, looks: 20_000 } as const;
/**
 * What compression does to samples cancels out in boxes, so that their means show what was painted, by so much and so many times what
 * half of them differ; where that half differs more than `still` something was done to all of it, and of all so much at most is paint, of
 * which so much moved. What lies so far around it, px, or half its longer side, is looked at.
 */
const MOVED = { box: 2, by: 0.04, times: 5, still: 0.03, most: 0.6, margin: 16, told: 0.5 } as const;
/**
 * Where less than this moved of what is still, pixels are exact, and all that differ by two levels are painted, however faintly; else
 * the means of boxes are looked at for them.
 */
const COMPRESSED = { still: 1e-3, reach: 1, exact: 2 / 255 } as const;
/** Of what moved most, from this share of the highest tenth on, the paint is learnt. */
const LEARNT = { quantile: 0.9, share: 0.5, least: 9 } as const;
/** Where paint would change boxes by less than this it cannot be told; such places are painted where so much around them is. */
const BLIND = { below: 0.08, box: 6, share: 0.5, rounds: 3 } as const;
/** A box of which more than `full` is paint is painted, and one beside it of more than `rim`; a line is thinner than a box. */
const MIXED = { full: 0.5, rim: 0.35 } as const;
/** A speck has so little paint in the box around it. */
const SPECK = 0.2;
/** Farther than this from paint, px, so much may have moved at most, of all and of what did: JPEG blurs colours. */
const ASTRAY = { reach: 4, share: 0.02, moved: 0.2 } as const;
/**
 * Inside, half of the boxes are no farther off their colour than `half`, all but a tenth than `most`, in samples or of how much they
 * changed, or so many times what half of all differ; they changed `beyond` times as much, by `least`; and paint is as thick as was learnt, within `thick`.
 */
const PAINT = { times: 4, beyond: 3, least: 0.08, thick: 0.15 } as const;
const OPAQUE = { half: [0.085, 0.15], most: [0.16, 0.25] } as const;
const MARKER = { half: [0.05, 0], most: [0.1, 0] } as const;
/** Of two paints one explains clearly more that misses so many times, and so many pixels, less. */
const BETTER = { times: 2, least: 20 } as const;
/** A marker shows between these shares of the picture; less variance than this tells nothing of how much; `rounds` leave out what is off. */
const THROUGH = {
  least: 0.03,
  most: 0.9,
  variance: 1e-3,
  rounds: 4,
  off: 0.05,
  times: 1.5,
  beyond: 0.08,
} as const;

/** A picture and a drawing over a copy of it. */
export interface Over {
  /** [height, width] 1 = other than in the picture. */
  readonly changed: Uint8Array;
  /** [height, width] largest difference of a colour from the picture's. */
  readonly differences: Float32Array;
  /** [height, width] 1 where one paint covers it, where that explains the changes. */
  readonly cover?: Float32Array;
}

/** What was painted over a picture; undefined where less than half of it is to be seen as it is, or sizes differ. */
export function paintedOver(picture: PlanarImage, drawn: PlanarImage): Over | undefined {
  const { width, height } = drawn;
  if (picture.width !== width || picture.height !== height) return undefined;
  const [below, above] = [coloursOf(picture), coloursOf(drawn)];
  const step = Math.ceil(below[0].length / CHANGED.looks);
  const looks = below[0].filter((_, i) => i % step === 0).map((_, k) => distance(below, above, k * step));
  const median = quantileOfSome(looks, 0.5);
  if (median > CHANGED.unlike) return undefined;
  const differences = below[0].map((_, i) => distance(below, above, i));
  const by = Math.max(CHANGED.by, CHANGED.times * median);
  const changed = marks(differences, (d) => d > by);
  if (count(changed) > (1 - CHANGED.unchanged) * changed.length) return undefined;
  return { changed, differences, cover: coverOf({ below, above, width, height }, differences) };
}

interface Pair {
  readonly below: Planes;
  readonly above: Planes;
  readonly width: number;
  readonly height: number;
}

/** A pair and where boxes of it moved. */
interface MovedPair extends Pair {
  readonly moved: Uint8Array;
  /** What half of the boxes differ. */
  readonly still: number;
}

/** Drawn = through · picture + colour: a marker lets all colours through alike, a highlighter each by itself. */
interface Paint {
  readonly through: Colour;
  readonly colour: Colour;
}

/** [height, width] 1 where one paint explains what moved; undefined where nothing did, or none does. */
function coverOf(pair: Pair, differences: Float32Array): Float32Array | undefined {
  const { width, height } = pair;
  const moves = largest(changeOf(pair), pair, MOVED.box);
  const still = quantileOfSome(moves, 0.5);
  const by = Math.max(MOVED.by, MOVED.times * still);
  const moved = marks(moves, (m) => m > by);
  const tight = boxAround(moved, width, height);
  if (!tight || still > MOVED.still || count(moved) > MOVED.most * moved.length) return undefined;
  const margin = Math.max(MOVED.margin, Math.ceil(Math.max(tight.width, tight.height) / 2));
  const box = growBox(tight, margin, width, height);
  const set = bestExplanation(partOf(pair, box, moved, still), cutPlane(moves, width, box));
  if (!set) return undefined;
  const cover = new Float32Array(width * height);
  for (let y = 0; y < box.height; y++)
    cover.set(set.subarray(y * box.width, (y + 1) * box.width), (box.y + y) * width + box.x);
  if (still >= COMPRESSED.still) return cover;
  return cover.map((inside, i) => (differences[i] > COMPRESSED.exact ? 1 : inside));
}

function partOf({ below, above, width }: Pair, box: Box, moved: Uint8Array, still: number): MovedPair {
  const cut = ([r, g, b]: Planes): Planes => [
    cutPlane(r, width, box),
    cutPlane(g, width, box),
    cutPlane(b, width, box),
  ];
  return {
    ...{ below: cut(below), above: cut(above), moved: cutPlane(moved, width, box), still },
    ...{ width: box.width, height: box.height },
  };
}

function bestExplanation(pair: MovedPair, moves: Float32Array): Uint8Array | undefined {
  const high = LEARNT.share * quantileOfSome(marked(moves, pair.moved), LEARNT.quantile);
  const learnt = pair.moved.map((set, i) => (set && moves[i] > high ? 1 : 0));
  const [r, g, b] = pair.above.map((plane) => marked(plane, learnt));
  const paints = [
    { through: NOTHING, colour: commonest([r, g, b]) },
    marker(pair, learnt),
    tint(pair, learnt),
  ];
  const explanations = paints.flatMap((paint) => (paint && explained(paint, pair)) ?? []);
  return explanations.sort(byFit).at(0)?.set;
}

const NOTHING: Colour = [0, 0, 0];

/** The picture's colours times those of a highlighter. */
function tint({ below, above, width, height }: Pair, learnt: Uint8Array): Paint {
  const shares = below.map((plane, c) => {
    const [x, y] = [plane, above[c]].map((values) => marked(boxMeans(values, width, height, 1), learnt));
    const share =
      meanOf(x.map((value, i) => value * y[i])) /
      Math.max(THROUGH.variance, meanOf(x.map((value) => value ** 2)));
    return Math.min(1, share);
  });
  const [r, g, b] = shares;
  return { through: [r, g, b], colour: NOTHING };
}

/** The best fit of translucent paint to what was painted, but for what is far off it; undefined where that tells nothing. */
function marker({ below, above, width, height }: Pair, learnt: Uint8Array): Paint | undefined {
  const [x, y] = [below, above].map((planes) =>
    planes.map((plane) => marked(boxMeans(plane, width, height, 1), learnt)),
  );
  let keep: Uint8Array = new Uint8Array(x[0].length).fill(1);
  let paint: Paint | undefined;
  for (let round = 0; round < THROUGH.rounds; round++) {
    if (count(keep) < LEARNT.least) return undefined;
    paint = fitted(
      x.map((plane) => marked(plane, keep)),
      y.map((plane) => marked(plane, keep)),
    );
    if (!paint) return undefined;
    const { through, colour } = paint;
    const off = x[0].map((_, i) =>
      Math.max(...x.map((plane, c) => Math.abs(y[c][i] - through[c] * plane[i] - colour[c]))),
    );
    const bound = Math.max(THROUGH.off, THROUGH.times * quantileOfSome(marked(off, keep), 0.5));
    keep = marks(off, (value) => value <= bound);
  }
  return paint && paint.through[0] > THROUGH.least && isColour(paint) ? paint : undefined;
}

const isColour = ({ through, colour }: Paint) =>
  colour.every((value, c) => Math.abs(value / (1 - through[c]) - 0.5) <= 0.5 + THROUGH.beyond);

/** Least squares, one share for all colours. */
function fitted(x: readonly Float32Array[], y: readonly Float32Array[]): Paint | undefined {
  const means = [x, y].map((planes) => planes.map(meanOf));
  const sum = (other: readonly Float32Array[], mean: readonly number[]) =>
    x.reduce(
      (all, plane, c) => all + meanOf(plane.map((v, i) => (v - means[0][c]) * (other[c][i] - mean[c]))),
      0,
    );
  const variance = sum(x, means[0]);
  if (variance < THROUGH.variance) return undefined;
  const through = Math.min(THROUGH.most, Math.max(0, sum(y, means[1]) / variance));
  const [r, g, b] = means[1].map((mean, c) => mean - through * means[0][c]);
  return { through: [through, through, through], colour: [r, g, b] };
}

interface Explanation {
  /** 1 where the paint is. */
  readonly set: Uint8Array;
  /** How far what is painted may be off its colour. */
  readonly off: number;
  /** How many of the boxes that moved lie beside no paint. */
  readonly missed: number;
}

/** What leaves clearly less unexplained, or what is closer. */
function byFit(one: Explanation, other: Explanation): number {
  const [few, many] = [one.missed, other.missed].sort((a, b) => a - b);
  return many > BETTER.least + BETTER.times * few ? one.missed - other.missed : one.off - other.off;
}

/** Where this paint is; undefined where it does not explain what moved. */
function explained({ through, colour }: Paint, pair: MovedPair): Explanation | undefined {
  const { width, height, moved, still } = pair;
  const reach = still < COMPRESSED.still ? 0 : COMPRESSED.reach;
  const axis = pair.below.map((plane, c) => plane.map((x) => through[c] * x + colour[c] - x));
  const { thick, tells } = thickness(axis, pair, reach);
  const full = marks(thick, (t, i) => t > MIXED.full && tells[i] === 1);
  const set = grownBlind(full, tells, width);
  const told = set.map((inside, i) => inside & tells[i]);
  if (count(told) < LEARNT.least || count(told) > MOVED.most * count(tells)) return undefined;
  if (countOf(told, (t, i) => t === 1 && moved[i] === 1) < MOVED.told * count(told)) return undefined;
  const far = distanceTo(set, width, height);
  const astray = count(moved.map((m, i) => (m && far[i] > ASTRAY.reach ? 1 : 0)));
  if (astray > ASTRAY.share * set.length || astray > ASTRAY.moved * count(moved)) return undefined;
  const off = offIn(innerOf(told, set, width), axis, thick, pair, reach);
  if (!fits(off, through.every((share) => share === 0) ? OPAQUE : MARKER, still)) return undefined;
  const sharp = thickness(axis, pair, 0);
  const isRim = (i: number) => far[i] < 2 && thick[i] > MIXED.rim;
  const isThin = (i: number) => moved[i] && sharp.tells[i] && sharp.thick[i] > MIXED.full;
  const missed = countOf(moved, (m, i) => m === 1 && far[i] > MOVED.box + 1);
  return { set: set.map((inside, i) => (inside || isRim(i) || isThin(i) ? 1 : 0)), off: off.most, missed };
}

/** How much of each pixel, or the box around it, is paint, and where that can be told. */
function thickness(axis: readonly Float32Array[], pair: Pair, reach: number) {
  const { width, height } = pair;
  const dot = ([r, g, b]: readonly Float32Array[], [x, y, z]: readonly Float32Array[]) => {
    const products = r.map((red, i) => red * x[i] + g[i] * y[i] + b[i] * z[i]);
    return boxMeans(products, width, height, reach);
  };
  const [along, length] = [dot(axis, changeOf(pair)), dot(axis, axis)];
  return {
    thick: along.map((product, i) => product / Math.max(1e-6, length[i])),
    tells: marks(length, (square) => Math.sqrt(square) > BLIND.below),
  };
}

/** What of it does not lie at the rim of all that is painted, where that is anything. */
function innerOf(told: Uint8Array, set: Uint8Array, width: number): Uint8Array {
  const outside = set.map((inside) => 1 - inside);
  const rim = distanceTo(outside, width, set.length / width);
  const inner = told.map((inside, i) => (inside && rim[i] > 1 ? 1 : 0));
  return count(inner) < LEARNT.least ? told : inner;
}

/** How far what is painted is off its colour, half of it and all but a tenth, how much was changed, and how thick it is. */
function offIn(
  inside: Uint8Array,
  axis: readonly Float32Array[],
  thick: Float32Array,
  pair: Pair,
  reach: number,
) {
  const change = changeOf(pair);
  const rest = change.map((plane, c) => plane.map((d, i) => d - axis[c][i]));
  const off = marked(largest(rest, pair, reach), inside);
  return {
    half: quantileOfSome(off, 0.5),
    most: quantileOfSome(off, 0.9),
    changed: quantileOfSome(marked(largest(change, pair, reach), inside), 0.5),
    thick: quantileOfSome(marked(thick, inside), 0.5),
  };
}

const fits = (
  { half, most, changed, thick }: ReturnType<typeof offIn>,
  bounds: typeof OPAQUE | typeof MARKER,
  still: number,
) =>
  half <= Math.max(bounds.half[0], bounds.half[1] * changed, PAINT.times * still) &&
  most <= Math.max(bounds.most[0], bounds.most[1] * changed, 2 * PAINT.times * still) &&
  changed >= Math.max(PAINT.least, PAINT.beyond * half) &&
  Math.abs(thick - 1) <= PAINT.thick;

/** Without specks, and with the places between that do not tell. */
function grownBlind(painted: Uint8Array, tells: Uint8Array, width: number): Uint8Array {
  const height = painted.length / width;
  const around = (set: Uint8Array, reach: number) => boxMeans(new Float32Array(set), width, height, reach);
  const paint = around(painted, 1);
  let set = painted.map((inside, i) => (inside && paint[i] >= SPECK ? 1 : 0));
  for (let round = 0; round < BLIND.rounds; round++) {
    const near = around(set, BLIND.box);
    set = set.map((inside, i) => (inside || (!tells[i] && near[i] > BLIND.share) ? 1 : 0));
  }
  return set;
}

const changeOf = ({ below, above }: Pair) =>
  below.map((plane, c) => plane.map((value, i) => above[c][i] - value));

/** The largest of the colours' means in the box around each pixel. */
function largest(planes: readonly Float32Array[], { width, height }: Pair, reach: number): Float32Array {
  const [r, g, b] = planes.map((plane) => boxMeans(plane, width, height, reach));
  return r.map((red, i) => Math.max(Math.abs(red), Math.abs(g[i]), Math.abs(b[i])));
}

/** A quantile; of many values, of as many as are enough. */
function quantileOfSome(values: Float32Array, share: number): number {
  const step = Math.ceil(values.length / CHANGED.looks);
  return quantile(step > 1 ? values.filter((_, i) => i % step === 0) : values, share);
}

function coloursOf({ planes }: PlanarImage): Planes {
  const [r, g = r, b = r] = planes.length < 3 ? planes.slice(0, 1) : planes;
  return [r, g, b];
}

const distance = (a: Planes, b: Planes, i: number) =>
  Math.max(Math.abs(a[0][i] - b[0][i]), Math.abs(a[1][i] - b[1][i]), Math.abs(a[2][i] - b[2][i]));

const marked = (plane: Float32Array, set: Uint8Array) => plane.filter((_, i) => set[i]);
const count = (set: Uint8Array) => set.reduce((sum, inside) => sum + inside, 0);
const meanOf = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
