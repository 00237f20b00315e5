import type { StoppedBy } from '../engine/restore.ts';
import { keptOfChange } from '../shared/kept-words.ts';
import { duration, pace } from './progress.ts';
import { type Report, shownDecibels } from './report.ts';
import type { RestoreFlags } from './restore-options.ts';
import { STREAM } from './sources.ts';

const ENDINGS: Readonly<Record<StoppedBy, string>> = {
  variance: 'stopped by itself',
  discrepancy: 'stopped where it met the noise',
  steps: 'all steps done',
  time: 'the time was up',
  user: 'stopped on request',
};

/** The graphics card that did it, if one did. */
function onCard({ ranOn }: Report): string {
  const card = ranOn.find(({ executor }) => executor === 'webgpu');
  return card ? `, on ${card.adapter}` : '';
}

/** What was done to one image, line by line to `say`. */
export function printSummary(
  report: Report,
  notes: readonly string[],
  { gif, compare, report: reportFile }: RestoreFlags,
  say: (line: string) => void,
): void {
  const { steps, bestStep, stoppedBy, seconds, msPerStep, executor, adapter } = report;
  const output = report.output === STREAM ? 'standard output' : report.output;
  if (output !== null) say(`${output}: ${report.outWidth} × ${report.outHeight}`);
  if (steps > 0 && stoppedBy !== 'none')
    say(
      `${steps} ${steps === 1 ? 'step' : 'steps'} in ${duration(seconds * 1000)} (${pace(msPerStep)} ms each) on ${executor}, ${adapter}; ${ENDINGS[stoppedBy]}, best step ${bestStep}`,
    );
  else if (report.task !== 'none')
    say(`Done in ${duration(seconds * 1000)}, without a network${onCard(report)}.`);
  if (report.task !== 'none') for (const words of keptOfChange(report.share)) say(words);
  const { psnrInput, psnrOutput } = report;
  if (psnrInput !== undefined && psnrOutput !== undefined)
    say(`PSNR ${shownDecibels(psnrInput)} → ${shownDecibels(psnrOutput)} dB`);
  for (const note of notes) say(note);
  const extras = Object.entries({ 'side by side': compare, animation: gif, report: reportFile });
  for (const [what, path] of extras) if (path !== undefined) say(`${what}: ${path}`);
}
