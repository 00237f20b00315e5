import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { QUALITIES, type Quality } from '../../engine/choices.ts';
import { InvalidOptionError } from '../../engine/errors.ts';
import { applyTables } from '../../engine/image/axis-table.ts';
import { toPicture, toPlanes } from '../../engine/image/picture.ts';
import { premultiply } from '../../engine/image/premultiply.ts';
import { areaTable, resize } from '../../engine/image/resize.ts';
import { psnr } from '../../engine/metrics.ts';
import type { PlanarImage } from '../../engine/options.ts';
import { restore } from '../../engine/restore.ts';
import { nodeHost } from '../../node/host.ts';
import { writeImage } from '../../node/image-file.ts';
import { number } from '../../shared/number-argument.ts';
import { list, run } from '../command.ts';
import type { Cell } from '../corpus/sheet.ts';
import { DAMAGE_NAMES, type DamageName, damaged } from '../harm/damages.ts';
import { type Asset, drawAssets, SETS } from './assets.ts';
import { cellOf, pageOf } from './sheet.ts';

interface Flags {
  scales: string;
  qualities: string;
  set: keyof typeof SETS;
  damages: string;
  seed: number;
  only?: string;
  pictures?: string;
  sheet?: string;
}

/** dB: what is told apart no more, so that one exact result does not outweigh all the others. */
const MOST = 50;

run(
  new Command('assets')
    .description('Enlarge drawings, and compare with the same drawings rendered at that size.')
    .option('--set <name>', `which: ${Object.keys(SETS).join(', ')}`, 'forty')
    .option('--damages <list>', `done to them before: of ${DAMAGE_NAMES.join(',')}`, 'none')
    .option('--scales <list>', 'factors', '2,4')
    .option('--qualities <list>', `of ${QUALITIES.join(',')}`, 'fast,balanced')
    .option('--seed <n>', 'another seed draws other words, colours, sizes and shapes', number, 0)
    .option('--only <list>', 'only drawings whose name contains one of these')
    .option('--pictures <folder>', 'write drawings and results there')
    .option('--sheet <file>', 'write a PNG of a part of each: Lanczos3, each quality, rendered at that size')
    .action(measureAll),
);

async function measureAll(flags: Flags): Promise<void> {
  if (!(flags.set in SETS)) throw InvalidOptionError.of('--set', Object.keys(SETS).join(' or '), flags.set);
  if (flags.pictures !== undefined) await mkdir(flags.pictures, { recursive: true });
  const cells: Cell[] = [];
  for (const scale of list(flags.scales).map(Number))
    for (const damage of list(flags.damages) as DamageName[]) {
      if (!DAMAGE_NAMES.includes(damage))
        throw InvalidOptionError.of('--damages', `some of ${DAMAGE_NAMES.join(',')}`, damage);
      const what = damage === 'none' ? `×${scale}` : `×${scale} ${damage}`;
      const rows = await measure({ ...flags, scale, damage, what, cells });
      console.log(summaryOf(rows, what));
    }
  if (flags.sheet !== undefined) await writeFile(flags.sheet, await pageOf(cells));
}

/** dB of each method, of one drawing. */
type Row = Readonly<Record<string, number>>;

interface Case extends Flags {
  readonly scale: number;
  readonly damage: DamageName;
  readonly what: string;
  /** What is shown is added to these. */
  readonly cells: Cell[];
}

async function measure({ set, scale, damage, what, seed, ...flags }: Case): Promise<Row[]> {
  const wanted = flags.only === undefined ? undefined : list(flags.only);
  const rows: Row[] = [];
  for await (const drawn of drawAssets(set, scale, seed)) {
    if (wanted && !wanted.some((part) => drawn.name.includes(part))) continue;
    const asset = { ...drawn, small: await damaged(drawn.small, damage, seed) };
    const results = await resultsOf(asset, scale, flags);
    const row = Object.fromEntries(
      Object.entries(results).map(([method, result]) => [
        method,
        Math.min(MOST, psnr(onGrey(result), onGrey(asset.large))),
      ]),
    );
    const off = Object.fromEntries(
      Object.entries({ ...results, truth: asset.large }).map(([method, result]) => [
        method,
        meansOff(result, asset.small),
      ]),
    );
    console.log(`${what} ${asset.name}: ${said(row)}; means off by ${said(off)} levels`);
    rows.push(row);
    if (flags.pictures !== undefined) {
      const name = (method: string) =>
        join(flags.pictures!, `${asset.name}-${damage}-x${scale}-${method}.png`);
      for (const [method, result] of Object.entries({ ...results, truth: asset.large }))
        await writeImage(name(method), result, asset.large.format);
    }
    const { bicubic: _, ...shown } = results;
    if (flags.sheet !== undefined)
      flags.cells.push(cellOf(`${asset.name}: ${said(row)}`, [...Object.values(shown), asset.large], scale));
  }
  return rows;
}

async function resultsOf(
  { small, large }: Asset,
  scale: number,
  { qualities }: Pick<Flags, 'qualities'>,
): Promise<Record<string, PlanarImage>> {
  const plain = (filter: 'bicubic' | 'lanczos3') =>
    toPlanes(resize(toPicture(small), large.width, large.height, filter));
  const results: Record<string, PlanarImage> = { bicubic: plain('bicubic'), lanczos3: plain('lanczos3') };
  const host = await nodeHost('wasm');
  const file = small.file ? { file: small.file } : {};
  for (const quality of list(qualities) as Quality[]) {
    const how = { task: 'upscale', executor: 'wasm', previewEveryMs: 0 } as const;
    results[quality] = (await restore(small, { ...how, ...file, scale, quality, host })).image;
  }
  return results;
}

function summaryOf(rows: readonly Row[], what: string): string {
  const mean = (method: string) => rows.reduce((sum, row) => sum + row[method], 0) / rows.length;
  return Object.keys(rows[0])
    .map((method) => {
      const over = rows.map((row) => row[method] - row.bicubic);
      const [gain, least] = [mean(method) - mean('lanczos3'), Math.min(...over)];
      return `${what} ${method}: ${mean(method).toFixed(2)} dB, ${gain.toFixed(2)} over Lanczos3, at least ${least.toFixed(2)} over bicubic`;
    })
    .join('\n');
}

/** How far the means over a drawing's pixels are from it, in the mean, in 1/255; colours multiplied by alpha. */
function meansOff(result: PlanarImage, small: PlanarImage): number {
  const [{ colour, channels, ...size }, target] = [result, small].map((image) =>
    premultiply(toPicture(image)),
  );
  const tables = [areaTable(size.height, small.height), areaTable(size.width, small.width)] as const;
  const means = applyTables(colour, channels, ...tables);
  return (255 * means.reduce((sum, mean, i) => sum + Math.abs(mean - target.colour[i]), 0)) / means.length;
}

const said = (row: Record<string, number>) =>
  Object.entries(row)
    .map(([method, value]) => `${method} ${value.toFixed(2)}`)
    .join(', ');

/** Laid over middle grey, as three planes: what is transparent has no colour to compare. */
function onGrey({ planes, width, height }: PlanarImage): PlanarImage {
  const alpha = planes.length === 4 ? planes[3] : undefined;
  const colours = planes.length === 1 ? [planes[0], planes[0], planes[0]] : planes.slice(0, 3);
  const over = (plane: Float32Array) =>
    alpha ? plane.map((value, i) => alpha[i] * value + (1 - alpha[i]) * 0.5) : plane;
  return { planes: colours.map(over), width, height };
}
