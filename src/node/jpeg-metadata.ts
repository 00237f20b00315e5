import type { KeptMetadata } from './decode.ts';
import { exifBlock } from './exif-block.ts';

const [JFIF, APP1, END, SCAN, COMMENT] = [0xe0, 0xe1, 0xd9, 0xda, 0xfe];
/** Application segments that say how the picture is to be shown; all others are about it. */
const SHOWN: Readonly<Record<number, string>> = {
  [JFIF]: 'JFIF\0',
  226: 'ICC_PROFILE\0',
  238: 'Adobe',
};
const EXIF_NAME = 'Exif\0\0';
const XMP_NAME = 'http://ns.adobe.com/xap/1.0/\0';
/** Bytes of a segment but for its name, at most. */
const LONGEST = 65000;

interface Segment {
  readonly marker: number;
  readonly bytes: Uint8Array;
}

/**
 * A JPEG with the very data of its picture, but no more about it than a result has; its orientation stays, as its samples do.
 * Undefined where its segments cannot be told.
 */
export function withMetadata(
  file: Uint8Array,
  { density, exif, xmp }: KeptMetadata,
  orientation?: number,
): Uint8Array | undefined {
  const parts = partsOf(file);
  if (!parts) return undefined;
  const block = exif && exifBlock(exif, { orientation, density });
  const packet = xmp === undefined ? undefined : Buffer.from(xmp);
  const about = [...segments(EXIF_NAME, block), ...segments(XMP_NAME, packet)];
  const rest = parts.segments.filter(isNeeded);
  const first = rest[0]?.marker === JFIF ? 1 : 0; // it stands before all others
  const bytesOf = (segments: readonly Segment[]) => segments.map(({ bytes }) => bytes);
  return Buffer.concat([
    file.subarray(0, 2),
    ...bytesOf(rest.slice(0, first)),
    ...about,
    ...bytesOf(rest.slice(first)),
    parts.scans,
  ]);
}

/** None of what there is nothing of, or too much for one. */
function segments(name: string, body?: Buffer): Buffer[] {
  if (!body || body.length >= LONGEST) return [];
  const head = Buffer.from([0xff, APP1, 0, 0]);
  head.writeUInt16BE(2 + name.length + body.length, 2);
  return [Buffer.concat([head, Buffer.from(name, 'latin1'), body])];
}

function isNeeded({ marker, bytes }: Segment): boolean {
  if (marker === COMMENT) return false;
  if (marker < 0xe0 || marker > 0xef) return true;
  const name = SHOWN[marker];
  return name !== undefined && Buffer.from(bytes.subarray(4, 4 + name.length)).toString('latin1') === name;
}

/** The segments before a JPEG's first scan, and all from there to its end: other pictures may lie behind. */
function partsOf(file: Uint8Array): { segments: Segment[]; scans: Uint8Array } | undefined {
  const segments: Segment[] = [];
  let at = 2;
  while (at + 4 <= file.length && file[at] === 0xff && file[at + 1] !== SCAN) {
    const isFilled = file[at + 1] === 0xff; // any number of fill bytes may come before a marker
    const end = isFilled ? at + 1 : at + 2 + file[at + 2] * 256 + file[at + 3];
    if (!isFilled) segments.push({ marker: file[at + 1], bytes: file.subarray(at, end) });
    at = end;
  }
  if (file[at] !== 0xff || file[at + 1] !== SCAN) return undefined;
  const end = endOfScans(file, at);
  return end === undefined ? undefined : { segments, scans: file.subarray(at, end) };
}

/** Behind the mark of the end; within a scan 0xff is followed by 0 or by a restart's number. */
function endOfScans(file: Uint8Array, start: number): number | undefined {
  for (let at = start; at + 1 < file.length; ) {
    const marker = file[at + 1];
    if (file[at] !== 0xff || marker === 0 || (marker >= 0xd0 && marker <= 0xd7)) at++;
    else if (marker === END) return at + 2;
    else at += marker === 0xff ? 1 : 2 + file[at + 2] * 256 + file[at + 3];
  }
  return undefined;
}
