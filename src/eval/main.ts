import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { type ExecutorChoice, QUALITIES, type Quality } from '../engine/choices.ts';
import { InvalidOptionError } from '../engine/errors.ts';
import type { PlanarImage } from '../engine/options.ts';
import { writeWhole } from '../node/atomic-write.ts';
import { writeImage } from '../node/image-file.ts';
import { number } from '../shared/number-argument.ts';
import { rgbOfPlanes } from '../shared/rgb.ts';
import type { Panel } from '../shared/side-by-side.ts';
import { type Case, type Crop, findImages, KINDS, makeCase } from './cases.ts';
import { list, run } from './command.ts';
import { flagsOf, openRowLog, type RowLog } from './log.ts';
import { runOwn } from './own.ts';
import { classicalPeers, nothingDone, programPeers, torchStep } from './peers.ts';
import { report, writeSection } from './report.ts';
import { scoresOf } from './scores.ts';
import { stackedSheet } from './sheet.ts';

interface Flags {
  kinds: string;
  images?: string;
  qualities: string;
  seeds: string;
  crop?: string;
  executor: string;
  log: string;
  pictures?: string;
  sheet?: string;
  bestStep?: boolean;
  peers: boolean;
  torch?: string;
  results?: string;
  section: string;
}

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

run(
  new Command('eval')
    .description(
      'Damage every image of a folder in known ways, restore it, and compare with the original and with other methods.',
    )
    .argument('<folder>', 'undamaged images; NAME_mask.png beside NAME.* (white = known) adds a hole to fill')
    .option('--kinds <list>', `of ${KINDS.map((kind) => kind.name).join(',')}`, 'noise,jpeg,missing,text,x4')
    .option('--images <list>', 'only images whose path contains one of these')
    .option('--qualities <list>', `of ${QUALITIES.join(',')}; empty = peers only`, 'fast,balanced,best')
    .option('--seeds <list>', 'damage and run, once for each', '0')
    .option('--crop <x,y,size>', 'a part of each image; one number: a central square of that side')
    .option('--executor <name>', 'as in restore', 'auto')
    .option('--log <file>', 'measurements, one JSON line each; those in it are not repeated', 'eval.jsonl')
    .option('--pictures <folder>', 'write the damaged and restored images there')
    .option(
      '--sheet <file>',
      'what is measured now, damaged and by each method and undamaged, on one page, a PNG file',
    )
    .option('--best-step', 'run again without the stop, for the best PSNR of the same run')
    .option('--no-peers', 'leave out the other methods')
    .option('--torch <script>', 'also time a step of this PyTorch baseline (dip_torch.py --time)')
    .option('--results <file>', 'write the tables into this Markdown file')
    .option('--section <name>', 'the part of it to replace', 'all')
    .action(evaluate),
);

async function evaluate(folder: string, flags: Flags): Promise<void> {
  const log = await openRowLog(flags.log);
  const wanted = flags.images === undefined ? undefined : list(flags.images);
  const images = (await findImages(folder)).filter((path) => wanted?.some((w) => path.includes(w)) ?? true);
  const kinds = list(flags.kinds).map((name) => {
    const kind = KINDS.find((k) => k.name === name);
    if (!kind) throw InvalidOptionError.of('--kinds', `some of ${KINDS.map((k) => k.name).join(',')}`, name);
    return kind;
  });
  if (flags.pictures !== undefined) await mkdir(flags.pictures, { recursive: true });
  const rows: Panel[][] = [];
  for (const kind of kinds)
    for (const image of images)
      for (const seed of list(flags.seeds).map(Number)) {
        const test = await makeCase(folder, image, kind, seed, cropOf(flags.crop));
        if (!test) continue;
        const shown = await measure(test, flags, log);
        const undamaged = { label: 'undamaged', image: rgbOfPlanes(test.clean) };
        if (shown.length > 0) rows.push([...shown, undamaged]);
      }
  if (flags.sheet !== undefined && rows.length > 0) await writeWhole(flags.sheet, await stackedSheet(rows));
  if (flags.torch !== undefined) await timeTorch(flags.torch, flags.crop);
  if (flags.results !== undefined) {
    const asked = Object.values(flagsOf(flags));
    const shown = log.rows.filter(
      (row) =>
        kinds.some(({ name }) => name === row.kind) &&
        images.includes(row.image) &&
        asked.includes(row.flags),
    );
    await writeSection(flags.results, flags.section, report(shown, commandOf(flags), device()));
  }
}

