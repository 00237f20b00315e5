import { type Box, boxAround, cutPlane, growBox } from '../../image/box.ts';
import { distanceTo } from '../../image/distance.ts';
import type { Picture } from '../../image/picture.ts';
import { median } from '../../quantile.ts';
import type { Glyph } from './glyphs.ts';
import { type Placed, place, type Row } from './rows.ts';

/** Dots, commas and what else belongs to a line: so far beyond its ends, above and below it, of its height; of a colour so near. */
const BELONGS = { beyond: 1.3, above: 0.5, below: 0.5, colour: 0.22, tall: 0.4 } as const;
/** A rim, shadow or glow is looked for so far, px and of the height; it is over where most of a ring differs from the next by less than this share of the greatest such step, and so much, so many times. */
const RIM = { least: 1.5, most: 2, share: 0.25, shows: 0.06, sees: 0.012, alike: 2 } as const;
/** How far beyond it the picture is looked at, px. */
const BEYOND = 3;

/** All pixels of a line, its rim with them, and the box around them. */
export function paintRow(
  picture: Picture,
  row: Row,
  glyphs: readonly Glyph[],
): { pixels: number[]; box: Box } {
  const { width, height } = picture;
  const tall = median(row.glyphs.map((one) => one.tall));
  const letters = new Uint8Array(width * height);
  const { all, colour, ends } = allOf(row, glyphs, tall);
  for (const glyph of all) for (const at of glyph.pixels) letters[at] = 1;
  markAlike(picture, row, colour, ends, letters);
  const most = RIM.most + RIM.share * tall;
  const tight = boxAround(letters, width, height, 0) as Box;
  const around = growBox(tight, Math.ceil(most) + BEYOND + 1, width, height);
  const distance = distanceTo(cutPlane(letters, width, around), around.width, around.height);
  const reach = rimOf(picture, around, distance, most);
  const pixels: number[] = [];
  for (let i = 0; i < distance.length; i++)
    if (distance[i] <= reach)
      pixels.push((around.y + Math.floor(i / around.width)) * width + around.x + (i % around.width));
  return { pixels, box: growBox(tight, Math.floor(reach), width, height) };
}

/** The glyphs of a line with those that stand beside them, or hang on to its ends; their colour, and where they end. */
function allOf(row: Row, glyphs: readonly Glyph[], tall: number) {
  const { turned } = row;
  const all = new Set(row.glyphs.map(({ glyph }) => glyph));
  const colour = row.glyphs[0].glyph.colour.map((_, c) =>
    median(row.glyphs.map(({ glyph }) => glyph.colour[c])),
  );
  const [top, bottom] = [
    median(row.glyphs.map((one) => one.top)),
    median(row.glyphs.map((one) => one.bottom)),
  ];
  let from = Math.min(...row.glyphs.map((one) => one.from));
  let to = Math.max(...row.glyphs.map((one) => one.to));
  const near = glyphs
    .filter(
      (glyph) =>
        !all.has(glyph) && glyph.colour.every((value, c) => Math.abs(value - colour[c]) <= BELONGS.colour),
    )
    .map((glyph) => place(glyph, turned))
    .filter((one) => one.top >= top - BELONGS.above * tall && one.bottom <= bottom + BELONGS.below * tall);
  for (let more = true; more; ) {
    more = false;
    for (const one of near) {
      if (all.has(one.glyph)) continue;
      if (one.to < from - BELONGS.beyond * tall || one.from > to + BELONGS.beyond * tall) continue;
      all.add(one.glyph);
      if (!isLetter(one, tall)) continue;
      more = true;
      [from, to] = [Math.min(from, one.from), Math.max(to, one.to)];
    }
  }
  return { all, colour, ends: [from, to] as const };
}

const isLetter = ({ tall: own }: Placed, tall: number) => own >= BELONGS.tall * tall;

/**
 * Letters that do not stand out of what is behind them are known by their colour, where not so much has it that it is the picture's:
 * looked for in steps of so much of the height, until there was nothing in so many.
 */
const ALIKE = { colour: 0.1, step: 0.5, least: 0.03, most: 0.45, blank: 3 } as const;

function markAlike(
  { colour: x, width, height }: Picture,
  { turned, glyphs }: Row,
  colour: readonly number[],
  [from, to]: readonly [number, number],
  letters: Uint8Array,
): void {
  const n = width * height;
  const [along, across, end] = turned ? [width, 1, height] : [1, width, width];
  const top = median(glyphs.map((one) => one.top));
  const bottom = median(glyphs.map((one) => one.bottom));
  const step = Math.max(3, Math.round(ALIKE.step * (bottom - top)));
  /** Marks what is alike in a step; whether there is anything. */
  const mark = (start: number): boolean => {
    const alike: number[] = [];
    let pixels = 0;
    for (let u = Math.max(0, start); u < Math.min(end, start + step); u++)
      for (let v = top; v < bottom; v++, pixels++) {
        const at = v * across + u * along;
        if (colour.every((value, c) => Math.abs(x[c * n + at] - value) <= ALIKE.colour)) alike.push(at);
      }
    if (alike.length < ALIKE.least * pixels || alike.length > ALIKE.most * pixels) return false;
    for (const at of alike) letters[at] = 1;
    return true;
  };
  for (let start = from; start < to; start += step) mark(start);
  for (const [first, by] of [
    [from - step, -step],
    [to, step],
  ])
    for (let start = first, blank = 0; blank < ALIKE.blank && start > -step && start < end; start += by)
      blank = mark(start) ? 0 : blank + 1;
}

/**
 * How far from the letters the picture is itself again, px: from there on most pixels around them are like what lies next to them outwards,
 * which the picture's own edges hardly change.
 */
function rimOf(
  { colour, channels, width, height }: Picture,
  box: Box,
  distance: Float32Array,
  most: number,
): number {
  const n = width * height;
  const count = Math.min(3, channels);
  const rings = Math.ceil(most) + BEYOND;
  const steps: number[][][] = Array.from({ length: rings }, () => Array.from({ length: count }, () => []));
  for (let i = 0; i < distance.length; i++) {
    const ring = Math.round(distance[i]);
    if (ring >= rings) continue;
    const outwards = outwardsOf(distance, box, i);
    if (outwards < 0) continue;
    const [at, to] = [i, outwards].map(
      (one) => (box.y + Math.floor(one / box.width)) * width + box.x + (one % box.width),
    );
    for (let c = 0; c < count; c++) steps[ring][c].push(colour[c * n + to] - colour[c * n + at]);
  }
  /** By how much most pixels of a ring differ from the next one. */
  const fall = steps.map((all) => Math.max(...all.map((one) => Math.abs(one.length > 0 ? median(one) : 0))));
  const least = Math.max(RIM.sees, RIM.shows * Math.max(...fall));
  let reach: number = RIM.least;
  for (let ring = 1, alike = 0; ring < most && alike < RIM.alike; ring++) {
    alike = fall[ring] > least ? 0 : alike + 1;
    if (alike === 0) reach = ring + 0.5;
  }
  return Math.min(reach, most);
}

/** The neighbour of a pixel that lies farthest from the letters, or -1 where none lies farther. */
function outwardsOf(distance: Float32Array, { width, height }: Box, i: number): number {
  const [x, y] = [i % width, Math.floor(i / width)];
  let best = -1;
  let far = distance[i];
  for (const [u, v] of [
    [x - 1, y],
    [x + 1, y],
    [x, y - 1],
    [x, y + 1],
  ])
    if (u >= 0 && v >= 0 && u < width && v < height && distance[v * width + u] > far)
      [best, far] = [v * width + u, distance[v * width + u]];
  return best;
}
