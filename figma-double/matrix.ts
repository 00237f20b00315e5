/** The double's own matrices, in the typings' layout: deliberately not the plugin's code, which it is there to check. */
export type Matrix = readonly [readonly [number, number, number], readonly [number, number, number]];

export const UNIT: Matrix = [
  [1, 0, 0],
  [0, 1, 0],
];

export function matrixOf(value: unknown): Matrix {
  return (value as Matrix | undefined) ?? UNIT;
}

export function multiply(m: Matrix, n: Matrix): Matrix {
  const row = (r: readonly [number, number, number]): [number, number, number] => [
    r[0] * n[0][0] + r[1] * n[1][0],
    r[0] * n[0][1] + r[1] * n[1][1],
    r[0] * n[0][2] + r[1] * n[1][2] + r[2],
  ];
  return [row(m[0]), row(m[1])];
}

export function inverse([[a, b, x], [c, d, y]]: Matrix): Matrix {
  const det = a * d - b * c;
  const [ia, ib, ic, id] = [d / det, -b / det, -c / det, a / det];
  return [
    [ia, ib, -(ia * x + ib * y)],
    [ic, id, -(ic * x + id * y)],
  ];
}

export function at([[a, b, x], [c, d, y]]: Matrix, px: number, py: number): [number, number] {
  return [a * px + b * py + x, c * px + d * py + y];
}

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export function around(points: readonly (readonly [number, number])[]): Box | null {
  if (points.length === 0) return null;
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

export function cornersOf(matrix: Matrix, width: number, height: number): [number, number][] {
  return [at(matrix, 0, 0), at(matrix, width, 0), at(matrix, width, height), at(matrix, 0, height)];
}
