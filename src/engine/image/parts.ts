import type { Box, Size } from './box.ts';

/** Pixels of the result over which neighbouring parts fade into each other: at most, and as a share of a part's side. */
const OVERLAP = { most: 48, share: 0.2 } as const;
/** At least as many of the picture: as far as down-sampling and back-projection reach. */
const LEAST_OVERLAP = 16;
/** JPEG's blocks: what the whole picture says of them must hold in its parts. */
const GRID = 8;

/** A stretch of an axis. */
export interface Span {
  readonly start: number;
  readonly length: number;
}

/** One part of the work. */
export interface Part {
  /** In the picture, and where that lies in the result. */
  readonly box: Box;
  readonly place: Box;
  /** How much each column and row of `place` counts; over all parts, every pixel's products sum to 1. */
  readonly columns: Float32Array;
  readonly rows: Float32Array;
}

/** What is cut: a box of a picture, whose result may be larger. */
interface Extent {
  readonly area: Box;
  readonly picture: Size;
  readonly result: Size;
}

/**
 * Cuts the area, row by row, into overlapping parts of one size, of at most about `side` px of the result a side; one
 * part if it fits. They start on JPEG's grid, counted from the area's corner.
 */
export function cutIntoParts({ area, picture, result }: Extent, side: number): Part[] {
  const scale = Math.max(result.width / picture.width, result.height / picture.height);
  const fade = Math.min(OVERLAP.most, OVERLAP.share * side);
  const overlap = Math.max(LEAST_OVERLAP, Math.ceil(fade / scale));
  const axis = (from: number, length: number, inputs: number, outputs: number) => {
    const spans = cutAxis(length, Math.max(3 * overlap, Math.floor(side / scale)), overlap).map(
      ({ start, length }) => ({ start: from + start, length }),
    );
    const places = spans.map((span) => stretch(span, inputs, outputs));
    const shares = sharesOf(places, Math.round(overlap * scale));
    return spans.map((span, i) => ({ span, place: places[i], shares: shares[i] }));
  };
  const columns = axis(area.x, area.width, picture.width, result.width);
  const rows = axis(area.y, area.height, picture.height, result.height);
  return rows.flatMap((row) =>
    columns.map((column) => ({
      box: boxOf(column.span, row.span),
      place: boxOf(column.place, row.place),
      columns: column.shares,
      rows: row.shares,
    })),
  );
}

const boxOf = (x: Span, y: Span): Box => ({ x: x.start, y: y.start, width: x.length, height: y.length });

/** The largest side with which the parts of width × height have at most so many pixels. */
export function sideFor(width: number, height: number, pixels: number): number {
  return Math.max(pixels / Math.min(width, height), Math.sqrt(pixels));
}

/** As few spans as cover `length`, equally long, at most `side`, starting at multiples of 8. */
function cutAxis(length: number, side: number, overlap: number): Span[] {
  if (length <= side) return [{ start: 0, length }];
  // The last one ends where the axis does, so its length decides whether it starts on the grid.
  const most = side - ((((side - length) % GRID) + GRID) % GRID);
  const count = 1 + Math.ceil((length - most) / GRID / Math.floor((most - overlap) / GRID));
  const widestGap = (each: number) => GRID * Math.ceil((length - each) / GRID / (count - 1));
  let each = most;
  while (each - GRID - widestGap(each - GRID) >= overlap) each -= GRID;
  return Array.from({ length: count }, (_, i) => ({
    start: GRID * Math.floor((i * (length - each)) / GRID / (count - 1)),
    length: each,
  }));
}

/** A span of an axis of `inputs` samples on one of `outputs`: whole samples, all that it touches. */
export function stretch({ start, length }: Span, inputs: number, outputs: number): Span {
  const from = Math.floor((start * outputs) / inputs);
  return { start: from, length: Math.ceil(((start + length) * outputs) / inputs) - from };
}

/** Ramps of `fade` px at both ends of each span, made to sum to 1 at every sample. */
function sharesOf(spans: readonly Span[], fade: number): Float32Array[] {
  const ramps = spans.map(({ length }) =>
    Float32Array.from({ length }, (_, i) => Math.min(1, (i + 1) / (fade + 1), (length - i) / (fade + 1))),
  );
  const end = Math.max(...spans.map(({ start, length }) => start + length));
  const sums = new Float32Array(end);
  ramps.forEach((ramp, s) => {
    ramp.forEach((value, i) => {
      sums[spans[s].start + i] += value;
    });
  });
  return ramps.map((ramp, s) => ramp.map((value, i) => value / sums[spans[s].start + i]));
}
