/** The 8×8 cosine transform of JPEG (ITU-T T.81, A.3.3), orthonormal, in place; in factors of even and odd parts. */
export const SIDE = 8;
/** Samples of a block. */
export const AREA = SIDE * SIDE;

const cosine = (k: number) => Math.cos((k * Math.PI) / 16) / 2;
const C1 = cosine(1);
const C2 = cosine(2);
const C3 = cosine(3);
const C4 = cosine(4);
const C5 = cosine(5);
const C6 = cosine(6);
const C7 = cosine(7);

/** A block [8, 8], starting at `at`, becomes its coefficients [vertical frequency, horizontal frequency]. */
export function dct(block: Float64Array, at = 0): void {
  if (isEven(block, at)) {
    const mean = evenSum(evenSum(block[at]));
    block.fill(0, at, at + AREA);
    block[at] = mean;
    return;
  }
  for (let i = 0; i < SIDE; i++) forward(block, at + i * SIDE, 1);
  for (let i = 0; i < SIDE; i++) forward(block, at + i, SIDE);
}

/** Coefficients become the block again; columns of zeros stay as they are, of which quantised blocks have many. */
export function inverseDct(block: Float64Array, at = 0): void {
  for (let i = 0; i < SIDE; i++) if (!isEmpty(block, at + i)) inverse(block, at + i, SIDE);
  for (let i = 0; i < SIDE; i++) inverse(block, at + i * SIDE, 1);
}

/** The first coefficient of eight equal samples, rounded as by `forward`; the others are 0. */
const evenSum = (x: number) => C4 * (x + x + (x + x) + (x + x) + (x + x));

/** Whether all samples are the same: of flat drawings most blocks. */
function isEven(block: Float64Array, at: number): boolean {
  const value = block[at];
  for (let i = at + 1; i < at + AREA; i++) if (block[i] !== value) return false;
  return true;
}

function isEmpty(block: Float64Array, column: number): boolean {
  for (let i = column; i < column + AREA; i += SIDE) if (block[i] !== 0) return false;
  return true;
}

function forward(x: Float64Array, at: number, by: number): void {
  const i1 = at + by;
  const i2 = i1 + by;
  const i3 = i2 + by;
  const i4 = i3 + by;
  const i5 = i4 + by;
  const i6 = i5 + by;
  const i7 = i6 + by;
  const s0 = x[at] + x[i7];
  const d0 = x[at] - x[i7];
  const s1 = x[i1] + x[i6];
  const d1 = x[i1] - x[i6];
  const s2 = x[i2] + x[i5];
  const d2 = x[i2] - x[i5];
  const s3 = x[i3] + x[i4];
  const d3 = x[i3] - x[i4];
  x[at] = C4 * (s0 + s1 + s2 + s3);
  x[i4] = C4 * (s0 - s1 - s2 + s3);
  x[i2] = C2 * (s0 - s3) + C6 * (s1 - s2);
  x[i6] = C6 * (s0 - s3) - C2 * (s1 - s2);
  x[i1] = C1 * d0 + C3 * d1 + C5 * d2 + C7 * d3;
  x[i3] = C3 * d0 - C7 * d1 - C1 * d2 - C5 * d3;
  x[i5] = C5 * d0 - C1 * d1 + C7 * d2 + C3 * d3;
  x[i7] = C7 * d0 - C5 * d1 + C3 * d2 - C1 * d3;
}

function inverse(x: Float64Array, at: number, by: number): void {
  const i1 = at + by;
  const i2 = i1 + by;
  const i3 = i2 + by;
  const i4 = i3 + by;
  const i5 = i4 + by;
  const i6 = i5 + by;
  const i7 = i6 + by;
  const x1 = x[i1];
  const x3 = x[i3];
  const x5 = x[i5];
  const x7 = x[i7];
  const e0 = C4 * (x[at] + x[i4]);
  const e1 = C4 * (x[at] - x[i4]);
  const e2 = C2 * x[i2] + C6 * x[i6];
  const e3 = C6 * x[i2] - C2 * x[i6];
  const d0 = C1 * x1 + C3 * x3 + C5 * x5 + C7 * x7;
  const d1 = C3 * x1 - C7 * x3 - C1 * x5 - C5 * x7;
  const d2 = C5 * x1 - C1 * x3 + C7 * x5 + C3 * x7;
  const d3 = C7 * x1 - C5 * x3 + C3 * x5 - C1 * x7;
  x[at] = e0 + e2 + d0;
  x[i7] = e0 + e2 - d0;
  x[i1] = e1 + e3 + d1;
  x[i6] = e1 + e3 - d1;
  x[i2] = e1 - e3 + d2;
  x[i5] = e1 - e3 - d2;
  x[i3] = e0 - e2 + d3;
  x[i4] = e0 - e2 - d3;
}
