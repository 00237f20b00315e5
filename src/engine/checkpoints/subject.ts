import type { Picture } from '../image/picture.ts';
import { isPlanar } from '../image/picture.ts';
import type { RestoreOptions } from '../options.ts';
import { type Digest, digestOf } from './digest.ts';

/** Options that change how a restoration goes, but not where it leads. */
const WITHOUT_CONSEQUENCE = [
  'signal',
  'stopSignal',
  'onProgress',
  'previewEveryMs',
  'host',
  'executor',
  'maxSeconds',
  'map',
  'control',
  'checkpoint',
] as const satisfies readonly (keyof RestoreOptions)[];

/** What tells a restoration from any other: the image, and what is asked for. */
export function subjectOf(
  { width, height, channels, colour, alpha }: Picture,
  options: RestoreOptions,
): Digest {
  const { mask, copyFrom, guide, file, expert, ...others } = options;
  const told = Object.entries({ ...others, ...expert }).filter(
    ([name]) => !(WITHOUT_CONSEQUENCE as readonly string[]).includes(name),
  );
  const text = JSON.stringify([width, height, channels, Object.fromEntries(told.sort())]);
  const samples = [
    ...[colour, alpha, mask?.data, copyFrom?.data, file],
    ...(guide ? (isPlanar(guide) ? guide.planes : [guide.data]) : []),
  ];
  return digestOf([new TextEncoder().encode(text), ...samples.flatMap((data) => data ?? new Uint8Array())]);
}
