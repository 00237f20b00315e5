import { cutPicture, type Size } from '../image/box.ts';
import type { Picture } from '../image/picture.ts';
import { SIDE } from '../jpeg/dct.ts';
import { type JpegComponent, readHeader, upright } from '../jpeg/file.ts';
import { findShiftedTable, type Offset } from '../jpeg/offset.ts';
import { nearestQuality } from '../jpeg/tables.ts';
import { agrees, findTable } from '../jpeg/trace.ts';
import type { Pieces } from '../time-slicing.ts';
import { type Closer, closerLook } from './closer.ts';

/** How an image was compressed. */
export interface JpegTrace {
  /** Luma, or luma, Cb and Cr: what they were quantised by, and how they were sampled; from pixels, as far as they show. */
  readonly components: readonly JpegComponent[];
  /** As libjpeg numbers it, 1 … 100. */
  readonly quality: number;
  /** Where this is from. */
  readonly source: 'file' | 'pixels';
  /** The pixels lie on the grid the tables were applied on: not cropped, turned or resized since. */
  readonly onGrid: boolean;
  /** Off it, where its first block (of 16 px where chroma was halved) begins, px: cropped since. */
  readonly offset?: Offset;
}

/** By how much the quality that the pixels show must be below the file's, for an image to have been compressed twice. */
const SAVED_AGAIN = 10;

/**
 * The compression that an image shows: by its file's tables, or by its pixels where there is no file, or where it was
 * saved again at a better quality.
 *
 * @param part of the picture, from the grid of its blocks of 16 px; NaN where nothing is to be seen.
 * @param picture all of it, for its size.
 * @param file the bytes it was read from; the picture was turned upright as they say.
 */
export function* traceOf(
  part: Picture,
  picture: Size,
  file: Uint8Array | undefined,
  closer?: Closer,
): Pieces<JpegTrace | undefined> {
  const stored = file && readHeader(file);
  const header = stored && upright(stored);
  const table = yield* findTable(part);
  if (!header)
    return table ? (yield* traceOfTable(part, table, closer)).trace : yield* shiftedTrace(part, closer);
  const quality = nearestQuality(header.components[0].table).quality;
  if (table && nearestQuality(table).quality < quality - SAVED_AGAIN)
    return (yield* traceOfTable(part, table, closer)).trace;
  const sameSize = header.width === picture.width && header.height === picture.height;
  const onGrid = header.atCorner && sameSize && (yield* agrees(part, header.components[0].table));
  return { components: header.components, quality, source: 'file', onGrid };
}

/** The compression of pixels that were cropped off its grid. */
function* shiftedTrace(part: Picture, closer?: Closer): Pieces<JpegTrace | undefined> {
  const found = yield* findShiftedTable(part);
  if (!found) return undefined;
  let best: { trace: JpegTrace; share: number } | undefined;
  for (const [right, down] of HALVES) {
    const offset = { x: found.offset.x + right, y: found.offset.y + down };
    if (part.width - offset.x < SIDE || part.height - offset.y < SIDE) continue;
    const inner = { ...offset, width: part.width - offset.x, height: part.height - offset.y };
    const { trace, share } = yield* traceOfTable(cutPicture(part, inner), found.table, closer);
    // Colours that are next to none fit other places and finer samples, too, which the right ones fit as well with less.
    const size = spanOf(trace);
    if (!best || share > best.share || (share === best.share && size > spanOf(best.trace)))
      best = { trace: { ...trace, onGrid: false, offset }, share };
    if ((share === 1 && size === MOST_SPANNED) || part.channels < 3) break;
  }
  return best?.trace;
}

/** Pixels that a sample of chroma spans, and most. */
const spanOf = ({ components }: JpegTrace): number => {
  const { across, down } = components.at(-1)!;
  return across * down;
};
const MOST_SPANNED = 4;

/** Where blocks of halved chroma may begin, by those of luma. */
const HALVES = [
  [0, 0],
  [SIDE, 0],
  [0, SIDE],
  [SIDE, SIDE],
] as const;

/** The compression of pixels whose luma shows this table. */
function* traceOfTable(
  part: Picture,
  table: Uint16Array,
  closer?: Closer,
): Pieces<{ trace: JpegTrace; share: number }> {
  const luma = { table, across: 1, down: 1 };
  const { chroma, share } = yield* (yield* closerLook(closer)).findChroma(part, luma);
  const quality = nearestQuality(table).quality;
  return { trace: { components: [luma, ...chroma], quality, source: 'pixels', onGrid: true }, share };
}