/** The command as others would give it: with their own folder, and without where things were kept here. */
function commandOf({ kinds, images, qualities, seeds, crop, bestStep }: Flags): string {
  const values = { kinds, images, qualities, seeds, crop };
  const given = Object.entries(values).flatMap(([name, value]) => (value ? [`--${name} ${value}`] : []));
  return ['npm run eval -- FOLDER', ...given, ...(bestStep ? ['--best-step'] : [])].join(' ');
}

function cropOf(text: string | undefined): Crop | number | undefined {
  if (text === undefined) return undefined;
  const parts = text.split(',').map(number);
  if (parts.length === 1) return parts[0];
  if (parts.length === 3) return [parts[0], parts[1], parts[2]];
  throw InvalidOptionError.of('--crop', 'x,y,size or size', text);
}

/** Measures what is not in the log yet; with --sheet, what that looks like. */
async function measure(test: Case, flags: Flags, log: RowLog): Promise<Panel[]> {
  const shown: Panel[] = [];
  const show = (method: string, result: PlanarImage) => {
    if (flags.sheet !== undefined) shown.push({ label: method, image: rgbOfPlanes(result) });
  };
  const { image, seed, clean } = test;
  const about = { kind: test.kind.name, image, seed, width: clean.width, height: clean.height };
  const { others, own } = flagsOf(flags);
  const picture = (method: string) =>
    flags.pictures && join(flags.pictures, `${about.kind}-${basename(image)}-${seed}-${method}.png`);
  if (flags.peers && !log.has({ ...about, flags: others, method: nothingDoneName(test) })) {
    const peers = [
      ...nothingDone(test),
      ...(await classicalPeers(join(root, 'src/eval/peers.py'), test)),
      ...(await programPeers(test)),
    ];
    for (const { peer, image: result, seconds } of peers) {
      await log.add({ ...about, flags: others, method: peer, ...scoresOf(test, result), seconds });
      show(peer, result);
      const path = picture(peer);
      if (path) await writeImage(path, result, test.damaged.format);
    }
    tell(log, about, [others, own]);
  }
  for (const quality of list(flags.qualities) as Quality[]) {
    if (log.has({ ...about, flags: own, method: quality })) continue;
    const executor = flags.executor as ExecutorChoice;
    const { restored, ...facts } = await runOwn(test, quality, { executor }, flags.bestStep ?? false);
    await log.add({ ...about, flags: own, method: quality, ...facts });
    show(quality, restored);
    const path = picture(quality);
    if (path) await writeImage(path, restored, test.damaged.format);
    tell(log, about, [others, own]);
  }
  return shown;
}

/** Always the first peer, so its presence tells that all of them are done. */
const nothingDoneName = ({ kind }: Case) => (kind.damage.downscale === undefined ? 'input' : 'bicubic');

function tell(
  log: RowLog,
  { kind, image, seed }: { kind: string; image: string; seed: number },
  flags: readonly string[],
): void {
  const rows = log.rows.filter(
    (row) => row.kind === kind && row.image === image && row.seed === seed && flags.includes(row.flags),
  );
  const scores = rows.map(({ method, psnr, seconds, best, bestStep }) => {
    const of = best ? ` of ${best.psnr.toFixed(2)} @${best.step}` : '';
    const steps = bestStep === undefined ? '' : ` @${bestStep}${of}, ${seconds.toFixed(1)} s`;
    return `${method} ${psnr.toFixed(2)}${steps}`;
  });
  console.log(`${kind} ${image} #${seed}: ${scores.join(' | ')}`);
}

async function timeTorch(script: string, crop: string | undefined): Promise<void> {
  const parsed = cropOf(crop);
  const side = typeof parsed === 'number' ? parsed : (parsed?.[2] ?? 256);
  const ms = await torchStep(script, side, '128x5');
  if (ms !== undefined) console.log(`PyTorch, 128x5 at ${side}²: ${ms.toFixed(0)} ms a step`);
}

function device(): string {
  return `${availableParallelism()} CPU cores`;
}
