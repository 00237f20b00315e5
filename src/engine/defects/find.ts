import { type Box, cutPicture } from '../image/box.ts';
import { withoutHidden } from '../image/hidden.ts';
import { type AnyImage, type Picture, toPicture } from '../image/picture.ts';
import type { Mask } from '../options.ts';
import { type IsOver, never } from '../stopping/pace.ts';
import { atOnce, type Pieces, unlessOver } from '../time-slicing.ts';
import { findCracks } from './cracks.ts';
import { deadPixels } from './dead-pixels.ts';
import { boxOf, type Defect, defectsOf, type Spot } from './defect.ts';
import { isDrawnPicture } from './drawn.ts';
import { hasFlatsOfFewColours } from './few-colours.ts';
import { lettersIn } from './letters.ts';
import { findMarks } from './marks.ts';
import { mirrored } from './mirrored.ts';
import { findOverlays } from './overlays/find.ts';
import type { Overlay } from './overlays/judge.ts';
import { sheetOf } from './sheet.ts';

/** What `findDefects` found. */
export interface Defects {
  /** As `restore` takes it: 255 = known, 0 = damaged. */
  readonly mask: Mask & { readonly data: Uint8Array };
  /** The largest first. */
  readonly defects: readonly Defect[];
  /** Share of the picture that they cover, 0 … 1. */
  readonly share: number;
  /** Date stamps and lines of light letters over a photograph, proposed apart: `mask` leaves them, `withOverlays` does not. */
  readonly overlays: readonly Overlay[];
}

/** Marks are looked for in pieces of this side that overlap by so much, px, so that memory is bounded. */
const TILE = { side: 1024, overlap: 64 } as const;
/** What is mirrored beyond the border of a piece, px, so that marks are found up to there. */
const MARGIN = 16;
/** Share of a mark's pixels that are found already from which it is the same mark. */
const SAME = 0.5;
/** What is longer than this share of a line of writing is no letter of it, and that no writing. */
const LETTER = 0.4;

/**
 * Finds scratches, folds, hairs, dust specks and dead pixels; and, apart from them, date stamps and other writing over a photograph.
 * Careful rather than complete: what a fill destroys cannot be
 * had back, so wires, railings, letters and stripes are left, and with them the damage that looks like them.
 *
 * @param image 8-bit RGBA or float planes in [0, 1], 8×8 pixels or more.
 * @throws ImageSizeError, InvalidSamplesError for a bad image.
 * @example const { mask, defects } = findDefects(image); if (defects.length > 0) await restore(image, { task: 'inpaint', mask });
 */
export function findDefects(image: AnyImage): Defects {
  return atOnce(findDefectsIn(toPicture(image)));
}

/** `findDefects` of a picture that was checked already, in pieces; once the time is `over`, with what was found so far. */
export function* findDefectsIn(picture: Picture, over: IsOver = never): Pieces<Defects> {
  const shown = withoutHidden(picture);
  if (yield* isDrawn(shown)) return nothingIn(picture);
  return yield* marksBeside(shown, yield* findOverlays(shown, over), over);
}

/**
 * Whether a picture has enough damage to be spoken of unasked; writing over it is not proposed. Where it is `isRough`, specks may be that, and in
 * what is labelled, as maps over satellite pictures are, lines belong to it.
 */
export function* isScratched(picture: Picture, isRough: boolean): Pieces<boolean> {
  const shown = withoutHidden(picture);
  if (yield* isDrawn(shown)) return false;
  return isDamaged(yield* marksBeside(shown, [], never), isRough) && !(yield* isLabelled(shown));
}

/** Lines of letters that label a picture: seven crops of maps had 2 to 7, scratched photographs none. */
const LABELS = 2;

function* isLabelled(picture: Picture): Pieces<boolean> {
  let lines = 0;
  for (const polarity of ['bright', 'dark'] as const)
    lines += (yield* lettersIn(picture, yield* sheetOf(picture, polarity))).length;
  return lines >= LABELS;
}

/** Marks that are worth a word, at least: specks, lines, or one line that is as sure; of folds only such. */
const WORTH_A_WORD = { specks: 3, lines: 2, sure: 0.9 } as const;

/** Whether there is enough damage to be spoken of unasked; where a picture is noisy or compressed, specks may be that. */
export function isDamaged({ defects }: Defects, isRough: boolean): boolean {
  const specks = defects.filter(({ kind }) => kind === 'dust' || kind === 'deadPixel');
  const sure = defects.filter((one) => !specks.includes(one) && one.confidence >= WORTH_A_WORD.sure);
  const lines = defects.filter(({ kind }) => kind === 'scratch' || kind === 'hair');
  return (
    (!isRough && specks.length >= WORTH_A_WORD.specks) ||
    lines.length >= WORTH_A_WORD.lines ||
    sure.length > 0
  );
}

