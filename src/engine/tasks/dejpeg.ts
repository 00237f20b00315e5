import type { Diagnosis } from '../diagnosis/analyse.ts';
import { keepHidden, type Picture } from '../image/picture.ts';
import { estimateFromRepetitions } from '../jpeg/estimate.ts';
import { FileTiles } from '../jpeg/file-tiles.ts';
import { unchangedInStep } from '../jpeg/in-step.ts';
import { whiteNoise } from '../nonlocal/noise-model.ts';
import type { RestoreOptions } from '../options.ts';
import { type IsOver, never } from '../stopping/pace.ts';
import type { Pieces } from '../time-slicing.ts';
import { denoiseProblem } from './denoise.ts';
import { drawnCleaned } from './drawn-cleaned.ts';
import { whatNoiseExplains } from './explained.ts';
import { insideIntervals, shareKept } from './inside-intervals.ts';
import { inPlace, type Job, type LastWord } from './task.ts';

/**
 * As denoising, blindly; and where the compression's steps are known, the result is put back inside them: the file says
 * of each coefficient in which interval it lay, so an estimate outside is wrong for sure.
 */
export function dejpeg(picture: Picture, options: RestoreOptions, diagnosis?: Diagnosis): Job {
  const job = inPlace(picture, (part, box) => denoiseProblem(part, box));
  const trace = diagnosis?.jpeg;
  if (!trace) return { ...job, ...withoutIntervals(picture, options.map) };
  const file = FileTiles.of(picture, trace, options.file);
  return {
    ...job,
    estimate: async (context) => ({
      colour: keepHidden(picture, await estimateFromRepetitions(picture, file, context)),
      networkShare: 0,
    }),
    ...(trace.onGrid
      ? { lastWord: (colour, over) => insideTheFile(picture, colour, file, over) }
      : withoutIntervals(picture, options.map)),
  };
}

/** What the file leaves open; of a drawing its flat colours too. */
function* insideTheFile(
  picture: Picture,
  estimate: Float32Array,
  file: FileTiles,
  over?: IsOver,
): Pieces<LastWord> {
  const word = yield* insideIntervals(picture, estimate, file, over);
  if (over?.()) return word;
  const cleaned = { ...picture, colour: word.colour };
  const drawn = yield* drawnCleaned(picture, cleaned, file, over ?? never, estimate);
  if (drawn) return drawn;
  const colour = yield* unchangedInStep(picture, word.colour);
  return { colour, share: yield* shareKept(picture.colour, estimate, colour) };
}

/** σ of the errors of compression that can still be seen, 1/255. */
const VISIBLE = 8;

/** Where the file's steps are not known, or not where they were applied: no more than such errors, and no contrast. */
function withoutIntervals(picture: Picture, mapped?: boolean): Pick<Job, 'lastWord'> {
  const { channels } = picture;
  if (channels !== 1 && channels !== 3) return {};
  const errors = whiteNoise(channels, VISIBLE);
  return { lastWord: (colour, over) => whatNoiseExplains(picture, colour, errors, mapped, over) };
}
