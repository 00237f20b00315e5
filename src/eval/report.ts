import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import type { Row } from './log.ts';
import { table } from './table.ts';

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const unique = <T>(values: readonly T[]) => [...new Set(values)];

/** Markdown: for each kind of damage the mean of each method, then every image. */
export function report(rows: readonly Row[], command: string, device: string): string {
  const date = new Date().toISOString().slice(0, 10);
  const sections = unique(rows.map((row) => row.kind)).map((kind) =>
    section(
      kind,
      rows.filter((row) => row.kind === kind),
    ),
  );
  return [`\`${command}\``, `${date}, ${device}.`, ...sections].join('\n\n');
}

function section(kind: string, rows: readonly Row[]): string {
  const methods = unique(rows.map((row) => row.method));
  const means = methods.map((method) => {
    const own = rows.filter((row) => row.method === method);
    const best = own.flatMap((row) => (row.best ? [row.best.psnr - row.psnr] : []));
    return [
      method,
      mean(own.map((row) => row.psnr)).toFixed(2),
      mean(own.map((row) => row.ssim)).toFixed(3),
      best.length > 0 ? `${mean(best).toFixed(2)} (worst ${Math.max(...best).toFixed(2)})` : '–',
      seconds(mean(own.map((row) => row.seconds))),
      String(own.length),
    ];
  });
  const textures = rows.some((row) => row.texture !== undefined)
    ? [
        table(
          ['image #seed, texture by what is around', ...methods],
          imagesBy(rows, methods, (row) => row.texture),
        ),
      ]
    : [];
  return [
    `#### ${kind}`,
    table(['method', 'PSNR dB', 'SSIM', 'below the run’s best, dB', 'seconds', 'images'], means),
    table(
      ['image #seed, PSNR dB', ...methods],
      imagesBy(rows, methods, (row) => row.psnr),
    ),
    ...textures,
  ].join('\n\n');
}

/** A line an image, with one value for each method. */
function imagesBy(
  rows: readonly Row[],
  methods: readonly string[],
  value: (row: Row) => number | undefined,
): string[][] {
  return unique(rows.map((row) => `${row.image} #${row.seed}`)).map((name) => [
    name,
    ...methods.map((method) => {
      const row = rows.find((r) => `${r.image} #${r.seed}` === name && r.method === method);
      return (row && value(row))?.toFixed(2) ?? '–';
    }),
  ]);
}

const seconds = (s: number) => (s < 10 ? s.toFixed(2) : s.toFixed(0));

/**
 * Puts text between the markers of a section of a Markdown file, which are added at its end when they are not there;
 * what a person wrote around them stays.
 */
export async function writeSection(path: string, name: string, text: string): Promise<void> {
  const [begin, end] = [`<!-- eval ${name} -->`, `<!-- /eval ${name} -->`];
  const old = existsSync(path) ? await readFile(path, 'utf8') : '# Results\n';
  const block = `${begin}\n${text}\n${end}`;
  const [from, to] = [old.indexOf(begin), old.indexOf(end)];
  const fresh =
    from >= 0 && to > from
      ? old.slice(0, from) + block + old.slice(to + end.length)
      : `${old.trimEnd()}\n\n${block}\n`;
  await writeFile(path, fresh);
}
