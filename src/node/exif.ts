/**
 * The few text fields of an EXIF block that stay true of a restored picture: who made it, when, with what, whose it
 * is. Everything else is left behind on purpose: orientation and sizes no longer hold, thumbnails show the damage,
 * places and serial numbers are private. Layout: TIFF 6.0, tags: EXIF 2.32.
 */
export interface ExifText {
  readonly IFD0: Record<string, string>;
  /** The Exif sub-directory, as sharp names it. */
  readonly IFD2: Record<string, string>;
}

const IFD0_TAGS: Readonly<Record<number, string>> = {
  270: 'ImageDescription',
  271: 'Make',
  272: 'Model',
  306: 'DateTime',
  315: 'Artist',
  33432: 'Copyright',
};
const EXIF_TAGS: Readonly<Record<number, string>> = {
  36867: 'DateTimeOriginal',
  36868: 'DateTimeDigitized',
  36881: 'OffsetTimeOriginal',
};
/** The kept tags of each directory. */
export const TAGS = { IFD0: IFD0_TAGS, IFD2: EXIF_TAGS } as const;
const X_RESOLUTION = 282;
const RESOLUTION_UNIT = 296;
/** Of a unit, by its number in EXIF: how many are an inch. */
const UNITS_AN_INCH: Readonly<Record<number, number>> = { 2: 1, 3: 2.54 };
const EXIF_POINTER = 0x8769;
const ASCII = 2;
const ENTRY_BYTES = 12;

/** Reads the kept fields; a broken block gives what could be read, never an error. */
export function readExifText(block: Uint8Array): ExifText {
  const result: ExifText = { IFD0: {}, IFD2: {} };
  const found = viewOf(block);
  if (!found) return result;
  const { view, little } = found;
  const pointer = readDirectory(view, view.getUint32(4, little), little, IFD0_TAGS, result.IFD0);
  if (pointer !== undefined) readDirectory(view, pointer, little, EXIF_TAGS, result.IFD2);
  return result;
}

/** Pixels per inch; undefined where a block does not tell. WebP and AVIF have no other place for it. */
export function readExifDensity(block: Uint8Array): number | undefined {
  const found = viewOf(block);
  if (!found) return undefined;
  const { view, little } = found;
  let [resolution, unit] = [0, 2];
  for (const { entry, tag } of entriesOf(view, view.getUint32(4, little), little)) {
    if (tag === RESOLUTION_UNIT) unit = view.getUint16(entry + 8, little);
    const at = view.getUint32(entry + 8, little);
    if (tag === X_RESOLUTION && at + 8 <= view.byteLength)
      resolution = view.getUint32(at, little) / view.getUint32(at + 4, little);
  }
  const density = resolution * (UNITS_AN_INCH[unit] ?? 0);
  return Number.isFinite(density) && density >= 1 ? density : undefined;
}

function viewOf(block: Uint8Array): { view: DataView; little: boolean } | undefined {
  const header = String.fromCharCode(...block.subarray(0, 6)) === 'Exif\0\0' ? 6 : 0;
  const bytes = block.subarray(header);
  if (bytes.length < 8) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { view, little: view.getUint16(0) === 0x4949 };
}

function* entriesOf(view: DataView, offset: number, little: boolean) {
  if (offset + 2 > view.byteLength) return;
  const count = view.getUint16(offset, little);
  for (let i = 0; i < count; i++) {
    const entry = offset + 2 + i * ENTRY_BYTES;
    if (entry + ENTRY_BYTES > view.byteLength) return;
    yield { entry, tag: view.getUint16(entry, little) };
  }
}

/** Collects the named text fields of one directory into `into`; returns the offset of the Exif sub-directory. */
function readDirectory(
  view: DataView,
  offset: number,
  little: boolean,
  tags: Readonly<Record<number, string>>,
  into: Record<string, string>,
): number | undefined {
  let pointer: number | undefined;
  for (const { entry, tag } of entriesOf(view, offset, little)) {
    if (tag === EXIF_POINTER) pointer = view.getUint32(entry + 8, little);
    const name = tags[tag];
    if (!name || view.getUint16(entry + 2, little) !== ASCII) continue;
    const text = readText(view, entry, little);
    if (text) into[name] = text;
  }
  return pointer;
}

/** An ASCII field; up to 4 bytes lie in the entry itself. Written as UTF-8 by most programs, whatever EXIF says. */
function readText(view: DataView, entry: number, little: boolean): string {
  const length = view.getUint32(entry + 4, little);
  const start = length <= 4 ? entry + 8 : view.getUint32(entry + 8, little);
  if (length > 65536 || start + length > view.byteLength) return '';
  const bytes = new Uint8Array(view.buffer, view.byteOffset + start, length);
  return new TextDecoder().decode(bytes).split('\0')[0].trim();
}
