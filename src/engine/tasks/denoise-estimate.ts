import { type Diagnosis, middle } from '../diagnosis/analyse.ts';
import { measureNoise } from '../diagnosis/noise.ts';
import { photographic } from '../diagnosis/noise-finder.ts';
import type { NoisePatch } from '../diagnosis/patches.ts';
import { remeasured } from '../diagnosis/remeasure.ts';
import { halved, spectraOf } from '../diagnosis/spectra.ts';
import { applyTables, bicubicTable, tentTable } from '../image/axis-table.ts';
import { withoutHidden } from '../image/hidden.ts';
import type { Picture } from '../image/picture.ts';
import { type ExpectedErrors, mixByErrors } from '../mix.ts';
import { denoiseNonlocal, GLANCE } from '../nonlocal/denoise.ts';
import { groundNoise } from '../nonlocal/ground-noise.ts';
import { alongAxes, LEAST_VARIANCE, type NoiseModel, REACH, varianceAt } from '../nonlocal/noise-model.ts';
import { unhurried } from '../stopping/pace.ts';
import { inTurns } from '../time-slicing.ts';
import { isLearntFrom, noiseModelOf } from './denoise-network.ts';
import type { Estimate, EstimateContext, Job } from './task.ts';

/** The network's share at `best`, at most, and what is expected of the non-local answer's errors beside it. */
const NETWORK = { share: 0.3, own: 0.015, busy: 5 } as const;

/**
 * The same of windows of adapted shape, at `balanced` and `best`, and of the time: chosen on sixteen 160² crops at σ = 25,
 * checked on thirteen others at 10, 25 and 50.
 */
const WINDOWS = { share: 0.8, own: 0.004, busy: 1 / 3, time: 0.1 } as const;

/** The answers of a denoising job by the picture's repetitions, and by what is learnt of it; none without a diagnosis. */
export function denoiseAnswers(
  picture: Picture,
  diagnosis: Diagnosis | undefined,
  patches: readonly NoisePatch[] | undefined,
): Pick<Job, 'estimate' | 'learn'> {
  const { channels } = picture;
  if (!diagnosis || diagnosis.dithered || (channels !== 1 && channels !== 3)) return {};
  if (diagnosis.impulse) return { estimate: (context) => withoutImpulses(picture, context) };
  const diagnosed = noiseModelOf(diagnosis, channels);
  const learns = isLearntFrom(picture, diagnosis, diagnosed);
  const isSame = !patches && isNearlyWhite(diagnosed);
  let known: Promise<NoiseModel> | undefined;
  // Of a restoration that goes on with a first answer from its checkpoint it is learning that asks first.
  const modelOf = (context: Glancing) => {
    known ??= isSame ? looked(picture, diagnosed, context) : Promise.resolve(diagnosed);
    return known;
  };
  const noisy = patches && shareOfNoise(picture, patches);
  const keep = (colour: Float32Array) => (noisy ? inPlaces(picture.colour, colour, noisy) : colour);
  const estimate: Job['estimate'] = async ({ progress, ...context }) => {
    const model = await modelOf(context);
    const coarse = isCoarse(model) && !picture.alpha;
    const begun = coarse ? COARSE.time : 0;
    const given = coarse
      ? await withoutCoarse({ picture, model }, context, COARSE.levels)
      : { picture, model };
    const best = context.quality === 'best';
    const finishes = context.quality !== 'fast' && isSame && !picture.alpha;
    const share = finishes ? 1 - WINDOWS.time : 1;
    const stage = (done: number) => share * (begun + (1 - begun) * done);
    const first = await denoiseNonlocal(given.picture, given.model, {
      ...context,
      progress: (done, now) =>
        progress(stage(done), function* () {
          return keep(yield* now());
        }),
    });
    const finishing = { ...context, progress: (done: number) => progress(share + (1 - share) * done) };
    const colour = finishes ? await finished(picture, first, model, finishing) : first;
    if (!best || !learns) return { colour: keep(colour), networkShare: 0 };
    return { colour, networkShare: NETWORK.share, errors: errorsOf(model, NETWORK) };
  };
  if (!learns) return { estimate };
  return {
    estimate,
    learn: async ({ first, ...context }) => {
      if (!first) throw new Error('Expected a first answer to learn from.');
      const [{ denoiseByLearning }, { LEARNING_NOISE: settings }] = await Promise.all([
        import('../zero-shot/denoise.ts'),
        import('../zero-shot/settings.ts'),
      ]);
      const noise = await modelOf(context);
      return denoiseByLearning({ picture, estimate: first, noise }, { ...context, settings });
    },
  };
}

const errorsOf = (model: NoiseModel, { own, busy }: Omit<ExpectedErrors, 'noise'>): ExpectedErrors => ({
  noise: varianceAt(model.planes[0], 0.5),
  own,
  busy,
});

/** An answer, mixed with what windows make of it. */
async function finished(
  picture: Picture,
  answer: Float32Array,
  model: NoiseModel,
  {
    host,
    pace = unhurried(),
    signal,
    progress,
  }: Pick<EstimateContext, 'host' | 'pace' | 'signal' | 'progress'>,
): Promise<Float32Array> {
  if (pace.refused) return answer;
  const { denoiseInWindows } = await import('../nonlocal/windows.ts');
  const other = await denoiseInWindows(picture, answer, model, { host, pace, signal, progress });
  const { width, height } = picture;
  const mixing = { width, height, most: WINDOWS.share, errors: errorsOf(model, WINDOWS) };
  return inTurns(mixByErrors(answer, other, mixing), signal);
}

/** Correlation of neighbours up to which the noise is measured anew: of smeared noise it costs .05 dB, and grain is partly unseen. */
const NEARLY_WHITE = 0.15;

