import type { Journal } from '../checkpoints/journal.ts';
import type { Reduction } from '../choices.ts';
import type { Failover } from '../executors/failover.ts';
import type { Size } from '../image/box.ts';
import type { Picture } from '../image/picture.ts';
import type { IsOver } from '../stopping/pace.ts';
import { inTurns } from '../time-slicing.ts';
import { ASKED_TWICE, agreedShare, withShare } from './agreed.ts';
import { applyNetworks } from './apply.ts';
import { enlarge, lessonsOf } from './examples.ts';
import { type Mosaic, mosaicFor } from './mosaic.ts';
import { type LearningSettings, MOST_VIEWED } from './settings.ts';
import { withoutSwapped } from './swapped.ts';
import { train } from './train.ts';

/** Larger factors than this are reached by several enlargements, each by at most the settings' `largestStep`. */
const LARGEST_FACTOR = 2;
/** Larger results than this, px, go by as few steps as they can: each one more takes minutes. */
const LARGE = 2 ** 22;
/** Seeds of stages and networks lie far apart. */
export const SEED_STRIDE = 0x9e3779b1;
/** Part of the time that training may take where time is short; the rest is for applying. */
export const TRAINING_SHARE = 0.7;

/** The sizes that an enlargement goes through, the last one the result's. */
export function sizesTo(from: Size, to: Size, largestStep: number): Size[] {
  const factor = Math.max(to.width / from.width, to.height / from.height);
  const stages =
    factor <= LARGEST_FACTOR * 1.01 ? 1 : Math.ceil(Math.log(factor) / Math.log(largestStep) - 0.01);
  const between = (a: number, b: number, i: number) => Math.round(a * (b / a) ** (i / stages));
  return Array.from({ length: stages }, (_, i) => ({
    width: between(from.width, to.width, i + 1),
    height: between(from.height, to.height, i + 1),
  }));
}

interface Enlarging {
  readonly failover: Failover;
  readonly signal?: AbortSignal;
  readonly journal: Journal;
  readonly settings: LearningSettings;
  /** How the picture is taken to have been reduced. */
  readonly reduction: Reduction;
  readonly seed: number;
  /** Milliseconds that it may take. */
  readonly allowed: number;
  /** Milliseconds of work so far, pauses aside. */
  clock(): number;
  /** Asked after every step; may throw. */
  stopped(): boolean;
  /** Whether the time is: nothing more is begun then. */
  readonly over: IsOver;
  /** Steps done and to be done, those that applying takes as long as included, and the way to the result as it is now. */
  report(at: { step: number; steps: number; loss: number }, now: () => Promise<Picture>): Promise<void>;
  /** What of an enlargement may stay before the next one learns from it, and whether a network added to it. */
  settle(enlarged: Picture, learnt: boolean): Promise<Picture>;
}

interface Enlarged {
  readonly picture: Picture;
  readonly losses: readonly number[];
  readonly bytes: number;
  readonly ended: 'steps' | 'time' | 'user';
  /** Whether any network had anything to add. */
  readonly learnt: boolean;
}

/** What is to be done for an enlargement. */
interface StagePlan extends Size {
  readonly steps: number;
  readonly views: number;
  /** Steps that applying takes as long as. */
  readonly applying: number;
}

/** How many pixels are applied to in the time that a step takes for one: it goes forward, and twice as far back. */
const STEP_OVER_APPLYING = 2.3;

/** The sizes on the way from one to another, each with the steps and views of its networks, and what applying them takes in steps. */
export function stagePlans(from: Size, to: Size, settings: LearningSettings): StagePlan[] {
  const mosaic = mosaicFor(Math.min(from.width, from.height));
  const largestStep = to.width * to.height > LARGE ? LARGEST_FACTOR : settings.largestStep;
  return sizesTo(from, to, largestStep).map((size, i) => {
    const pixels = size.width * size.height * settings.seeds;
    const views = Math.max(1, Math.min(settings.views, Math.floor(MOST_VIEWED / pixels)));
    const applying = Math.ceil((pixels * views) / (STEP_OVER_APPLYING * mosaic.width * mosaic.height));
    return { ...size, steps: i === 0 ? settings.steps : settings.laterSteps, views, applying };
  });
}

/**
 * Enlarges a picture by networks that learn from it alone, from all of it at once (after Shocher, Cohen & Irani,
 * "Zero-Shot" Super-Resolution, CVPR 2018): its own reductions show what reducing takes away. In stages, each of which learns from the one before. Training takes as long for a large picture as for a small one.
 *
 * @param picture premultiplied.
 * @param to its plain enlargement.
 */
export async function enlargeByLearning(
  picture: Picture,
  to: Picture,
  enlarging: Enlarging,
): Promise<Enlarged> {
  return new Enlargement(picture, to, enlarging).run();
}

class Enlargement {
  private readonly mosaic: Mosaic;
  private readonly plans: readonly StagePlan[];
  private readonly total: number;
  private readonly losses: number[] = [];
  private readonly began: number;
  private thetas: Float32Array[] = [];
  private bytes = 0;
  private done = 0;
  private ended: Enlarged['ended'] = 'steps';

  constructor(
    private current: Picture,
    private readonly to: Picture,
    private readonly enlarging: Enlarging,
  ) {
    const { settings } = enlarging;
    this.began = enlarging.clock();
    this.mosaic = mosaicFor(Math.min(current.width, current.height));
    this.plans = stagePlans(current, to, settings);
    this.total = this.plans.reduce((sum, plan) => sum + settings.seeds * plan.steps + plan.applying, 0);
  }

