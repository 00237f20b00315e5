import { table } from '../table.ts';
import { DAMAGES, type Damage, FINDINGS } from './damages.ts';
import type { HarmRow, Outcome } from './measure.ts';
import type { Strokes } from './strokes.ts';

/** Kinds of the corpus with a photograph in them, or that are one. */
export const PHOTOGRAPHIC: readonly string[] = ['photograph', 'illustrated', 'photo'];
/** Kinds whose tones are dots on a screen, whatever else happened to them. */
const SCREENED: readonly string[] = ['halftone', 'dithered'];
/** A result may be below its input by the rounding of the measure, dB; strokes may lose a twentieth. */
const BELOW = -0.005;
const STROKES = 0.95;
const UNDAMAGED = 99;

const damageOf = (row: HarmRow): Damage => DAMAGES[row.damage];

/** Nothing but what is there was found, and that was. */
export function isRight(row: HarmRow): boolean {
  const { finding, faint } = damageOf(row);
  const own = row.found.filter((name) => !(name === 'halftone' && SCREENED.includes(row.kind)));
  return missing(row) ? faint === true : own.every((name) => name === finding);
}

const missing = (row: HarmRow) => {
  const { finding } = damageOf(row);
  return finding !== undefined && !row.found.includes(finding);
};

/** How much better the result is than its input, dB; 0 where nothing differs from the undamaged picture before and after. */
export function gain({ psnrBefore = UNDAMAGED, psnrAfter = UNDAMAGED }: Outcome): number {
  return psnrAfter - psnrBefore;
}

/** What is wrong with a result, in a few words; undefined = nothing. */
export function harm(row: HarmRow): string | undefined {
  const { result, damage } = row;
  if (!result) return undefined;
  if (damage === 'none' && !result.untouched) return `changed, ${result.psnrAfter?.toFixed(1)} dB`;
  if (gain(result) < BELOW) return `${gain(result).toFixed(2)} dB`;
  const ofInput = result.strokes?.ofInput ?? 1;
  return ofInput < STROKES ? `strokes ${percent(ofInput)}` : undefined;
}

/** The quality, and what else was asked for. */
const howOf = ({ quality, task, cut }: HarmRow) =>
  [...(quality ? [quality] : []), ...(task ? [`as ${task}`] : []), ...(cut ? [`cut at ${cut}`] : [])].join(
    ' ',
  );
const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
const unique = <T>(values: readonly T[]) => [...new Set(values)];
const groupOf = ({ kind }: HarmRow) => (PHOTOGRAPHIC.includes(kind) ? 'photographs' : 'drawings');

/** Markdown: how often each damage was taken for what; all of the rows in one cell are as it should be where it is bold. */
export function confusionTable(rows: readonly HarmRow[]): string {
  const once = unique(rows.map(({ picture, damage }) => `${picture} ${damage}`)).map(
    (key) => rows.find(({ picture, damage }) => `${picture} ${damage}` === key)!,
  );
  const lines = unique(once.map(({ damage }) => damage)).flatMap((damage) =>
    unique(once.map(groupOf)).flatMap((group) => {
      const own = once.filter((row) => row.damage === damage && groupOf(row) === group);
      if (own.length === 0) return [];
      const cell = (count: number, right: boolean) =>
        count === 0 ? '' : right ? `**${count}**` : String(count);
      const { finding, faint }: Damage = DAMAGES[damage];
      const cells = FINDINGS.map((name) =>
        cell(own.filter(({ found }) => found.includes(name)).length, name === finding),
      );
      const none = cell(own.filter(({ found }) => found.length === 0).length, !finding || faint === true);
      return [[damage, group, own.length, none, ...cells, own.filter((row) => !isRight(row)).length]];
    }),
  );
  return table(['damage', 'pictures', 'of them', 'none', ...FINDINGS, 'wrong'], lines);
}

/** Markdown: for each damage and quality the mean and worst gain, and what was harmed. */
export function harmTable(rows: readonly HarmRow[]): string {
  const measured = rows.filter((row): row is HarmRow & { result: Outcome } => row.result !== undefined);
  const keys = unique(measured.map((row) => `${row.damage}/${howOf(row)}/${groupOf(row)}`));
  const lines = keys.map((key) => {
    const own = measured.filter((row) => `${row.damage}/${howOf(row)}/${groupOf(row)}` === key);
    const gains = own.map(({ result }) => gain(result));
    const worst = own[gains.indexOf(Math.min(...gains))];
    return [
      ...key.split('/'),
      own.length,
      own.filter(({ result }) => !result.untouched).length,
      (gains.reduce((a, b) => a + b, 0) / gains.length).toFixed(2),
      `${gain(worst.result).toFixed(2)} ${worst.picture}`,
      gains.filter((value) => value < BELOW).length,
      ...weakest(own, 'ofInput'),
      ...weakest(own, 'dots'),
    ];
  });
  const head = [
    'damage',
    'quality',
    'pictures',
    'of them',
    'changed',
    'mean gain, dB',
    'worst',
    'below input',
  ];
  return table([...head, 'weakest strokes', 'under 95 %', 'weakest dots', 'under 95 %'], lines);
}

/** What of thin strokes, or dots, has least left, and how many have too little. */
function weakest(rows: readonly (HarmRow & { result: Outcome })[], of: keyof Strokes): [string, number] {
  const left = rows.flatMap(({ picture, result }) => {
    const share = result.strokes?.[of];
    return share === undefined ? [] : [{ picture, share }];
  });
  const [least] = left.toSorted((a, b) => a.share - b.share);
  const weak = left.filter(({ share }) => share < STROKES).length;
  return [least ? `${percent(least.share)} ${least.picture}` : '–', weak];
}

/** One line for each wrong finding and each harmed picture. */
export function offenders(rows: readonly HarmRow[]): string[] {
  return rows.flatMap((row) => {
    const damage = harm(row);
    const what = `${row.picture} ${row.damage}${row.quality ? ` ${howOf(row)}` : ''}`;
    return [
      ...(isRight(row) ? [] : [`${what}: found ${row.found.join(', ') || 'nothing'} – ${row.words}`]),
      ...(damage ? [`${what}: ${damage}`] : []),
    ];
  });
}
