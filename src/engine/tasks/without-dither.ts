import { mixtureIn } from '../dither/mixture.ts';
import { asDithered, undithered } from '../dither/undithered.ts';
import type { Picture } from '../image/picture.ts';
import { throwIfAborted } from '../stopping/abort.ts';
import { never } from '../stopping/pace.ts';
import { inTurns, turn } from '../time-slicing.ts';
import type { Estimate, EstimateContext, Job } from './task.ts';

/** Of a picture whose colours are mixed of dots, the mixtures; and of any answer, what such dots may have stood for. */
export const withoutDither = (picture: Picture): Pick<Job, 'estimate' | 'lastWord'> => ({
  estimate: (context) => mixtures(picture, context),
  lastWord: function* (colour, over = never) {
    return { colour: yield* asDithered(picture, colour, over), share: 1 };
  },
});

async function mixtures(
  picture: Picture,
  { signal, progress, stopped = never }: EstimateContext,
): Promise<Estimate | undefined> {
  const mixture = await inTurns(mixtureIn(picture));
  if (!mixture) return undefined;
  const work = undithered(picture, mixture, stopped);
  for (let rows = 1; ; rows++) {
    throwIfAborted({ signal });
    const piece = work.next();
    if (piece.done) return { colour: piece.value, networkShare: 0 };
    await turn();
    await progress(Math.min(1, rows / picture.height));
  }
}
