import { AREA, SIDE } from './dct.ts';
import { exifOrientation } from './orientation.ts';

/** One component of a compressed image: luma, or one of the two colour differences. */
export interface JpegComponent {
  /** Quantisation steps, [8, 8] by frequency (vertical, horizontal), in 1/255. */
  readonly table: Uint16Array;
  /** Pixels that a sample spans, 1 or 2. */
  readonly across: number;
  readonly down: number;
}

/** What a JPEG file says of how it was compressed, as it is stored. */
export interface JpegHeader {
  readonly width: number;
  readonly height: number;
  /** Luma alone, or luma, Cb and Cr. */
  readonly components: readonly JpegComponent[];
  /** EXIF's, 1 … 8: how it is to be turned. */
  readonly orientation: number;
}

/** Frequencies in the order files store them. */
export const ZIGZAG = (() => {
  const order = Array.from({ length: AREA }, (_, i) => i);
  const diagonal = (i: number) => Math.floor(i / SIDE) + (i % SIDE);
  const along = (i: number) => (diagonal(i) % 2 === 0 ? i % SIDE : Math.floor(i / SIDE));
  return order.sort((a, b) => diagonal(a) - diagonal(b) || along(a) - along(b));
})();

const [START_OF_SCAN, QUANTISATION, EXIF, ADOBE] = [0xda, 0xdb, 0xe1, 0xee];
/** Frames of 8×8 cosine transforms: baseline, extended and progressive, entropy-coded either way. */
export const FRAMES: readonly number[] = [0xc0, 0xc1, 0xc2, 0xc9, 0xca];

/**
 * Reads the tables, sampling factors and size of a JPEG file (ITU-T T.81, B.2), up to its first scan. Undefined where
 * the bytes are no such file, are cut off before, or hold other planes than luma or YCbCr (RGB, CMYK), or sampling
 * that is not 1 or 2 pixels a sample with luma in full.
 */
export function readHeader(bytes: Uint8Array): JpegHeader | undefined {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return undefined;
  const tables = new Map<number, Uint16Array>();
  let frame: Uint8Array | undefined;
  let orientation = 1;
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1];
    if (marker === 0xff) {
      at++; // any number of fill bytes may come before a marker
      continue;
    }
    if (marker === START_OF_SCAN) return frame && headerOf(frame, tables, orientation);
    const segment = bytes.subarray(at + 4, at + 2 + wordAt(bytes, at + 2));
    if (marker === QUANTISATION) readTables(segment, tables);
    if (marker === EXIF) orientation = exifOrientation(segment) ?? orientation;
    if (FRAMES.includes(marker)) frame = segment;
    if (marker === ADOBE && isAdobe(segment) && segment[11] !== 1) return undefined;
    at += 2 + wordAt(bytes, at + 2);
  }
  return undefined;
}

export const wordAt = (bytes: Uint8Array, at: number) => (bytes[at] << 8) | bytes[at + 1];

/** Adobe's marker, whose twelfth byte tells YCbCr (1) from RGB and CMYK (0) and YCCK (2). */
const isAdobe = (segment: Uint8Array) =>
  segment.length >= 12 && String.fromCharCode(...segment.subarray(0, 5)) === 'Adobe';

function readTables(segment: Uint8Array, tables: Map<number, Uint16Array>): void {
  for (let at = 0; at < segment.length; ) {
    const [wide, id] = [segment[at] >> 4, segment[at] & 15];
    const bytesEach = wide ? 2 : 1;
    if (at + 1 + AREA * bytesEach > segment.length) return;
    const table = new Uint16Array(AREA);
    for (let i = 0; i < AREA; i++) {
      const from = at + 1 + i * bytesEach;
      table[ZIGZAG[i]] = Math.max(1, wide ? wordAt(segment, from) : segment[from]);
    }
    tables.set(id, table);
    at += 1 + AREA * bytesEach;
  }
}

/** Of a frame header: precision, height, width, and for each component its id, sampling factors and table. */
function headerOf(
  frame: Uint8Array,
  tables: Map<number, Uint16Array>,
  orientation: number,
): JpegHeader | undefined {
  const count = frame[5];
  if (frame[0] !== 8 || (count !== 1 && count !== 3) || frame.length < 6 + 3 * count) return undefined;
  const ids = Array.from({ length: count }, (_, c) => frame[6 + 3 * c]);
  if (String.fromCharCode(...ids) === 'RGB') return undefined;
  const factors = ids.map((_, c) => [frame[7 + 3 * c] >> 4, frame[7 + 3 * c] & 15]);
  const [most, mostDown] = [0, 1].map((axis) => Math.max(...factors.map((f) => f[axis])));
  const components: JpegComponent[] = [];
  for (const [c, [h, v]] of factors.entries()) {
    const table = tables.get(frame[8 + 3 * c]);
    // A lone component has no neighbours to be sampled against: its factors mean nothing.
    const [across, down] = count === 1 ? [1, 1] : [most / h, mostDown / v];
    const known = [1, 2].includes(across) && [1, 2].includes(down) && (c > 0 || across * down === 1);
    if (!table || !known) return undefined;
    components.push({ table, across, down });
  }
  return { width: wordAt(frame, 3), height: wordAt(frame, 1), components, orientation };
}

/** Orientations that mirror the stored columns, and rows. */
const MIRRORED = { columns: [2, 3, 7, 8], rows: [3, 4, 6, 7] } as const;

/** A header as its picture lies once it was turned upright; and whether the grid of its blocks still begins in the upper left corner. */
export function upright(header: JpegHeader): JpegHeader & { readonly atCorner: boolean } {
  const { width, height, components, orientation } = header;
  const begins = (mirrored: readonly number[], side: number, spans: readonly number[]) =>
    !mirrored.includes(orientation) || side % (SIDE * Math.max(...spans)) === 0;
  const atCorner =
    begins(
      MIRRORED.columns,
      width,
      components.map(({ across }) => across),
    ) &&
    begins(
      MIRRORED.rows,
      height,
      components.map(({ down }) => down),
    );
  if (orientation <= 4) return { ...header, atCorner };
  const turned = components.map(({ table, across, down }) => ({
    table: table.map((_, i) => table[SIDE * (i % SIDE) + Math.floor(i / SIDE)]),
    across: down,
    down: across,
  }));
  return { width: height, height: width, components: turned, orientation, atCorner };
}