const isNearlyWhite = ({ planes }: NoiseModel) =>
  planes.every((plane) => Math.abs(alongAxes(plane, 1)) < NEARLY_WHITE);

/** Side of the middle of the picture that a glance takes in, px. */
const GLANCED = 512;

type Glancing = Pick<EstimateContext, 'host' | 'signal' | 'glanced'>;

/** The noise of a picture that has the same everywhere, as a glance at the picture without it shows. */
async function looked(
  picture: Picture,
  model: NoiseModel,
  { host, signal, glanced }: Glancing,
): Promise<NoiseModel> {
  const began = performance.now();
  const part = middle(picture, GLANCED);
  const ours = { host, signal, executor: 'wasm', quality: 'fast', steps: [GLANCE] } as const;
  const answer = await denoiseNonlocal(part, model, ours);
  const anew = await inTurns(remeasured(withoutHidden(part), answer, model), signal);
  const noise = await inTurns(groundNoise(part, answer, anew), signal);
  glanced?.((performance.now() - began) / 1000, GLANCED ** 2);
  return noise;
}

/**
 * Noise that is alike over as many pixels as a patch has is not seen from within one: it is taken out at half the size
 * first. `alike`: correlation at the farthest lag known from which it is; `levels` of halving; share of the time.
 */
const COARSE = { alike: 0.15, levels: 2, time: 0.2, side: 48 } as const;

const isCoarse = ({ planes }: NoiseModel): boolean =>
  planes.some((plane) => varianceAt(plane, 1) > LEAST_VARIANCE && alongAxes(plane, REACH) >= COARSE.alike);

interface Noisy {
  readonly picture: Picture;
  readonly model: NoiseModel;
}

/** The picture less its coarse noise (Lebrun, Colom & Morel, IPOL 2015: from the coarsest scale up), and what is left. */
async function withoutCoarse(
  noisy: Noisy,
  context: Omit<EstimateContext, 'progress'>,
  levels: number,
): Promise<Noisy> {
  const { picture } = noisy;
  const { width, height } = picture;
  const half = await inTurns(halved(picture), context.signal);
  // Where brightness has next to none, what half the size shows of it is texture.
  const { ofColoursOnly } = noisy.model;
  const isSmall = Math.min(half.width, half.height) < COARSE.side;
  const model = isSmall ? undefined : await measured(half, ofColoursOnly);
  if (!model) return noisy;
  const coarse = { picture: half, model };
  const below = levels > 1 && isCoarse(model) ? await withoutCoarse(coarse, context, levels - 1) : coarse;
  const clean = await denoiseNonlocal(below.picture, below.model, context);
  for (let i = 0; i < clean.length; i++) clean[i] -= half.colour[i];
  const [rows, columns] = [bicubicTable(half.height, height), bicubicTable(half.width, width)];
  const change = applyTables(clean, half.channels, rows, columns);
  for (let i = 0; i < change.length; i++) change[i] = Math.min(1, Math.max(0, picture.colour[i] + change[i]));
  const finer = { ...picture, colour: change };
  return { picture: finer, model: (await measured(finer, ofColoursOnly)) ?? model };
}

/** The noise of a picture that is known to have blotches, by as much of it as the diagnosis looks at. */
async function measured(picture: Picture, ofColoursOnly?: true): Promise<NoiseModel | undefined> {
  const spectra = await inTurns(spectraOf(middle(picture), 4));
  const blocks = photographic(spectra);
  return (await inTurns(measureNoise({ kind: 'blotches', spectra, blocks, ofColoursOnly }))).model;
}

/** What impulses hit is lost, so it is filled from the picture's own repetitions; on plain ground with that. */
async function withoutImpulses(picture: Picture, context: EstimateContext): Promise<Estimate | undefined> {
  const { width, height } = picture;
  const { impulsesIn } = await import('./impulses.ts');
  const { colour, hit } = await inTurns(impulsesIn(picture), context.signal);
  const known = new Uint8Array(width * height).fill(255);
  hit.forEach((isHit, i) => {
    if (isHit) known[i % known.length] = 0;
  });
  if (!known.includes(0) || !known.includes(255)) return { colour, networkShare: 0 };
  const { inpaint } = await import('./inpaint.ts');
  const holes = { task: 'inpaint', mask: { data: known, width, height } } as const;
  const filled = await (await inpaint({ ...picture, colour }, holes)).estimate?.(context);
  // Of a pixel with one colour hit the others stand.
  return filled && { ...filled, colour: filled.colour.map((value, i) => (hit[i] ? value : colour[i])) };
}

/**
 * How far beyond places with noise their answer fades into the picture, px: all of what is found goes, and what reaches a little farther.
 * Half in, half out over 16 px left .4 dB more noise in the mean of eight pictures with noise in a part of them.
 */
const FADE = 8;

/** Per pixel: 1 in patches with noise, 0 beyond what is around them. */
function shareOfNoise({ width, height }: Picture, patches: readonly NoisePatch[]): Float32Array {
  const share = new Float32Array(width * height);
  for (const { x, y, width: w, height: h, noise } of patches)
    if (noise) for (let row = y; row < y + h; row++) share.fill(1, row * width + x, row * width + x + w);
  const faded = applyTables(share, 1, tentTable(height, FADE), tentTable(width, FADE));
  // At a straight edge the tent is at half of it.
  for (let i = 0; i < faded.length; i++) faded[i] = Math.min(1, 2 * faded[i]);
  return faded;
}

/** In the place of `after`. */
function inPlaces(before: Float32Array, after: Float32Array, share: Float32Array): Float32Array {
  for (let i = 0; i < after.length; i++)
    after[i] = before[i] + share[i % share.length] * (after[i] - before[i]);
  return after;
}