/** Whether a picture is drawn, be it that it is noisy or compressed. */
function* isDrawn(picture: Picture): Pieces<boolean> {
  return (yield* isDrawnPicture(picture)) || (yield* hasFlatsOfFewColours(picture));
}

function* marksBeside(shown: Picture, overlays: readonly Overlay[], over: IsOver): Pieces<Defects> {
  const { width, height } = shown;
  const written = writtenOn(shown, overlays);
  const noWriting = new Set<number>();
  const found = new Uint8Array(width * height);
  const spots: Spot[] = [];
  const add = (spot: Spot) => {
    const known = spot.pixels.reduce((sum, at) => sum + found[at], 0);
    const inWriting = spot.pixels.reduce((sum, at) => sum + Number(written[at] > 0), 0);
    if (inWriting > 0 && inWriting >= SAME * spot.pixels.length) {
      const at = spot.pixels.find((pixel) => written[pixel] > 0) as number;
      const line = boxOf(spot.pixels, width);
      const text = overlays[written[at] - 1].box;
      if (Math.hypot(line.width, line.height) < LETTER * Math.hypot(text.width, text.height)) return;
      noWriting.add(written[at] - 1); // the pieces of one line
    }
    for (const at of spot.pixels) found[at] = 1;
    if (spot.pixels.length > 0 && known < SAME * spot.pixels.length) spots.push(spot);
  };
  for (const one of yield* deadPixels(shown)) add({ ...one, odds: DEAD, dead: true });
  for (const tile of tilesOf(shown)) {
    const cut = cutPicture(shown, tile);
    yield;
    const looking = findMarks(mirrored(cut, MARGIN), MARGIN);
    for (const mark of (yield* unlessOver(over, looking)) ?? []) {
      const pixels = mark.pixels.flatMap((at) => inPicture(at, tile, width));
      const course = mark.course === undefined ? undefined : `${tile.x} ${tile.y} ${mark.course}`;
      add({ ...mark, pixels, course });
    }
    yield;
  }
  for (const crack of (yield* unlessOver(over, findCracks(shown))) ?? [])
    add({ ...crack, course: `crack ${crack.course}` });
  const share = found.reduce((sum, f) => sum + f, 0) / found.length;
  const data = found.map((f) => (f ? 0 : 255));
  return {
    mask: { data, width, height },
    defects: defectsOf(spots, width, height),
    share,
    overlays: overlays.filter((_, i) => !noWriting.has(i)),
  };
}

const nothingIn = ({ width, height }: Picture): Defects => ({
  mask: { data: new Uint8Array(width * height).fill(255), width, height },
  ...{ defects: [], share: 0, overlays: [] },
});

/** The mask of what was found with the writing in it. */
export function withOverlays({ mask, overlays }: Pick<Defects, 'mask' | 'overlays'>): Defects['mask'] {
  const data = mask.data.slice();
  for (const { pixels } of overlays) for (const at of pixels) data[at] = 0;
  return { ...mask, data };
}

/** [height, width] the number of the writing that a pixel lies in, from 1 on, or 0. */
function writtenOn({ width, height }: Picture, overlays: readonly Overlay[]): Uint8Array {
  const written = new Uint8Array(width * height);
  for (const [i, { box }] of overlays.slice(0, 255).entries())
    for (let y = box.y; y < box.y + box.height; y++)
      written.fill(i + 1, y * width + box.x, y * width + box.x + box.width);
  return written;
}

/** A pixel that is stuck is one for sure. */
const DEAD = 4;

function tilesOf({ width, height }: Picture): Box[] {
  const starts = (side: number): number[] => {
    const count = Math.max(1, Math.ceil((side - TILE.overlap) / (TILE.side - TILE.overlap)));
    return Array.from({ length: count }, (_, i) => i * (TILE.side - TILE.overlap));
  };
  return starts(height).flatMap((y) =>
    starts(width).map((x) => ({
      x,
      y,
      width: Math.min(TILE.side, width - x),
      height: Math.min(TILE.side, height - y),
    })),
  );
}

/** A pixel of a tile with its margin as one of the picture, if it is one. */
function inPicture(at: number, tile: Box, width: number): number[] {
  const stride = tile.width + 2 * MARGIN;
  const [x, y] = [(at % stride) - MARGIN, Math.floor(at / stride) - MARGIN];
  return x < 0 || y < 0 || x >= tile.width || y >= tile.height ? [] : [(tile.y + y) * width + tile.x + x];
}
