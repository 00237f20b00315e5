// What the panel says. Numbers with units, sentences under 80 characters, nobody is blamed.

import type { Diagnosis } from '../engine/index.ts';
import { keptOfChange } from '../shared/kept-words.ts';
import type { Operation } from '../wire/settings.ts';
import { MAX_IMAGE_SIDE } from '../wire/tiles.ts';
import { type Failure, type Item, isClean, type Result, type RunState, type State } from './state.ts';
import type { OpenedImage } from './worker/methods.ts';

export const OPERATION_WORDS: Readonly<Record<Operation, { verb: string; done: string; doing: string }>> = {
  restore: { verb: 'Restore', done: 'Restored', doing: 'Restoring' },
  fill: { verb: 'Fill', done: 'Filled', doing: 'Filling' },
  upscale: { verb: 'Upscale', done: 'Upscaled', doing: 'Upscaling' },
};

export function sizeWords(width: number, height: number): string {
  return `${width} × ${height}`;
}

/** A duration as people say it: 4 s, 45 s, 2 min, 1 h 10 min. */
export function timeWords(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 1.5) return '1 s';
  if (seconds < 10) return `${Math.round(seconds)} s`;
  if (seconds < 57.5) return `${5 * Math.round(seconds / 5)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const rest = 5 * Math.round((minutes % 60) / 5);
  return rest > 0 && rest < 60
    ? `${Math.floor(minutes / 60)} h ${rest} min`
    : `${Math.round(minutes / 60)} h`;
}

function leftWords(ms: number): string {
  return ms < 1500 ? 'Almost done' : `About ${timeWords(ms)} left`;
}

/** Up to which σ, in 1/255, noise is called so; and up to which of libjpeg's qualities compression is. */
const NOISE_WORDS = [
  [6, 'Light'],
  [16, 'Moderate'],
  [Number.POSITIVE_INFINITY, 'Strong'],
] as const;
const JPEG_WORDS = [
  [30, 'strong'],
  [60, 'visible'],
  [100, 'light'],
] as const;
/** Neighbours in step by more than this make the grain coarse. */
const COARSE = 0.2;

const wordFor = <W>(scale: readonly (readonly [upTo: number, word: W])[], value: number): W =>
  (scale.find(([upTo]) => value <= upTo) ?? scale.at(-1)!)[1];

/** The engine's sentences that carry numbers, or say what is said here in other words. */
const MEASURED = /σ about|of quality about|^Impulse noise|^No noise|^Scratches or dust/;

/** What was found, as a designer would say it; the numbers are in `findings`. */
export function foundWords(diagnosis: Diagnosis): string {
  const { task, noise, patchy, impulse, jpeg, findings, scratched, croppedJpeg } = diagnosis;
  const others = findings.filter((sentence) => !MEASURED.test(sentence));
  const marks = scratched ? ['Scratches or dust'] : [];
  const nothing =
    marks[0] ??
    (croppedJpeg
      ? 'Nothing to restore: no noise found.'
      : 'Nothing to restore: no noise and no JPEG compression found.');
  if (task === 'none') return [nothing, ...others].join(' ');
  const found: string[] = [];
  if (impulse) found.push('Isolated wrong pixels');
  else if (findings.some((sentence) => sentence.includes('σ about')))
    found.push(`${wordFor(NOISE_WORDS, noise.sigma)} noise, ${grainWords(noise.correlation, patchy)}`);
  if (jpeg) found.push(`${wordFor(JPEG_WORDS, jpeg.quality)} JPEG compression`);
  const words = [...found, ...marks].join(' · ');
  return [words.charAt(0).toUpperCase() + words.slice(1), ...others].filter(Boolean).join('. ');
}

function grainWords(correlation: number, patchy: boolean): string {
  return `${correlation > COARSE ? 'coarse' : 'fine'} grain${patchy ? ', in places' : ''}`;
}

/** What an image is made of, to whoever enlarges it. */
export const CONTENT_WORDS: Readonly<Record<OpenedImage['content'], string>> = {
  graphic: 'Flat graphic: its edges stay sharp. Drawn as a vector it would be better still.',
  mixed: 'Graphics beside a photograph: each is enlarged in its own way.',
  photograph: 'Photograph',
};

/** What is left alone of several images. */
export function cleanWords(state: State): string {
  const clean = state.items.filter((item) => isClean(state, item)).length;
  if (clean === 0 || clean === state.items.length) return '';
  return `Nothing to restore in ${clean} of ${state.items.length} images: left as ${clean === 1 ? 'it is' : 'they are'}.`;
}

export const FINDINGS_HELP =
  'Noise is measured on the finest detail, so strong texture counts as noise too. ' +
  'JPEG quality is read from the file, or from the grid it left in the pixels.';

/** Above this, ms, it is said what else would do. */
const LONG = 120_000;

/** What would be faster than a choice that takes long. */
export function fasterWords(ms: number | undefined, fastMs: number | undefined): string {
  if (ms === undefined || ms < LONG) return '';
  const fast = fastMs !== undefined && fastMs < ms / 2 ? `Fast takes ${timeWords(fastMs)}. ` : '';
  return `${fast}A marked area, a smaller image or a graphics card take less.`;
}

/** What of the selection is left out, and what would help; of several images also those that could not be read. */
export function leftOutWords({ problems, items }: Pick<State, 'problems' | 'items'>): string {
  const failures = items.length > 1 ? items.flatMap(({ failure }) => failure?.next ?? []) : [];
  const all = [...problems.map(({ words }) => words), ...failures];
  const more = all.length > 2 ? [`And ${all.length - 2} more like this.`] : [];
  return [...all.slice(0, 2), ...more].join(' ');
}

/** What is to be said where the original stays visible beneath its result. */
export function keptWords({ settings }: Pick<State, 'settings'>, item: Item): string[] {
  const { translucent, opened } = item;
  if (settings.hideOriginal || !(translucent || opened?.translucent)) return [];
  return ['The original stays beneath: shadows and transparency count twice.'];
}

/** The one sentence that assistive technology reads when the phase changes. */
export function phaseWords({ phase, items, active, operation, problems }: State): string {
  const item = items[active];
  const name = item?.name ?? '';
  const words = OPERATION_WORDS[operation];
  if (phase === 'empty') return 'Nothing selected. Select an image.';
  if (phase === 'unsupported') return 'The selection cannot be restored.';
  if (phase === 'reading') return 'Reading the image.';
  if (phase === 'ready') {
    const ready = items.length > 1 ? `${items.length} images ready.` : `${name} is ready.`;
    return [ready, ...problems.slice(0, 1).map((problem) => problem.words)].join(' ');
  }
  if (phase === 'running') return `${words.doing} ${name}.`;
  if (phase === 'writing') return 'Putting the result into the document.';
  if (phase === 'asking') return 'One question first.';
  if (phase === 'done') return doneWords(items);
  return '';
}

/** What runs: the first answer, then what makes it better. */
export function runWords({ run, items, active, operation, leaving }: State): string {
  if (leaving && run) return `Stop after ${timeWords(performance.now() - run.since)} of work?`;
  if (run?.ending === 'keep') return 'Stopping, keeping what there is';
  if (run?.ending === 'drop') return 'Cancelling';
  const which = items.length > 1 ? ` ${active + 1} of ${items.length}` : '';
  if (run?.stage === 'network' && run.refines) return `Refining${which}`;
  const { doing } = OPERATION_WORDS[operation];
  return run && run.stage === 'nonlocal' && run.refines
    ? `${doing}${which}: first answer`
    : `${doing}${which}`;
}

/** Time left of the stage that runs. */
export function stageLeftWords(run: RunState | undefined): string {
  if (!run || (run.stage === 'nonlocal' ? run.done === 0 : run.step === 0)) return 'Starting';
  if (run.stage === 'network') return leftWords(run.etaMs);
  return run.done < 1 ? `In about ${timeWords(run.etaMs)}` : '';
}

export function doneWords(items: readonly Item[]): string {
  const done = items.filter(({ result }) => result);
  const first = done[0]?.result;
  if (!first) return '';
  const verb = OPERATION_WORDS[first.operation].done;
  if (items.length > 1) return `${verb} ${done.length} of ${items.length} images`;
  const time = timeWords(first.seconds * 1000);
  if (!first.stopped) return `${verb} in ${time}`;
  if (first.cutShort || !first.stages.includes('nonlocal'))
    return `Partly ${verb.toLowerCase()}, stopped after ${time}`;
  return first.steps > 0 ? `Partly refined, stopped after ${time}` : `First answer, stopped after ${time}`;
}

const STAGE_WORDS: Readonly<Record<Result['stages'][number], string>> = {
  nonlocal: 'what repeats in the image',
  network: 'a network',
  tv: 'smoothness (total variation)',
};

/** Which part did what, and how much of it stayed; for Details. */
export function courseWords({ stages, steps, seconds, engine, share }: Result): string[] {
  const made = stages.map((stage) => STAGE_WORDS[stage]).join(', then ');
  const took = steps > 0 ? `${steps} steps on ${engine}` : 'no network was needed';
  return [
    ...(made ? [`Made from ${made}.`] : []),
    `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s, ${took}.`,
    ...keptOfChange(share),
  ];
}

interface Remote {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly remoteStack?: string;
}

const NEXT: Readonly<Record<string, readonly [what: string, next: string]>> = {
  'image-size': [
    'This image is too small or too large to be worked on.',
    `Images from 8 to ${MAX_IMAGE_SIDE} px a side work.`,
  ],
  mask: [
    'The area leaves nothing to fill, or nothing to learn from.',
    'Move the shape over part of the image.',
  ],
  'gpu-unavailable': ['This engine does not run here.', 'Set Engine to Automatic in Details.'],
  'device-lost': ['The graphics card stopped answering.', 'Try again, or choose the processor in Details.'],
  'out-of-memory': ['The image needs more memory than there is.', 'Choose Fast, or fill a smaller area.'],
  diverged: ['The restoration did not settle.', 'A variation usually helps: change its number in Details.'],
  'invalid-option': ['A setting is out of its range.', 'Reset the values in Details.'],
};

/** An error of the engine, the studio or the panel itself as a failure a designer can act on. */
export function failureOf(error: unknown, context: string): Failure {
  const { name, message, code, remoteStack } = error as Remote;
  const known = code === undefined ? undefined : NEXT[code];
  const details = [`${name}${code ? ` (${code})` : ''}: ${message}`, context, remoteStack ?? '']
    .filter(Boolean)
    .join('\n');
  if (name === 'ReadError') return { what: message, next: 'Select another image to go on.', details };
  if (known) return { what: known[0], next: known[1], details };
  return {
    what: 'Something went wrong in the engine.',
    next: 'Try again. If it stays, copy the details into a bug report.',
    details,
  };
}
