import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { InvalidOptionError } from '../../engine/errors.ts';
import { writeImage } from '../../node/image-file.ts';
import { number } from '../../shared/number-argument.ts';
import { rgbOfPlanes } from '../../shared/rgb.ts';
import { findImages } from '../cases.ts';
import { list, run } from '../command.ts';
import { type CorpusPicture, cropPhotographs, drawCorpus, KIND_NAMES, type KindName } from './corpus.ts';
import { type Cell, contactSheets } from './sheet.ts';

interface Flags {
  seed: number;
  kinds?: string;
  count?: number;
  photos?: string;
  crops: number;
  sides: string;
}

run(
  new Command('corpus')
    .description('Draw several hundred undamaged pictures of many kinds, and contact sheets of them.')
    .argument('<folder>', 'where to put KIND-NUMBER.png and sheets/PAGE.png')
    .option('--seed <n>', 'another seed draws other words, colours, sizes and shapes', number, 0)
    .option('--kinds <list>', `of ${KIND_NAMES.join(',')}, or '' for none; default: all`)
    .option('--count <n>', 'at most so many of each kind', number)
    .option('--photos <folder>', 'also crops of the photographs in it: photo-NUMBER.png')
    .option('--crops <n>', 'of each photograph', number, 3)
    .option('--sides <shortest-longest>', 'of a crop, px', '128-256')
    .action(write),
);

async function write(folder: string, { seed, kinds, count, photos, crops, sides }: Flags): Promise<void> {
  const sheets = join(folder, 'sheets');
  await mkdir(sheets, { recursive: true });
  const cells: Cell[] = [];
  const pictures = drawCorpus({
    seed,
    ...(kinds === undefined ? {} : { kinds: list(kinds) as KindName[] }),
    ...(count === undefined ? {} : { count }),
  });
  for await (const picture of pictures) cells.push(await save(folder, picture));
  if (photos !== undefined) {
    const paths = (await findImages(photos)).map((path) => join(photos, path));
    const options = { seed, crops, sides: sidesOf(sides) };
    for await (const picture of cropPhotographs(paths, options)) cells.push(await save(folder, picture));
  }
  const pages = await contactSheets(cells);
  await Promise.all(pages.map((page, i) => writeFile(join(sheets, `${i + 1}.png`), page)));
  console.log(`${folder}: ${cells.length} pictures, ${pages.length} contact sheets.`);
}

function sidesOf(text: string): [number, number] {
  const [least, most] = text.split('-').map(Number);
  if (!(least >= 8 && most >= least)) throw InvalidOptionError.of('--sides', '8 or more, as 64-256', text);
  return [least, most];
}

async function save(folder: string, { name, image }: CorpusPicture): Promise<Cell> {
  await writeImage(join(folder, `${name}.png`), image, image.format);
  return { label: name, image: rgbOfPlanes(image) };
}
