import { pageWorkers } from '../../browser/workers.ts';
import {
  estimate,
  type Preview,
  type Progress,
  type RasterImage,
  type RestoreOptions,
  type RestoreResult,
  restore,
} from '../../engine/index.ts';
import { EXPERT_NUMBERS } from '../../engine/options.ts';
import type { Raster } from '../pixels/crop.ts';
import type { EngineSpeed, Layer, RunAnswer, RunOptions, RunProgress, WorkerMethods } from './methods.ts';
import type { Handlers } from './rpc.ts';
import { bitmapsOf, toLayer } from './studio.ts';

type RunnerMethods = Pick<WorkerMethods, 'run' | 'end' | 'estimate' | 'speed'>;

/** Milliseconds between progress events: often enough to look alive, seldom enough not to crowd the page. */
const EVENT_EVERY = 100;
/**
 * Milliseconds between previews. The first is wanted within a second; from then on at least two a second, of large images
 * fewer, by the megapixel: to draw one takes time from the work.
 */
const PREVIEW_EVERY = { least: 300, perMegapixel: 500, most: 3000 } as const;
/** What Diagnostics times an engine with: small enough for a slow one to take steps within the second. */
const SPEED_NET = '16x3';
const SPEED_SIDE = 64;
const SPEED_MS = 1000;

/** Runs one restoration at a time. */
export function createRunner(): Handlers<RunnerMethods> {
  let current: { readonly keep: AbortController; readonly drop: AbortController } | undefined;
  return {
    async run({ image, mask, copyFrom, options }, emit) {
      current?.drop.abort();
      const run = { keep: new AbortController(), drop: new AbortController() };
      current = run;
      const reporter = new Reporter(emit);
      const { width, height } = image;
      try {
        const result = await restore(image, {
          ...engineOptions(options),
          host: { workers: pageWorkers() },
          ...(mask && { mask: { data: mask, width, height } }),
          ...(copyFrom && { copyFrom: { data: copyFrom, width, height } }),
          signal: run.drop.signal,
          stopSignal: run.keep.signal,
          previewEveryMs: previewEvery(image, options),
          onProgress: (progress) => reporter.take(progress),
        });
        const value = summary(result);
        return { value, transfer: [value.image.data.buffer] };
      } finally {
        if (current === run) current = undefined;
      }
    },
    async end(how) {
      current?.[how].abort();
      return { value: null, transfer: [] };
    },
    async estimate({ options, width, height, sample, qualities }) {
      const leave = new AbortController();
      current?.drop.abort();
      current = { keep: leave, drop: leave };
      const about = { ...engineOptions(options), host: { workers: pageWorkers() }, signal: leave.signal };
      return { value: await estimate({ width, height, sample }, about, qualities), transfer: [] };
    },
    async speed({ executor }) {
      const leave = new AbortController();
      current?.drop.abort();
      current = { keep: leave, drop: leave };
      return { value: await measureSpeed(executor, leave), transfer: [] };
    },
  };
}

function previewEvery({ width, height }: Raster, { task, scale }: RunOptions): number {
  const { least, perMegapixel, most } = PREVIEW_EVERY;
  const megapixels = (width * height * (task === 'upscale' ? scale ** 2 : 1)) / 1e6;
  return Math.round(Math.min(most, Math.max(least, perMegapixel * megapixels)));
}

function engineOptions({
  task,
  quality,
  scale,
  seed,
  prior,
  reduction,
  pixelArt,
  executor,
  diagnosis,
}: RunOptions): RestoreOptions {
  return {
    task,
    quality,
    seed,
    prior,
    executor: executor as NonNullable<RestoreOptions['executor']>,
    ...(task === 'upscale' && { scale, expert: { reduction, pixelArt } }),
    ...(diagnosis && { diagnosis }),
  };
}

type RestoreAnswer = RestoreResult<RasterImage>;

function summary(result: RestoreAnswer): RunAnswer {
  const { executor, adapter, notes, stages, share, steps, bestStep, stoppedBy, seconds, msPerStep } = result;
  const image = result.image as Raster; // never of a shared buffer
  return { image, executor, adapter, notes, stages, share, steps, bestStep, stoppedBy, seconds, msPerStep };
}

/** Gathers what happened between two events, so that a fast engine does not flood the page. */
class Reporter {
  #points: RunProgress['points'][number][] = [];
  #lastEvent = -Infinity;
  #drawing = false;
  /** The newest preview that came while another was being drawn. */
  #waiting: Progress | undefined;

  constructor(readonly emit: (event: RunProgress, transfer?: Transferable[]) => void) {}

  take(progress: Progress): void {
    const { stage, step, loss, preview } = progress;
    if (stage === 'network') this.#points.push({ step, loss });
    if (preview && this.#drawing) this.#waiting = progress;
    else if (preview) void this.#show(progress, preview);
    else if (performance.now() - this.#lastEvent >= EVENT_EVERY) this.#send(progress, undefined);
  }

  async #show(progress: Progress, preview: Preview): Promise<void> {
    this.#drawing = true;
    const layer = await toLayer(preview as Raster);
    this.#drawing = false;
    this.#send(progress, layer);
    const next = this.#waiting;
    this.#waiting = undefined;
    if (next?.preview) void this.#show(next, next.preview);
  }

  #send({ preview: _, ...progress }: Progress, preview: Layer | undefined): void {
    const event: RunProgress = { ...progress, points: this.#points, preview };
    this.#points = [];
    this.#lastEvent = performance.now();
    this.emit(event, preview ? bitmapsOf(preview) : []);
  }
}

/** Steps for about a second; the first one is counted as part of the start. */
async function measureSpeed(executor: string, leave: AbortController): Promise<EngineSpeed> {
  const began = performance.now();
  let first: { readonly at: number; readonly step: number } | undefined;
  let speed: EngineSpeed | undefined;
  const run = restore(speedImage(SPEED_SIDE), {
    task: 'denoise',
    expert: { net: SPEED_NET, optimiser: 'adam', runs: 1, steps: EXPERT_NUMBERS.steps.max, earlyStop: false },
    executor: executor as NonNullable<RestoreOptions['executor']>,
    previewEveryMs: 0,
    signal: leave.signal,
    onProgress: ({ step }) => {
      const now = performance.now();
      first ??= { at: now, step };
      if (step === first.step) return;
      const steps = step - first.step;
      speed = { startMs: first.at - began, msPerStep: (now - first.at) / steps, steps };
      if (now - first.at >= SPEED_MS) leave.abort();
    },
  });
  await run.catch((error: unknown) => {
    if (!speed || !(error instanceof Error && error.name === 'AbortError')) throw error;
  });
  if (!speed) throw new Error('The engine reported no step.');
  return speed;
}

function speedImage(side: number): RasterImage {
  const data = new Uint8ClampedArray(side * side * 4);
  for (let i = 0; i < data.length; i++) data[i] = i % 4 === 3 ? 255 : (i * 97) % 251;
  return { data, width: side, height: side };
}
