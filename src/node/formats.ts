/** How a file format is told from its first bytes, and what it is called. */
interface Signature {
  readonly name: string;
  matches(head: string): boolean;
}

const starts = (name: string, ...marks: readonly string[]): Signature => ({
  name,
  matches: (head) => marks.some((mark) => head.startsWith(mark)),
});
/** What each of the first bytes may be; undefined = anything. */
const ofCodes = (name: string, codes: readonly (readonly number[] | undefined)[]): Signature => ({
  name,
  matches: (head) => codes.every((allowed, i) => allowed?.includes(head.charCodeAt(i)) ?? true),
});
/** ISO base media files tell their brand after 'ftyp'. */
const brand = (name: string, ...brands: readonly string[]): Signature => ({
  name,
  matches: (head) => head.slice(4, 8) === 'ftyp' && brands.includes(head.slice(8, 12)),
});

const SIGNATURES: readonly Signature[] = [
  starts('JPEG', '\xff\xd8\xff'),
  starts('PNG', '\x89PNG'),
  starts('GIF', 'GIF8'),
  starts('TIFF', 'II*\0', 'MM\0*', 'II+\0', 'MM\0+'),
  { name: 'WebP', matches: (head) => head.startsWith('RIFF') && head.slice(8, 12) === 'WEBP' },
  brand('AVIF', 'avif', 'avis'),
  brand('HEIC', 'heic', 'heix', 'hevc', 'hevx', 'heim', 'heis', 'mif1', 'msf1'),
  starts('BMP', 'BM'),
  { name: 'PNM', matches: (head) => /^P[1-6][\s#]/.test(head) },
  starts('JPEG XL', '\xff\x0a', '\0\0\0\x0cJXL '),
  starts('JPEG 2000', '\0\0\0\x0cjP  ', '\xff\x4f\xff\x51'),
  starts('Photoshop', '8BPS'),
  starts('PDF', '%PDF'),
  { name: 'SVG', matches: (head) => /^(\xef\xbb\xbf)?\s*<(svg|\?xml|!DOCTYPE svg)/.test(head) },
  { name: 'a web page', matches: (head) => /^\s*<(!doctype html|html)/i.test(head) },
  starts('GIMP’s own (XCF)', 'gimp xcf'),
  starts('PostScript', '%!PS'),
  starts('an archive (ZIP)', 'PK\x03\x04'),
  { name: 'a cursor (CUR)', matches: (head) => head.startsWith('\0\0\x02\0') && head[4] !== '\0' },
  starts('an icon (ICO)', '\0\0\x01\0'),
  starts('an icon (ICNS)', 'icns'),
  starts('PFM', 'PF\n', 'Pf\n'),
  starts('PAM', 'P7\n'),
  starts('QOI', 'qoif'),
  starts('DDS', 'DDS '),
  ofCodes('PCX', [[10], [0, 2, 3, 4, 5], [1], [1, 2, 4, 8]]),
  ofCodes('SGI', [[1], [0xda], [0, 1], [1, 2], [0], [1, 2, 3]]),
  // Without a mark of its own: no map of colours where its kind has none, then none of the map's five numbers.
  ofCodes('TGA', [undefined, [0], [2, 3, 10, 11], [0], [0], [0], [0], [0]]),
  starts('OpenEXR', 'v/1\x01'),
  starts('Radiance HDR', '#?RADIANCE'),
  brand('a video', 'isom', 'mp42', 'qt  '),
];

/** The formats that can be read, for sentences. */
export const READABLE = 'JPEG, PNG, WebP, AVIF, TIFF, GIF, BMP and PNM (PBM, PGM, PPM)';

/** The endings of their files, and of HEIC, which is read where there is a program for it. */
export const READABLE_ENDINGS: ReadonlySet<string> = new Set(
  'jpg jpeg jpe jfif png webp avif tif tiff gif bmp pbm pgm ppm pnm heic heif'
    .split(' ')
    .map((name) => `.${name}`),
);

/** What a file is by its first bytes; undefined = unknown. */
export function formatOf(bytes: Uint8Array): string | undefined {
  const head = String.fromCharCode(...bytes.subarray(0, 16));
  return SIGNATURES.find((signature) => signature.matches(head))?.name;
}
