import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { QUALITIES, type Quality } from '../../engine/choices.ts';
import { toPicture, toPlanes } from '../../engine/image/picture.ts';
import { resize } from '../../engine/image/resize.ts';
import { psnr } from '../../engine/metrics.ts';
import type { PlanarImage } from '../../engine/options.ts';
import { restore } from '../../engine/restore.ts';
import { nodeHost } from '../../node/host.ts';
import { writeImage } from '../../node/image-file.ts';
import { number } from '../../shared/number-argument.ts';
import { list, run } from '../command.ts';
import type { Cell } from '../corpus/sheet.ts';
import { type Asset, drawAssets } from './assets.ts';
import { cellOf, pageOf } from './sheet.ts';

interface Flags {
  scales: string;
  qualities: string;
  seed: number;
  only?: string;
  pictures?: string;
  sheet?: string;
}

/** dB: what is told apart no more, so that one exact result does not outweigh all the others. */
const MOST = 50;

run(
  new Command('assets')
    .description('Enlarge forty drawings, and compare with the same drawings rendered at that size.')
    .option('--scales <list>', 'factors', '2,4')
    .option('--qualities <list>', `of ${QUALITIES.join(',')}`, 'fast,balanced')
    .option('--seed <n>', 'another seed draws other words, colours, sizes and shapes', number, 0)
    .option('--only <list>', 'only drawings whose name contains one of these')
    .option('--pictures <folder>', 'write drawings and results there')
    .option('--sheet <file>', 'write a PNG of a part of each: Lanczos3, each quality, rendered at that size')
    .action(measureAll),
);

async function measureAll({ scales, qualities, seed, only, pictures, sheet }: Flags): Promise<void> {
  const host = await nodeHost('wasm');
  const wanted = only === undefined ? undefined : list(only);
  if (pictures !== undefined) await mkdir(pictures, { recursive: true });
  const cells: Cell[] = [];
  for (const scale of list(scales).map(Number)) {
    const rows: Record<string, number>[] = [];
    for await (const asset of drawAssets(scale, seed)) {
      if (wanted && !wanted.some((part) => asset.name.includes(part))) continue;
      const row: Record<string, number> = {};
      const shown: PlanarImage[] = [];
      const write = async (what: string, image: PlanarImage) => {
        if (pictures === undefined) return;
        const path = join(pictures, `${asset.name}-x${scale}-${what}.png`);
        await writeImage(path, image, asset.large.format);
      };
      const judge = async (method: string, result: PlanarImage) => {
        row[method] = Math.min(MOST, psnr(onGrey(result), onGrey(asset.large)));
        if (method !== 'bicubic') shown.push(result);
        await write(method, result);
      };
      for (const filter of ['bicubic', 'lanczos3'] as const) await judge(filter, plain(asset, filter));
      for (const quality of list(qualities) as Quality[]) {
        const options = {
          task: 'upscale',
          scale,
          quality,
          host,
          executor: 'wasm',
          previewEveryMs: 0,
        } as const;
        await judge(quality, (await restore(asset.small, options)).image);
      }
      console.log(`×${scale} ${asset.name}: ${said(row)}`);
      rows.push(row);
      await write('truth', asset.large);
      if (sheet !== undefined)
        cells.push(cellOf(`${asset.name}: ${said(row)}`, [...shown, asset.large], scale));
    }
    const mean = (method: string) => rows.reduce((sum, row) => sum + row[method], 0) / rows.length;
    for (const method of Object.keys(rows[0])) {
      const over = rows.map((row) => row[method] - row.bicubic);
      const [gain, least] = [mean(method) - mean('lanczos3'), Math.min(...over)];
      console.log(
        `×${scale} ${method}: ${mean(method).toFixed(2)} dB, ${gain.toFixed(2)} over Lanczos3, at least ${least.toFixed(2)} over bicubic`,
      );
    }
  }
  if (sheet !== undefined) await writeFile(sheet, await pageOf(cells));
}

const said = (row: Record<string, number>) =>
  Object.entries(row)
    .map(([method, value]) => `${method} ${value.toFixed(2)}`)
    .join(', ');

function plain({ small, large }: Asset, filter: 'bicubic' | 'lanczos3'): PlanarImage {
  return toPlanes(resize(toPicture(small), large.width, large.height, filter));
}

/** Laid over middle grey, as three planes: what is transparent has no colour to compare. */
function onGrey({ planes, width, height }: PlanarImage): PlanarImage {
  const alpha = planes.length === 4 ? planes[3] : undefined;
  const colours = planes.length === 1 ? [planes[0], planes[0], planes[0]] : planes.slice(0, 3);
  const over = (plane: Float32Array) =>
    alpha ? plane.map((value, i) => alpha[i] * value + (1 - alpha[i]) * 0.5) : plane;
  return { planes: colours.map(over), width, height };
}
