import { isClipped } from '../diagnosis/spectra.ts';
import type { Picture } from '../image/picture.ts';
import type { Pieces } from '../time-slicing.ts';
import type { Curve } from './curves.ts';
import { ORIENTED } from './ridges.ts';
import type { Sheet } from './sheet.ts';
import type { Speck } from './specks.ts';

/** Share of exact repetitions beside a mark from which its ground is drawn: letters, icons and plots are no damage. */
const DRAWN = 0.7;

/** Shares of pixels that are like their neighbour in all colours: at an end of the range, and anywhere, from which a picture is drawn. */
const MOST_REPEATS = { atEnds: 0.2, all: 0.57 } as const;
/** What shows less of itself than this is a cut-out, icon or logo: scans have no transparent parts. */
const LEAST_SHOWN = 0.75;
/** A picture of fewer colours is drawn, or was reduced to them; a grey photograph has hardly less than this, of 256. */
const COLOURS = 80;

/**
 * Whether a picture is drawn, printed in black and white, or mostly blown out: photographs of all kinds and grains had up to
 * 0.02 and 0.54 of repetitions, drawings 0.2 and 0.59 or more.
 */
export function* isDrawnPicture(picture: Picture): Pieces<boolean> {
  const { colour, channels, width, height } = picture;
  const n = width * height;
  if (hasPalette(picture) || (yield* hasFlatColours(picture)) || (yield* isHatched(picture))) return true;
  let [shown, repeats, atEnds] = [0, 0, 0];
  for (let i = 0; i + 1 < n; i++) {
    if (i % width === 0) yield;
    if (Number.isNaN(colour[i])) continue; // what alpha hides
    shown++;
    let alike = true;
    let clipped = true;
    for (let at = i; at < channels * n && alike; at += n) {
      alike = colour[at] === colour[at + 1];
      clipped &&= isClipped(colour[at]);
    }
    if (!alike) continue;
    repeats++;
    if (clipped) atEnds++;
  }
  if (shown < LEAST_SHOWN * n) return true;
  return atEnds > MOST_REPEATS.atEnds * shown || repeats > MOST_REPEATS.all * shown;
}

/** Whether all of a picture is of few colours, exactly. */
function hasPalette({ colour, channels, width, height }: Picture): boolean {
  const n = width * height;
  const seen = new Set<number>();
  for (let i = 0; i < n; i++) {
    let code = 0;
    for (let at = i; at < channels * n; at += n) code = 256 * code + Math.round(255 * colour[at]);
    if (seen.add(code).size >= COLOURS) return false;
  }
  return true;
}

/**
 * Mean change from pixel to pixel, of the full range, from which a picture is all lines or dots: engravings had 0.13 and more, 63 crops of
 * photographs, grass, gravel and fences among them, up to 0.085.
 */
const HATCHED = 0.105;

function* isHatched({ colour, channels, width, height }: Picture): Pieces<boolean> {
  const n = width * height;
  let [change, pairs] = [0, 0];
  for (let y = 0; y + 1 < height; y++) {
    for (let x = 0; x + 1 < width; x++) {
      let [across, down] = [0, 0];
      for (let i = y * width + x; i < channels * n; i += n) {
        across += colour[i + 1] - colour[i];
        down += colour[i + width] - colour[i];
      }
      const own = (Math.abs(across) + Math.abs(down)) / 2 / channels;
      if (Number.isNaN(own)) continue; // what alpha hides
      change += own;
      pairs++;
    }
    yield;
  }
  return change > HATCHED * pairs;
}

/** Blocks of 4² px that are plain within `range`, in cells of `cell`, and cut off up to `end` from an end of the range. */
const PLAIN = { side: 4, range: 6 / 255, cell: 12 / 255, end: 4 / 255 } as const;
/**
 * A drawing that was compressed: so many of all blocks are plain and cut off, as its paper is, and of the other plain ones so many have one
 * of so few colours, at least some of which are no strays. 63 crops of photographs had no plain blocks that are cut off, or one colour.
 */
const FLAT = { paper: 0.1, colours: 8, share: 0.9, least: 3, each: 0.01 } as const;

function* hasFlatColours({ colour, channels, width, height }: Picture): Pieces<boolean> {
  const n = width * height;
  const cells = new Map<number, number>();
  let [blocks, paper, others] = [0, 0, 0];
  for (let y = 0; y + PLAIN.side <= height; y += PLAIN.side) {
    for (let x = 0; x + PLAIN.side <= width; x += PLAIN.side) {
      blocks++;
      let [code, clipped, plain] = [0, true, true];
      for (let c = 0; c < channels && plain; c++) {
        let [least, most] = [1, 0];
        for (let dy = 0; dy < PLAIN.side; dy++)
          for (let dx = 0; dx < PLAIN.side; dx++) {
            const value = colour[c * n + (y + dy) * width + x + dx];
            if (value < least) least = value;
            if (value > most) most = value;
          }
        plain = most - least <= PLAIN.range;
        clipped &&= least <= PLAIN.end || most >= 1 - PLAIN.end;
        code = 100 * code + Math.round((least + most) / 2 / PLAIN.cell);
      }
      if (!plain) continue;
      if (clipped) paper++;
      else {
        others++;
        cells.set(code, (cells.get(code) ?? 0) + 1);
      }
    }
    yield;
  }
  const counts = [...cells.values()].sort((a, b) => b - a);
  const common = counts.slice(0, FLAT.colours).reduce((sum, count) => sum + count, 0);
  return (
    paper >= FLAT.paper * blocks &&
    common >= FLAT.share * others &&
    counts.filter((count) => count >= FLAT.each * blocks).length >= FLAT.least
  );
}

/** Whether what lies on the sides of a line repeats exactly along it, as only what is drawn does. */
export function isOnDrawnGround({ x, width }: Sheet, curve: Curve): boolean {
  let repeats = 0;
  curve.at.forEach((at, i) => {
    const { along, side } = ORIENTED[curve.orientation[i]];
    const middle = along.length >> 1;
    const [dx, dy] = along[middle + 1];
    const across = side[1] * width + side[0];
    for (const beside of [at - across, at + across]) if (x[beside] === x[beside + dy * width + dx]) repeats++;
  });
  return repeats > DRAWN * 2 * curve.at.length;
}

/** The same of the ring around a speck. */
export function isSpeckOnDrawnGround({ x, width }: Sheet, { peak, ring: { radius } }: Speck): boolean {
  let [repeats, pixels] = [0, 0];
  for (let t = -radius; t < radius; t++)
    for (const [from, to] of [
      [t - radius * width, t + 1 - radius * width],
      [t + radius * width, t + 1 + radius * width],
      [t * width - radius, (t + 1) * width - radius],
      [t * width + radius, (t + 1) * width + radius],
    ]) {
      pixels++;
      if (x[peak + from] === x[peak + to]) repeats++;
    }
  return repeats > DRAWN * pixels;
}
