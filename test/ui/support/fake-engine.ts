// Stands in for src/engine/index.ts where the panel alone is tested: same signature, made-up pixels, and behaviour
// that the seed asks for, so that every state of the panel can be reached and held.
import type { AnalyseOptions, Diagnosis } from '../../../src/engine/diagnosis/analyse.ts';
import { analyse as analyseAll } from '../../../src/engine/diagnosis/at-once.ts';
import { abortError, DeviceLostError, DivergedError } from '../../../src/engine/errors.ts';
import { cutRaster } from '../../../src/engine/image/box.ts';
import type { Preview, RasterImage, RestoreOptions } from '../../../src/engine/options.ts';

/** What is really found, but looked for in the middle only: every panel that opens looks. */
export function analyse(image: RasterImage, options: AnalyseOptions): Diagnosis {
  const { width, height } = image;
  const [w, h] = [Math.min(width, LOOKED_AT), Math.min(height, LOOKED_AT)];
  const start = (size: number, part: number) => ((size - part) >> 1) & ~15;
  return analyseAll(
    cutRaster(image, { x: start(width, w), y: start(height, h), width: w, height: h }),
    options,
  );
}

/** Side of what is looked at, px. */
const LOOKED_AT = 64;

/** One scratch down the middle, a speck beside it and a stamp below, whatever the image. */
export function findDefects({ width, height }: RasterImage) {
  const data = new Uint8Array(width * height).fill(255);
  for (let y = 0; y < height; y++) data.fill(0, y * width + (width >> 1), y * width + (width >> 1) + 2);
  data.fill(0, 10 * width + 10, 10 * width + 13);
  return {
    mask: { data, width, height },
    defects: ['scratch', 'dust'],
    share: 2 / width,
    overlays: [{ kind: 'stamp' }],
  };
}

export function withOverlays({ mask }: ReturnType<typeof findDefects>) {
  const data = mask.data.slice();
  for (let y = mask.height - 22; y < mask.height - 20; y++)
    data.fill(0, y * mask.width + 10, y * mask.width + 30);
  return { ...mask, data };
}

export const describeOverlays = () => 'A date stamp at the bottom left lies over the picture.';
export const describeDefects = () => 'Found 1 scratch and 1 speck of dust, 0.4 % of the picture.';

export const SEEDS = {
  /** Holds halfway through the network's steps until it is ended. */
  holds: 100,
  /** Holds halfway through the first answer until it is ended. */
  holdsFirst: 105,
  /** Fails for good. */
  diverges: 110,
  /** Loses its graphics card; works on the processor. */
  losesGpu: 120,
  /** Never gives way to messages, as an engine that hangs. */
  hangs: 130,
  /** Throws where nobody catches it, as a bug in a worker does. */
  crashes: 140,
} as const;

const STEPS = 320;
const HELD_AT = 160;
/** Reports of the first answer. */
const FIRST = 2;
const BUSY_MS = 5;
/** The panel shows what is reported no more often than this. */
const SHOWN_MS = 120;

export async function restore(image: RasterImage, options: RestoreOptions) {
  const { seed = 0, executor = 'wasm', previewEveryMs = 250, onProgress, signal, stopSignal } = options;
  if (seed === SEEDS.diverges) throw new DivergedError('Values that are not finite after step 12.');
  if (seed === SEEDS.losesGpu && executor === 'webgpu') throw new DeviceLostError('The device was lost.');
  if (previewEveryMs === 0) return measured(options);
  // What was found when the image was opened has to come with it.
  if ((options.task === 'denoise') !== (options.diagnosis !== undefined))
    throw new Error(`Task ${options.task} with diagnosis ${options.diagnosis?.task}.`);
  if (seed === SEEDS.hangs) busy(60_000);
  if (seed === SEEDS.crashes) {
    setTimeout(() => {
      throw new Error('a bug');
    });
    await pause(60_000);
  }
  const scale = options.task === 'upscale' ? (options.scale ?? 2) : 1;
  // Blurring by plain loops is slow: large images are shown less often.
  const previewSteps = image.width * image.height * scale ** 2 > 2 ** 18 ? 160 : 40;
  const parts = Math.ceil((image.width * image.height * scale ** 2) / 2 ** 18);
  const { quality = 'balanced', prior = 'auto' } = options;
  // As the real engine: enlargements have no first answer, and at 'fast' it is the last one.
  const first = (prior === 'auto' || prior === 'nonlocal') && options.task !== 'upscale';
  const network = !first || (prior === 'auto' && quality !== 'fast');
  for (let i = 1; first && i <= FIRST; i++) {
    busy(BUSY_MS);
    while (seed === SEEDS.holdsFirst && i > FIRST / 2 && !signal?.aborted && !stopSignal?.aborted)
      await pause(20);
    if (signal?.aborted) throw abortError();
    if (stopSignal?.aborted) break;
    const none = { step: 0, steps: 0, part: 1, parts: 1, loss: 0, variance: 0, bestStep: 0, msPerStep: 0 };
    const preview = i === FIRST ? soften(image, scale, 0, options) : undefined;
    onProgress?.({ ...none, stage: 'nonlocal', done: i / FIRST, etaMs: 500 * (FIRST - i), preview });
    await pause(SHOWN_MS);
  }
  let step = network ? 0 : STEPS;
  while (step < STEPS && !stopSignal?.aborted) {
    if (signal?.aborted) throw abortError();
    if (seed === SEEDS.holds && step >= HELD_AT) {
      await pause(20);
      continue;
    }
    busy(BUSY_MS);
    step += 10;
    const share = step / STEPS;
    onProgress?.({
      stage: 'network',
      done: share,
      step,
      steps: STEPS,
      part: Math.ceil(share * parts),
      parts,
      loss: 0.004 + 0.2 * Math.exp(-6 * share) + 0.0006 * Math.sin(step),
      variance: 0.01 * (1 - share),
      bestStep: Math.max(0, step - 30),
      msPerStep: 48,
      etaMs: (STEPS - step) * 48,
      ...(step % previewSteps === 0 && { preview: soften(image, scale, share, options) }),
    });
    await pause(0);
  }
  return {
    image: soften(image, scale, 1, options),
    executor,
    adapter: 'pretended',
    reason: 'a test',
    notes: [
      ...(stopSignal?.aborted && parts > 1 ? [`Stopped with 1 of ${parts} parts done.`] : []),
      ...askedOtherwise(options.expert),
    ],
    stages: [...(first ? ['nonlocal'] : []), ...(network ? [prior === 'tv' ? 'tv' : 'network'] : [])],
    share: 0.93,
    steps: network ? step : 0,
    bestStep: Math.max(0, step - 30),
    stoppedBy: stopSignal?.aborted ? 'user' : 'variance',
    seconds: 14,
    msPerStep: 48,
    losses: [],
    variances: [],
    rollbacks: 0,
    seed,
    bytes: 0,
  };
}

