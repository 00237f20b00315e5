import { chunksOf } from './png-chunks.ts';

// What a PNG without a profile says about its colours: cICP, or gAMA and cHRM (PNG specification, third edition, 11.3.2).

/** CIE x and y of white, red, green and blue. */
type Primaries = readonly number[];
type Matrix = readonly (readonly [number, number, number])[];

const SRGB: Primaries = [0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06];
/**
 * The exponent that stands for sRGB: others are taken relative to it, as viewers do, although sRGB's own curve is not quite
 * a power. How far off it is still sRGB.
 */
const SRGB_GAMMA = { value: 1 / 2.2, within: 0.01 } as const;
/** Chromaticities this near sRGB's are sRGB's. */
const CHROMATICITY = 0.005;
/** Exponents beyond this one and its inverse are mistakes, e.g. of the decimal point. */
const LEAST_GAMMA = 0.1;
/** Twice the area between white and two primaries: sRGB's are .03 to .08. */
const LEAST_AREA = 1e-3;
/** Bradford's cone responses, in which one white is brought to another. */
const CONES: Matrix = [
  [0.8951, 0.2664, -0.1614],
  [-0.7502, 1.7135, 0.0367],
  [0.0389, -0.0685, 1.0296],
];

/** Of cICP's numbers (ITU-T H.273): primaries other than sRGB's, transfers that are powers other than about sRGB's, and those for HDR. */
const CICP_PRIMARIES: Readonly<Record<number, Primaries>> = {
  9: [0.3127, 0.329, 0.708, 0.292, 0.17, 0.797, 0.131, 0.046],
  12: [0.3127, 0.329, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06],
};
const CICP_GAMMAS: Readonly<Record<number, number>> = { 5: 1 / 2.8, 8: 1 };
const HDR: Readonly<Record<number, string>> = { 16: 'PQ', 18: 'HLG' };

interface PngColour {
  /** Sample = light ** gamma. */
  readonly gamma: number;
  readonly primaries?: Primaries;
}

/** Undefined where the samples are sRGB, are said to be by a chunk that has precedence, or nothing is said. */
export function pngColourOf(bytes: Uint8Array): PngColour | undefined {
  const chunks = chunksOf(bytes);
  const cicp = chunks.get('cICP');
  if (cicp?.byteLength === 4 && !chunks.has('iCCP')) return ofCicp(cicp.getUint8(0), cicp.getUint8(1));
  if (['sRGB', 'iCCP'].some((name) => chunks.has(name))) return undefined;
  const gamma = numbersIn(chunks.get('gAMA'), 1)?.[0] ?? 0;
  if (gamma < LEAST_GAMMA || gamma > 1 / LEAST_GAMMA) return undefined;
  const given = primariesIn(numbersIn(chunks.get('cHRM'), 8));
  const usual = !given || given.every((value, i) => Math.abs(value - SRGB[i]) <= CHROMATICITY);
  const colour = { gamma, ...(usual ? {} : { primaries: given }) };
  return usual && Math.abs(colour.gamma - SRGB_GAMMA.value) <= SRGB_GAMMA.within ? undefined : colour;
}

function ofCicp(primary: number, transfer: number): PngColour | undefined {
  const [primaries, gamma] = [CICP_PRIMARIES[primary], CICP_GAMMAS[transfer]];
  if (HDR[transfer] || (!primaries && !gamma)) return undefined;
  return { gamma: gamma ?? SRGB_GAMMA.value, ...(primaries ? { primaries } : {}) };
}

/** What kind of HDR screen a PNG is for; undefined = none. */
export function hdrOf(bytes: Uint8Array): string | undefined {
  const cicp = chunksOf(bytes).get('cICP');
  return cicp && cicp.byteLength > 1 ? HDR[cicp.getUint8(1)] : undefined;
}

/** The numbers of a chunk of that many; undefined where it holds others. */
function numbersIn(chunk: DataView | undefined, count: number): number[] | undefined {
  if (chunk?.byteLength !== 4 * count) return undefined;
  return Array.from({ length: count }, (_, i) => chunk.getUint32(4 * i) / 1e5);
}

