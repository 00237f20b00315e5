import type { Pieces } from '../time-slicing.ts';
import { type Crossing, crossingsOf, profileOf, REACH } from './crossings.ts';
import type { Level } from './level.ts';
import type { Beside } from './strokes.ts';

/** The part of a bar's profile that is its own on any ground, and the part that is ground, px off its middle. */
const CORE = 0.75;
const GROUND = 3;
/** It stands out of the ground on either side by so much, a root mean square in [0, 1], and is the same at both ends within so much. */
const STANDS = 0.2;
const SAME = 0.03;
/** How far it may turn from the way it comes, radians, and lie aside of it where it goes on, px. */
const TURNS = { most: 0.03, each: 0.01 } as const;
const ASIDE = { most: 2, each: 0.5 } as const;
/** So far beyond the hole it begins to be looked at, px, and from there on as a whole and in two halves. */
const BEYOND = 2;
const SEEN = [
  [0, 10],
  [0, 5],
  [5, 10],
] as const;
/** Share of it that must be of its own colour to show its shade. */
const FULL = 0.8;

type End = Pick<Crossing, 'x' | 'y' | 'outX' | 'outY' | 'profile'>;
type Colour = readonly number[];

/** A mast, a pole or a rope from one side of the hole to the other. */
export interface Bar {
  readonly from: End;
  readonly to: End;
}

/**
 * What stands straight before a ground that changes behind it: of one colour at both ends, where either stands out on both sides, lighter or darker.
 * Lines that look the same with what is beside them are drawn before anything is copied (lines.ts); these are laid over what is.
 *
 * @param left [height, width] 1 = of the hole, and not drawn already: what mostly is, is no other one.
 */
export function* barsOf(level: Level, left: Uint8Array): Pieces<Bar[]> {
  const bars: Bar[] = [];
  const open = left.slice();
  for (const from of yield* crossingsOf(level, false)) {
    const to = otherEnd(level, from);
    yield;
    if (!to) continue;
    const places = placesAt(level, { from, to });
    const middle = places.filter(({ across }) => Math.abs(across) <= CORE);
    if (middle.filter(({ i }) => open[i]).length <= middle.length / 2) continue;
    for (const { i } of places) open[i] = 0;
    bars.push({ from, to });
  }
  return bars;
}

/** The hole's pixels at a bar: the share of the way from its first end, and how far to the right of it, px. */
function placesAt({ width, height, hole }: Level, { from, to }: Bar): (Beside & { readonly i: number })[] {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(dx, dy);
  const places: (Beside & { readonly i: number })[] = [];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      if (!hole[i]) continue;
      const across = ((y - from.y) * dx - (x - from.x) * dy) / length;
      const share = ((x - from.x) * dx + (y - from.y) * dy) / length ** 2;
      if (Math.abs(across) <= REACH && share > 0 && share < 1) places.push({ i, across, share });
    }
  return places;
}

const range = ({ most, each }: typeof TURNS | typeof ASIDE): number[] =>
  Array.from({ length: 2 * Math.round(most / each) + 1 }, (_, k) => k * each - most);

/** Of all places where it may come out of the hole, the one that looks most like it. */
function otherEnd(level: Level, from: Crossing): End | undefined {
  const own = looksOf(from.profile);
  if (own.stands < STANDS) return undefined;
  let [best, least] = [undefined as End | undefined, SAME];
  for (const turn of range(TURNS)) {
    const angle = Math.atan2(-from.outY, -from.outX) + turn;
    const [outX, outY] = [Math.cos(angle), Math.sin(angle)];
    const length = throughHole(level, { ...from, outX, outY });
    if (length === undefined) continue;
    for (const aside of range(ASIDE)) {
      const [along, x, y] = [length + BEYOND, from.x - aside * outY, from.y + aside * outX];
      const end = { x: x + along * outX, y: y + along * outY, outX, outY };
      const seen = SEEN.flatMap((along) => profileOf(level, end, along) ?? []);
      if (seen.length < SEEN.length) continue;
      const looks = seen.map(looksOf);
      const unlike = Math.max(...looks.map(({ core }) => distance(core, own.core)));
      if (unlike < least && looks.every(({ stands }) => stands >= STANDS))
        [best, least] = [{ ...end, profile: seen[0] }, unlike];
    }
  }
  return best;
}

/** How far it is through the hole, px, straight on to where it ends; undefined where the picture ends before. */
function throughHole(
  { width, height, hole }: Level,
  { x, y, outX, outY }: Omit<End, 'profile'>,
): number | undefined {
  let isIn = false;
  for (let px = 0; ; px++) {
    const [u, v] = [Math.round(x + px * outX), Math.round(y + px * outY)];
    if (u < 0 || v < 0 || u >= width || v >= height) return undefined;
    if (!hole[v * width + u] && isIn) return px;
    isIn ||= hole[v * width + u] === 1;
  }
}

/** Its own colour, and the ground's on its left and right. */
function looksOf(profile: End['profile']) {
  const core = meanOf(profile, -CORE, CORE);
  const grounds = [meanOf(profile, -REACH, -GROUND), meanOf(profile, GROUND, REACH)] as const;
  return { core, grounds, stands: Math.min(...grounds.map((ground) => distance(core, ground))) };
}

function meanOf(profile: End['profile'], from: number, to: number): Colour {
  const samples = Array.from({ length: 2 * Math.round(2 * (to - from)) + 1 }, (_, k) =>
    profile.at(from + k / 4),
  );
  return samples[0].map((_, c) => samples.reduce((sum, sample) => sum + sample[c], 0) / samples.length);
}

const distance = (one: Colour, other: Colour): number =>
  Math.sqrt(one.reduce((sum, value, c) => sum + (value - other[c]) ** 2, 0) / one.length);

/** Lays a bar over what the hole was filled with. */
export function layOver(level: Level, bar: Bar, colour: Float32Array): void {
  const ends = [coverBy(bar.from.profile), coverBy(bar.to.profile)];
  const n = level.hole.length;
  for (const { i, across, share } of placesAt(level, bar)) {
    // The first one's profile is told looking the other way.
    const [a, b] = [ends[0](-across), ends[1](across)];
    const cover = a.cover + share * (b.cover - a.cover);
    for (let c = 0; c < level.channels; c++)
      colour[c * n + i] += cover * (a.own[c] + share * (b.own[c] - a.own[c]) - colour[c * n + i]);
  }
}

/** How much of a place across it is covered by it, and in what colour. */
function coverBy(profile: End['profile']): (across: number) => { cover: number; own: Colour } {
  const { core, grounds } = looksOf(profile);
  return (across) => {
    const ground = grounds[across < 0 ? 0 : 1];
    const seen = profile.at(across);
    const axis = core.map((value, c) => value - ground[c]);
    const along = axis.reduce((sum, value, c) => sum + value * (seen[c] - ground[c]), 0);
    const cover = Math.min(1, Math.max(0, along / axis.reduce((sum, value) => sum + value * value, 0)));
    return cover >= FULL
      ? { cover: 1, own: seen }
      : { cover: Math.abs(across) > GROUND ? 0 : cover, own: core };
  };
}
