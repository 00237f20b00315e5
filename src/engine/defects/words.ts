import { DEFECT_KINDS, type DefectKind } from './defect.ts';
import type { Defects } from './find.ts';

const NAMES: Readonly<Record<DefectKind, readonly [one: string, many: string]>> = {
  scratch: ['scratch', 'scratches'],
  fold: ['line from edge to edge', 'lines from edge to edge'],
  hair: ['hair', 'hairs'],
  dust: ['speck of dust', 'specks of dust'],
  deadPixel: ['dead pixel', 'dead pixels'],
};

/** Marks that are worth a word, at least: specks, lines, or one line that is as sure. */
const WORTH_A_WORD = { specks: 3, lines: 2, sure: 0.9 } as const;

/** Whether there is enough damage to be spoken of unasked. */
export function isDamaged({ defects }: Defects): boolean {
  const lines = defects.filter(({ kind }) => kind !== 'dust' && kind !== 'deadPixel');
  return (
    defects.length - lines.length >= WORTH_A_WORD.specks ||
    lines.length >= WORTH_A_WORD.lines ||
    lines.some(({ confidence }) => confidence >= WORTH_A_WORD.sure)
  );
}

/** What was found, in a sentence. */
export function describeDefects({ defects, share }: Defects): string {
  const counts = DEFECT_KINDS.map((kind) => [kind, defects.filter((d) => d.kind === kind).length] as const);
  const words = counts
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${count} ${NAMES[kind][count === 1 ? 0 : 1]}`);
  if (words.length === 0) return 'No scratches and no dust were found.';
  const list =
    words.length > 1 ? `${words.slice(0, -1).join(', ')} and ${words[words.length - 1]}` : words[0];
  const percent = 100 * share;
  return `Found ${list}, ${percent < 0.1 ? 'less than 0.1' : percent.toFixed(1)} % of the picture.`;
}
