import { join } from 'node:path';
import { Command } from 'commander';
import { type Defects, findDefects, withOverlays } from '../../engine/defects/find.ts';
import { type FileImage, readImage } from '../../node/image-file.ts';
import { number } from '../../shared/number-argument.ts';
import { findImages } from '../cases.ts';
import { list, run } from '../command.ts';
import { MARK_KINDS, type MarkKind, marked } from './marks.ts';
import { add, type Counts, compared, NOTHING, shareOf } from './measure.ts';
import { OVERLAY_KINDS, type OverlayKind, written } from './overlays.ts';

interface Flags {
  readonly kinds: string;
  readonly pictures?: string;
  readonly seed: number;
}

const UNDAMAGED = 'none';

run(
  new Command('defects')
    .description(
      'Draw scratches, dust, hairs and folds, cracks (on a toned print of each), or writing, on every image of a folder, and tell how much is found.',
    )
    .argument('<folder>', 'undamaged photographs')
    .option(
      '--kinds <list>',
      `of ${[UNDAMAGED, ...MARK_KINDS, ...OVERLAY_KINDS].join(',')}`,
      [UNDAMAGED, ...MARK_KINDS.filter((kind) => kind !== 'cracks')].join(','),
    )
    .option('--pictures <list>', 'only pictures whose path contains one of these')
    .option('--seed <n>', 'other marks for every seed', number, 0)
    .action(measureAll),
);

async function measureAll(folder: string, { kinds, pictures, seed }: Flags): Promise<void> {
  const wanted = pictures === undefined ? undefined : list(pictures);
  const images = (await findImages(folder)).filter(
    (path) => wanted?.some((part) => path.includes(part)) ?? true,
  );
  let all = NOTHING;
  for (const kind of list(kinds)) {
    let sum = NOTHING;
    for (const name of images) {
      const counts = await measure(await opaque(join(folder, name)), kind, name, seed);
      console.log(`${kind} ${name}: ${words(counts, kind)}`);
      sum = add(sum, counts);
    }
    console.log(`| ${kind} | ${images.length} | ${words(sum, kind)} |`);
    if (kind !== UNDAMAGED && !isOverlay(kind)) all = add(all, sum);
  }
  console.log(`| all marks | | ${words(all, 'all')} |`);
}

async function measure(image: FileImage, kind: string, name: string, seed: number): Promise<Counts> {
  if (isOverlay(kind)) {
    const { image: damaged, covered, visible } = await written(image, kind, name, seed);
    return compared(maskOfOverlays(findDefects(damaged)), covered, visible);
  }
  if (kind !== UNDAMAGED) {
    const { image: damaged, covered, visible } = await marked(image, kind as MarkKind, name, seed);
    return compared(findDefects(damaged).mask, covered, visible);
  }
  const nothing = new Uint8Array(image.width * image.height);
  const found = findDefects(image);
  if (found.overlays.length > 0) console.log(`${name}: writing is seen where there is none`);
  return compared(found.mask, nothing, nothing);
}

const isOverlay = (kind: string): kind is OverlayKind => OVERLAY_KINDS.some((one) => one === kind);

const maskOfOverlays = ({ mask, overlays }: Defects) =>
  withOverlays({ mask: { ...mask, data: new Uint8Array(mask.data.length).fill(255) }, overlays });

/** Colour alone, as 8-bit files hold it. */
async function opaque(path: string): Promise<FileImage> {
  const { file: _, ...image } = await readImage(path);
  const planes = image.planes.slice(0, image.format.grey ? 1 : 3);
  const rounded = planes.map((plane) => plane.map((value) => Math.round(255 * value) / 255));
  return { ...image, planes: rounded, format: { ...image.format, bits: 8, alpha: false } };
}

const words = (counts: Counts, kind: string): string =>
  kind === UNDAMAGED
    ? `false area ${(100 * shareOf(counts.found, counts.pixels)).toFixed(3)} %`
    : `precision ${shareOf(counts.right, counts.found).toFixed(3)}, recall ${shareOf(counts.hit, counts.visible).toFixed(3)}`;
