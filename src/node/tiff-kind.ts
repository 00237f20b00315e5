import { decode } from 'tiff';

/** NewSubfileType: the page is another one, reduced. */
const REDUCED = 1;
/** ExtraSamples: a channel that is alpha, multiplied into the colours or not. */
const ALPHA = [1, 2];
const RGB = 2;
/** How files begin whose bytes of a number are in reverse. */
const LITTLE = 'I'.charCodeAt(0);

/** What a TIFF's header says of how the samples of its first page that is no thumbnail are stored; undefined where it cannot be read. */
export function tiffHeader(bytes: Uint8Array) {
  return headersOf(bytes)[firstWhole(bytes).page];
}

/** The number of that page, from 0, and of how many that are whole it is the first. */
export function firstWhole(bytes: Uint8Array): { readonly page: number; readonly pages: number } {
  const whole = headersOf(bytes).map((header) => (Number(header.get('NewSubfileType') ?? 0) & REDUCED) === 0);
  return { page: Math.max(0, whole.indexOf(true)), pages: whole.filter(Boolean).length };
}

/** Pages that are looked at: thumbnails come first, and a file may lie. */
const LOOKED_AT = 100;

function headersOf(bytes: Uint8Array) {
  try {
    const pages = [...Array(Math.min(LOOKED_AT, pagesIn(bytes))).keys()];
    return pages.length > 0 ? decode(bytes, { pages, ignoreImageData: true }) : [];
  } catch {
    return [];
  }
}

/** Directories, each of which says where the next one is; of some files it is one that came before. */
function pagesIn(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = bytes[0] === LITTLE;
  const seen = new Set<number>();
  for (let at = view.getUint32(4, little); at > 0 && at + 2 <= bytes.length && !seen.has(at); ) {
    seen.add(at);
    const end = at + 2 + 12 * view.getUint16(at, little);
    at = end + 4 <= bytes.length ? view.getUint32(end, little) : 0;
  }
  return seen.size;
}

/** Of RGB with several more channels, as of selections that were saved: how many, and which is alpha; undefined: at most one. */
export function moreChannels(
  bytes: Uint8Array,
): { readonly count: number; readonly alphaAt?: number } | undefined {
  const header = tiffHeader(bytes);
  const extra = Array.from((header?.get('ExtraSamples') ?? []) as ArrayLike<number>);
  if (header?.type !== RGB || extra.length < 2) return undefined;
  const alpha = extra.findIndex((kind) => ALPHA.includes(kind));
  return { count: extra.length - (alpha < 0 ? 0 : 1), ...(alpha < 0 ? {} : { alphaAt: 3 + alpha }) };
}

/** Compressions that are read: none, CCITT's, LZW, JPEG, Deflate (two numbers), PackBits, WebP. */
const READ = new Set([1, 2, 3, 4, 5, 7, 8, 32773, 32946, 50001]);
const NAMES: Readonly<Record<number, string>> = {
  6: 'JPEG of the old kind',
  34712: 'JPEG 2000',
  34887: 'LERC',
  34925: 'LZMA',
  50000: 'Zstandard',
  50002: 'JPEG XL',
};
/** SampleFormat: 3 = float; 5 and 6 = complex numbers. */
const FLOAT = 3;
const COMPLEX = [5, 6];
/** Bits of samples that are read, integers and floats. */
const BITS = { integer: new Set([1, 2, 4, 8, 16, 32]), float: new Set([16, 32, 64]) } as const;

/** Why a TIFF that could not be read is no damaged one, and how to save it; undefined where its kind is no reason. */
export function rareTiff(bytes: Uint8Array): string | undefined {
  const header = tiffHeader(bytes);
  if (!header) return undefined;
  const { compression, sampleFormat: format, bitsPerSample: bits, planarConfiguration, tiled } = header;
  if (!READ.has(compression))
    return `it is a TIFF compressed with ${NAMES[compression] ?? `method ${compression}`}, which is not read here; save it uncompressed, or with LZW or Deflate`;
  const as = 'save it with 8 or 16 bits, or as floats of 32 bits';
  if (COMPLEX.includes(format)) return `it is a TIFF of complex numbers, which are not read here; ${as}`;
  const kind = format === FLOAT ? 'float' : 'integer';
  if (!BITS[kind].has(bits))
    return `it is a TIFF of ${kind} samples of ${bits} bits, which are not read here; ${as}`;
  if (planarConfiguration === 2 && (tiled || bits > 32))
    return 'it is a TIFF whose colours lie in separate planes, which is not read here in tiles or of 64 bits; save it with the colours of a pixel side by side';
  if (bits > 32)
    return `it is a TIFF of ${kind} samples of ${bits} bits, in tiles or with a predictor, which is not read here; ${as}`;
  return undefined;
}
