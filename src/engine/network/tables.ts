import { type AxisTable, clampIndex, tableFromRows } from '../image/axis-table.ts';

/** ×2 up-sampling of n samples, cropped about the centre to `outputs` (2n − 1 or 2n, as the skip branch needs). */
export function upsampleTable(mode: 'nearest' | 'bilinear', n: number, outputs: number): AxisTable {
  const offset = Math.floor((2 * n - outputs) / 2);
  const rows = Array.from({ length: outputs }, (_, i): [number, number][] => {
    const o = i + offset;
    if (mode === 'nearest') return [[o >> 1, 1]];
    const centre = (o + 0.5) / 2 - 0.5; // half-pixel centres
    const first = Math.floor(centre);
    const t = centre - first;
    return [
      [clampIndex(first, n), 1 - t],
      [clampIndex(first + 1, n), t],
    ];
  });
  return tableFromRows(`${mode} ×2`, n, rows);
}

/** Mean of each 2 samples (the last alone when n is odd). */
export function averageTable(n: number): AxisTable {
  const rows = Array.from({ length: Math.ceil(n / 2) }, (_, i): [number, number][] =>
    2 * i + 1 < n
      ? [
          [2 * i, 0.5],
          [2 * i + 1, 0.5],
        ]
      : [[2 * i, 1]],
  );
  return tableFromRows('average ÷2', n, rows);
}
