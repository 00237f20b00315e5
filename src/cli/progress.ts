import { Presets, SingleBar } from 'cli-progress';
import type { Progress } from '../engine/options.ts';

/** Shows how far a run is. */
export interface ProgressView {
  update(progress: Progress): void;
  /** Leaves the terminal as it was; later updates show nothing. */
  close(): void;
}

const LINE_EVERY_MS = 5000;

/** A bar on a terminal, a line now and then elsewhere, on stderr: stdout is for results. */
export function progressView(quiet: boolean, stream: NodeJS.WriteStream = process.stderr): ProgressView {
  if (quiet) return { update: () => {}, close: () => {} };
  return stream.isTTY ? bar(stream) : lines(stream);
}

/** Losses span decades: three significant digits, exponents only when tiny. */
const loss = (value: number) => (value < 1e-4 ? value.toExponential(1) : value.toPrecision(3));

/** Milliseconds with three digits at most where they matter. */
export const pace = (ms: number) => (ms >= 100 ? ms.toFixed(0) : ms.toPrecision(3));

/** "8 s", "1 min 20 s", "2 h 5 min". */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

const FORMATS: Readonly<Record<Progress['stage'], string>> = {
  nonlocal: '{bar} first answer, {percentage} %',
  network: '{bar} {value}/{total} steps · loss {loss} · {pace} ms/step · {left} left at most',
};

/** One bar for each stage, the next in the place of the last. */
function bar(stream: NodeJS.WriteStream): ProgressView {
  const barOf = (stage: Progress['stage']) =>
    new SingleBar(
      {
        stream,
        format: FORMATS[stage],
        barsize: 24,
        hideCursor: true,
        clearOnComplete: true,
        gracefulExit: false, // its own SIGINT handler would end the process before the result is written
      },
      Presets.shades_classic,
    );
  let shown: { readonly stage: Progress['stage']; readonly view: SingleBar } | undefined;
  let closed = false;
  return {
    update({ stage, done, step, steps, loss: value, msPerStep, etaMs }) {
      if (closed) return;
      const [total, at] = stage === 'nonlocal' ? [100, Math.round(100 * done)] : [steps, step];
      const fields = { loss: loss(value), pace: pace(msPerStep), left: duration(etaMs) };
      if (shown?.stage === stage) return shown.view.update(at, fields);
      shown?.view.stop();
      shown = { stage, view: barOf(stage) };
      shown.view.start(total, at, fields);
    },
    close: () => {
      if (!closed) shown?.view.stop();
      closed = true;
    },
  };
}

function lines(stream: NodeJS.WriteStream): ProgressView {
  let last = Number.NEGATIVE_INFINITY;
  return {
    update({ stage, done, step, steps, loss: value, msPerStep, etaMs }) {
      const now = performance.now();
      if (now - last < LINE_EVERY_MS) return;
      last = now;
      if (stage === 'nonlocal') stream.write(`first answer, ${Math.round(100 * done)} % done\n`);
      else
        stream.write(
          `step ${step}/${steps}, loss ${loss(value)}, ${pace(msPerStep)} ms/step, at most ${duration(etaMs)} left\n`,
        );
    },
    close: () => {},
  };
}
