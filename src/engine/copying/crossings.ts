import { distanceTo } from '../image/distance.ts';
import type { Pieces } from '../time-slicing.ts';
import type { Level } from './level.ts';

/** How far on either side of its middle a line's profile is known, px. */
export const REACH = 4;
/** Half the side of the patches in which lines are looked for, px; they lie so far from the hole. */
const HALF = 3;
const NEXT = [2, 4] as const;
/** Ends at most; how alike those of one line may be: within so many px across it and so much along it. */
const MOST = 40;
const ONE = { across: 1.6, along: 6 } as const;
/** Mean squared change in a patch from which something is there, 0 … 255; and how much of it has one direction at least. */
const STRONG = 12;
const STRAIGHT = 0.75;
/** Cosine between a line and the way into the hole at least. */
const INWARDS = 0.35;
/** Between so many px out of the hole a line must look the same: in its nearer and its farther half. Letters seldom do. */
const ALONG = [0, 10] as const;
/** Where it does so only next to the hole, it may be as short as that, and is a doubtful one. */
const SHORT = [-2, 4] as const;
/** Beyond that it is looked at for so much more to tell whether it bends, and up to so far aside, px. */
const BEND = { more: 5, aside: [1, 2, 3] } as const;
/** Directions are tried so far from the one found, radians, then in finer steps about the best. */
const TURNS = { most: 5, each: 0.02, fine: 0.005 } as const;
/** Root mean squared difference of profiles that are of one line, in [0, 1]. */
const SAME = 0.12;
/** Samples of a profile, px apart. */
const FINE = 0.25;
/** How many samples to either side a pixel tells of: a little more than half a pixel, so that none is left out. */
const WIDE = 2.1;
/** Rounds in which a line's middle is found, and the part on either side that counts, px. */
const MIDDLE = { rounds: 3, reach: 2.5 } as const;

/** Where a line or an edge runs into the hole. */
export interface Crossing {
  /** Its middle, next to the hole. */
  readonly x: number;
  readonly y: number;
  /** The unit vector along it, out of the hole. */
  readonly outX: number;
  readonly outY: number;
  /** Its colours by the distance from its middle, [−REACH, REACH] px, positive to the right when looking outwards (y downwards). */
  readonly profile: Pick<Profile, 'at'>;
  /** Whether little of it is seen: it turns, or ends at something else, next to the hole. */
  readonly isShort: boolean;
}

/** What a line looks like across. */
class Profile {
  constructor(
    private readonly samples: Float64Array,
    private readonly channels: number,
  ) {}

  at(across: number): number[] {
    const at = (Math.min(REACH, Math.max(-REACH, across)) + REACH) / FINE;
    const k = Math.min(Math.floor(at), (2 * REACH) / FINE - 1);
    return Array.from({ length: this.channels }, (_, c) => {
      const [a, b] = [this.samples[k * this.channels + c], this.samples[(k + 1) * this.channels + c]];
      return a + (at - k) * (b - a);
    });
  }
}

type Range = readonly [from: number, to: number];
type End = Pick<Crossing, 'x' | 'y' | 'outX' | 'outY'>;

/** How unlike two ends look, of which one is seen from the other side: below 1 they may be of one line. */
export const unlikeAcross = (one: Pick<Crossing, 'profile'>, other: Pick<Crossing, 'profile'>): number =>
  difference(one.profile, other.profile, -1) / SAME;

/** `aside`: how far the other one is looked at to the right of its middle, px. */
function difference(a: Crossing['profile'], b: Crossing['profile'], sign: 1 | -1, aside = 0): number {
  let [sum, count] = [0, 0];
  for (let across = -REACH; across <= REACH; across += 2 * FINE) {
    const other = b.at(sign * across + aside);
    for (const [c, value] of a.at(across).entries()) {
      sum += (value - other[c]) ** 2;
      count++;
    }
  }
  return Math.sqrt(sum / count);
}

/** Whether a line goes on aside of its straight way, away from the hole: then it will not be straight in there either. */
export function isBent(level: Level, end: Crossing): boolean {
  const far = profileOf(level, end, [ALONG[1], ALONG[1] + BEND.more]);
  if (!far || end.isShort) return false;
  const straight = difference(end.profile, far, 1);
  return BEND.aside.some((px) =>
    [-px, px].some((aside) => difference(end.profile, far, 1, aside) < straight),
  );
}

