import { DEFECT_KINDS, type DefectKind } from './defect.ts';
import type { Defects } from './find.ts';
import type { Overlay } from './overlays/judge.ts';

const NAMES: Readonly<Record<DefectKind, readonly [one: string, many: string]>> = {
  scratch: ['scratch', 'scratches'],
  fold: ['line from edge to edge', 'lines from edge to edge'],
  hair: ['hair', 'hairs'],
  dust: ['speck of dust', 'specks of dust'],
  deadPixel: ['dead pixel', 'dead pixels'],
};

/** What is written over a picture, in a sentence; empty where nothing is. */
export function describeOverlays({ overlays, mask }: Pick<Defects, 'overlays' | 'mask'>): string {
  if (overlays.length === 0) return '';
  const words = overlays.map((overlay) => `${OVERLAY_NAMES[overlay.kind]} at the ${placeOf(overlay, mask)}`);
  return `${capital(listed(words))} ${words.length === 1 ? 'lies' : 'lie'} over the picture.`;
}

const OVERLAY_NAMES = { stamp: 'a date stamp', text: 'a line of letters' } as const;

/** In which third of the picture. */
function placeOf({ box }: Overlay, { width, height }: Defects['mask']): string {
  const third = (middle: number, side: number, names: readonly string[]) =>
    names[Math.min(2, Math.floor((3 * middle) / side))];
  const down = third(box.y + box.height / 2, height, ['top', 'middle', 'bottom']);
  const across = third(box.x + box.width / 2, width, ['left', '', 'right']);
  return [down, across].filter(Boolean).join(' ');
}

const capital = (words: string) => words[0].toUpperCase() + words.slice(1);

const listed = (words: readonly string[]): string =>
  words.length > 1 ? `${words.slice(0, -1).join(', ')} and ${words[words.length - 1]}` : words[0];

/** What was found, in a sentence. */
export function describeDefects({ defects, share }: Defects): string {
  const counts = DEFECT_KINDS.map((kind) => [kind, defects.filter((d) => d.kind === kind).length] as const);
  const words = counts
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${count} ${NAMES[kind][count === 1 ? 0 : 1]}`);
  if (words.length === 0) return 'No scratches and no dust were found.';
  const percent = 100 * share;
  return `Found ${listed(words)}, ${percent < 0.1 ? 'less than 0.1' : percent.toFixed(1)} % of the picture.`;
}