/** What was asked for of enlargements that is not as usual. */
function askedOtherwise({ reduction, pixelArt }: RestoreOptions['expert'] = {}): string[] {
  const asked = [reduction, pixelArt].filter((name) => name && name !== 'lanczos' && name !== 'keep');
  return asked.length > 0 ? [`Asked for: ${asked.join(', ')}.`] : [];
}

/** Seconds a pixel of the result: 4 s, 7 s and 4 min for the tests' usual picture. */
const COSTS = { fast: 2e-5, balanced: 4e-5, best: 1.4e-3 };

export async function estimate(image: { width: number; height: number }, options: RestoreOptions) {
  const pixels = image.width * image.height * (options.task === 'upscale' ? (options.scale ?? 2) ** 2 : 1);
  const cost = (seconds: number) => ({ seconds: seconds * pixels, bytes: 0, stages: [] });
  return { fast: cost(COSTS.fast), balanced: cost(COSTS.balanced), best: cost(COSTS.best) };
}

/** What Diagnostics asks to learn the machine's pace: the same made-up one every time. */
async function measured(options: RestoreOptions): Promise<never> {
  const { quality = 'balanced', onProgress, signal } = options;
  const steps = options.expert?.steps ?? { fast: 120, balanced: 300, best: 900 }[quality];
  for (let step = 1; step <= steps; step++) {
    onProgress?.({
      stage: 'network',
      done: step / steps,
      step,
      steps,
      part: 1,
      parts: 1,
      loss: 0.1,
      variance: 0.1,
      bestStep: 0,
      msPerStep: 1,
      etaMs: steps - step,
    });
    if (signal?.aborted) throw abortError();
    await pause(0);
  }
  throw new Error('The pace was measured but the run was not ended.');
}

function busy(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** A box blur, weaker as the run goes on; known pixels of a fill stay, holes take the mean of their surroundings. */
function soften(image: RasterImage, scale: number, share: number, { mask, task }: RestoreOptions): Preview {
  const width = Math.round(image.width * scale);
  const height = Math.round(image.height * scale);
  const radius = task === 'denoise' ? Math.round(2 + 6 * (1 - share)) : Math.round(1 + 8 * (1 - share));
  const data = new Uint8ClampedArray(width * height * 4);
  const blurred = blur(image, mask && task === 'inpaint' ? 24 : radius, mask?.data);
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++) {
      const from = Math.floor(y / scale) * image.width + Math.floor(x / scale);
      const known = task === 'inpaint' && mask !== undefined && mask.data[from]! > 127;
      const source = known || (task === 'upscale' && share === 1) ? image.data : blurred;
      for (let c = 0; c < 3; c++) data[4 * i + c] = source[4 * from + c]!;
      data[4 * i + 3] = image.data[4 * from + 3]!;
    }
  return { data, width, height };
}

function blur(
  { data, width, height }: RasterImage,
  radius: number,
  known?: ArrayLike<number>,
): Uint8ClampedArray {
  const sums = new Float64Array((width + 1) * (height + 1) * 4);
  const stride = (width + 1) * 4;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const use = known && known[y * width + x]! <= 127 ? 0 : 1;
      const at = (y + 1) * stride + (x + 1) * 4;
      for (let c = 0; c < 4; c++) {
        const value = c < 3 ? data[4 * (y * width + x) + c]! * use : use;
        sums[at + c] = value + sums[at - stride + c]! + sums[at - 4 + c]! - sums[at - stride - 4 + c]!;
      }
    }
  const out = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [x0, x1] = [Math.max(0, x - radius), Math.min(width, x + radius + 1)];
      const [y0, y1] = [Math.max(0, y - radius), Math.min(height, y + radius + 1)];
      const total = (c: number) =>
        sums[y1 * stride + x1 * 4 + c]! -
        sums[y0 * stride + x1 * 4 + c]! -
        sums[y1 * stride + x0 * 4 + c]! +
        sums[y0 * stride + x0 * 4 + c]!;
      const weight = Math.max(1, total(3));
      for (let c = 0; c < 3; c++) out[4 * (y * width + x) + c] = total(c) / weight;
    }
  return out;
}