/**
 * The ends of lines at a hole, the strongest first.
 *
 * @param drawing whether they were drawn: then those count, too, of which little is seen, and directions are told finer.
 */
export function* crossingsOf(level: Level, drawing: boolean): Pieces<Crossing[]> {
  const { width, height, hole } = level;
  const away = distanceTo(hole, width, height);
  yield;
  const all: (End & { strength: number })[] = [];
  for (let y = HALF; y + HALF < height; y++) {
    if (y % 64 === 0) yield;
    for (let x = HALF; x + HALF < width; x++) {
      const i = y * width + x;
      if (away[i] < NEXT[0] || away[i] > NEXT[1]) continue;
      const end = endAt(x, y, level, away);
      if (end) all.push(end);
    }
  }
  all.sort((a, b) => b.strength - a.strength);
  const chosen: Crossing[] = [];
  for (const { strength: _, ...end } of all) {
    if (chosen.length === MOST) break;
    if (chosen.some((other) => isOne(end, other))) continue;
    const turned = drawing
      ? (turnedFinely(level, end, ALONG) ?? turnedFinely(level, end, SHORT))
      : turnedRight(level, end, ALONG, coarseAround(end))?.end;
    if (turned) chosen.push(turned);
    yield;
  }
  return chosen;
}

/** The same to a finer angle, and level or upright where that is as good: what is drawn is seldom nearly so. */
function turnedFinely(level: Level, end: End, along: Range): Crossing | undefined {
  const found = angleOf(end);
  const upright = (Math.round((2 * found) / Math.PI) * Math.PI) / 2;
  const isNear = Math.abs(upright - found) <= TURNS.most * TURNS.each;
  const first = turnedRight(level, end, along, [...(isNear ? [upright] : []), ...coarseAround(end)]);
  if (!first || first.unlike === 0) return first?.end;
  const finer = around(first.angle, TURNS.each / TURNS.fine - 1, TURNS.fine);
  return (turnedRight(level, end, along, finer) ?? first).end;
}

const angleOf = ({ outX, outY }: End): number => Math.atan2(outY, outX);
const coarseAround = (end: End): number[] => around(angleOf(end), TURNS.most, TURNS.each);

const around = (angle: number, most: number, each: number): number[] =>
  Array.from({ length: 2 * most + 1 }, (_, k) => angle + (k % 2 === 0 ? k / 2 : -(k + 1) / 2) * each);

/** The end with the first of the directions along which the line looks most the same; undefined where it does not along any. */
function turnedRight(level: Level, end: End, along: Range, angles: readonly number[]) {
  const middle = (along[0] + along[1]) / 2;
  let best: { readonly angle: number; readonly unlike: number; readonly end: Crossing } | undefined;
  for (const angle of angles) {
    const turned = { ...end, outX: exact(Math.cos(angle)), outY: exact(Math.sin(angle)) };
    const near = profileOf(level, turned, [along[0], middle]);
    const far = profileOf(level, turned, [middle, along[1]]);
    if (!near || !far) continue;
    const unlike = difference(near, far, 1);
    if (unlike >= (best?.unlike ?? SAME)) continue;
    best = {
      angle,
      unlike,
      end: { ...turned, profile: profileOf(level, turned, along)!, isShort: along === SHORT },
    };
  }
  return best;
}

/** The sine of what is level is 0. */
const exact = (share: number) => (Math.abs(share) < 1e-9 ? 0 : share);

function isOne(a: End, b: End): boolean {
  const [dx, dy] = [a.x - b.x, a.y - b.y];
  const across = Math.abs(dy * b.outX - dx * b.outY);
  return across < ONE.across && Math.abs(dx * b.outX + dy * b.outY) < ONE.along;
}

/** Goes through the changes of a patch, 1/255, to the right and down, by their distance from its middle. */
type EachChange = (visit: (dx: number, dy: number, right: number, down: number) => void) => void;