  private get isOver(): boolean {
    return this.ended !== 'steps';
  }

  async run(): Promise<Enlarged> {
    let learnt = false;
    for (const [i, plan] of this.plans.entries()) {
      if (this.enlarging.over() && !this.isOver) this.ended = 'time';
      if (this.isOver) break;
      const thetas = await this.learn(plan, i);
      if (thetas.length > 0) learnt = true;
      const base =
        this.plans.length === 1 ? this.to : await inTurns(enlarge(this.current, plan.width, plan.height));
      const { settings, settle, signal } = this.enlarging;
      const views = this.ended === 'user' ? 1 : plan.views;
      const before = this.done;
      const applied = await applyNetworks(this.enlarging.failover, base, {
        ...{ channels: settings.channels, thetas, views, signal },
        over: () => {
          const over = this.enlarging.over();
          if (over && !this.isOver) this.ended = 'time';
          return over;
        },
        watch: async (share) => {
          this.done = before + Math.round(share * plan.applying);
          await this.report(async () => base);
        },
      });
      const enlarged = thetas.length > 0 ? await this.agreed(base, applied, views, thetas) : applied;
      this.done = before + plan.applying;
      const isLast = i === this.plans.length - 1;
      this.current = isLast ? enlarged : await settle(enlarged, thetas.length > 0);
    }
    const { losses, bytes, ended } = this;
    return { picture: await this.toSize(this.current), losses, bytes, ended, learnt };
  }

  /** A plain enlargement, and of what networks added, by so many views, what can be relied on. */
  private async agreed(base: Picture, applied: Picture, views: number, thetas: readonly Float32Array[]) {
    const share = await this.shareOf(base, applied, views, thetas);
    return withShare(base, await inTurns(withoutSwapped(base, applied)), share);
  }

  private async shareOf(base: Picture, applied: Picture, views: number, thetas: readonly Float32Array[]) {
    if (base.width * base.height >= ASKED_TWICE || this.isOver) return 1;
    const { failover, settings, signal } = this.enlarging;
    const { channels } = settings;
    const seen = async (asked: number) =>
      asked === views ? applied : applyNetworks(failover, base, { channels, thetas, views: asked, signal });
    return agreedShare(base, await seen(1), await seen(2));
  }

  /** The networks of a stage, each going on from the last stage's; those that found something. */
  private async learn({ steps, width, height }: StagePlan, stage: number): Promise<Float32Array[]> {
    const { failover, settings, reduction, seed, signal, clock } = this.enlarging;
    const { current, mosaic } = this;
    const learning = lessonsOf(current, width / current.width, mosaic.crop, reduction);
    const lessons = await inTurns(learning, signal);
    const base = { width, height };
    const found: Float32Array[] = [];
    for (let network = 0; network < settings.seeds && !this.isOver; network++) {
      const journal = this.enlarging.journal.within(`stage ${stage} network ${network}`);
      const started = clock();
      const before = { losses: this.losses.length, done: this.done };
      const count = (all: readonly number[]) => {
        this.losses.splice(before.losses, Number.POSITIVE_INFINITY, ...all);
        this.done = before.done + all.length;
      };
      const allowed = this.allowance(steps, started);
      const { theta, bytes, losses } = await train(failover, lessons, mosaic, {
        ...{ planes: current.channels, signal, journal },
        channels: settings.channels,
        steps,
        seed: (seed + (stage * settings.seeds + network) * SEED_STRIDE) >>> 0,
        from: this.thetas[network],
        watch: async (all, now) => {
          count(all);
          await this.report(() => this.preview(base, now));
          const stop = this.enlarging.stopped();
          const used = (clock() - started) / allowed;
          if (stop) this.ended = 'user';
          else if (used >= 1) this.ended = 'time';
          return { stop, used };
        },
      });
      count(losses);
      this.bytes = Math.max(this.bytes, bytes);
      if (theta) found[found.length] = this.thetas[network] = theta;
    }
    return found;
  }

  /** Milliseconds for a network that started then: its share, by steps, of what is left for training. */
  private allowance(steps: number, started: number): number {
    const left = TRAINING_SHARE * this.enlarging.allowed - (started - this.began);
    const all = this.plans.reduce((sum, plan) => sum + plan.steps, 0) * this.enlarging.settings.seeds;
    return Math.max(1, (left * steps) / Math.max(steps, all - this.losses.length));
  }

  private async preview(base: Size, now: () => Promise<Float32Array>): Promise<Picture> {
    const plain = await inTurns(enlarge(this.current, base.width, base.height));
    if (base.width * base.height > LARGEST_PREVIEW) return plain;
    const { failover, settings, signal } = this.enlarging;
    const thetas = [await now()];
    return applyNetworks(failover, plain, { channels: settings.channels, thetas, views: 1, signal });
  }

  private report(now: () => Promise<Picture>): Promise<void> {
    const loss = this.losses[this.losses.length - 1] ?? 0;
    const at = { step: Math.min(this.done, this.total), steps: this.total, loss };
    return this.enlarging.report(at, async () => this.toSize(await now()));
  }

  private async toSize(picture: Picture): Promise<Picture> {
    const { width, height } = this.to;
    const same = picture.width === width && picture.height === height;
    return same ? picture : inTurns(enlarge(picture, width, height));
  }
}

/** Pixels of which a preview is worth what it takes. */
const LARGEST_PREVIEW = 2 ** 20;