/** Primaries that span colours: white within their triangle. Others mean nothing. */
function primariesIn(given: number[] | undefined): Primaries | undefined {
  if (!given) return undefined;
  const [wx, wy, rx, ry, gx, gy, bx, by] = given;
  const area = (x1: number, y1: number, x2: number, y2: number) =>
    (x1 - wx) * (y2 - wy) - (x2 - wx) * (y1 - wy);
  const areas = [area(rx, ry, gx, gy), area(gx, gy, bx, by), area(bx, by, rx, ry)];
  const spans = areas.every((a) => a > LEAST_AREA) || areas.every((a) => a < -LEAST_AREA);
  return spans && [wy, ry, gy, by].every((y) => y > 0) ? given : undefined;
}

/** Converts the colour planes of such a PNG to sRGB, in place; planes beyond the third are alpha. */
export function toSrgb(planes: readonly Float32Array[], { gamma, primaries }: PngColour): void {
  const colours = planes.slice(0, 3);
  const matrix = primaries && colours.length === 3 ? conversion(primaries) : undefined;
  for (let i = 0; i < colours[0].length; i++) {
    const light = colours.map((plane) => plane[i] ** (1 / gamma));
    const converted = matrix ? apply(matrix, light) : light;
    colours.forEach((plane, c) => {
      plane[i] = Math.min(1, Math.max(0, converted[c])) ** SRGB_GAMMA.value;
    });
  }
}

/** Light of these primaries → light of sRGB's, white to white. */
function conversion(primaries: Primaries): Matrix {
  const toCones = (white: readonly number[]) => apply(CONES, xyz(white[0], white[1]));
  const [from, to] = [toCones(primaries), toCones(SRGB)];
  const scale: Matrix = [
    [to[0] / from[0], 0, 0],
    [0, to[1] / from[1], 0],
    [0, 0, to[2] / from[2]],
  ];
  const adapt = multiply(inverse(CONES), multiply(scale, CONES));
  return multiply(inverse(toXyz(SRGB)), multiply(adapt, toXyz(primaries)));
}

/** Of brightness 1. */
const xyz = (x: number, y: number): readonly [number, number, number] => [x / y, 1, (1 - x - y) / y];

/** Light of these primaries → CIE XYZ. */
function toXyz([wx, wy, ...rgb]: Primaries): Matrix {
  const columns = [0, 2, 4].map((i) => xyz(rgb[i], rgb[i + 1]));
  const basis = [0, 1, 2].map((row) => [columns[0][row], columns[1][row], columns[2][row]] as const);
  const share = apply(inverse(basis), xyz(wx, wy));
  return basis.map(([r, g, b]) => [r * share[0], g * share[1], b * share[2]] as const);
}

function apply(matrix: Matrix, v: readonly number[]): [number, number, number] {
  const row = (r: number) => matrix[r][0] * v[0] + matrix[r][1] * v[1] + matrix[r][2] * v[2];
  return [row(0), row(1), row(2)];
}

function multiply(a: Matrix, b: Matrix): Matrix {
  return a.map((row) =>
    apply(
      [0, 1, 2].map((c) => [b[0][c], b[1][c], b[2][c]] as const),
      row,
    ),
  );
}

function inverse(m: Matrix): Matrix {
  const minor = (r: number, c: number) => {
    const [r1, r2, c1, c2] = [(r + 1) % 3, (r + 2) % 3, (c + 1) % 3, (c + 2) % 3];
    return m[r1][c1] * m[r2][c2] - m[r1][c2] * m[r2][c1];
  };
  const determinant = m[0][0] * minor(0, 0) + m[0][1] * minor(0, 1) + m[0][2] * minor(0, 2);
  return [0, 1, 2].map(
    (r) => [minor(0, r) / determinant, minor(1, r) / determinant, minor(2, r) / determinant] as const,
  );
}