/** The line in the patch about a pixel, if there is one that runs into the hole. */
function endAt(x: number, y: number, { width, height, channels, colour, hole }: Level, away: Float32Array) {
  let [xx, xy, yy] = [0, 0, 0];
  const each: EachChange = (visit) => {
    for (let v = Math.max(1, y - HALF); v <= Math.min(height - 2, y + HALF); v++)
      for (let u = Math.max(1, x - HALF); u <= Math.min(width - 2, x + HALF); u++) {
        const i = v * width + u;
        // What changes into the hole is no change of the picture.
        if (hole[i] || hole[i - 1] || hole[i + 1] || hole[i - width] || hole[i + width]) continue;
        for (let c = 0, at = i; c < channels; c++, at += hole.length)
          visit(
            ...([u - x, v - y] as const),
            (255 * (colour[at + 1] - colour[at - 1])) / 2,
            (255 * (colour[at + width] - colour[at - width])) / 2,
          );
      }
  };
  each((_, __, right, down) => {
    xx += right * right;
    xy += right * down;
    yy += down * down;
  });
  const [sum, one] = [xx + yy, Math.hypot(xx - yy, 2 * xy)];
  if (sum < STRONG * channels * (2 * HALF + 1) ** 2 || one < STRAIGHT * sum) return undefined;
  const angle = Math.atan2(2 * xy, xx - yy) / 2 + Math.PI / 2;
  const i = y * width + x;
  const [awayX, awayY] = [(away[i + 1] - away[i - 1]) / 2, (away[i + width] - away[i - width]) / 2];
  const cosine = Math.cos(angle) * awayX + Math.sin(angle) * awayY;
  if (Math.abs(cosine) < INWARDS) return undefined;
  const sign = Math.sign(cosine);
  const [outX, outY] = [sign * Math.cos(angle), sign * Math.sin(angle)];
  const middle = middleAcross(each, outX, outY);
  if (middle === undefined || Math.abs(middle) > 1) return undefined;
  return { x: x - middle * outY, y: y + middle * outX, outX, outY, strength: one };
}

/** How far a line that leaves in a direction lies beside the middle of its patch, px: of the changes near it the mean. */
function middleAcross(each: EachChange, outX: number, outY: number): number | undefined {
  let middle = 0;
  for (let round = 0; round < MIDDLE.rounds; round++) {
    let [moment, total] = [0, 0];
    each((dx, dy, right, down) => {
      const change = right * right + down * down;
      const across = dy * outX - dx * outY;
      if (Math.abs(across - middle) > MIDDLE.reach) return;
      moment += change * across;
      total += change;
    });
    if (total === 0) return undefined;
    middle = moment / total;
  }
  return middle;
}

/** The mean colours across a line within some px along it; undefined where not all of them are known. */
export function profileOf(
  { width, height, channels, colour, source }: Level,
  { x, y, outX, outY }: End,
  [from, to]: Range,
): Profile | undefined {
  const n = width * height;
  const count = (2 * REACH) / FINE + 1;
  const samples = new Float64Array(count * channels);
  const totals = new Float64Array(count);
  const radius = Math.ceil(to + REACH + 1);
  for (let v = Math.floor(y) - radius; v <= y + radius; v++)
    for (let u = Math.floor(x) - radius; u <= x + radius; u++) {
      const [dx, dy] = [u - x, v - y];
      const along = dx * outX + dy * outY;
      const across = dy * outX - dx * outY;
      if (along < from || along > to || Math.abs(across) > REACH + 1) continue;
      const i = v * width + u;
      if (u < 0 || v < 0 || u >= width || v >= height || !source[i]) continue;
      const at = (across + REACH) / FINE;
      for (let k = Math.max(0, Math.ceil(at - WIDE)); k <= Math.min(count - 1, at + WIDE); k++) {
        const weight = 1.01 * WIDE - Math.abs(k - at);
        totals[k] += weight;
        for (let c = 0; c < channels; c++) samples[k * channels + c] += weight * colour[c * n + i];
      }
    }
  if (totals.some((total) => total === 0)) return undefined;
  return new Profile(
    samples.map((sum, at) => sum / totals[Math.floor(at / channels)]),
    channels,
  );
}
