import type { Picture } from '../image/picture.ts';
import type { NoiseModel } from '../nonlocal/noise-model.ts';
import type { LearningContext, Learnt } from '../tasks/task.ts';
import { inTurns } from '../time-slicing.ts';
import { applyNetworks } from './apply.ts';
import { SEED_STRIDE, stagePlans, TRAINING_SHARE } from './enlarge.ts';
import { mosaicFor } from './mosaic.ts';
import { noiseLessons } from './noise-lessons.ts';
import type { LearningSettings } from './settings.ts';
import { train } from './train.ts';

/** What is learnt from. */
interface Noisy {
  /** The noisy picture, without alpha, of 1 or 3 planes. */
  readonly picture: Picture;
  /** [channels, height, width]; it is also the answer where the time did not suffice for one. */
  readonly estimate: Float32Array;
  readonly noise: NoiseModel;
}

interface Denoising extends LearningContext {
  readonly settings: LearningSettings;
}

/**
 * Denoises a picture by networks that learn it from an estimate of the picture: to take off noise of the same kind, drawn
 * anew. Their errors are others than the estimate's, so that a share of them in the mix is nearer than either.
 */
export async function denoiseByLearning(
  { picture, estimate, noise }: Noisy,
  { settings, failover, seed, signal, journal, allowed, clock, stopped, over, report }: Denoising,
): Promise<Learnt> {
  const mosaic = mosaicFor(Math.min(picture.width, picture.height));
  const [{ steps, views, applying }] = stagePlans(picture, picture, settings);
  const total = settings.seeds * steps + applying;
  const lessons = await inTurns(noiseLessons(picture, estimate, noise, seed));
  const [began, each] = [clock(), (TRAINING_SHARE * allowed) / settings.seeds];
  const losses: number[] = [];
  const thetas: Float32Array[] = [];
  let [bytes, done] = [0, 0];
  let ended: Learnt['ended'] = 'steps';
  const tell = () =>
    report({ step: Math.min(done, total), steps: total, loss: losses.at(-1) ?? 0 }, async () => estimate);
  for (let network = 0; network < settings.seeds && ended === 'steps'; network++) {
    if (over()) {
      ended = 'time';
      break;
    }
    const ours = journal.within(`network ${network}`);
    const before = losses.length;
    const count = (all: readonly number[]) => {
      losses.splice(before, Number.POSITIVE_INFINITY, ...all);
      done = losses.length;
    };
    const trained = await train(failover, lessons, mosaic, {
      ...{ planes: picture.channels, channels: settings.channels, steps, signal, journal: ours },
      seed: (seed + network * SEED_STRIDE) >>> 0,
      watch: async (all) => {
        count(all);
        await tell();
        const used = (clock() - began) / each - network;
        if (stopped()) ended = 'user';
        else if (used >= 1) ended = 'time';
        return { stop: ended === 'user', used };
      },
    });
    count(trained.losses);
    bytes = Math.max(bytes, trained.bytes);
    if (trained.theta) thetas.push(trained.theta);
  }
  const passes = views * Math.max(1, thetas.length);
  let seen = 0;
  const { colour } = await applyNetworks(failover, picture, {
    ...{ channels: settings.channels, thetas, views, signal },
    over: () => {
      const isOver = stopped() || over();
      if (isOver && ended === 'steps') ended = stopped() ? 'user' : 'time';
      return isOver;
    },
    watch: async (share) => {
      seen = share;
      done = settings.seeds * steps + Math.round(share * applying);
      await tell();
    },
  });
  // What no network has looked at is as noisy as it was.
  const isSeen = thetas.length > 0 && seen * passes >= 1 - 1e-9;
  return { colour: isSeen ? colour : estimate, losses, networks: thetas.length, bytes, ended };
}
