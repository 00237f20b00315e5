import { join } from 'node:path';
import { Command } from 'commander';
import type { Quality, Task } from '../../engine/choices.ts';
import { InvalidOptionError } from '../../engine/errors.ts';
import { nodeHost } from '../../node/host.ts';
import { type FileImage, readImage } from '../../node/image-file.ts';
import { number } from '../../shared/number-argument.ts';
import { findImages } from '../cases.ts';
import { list, run } from '../command.ts';
import { Log } from '../log.ts';
import { DAMAGE_NAMES, DAMAGES, type Damage, type DamageName, damaged } from './damages.ts';
import { diagnose, found, type HarmKey, type HarmRow, outcome } from './measure.ts';
import { confusionTable, harm, harmTable, offenders, PHOTOGRAPHIC } from './report.ts';
import { type Shown, shownOf, writeSheets } from './shown.ts';

interface Flags {
  kinds?: string;
  pictures?: string;
  damages: string;
  qualities: string;
  count?: number;
  maxSeconds?: number;
  task?: string;
  cut?: number;
  seed: number;
  shard: string;
  log?: string;
  sheets?: string;
  all?: boolean;
}

const keyOf = ({ picture, damage, quality, task, cut }: HarmKey) =>
  [picture, damage, quality, task, cut].join(' ');
const kindOf = (picture: string) => picture.replace(/-\d+$/, '');

run(
  new Command('harm')
    .description(
      'Say what is found in every picture of a corpus, undamaged and damaged, and what restoring does to it.',
    )
    .argument('<folder>', 'undamaged pictures KIND-NUMBER.png, as npm run corpus writes them')
    .option('--kinds <list>', 'only these kinds of pictures')
    .option('--pictures <list>', 'only pictures whose name contains one of these')
    .option('--damages <list>', `of ${DAMAGE_NAMES.join(',')}, or all`, 'none')
    .option('--qualities <list>', 'restore at these qualities too; empty: only the findings', '')
    .option('--max-seconds <s>', 'cut each restoration by time', number)
    .option('--cut <share>', 'cut each by this share of the time that it takes whole', number)
    .option(
      '--task <name>',
      'ask for this task, of pictures in which another or none is found; default: auto',
    )
    .option('--seed <n>', 'another seed adds other noise', number, 0)
    .option('--count <n>', 'at most so many pictures of each kind', number)
    .option('--shard <i/n>', 'every nth picture from the ith on, to share the work', '0/1')
    .option('--log <file>', 'measurements, one JSON line each; those in it are not repeated')
    .option(
      '--sheets <folder>',
      'write contact sheets: damaged, restored and undamaged side by side, the worst first',
    )
    .option('--all', 'with --sheets: of all pictures, not only of the harmed ones')
    .action(measureAll),
);

async function measureAll(folder: string, flags: Flags): Promise<void> {
  const log = await Log.open<HarmKey, HarmRow>(flags.log ?? '/dev/null', keyOf);
  const shown: Shown[] = [];
  for (const path of await chosen(folder, flags)) {
    const picture = path.replace(/\.\w+$/, '');
    const clean = await readImage(join(folder, path));
    for (const damage of damagesFor(picture, clean, flags))
      for (const row of await measure({ picture, damage, clean, flags, log, shown })) await log.add(row);
  }
  const { rows } = log;
  console.log(offenders(rows).join('\n'));
  console.log(`\n${confusionTable(rows)}\n`);
  if (rows.some(({ result }) => result)) console.log(`${harmTable(rows)}\n`);
  if (flags.sheets !== undefined) await writeSheets(flags.sheets, shown);
}

async function chosen(folder: string, { kinds, pictures, count = Number.POSITIVE_INFINITY, shard }: Flags) {
  const [own, of] = shard.split('/').map(Number);
  if (!(own >= 0 && own < of)) throw InvalidOptionError.of('--shard', 'i/n with 0 ≤ i < n', shard);
  const seen = new Map<string, number>();
  const all = (await findImages(folder)).filter((path) => !path.includes('/'));
  const wanted = all.filter((path) => {
    const kind = kindOf(path.replace(/\.\w+$/, ''));
    if (kinds !== undefined && !list(kinds).includes(kind)) return false;
    if (pictures !== undefined && !list(pictures).some((part) => path.includes(part))) return false;
    const before = seen.get(kind) ?? 0;
    seen.set(kind, before + 1);
    return before < count;
  });
  return wanted.filter((_, i) => i % of === own);
}

function damagesFor(picture: string, { format }: FileImage, { damages }: Flags): DamageName[] {
  const names = damages === 'all' ? DAMAGE_NAMES : list(damages);
  return names
    .map((name) => {
      if (!(name in DAMAGES))
        throw InvalidOptionError.of('--damages', `some of ${DAMAGE_NAMES.join(',')}`, name);
      return name as DamageName;
    })
    .filter((name) => {
      const damage: Damage = DAMAGES[name];
      if (damage.suits?.(format) === false) return false;
      return !damage.ofPhotographs || PHOTOGRAPHIC.includes(kindOf(picture));
    });
}

interface Case {
  readonly picture: string;
  readonly damage: DamageName;
  readonly clean: FileImage;
  readonly flags: Flags;
  readonly log: Log<HarmKey, HarmRow>;
  readonly shown: Shown[];
}

async function measure({ picture, damage, clean, flags, log, shown }: Case): Promise<HarmRow[]> {
  const qualities = list(flags.qualities) as Quality[];
  const wanted = qualities.length > 0 ? qualities : [undefined];
  const asked = {
    ...(flags.task === undefined ? {} : { task: flags.task as Task }),
    ...(flags.cut === undefined ? {} : { cut: flags.cut }),
  };
  const key = (quality?: Quality) => ({ picture, damage, ...(quality ? { quality, ...asked } : {}) });
  const missing = wanted.filter((quality) => !log.has(key(quality)));
  if (missing.length === 0) return [];
  const input = await damaged(clean, damage, flags.seed);
  const { diagnosis, seconds } = diagnose(input);
  if (diagnosis.task === flags.task) return [];
  const words = diagnosis.findings.join(' ');
  const facts = { picture, damage, kind: kindOf(picture), found: found(diagnosis), words, seconds };
  const rows: HarmRow[] = [];
  for (const quality of missing) {
    if (!quality) {
      rows.push(facts);
      continue;
    }
    const options = {
      ...{ quality, diagnosis, host: await nodeHost(), ...(asked.task ? { task: asked.task } : {}) },
      ...(flags.maxSeconds === undefined ? {} : { maxSeconds: flags.maxSeconds }),
    };
    const whole = await outcome(clean, input, options);
    const { image, ...result } =
      flags.cut === undefined
        ? whole
        : await outcome(clean, input, { ...options, maxSeconds: flags.cut * whole.seconds });
    const row = { ...facts, ...key(quality), seconds: result.seconds, result };
    rows.push(row);
    if (flags.sheets !== undefined && (flags.all || harm(row))) shown.push(shownOf(row, input, image, clean));
  }
  return rows;
}
