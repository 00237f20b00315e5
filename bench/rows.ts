import type { Measurement } from './measure.ts';

/** One line of the benchmark, as printed and as --json gives it. */
export interface Row extends Measurement {
  readonly executor: string;
  readonly net: string;
  /** Side of the square image, px. */
  readonly size: number;
  readonly gflops: number;
}

export function table(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.executor,
    row.net,
    `${row.size}²`,
    row.msPerStep.toFixed(row.msPerStep < 100 ? 1 : 0),
    row.gflops.toFixed(1),
    row.dispatches?.toString() ?? '–',
    row.bytes === null ? '–' : (row.bytes / 2 ** 20).toFixed(0),
    row.longestTaskMs?.toFixed(0) ?? '–',
    row.adapter,
  ]);
  const head = ['executor', 'net', 'size', 'ms/step', 'GFLOP/s', 'dispatches', 'MiB', 'task ms', 'adapter'];
  const widths = head.map((title, i) => Math.max(title.length, ...cells.map((row) => row[i].length)));
  return [head, ...cells]
    .map((row) =>
      row.map((cell, i) => (i > 1 && i < 8 ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join('  '),
    )
    .join('\n');
}
