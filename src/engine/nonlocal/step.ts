import type { Pace } from '../stopping/pace.ts';
import { inStretches, inTurns, type Pieces, turn } from '../time-slicing.ts';
import type { KernelTask } from './kernels.ts';
import type { KernelPool } from './pool.ts';
import type { StripPlanes } from './strip.ts';

/**
 * Rows of reference patches in a strip, and fewer of wider pictures, so that what is begun last takes no more than about two
 * seconds. By the picture's size alone, so that results do not depend on the number of workers.
 */
const STRIP = { rows: 64, leastRows: 8, pixels: 64 * 6144 } as const;

/** Strips that a picture is worked on in. */
export function stripsOf({ width, height }: Pick<Source, 'width' | 'height'>, patch: number): number {
  const rows = Math.min(STRIP.rows, Math.max(STRIP.leastRows, Math.floor(STRIP.pixels / width)));
  return Math.max(1, Math.round((height - patch + 1) / rows));
}

/** Strips that are begun and not added yet, for each worker, at most. */
const AHEAD = 3;

/** A picture in opponent colours, some rows of it at a time. */
export interface Source {
  readonly width: number;
  readonly height: number;
  readonly planes: 1 | 3;
  /** Rows from `from` up to `to`, [planes, to − from, width]. */
  rows(from: number, to: number): Float32Array;
}

/** What is known of the picture so far, in opponent colours; a step replaces it by what it finds. */
export interface OpponentPlanes extends Omit<Source, 'rows'> {
  /** [planes, height, width] */
  readonly samples: Float32Array;
}

function rowsOf({ samples, width, height, planes }: OpponentPlanes, from: number, to: number): Float32Array {
  const part = new Float32Array(planes * (to - from) * width);
  for (let p = 0; p < planes; p++)
    part.set(
      samples.subarray((p * height + from) * width, (p * height + to) * width),
      p * (to - from) * width,
    );
  return part;
}

/** What is done with each strip. */
interface Step {
  /** Side of what begins in a row of it, px, and how far around that more is looked at. */
  readonly patch: number;
  readonly radius: number;
  /** Whose answer is [planes + 1, height, width]: sums of estimates, and their weights. `top`: the strip's first row in the picture. */
  task(strip: StripPlanes, top: number): KernelTask;
}

/** Where a strip lies in the picture, px: its rows, and those in which its reference patches begin. */
interface Place {
  readonly top: number;
  readonly height: number;
  readonly firstRow: number;
  readonly endRow: number;
}

function placeOf(i: number, strips: number, { height }: Source, { patch, radius }: Step): Place {
  const references = height - patch + 1;
  const [firstRow, endRow] = [i, i + 1].map((j) => Math.floor((j * references) / strips));
  const top = Math.max(0, firstRow - radius);
  return { top, height: Math.min(height, endRow - 1 + radius + patch) - top, firstRow, endRow };
}

function stripAt(place: Place, noisy: Source, guide: OpponentPlanes | undefined): StripPlanes {
  const { width, planes } = noisy;
  const { top, height, firstRow, endRow } = place;
  return {
    ...{ width, height, planes },
    noisy: noisy.rows(top, top + height),
    ...(guide ? { guide: rowsOf(guide, top, top + height) } : {}),
    firstRow: firstRow - top,
    endRow: endRow - top,
  };
}

/**
 * Estimates of each sample, summed, and their numbers: [planes + 1, rows, width] of the rows that strips still add to, a
 * window that moves down the picture with them.
 */
class Sums {
  private readonly rows: number;
  private readonly sums: Float32Array;
  private top = 0;

  constructor(
    private readonly estimate: OpponentPlanes,
    step: Step,
    strips: number,
  ) {
    const { width, height, planes } = estimate;
    this.rows = Math.min(height, Math.ceil(height / strips) + 2 * (step.radius + step.patch));
    this.sums = new Float32Array((planes + 1) * this.rows * width);
  }

  add(part: Float32Array, { top, height }: Place): void {
    const { width } = this.estimate;
    this.moveTo(top);
    const size = this.rows * width;
    for (let p = 0; p <= this.estimate.planes; p++) {
      const to = this.sums.subarray(p * size);
      const from = part.subarray(p * height * width, (p + 1) * height * width);
      for (let i = 0; i < from.length; i++) to[i] += from[i];
    }
  }

  /** Nothing is added to the rows above any more: their means become the estimate. */
  private moveTo(top: number): void {
    const { planes, width } = this.estimate;
    const moved = (top - this.top) * width;
    const size = this.rows * width;
    this.write(this.estimate.samples, 0, moved);
    for (let p = 0; p <= planes; p++) {
      this.sums.copyWithin(p * size, p * size + moved, (p + 1) * size);
      this.sums.fill(0, (p + 1) * size - moved, (p + 1) * size);
    }
    this.top = top;
  }

  /** Puts the means of all rows of the window into planes, in pieces; what has no estimate yet stays. */
  written(to: Float32Array): Pieces<void> {
    const rows = Math.min(this.rows, this.estimate.height - this.top);
    return inStretches(rows * this.estimate.width, (first, end) => this.write(to, first, end));
  }

  /** The same of some samples of the window. */
  private write(to: Float32Array, first: number, end: number): void {
    const { planes, width, height } = this.estimate;
    const size = this.rows * width;
    for (let i = first; i < end; i++) {
      const count = this.sums[planes * size + i];
      if (count === 0) continue;
      for (let p = 0; p < planes; p++)
        to[(p * height + this.top) * width + i] = this.sums[p * size + i] / count;
    }
  }
}

interface StepContext {
  readonly pool: KernelPool;
  readonly pace: Pace;
  /** Says how much of the step is done, 0 … 1, and the way to what its answer would be now, in opponent colours. */
  progress(done: number, planes: () => Pieces<Float32Array>): Promise<void>;
}

/**
 * One step over the whole picture: its answer takes the place of the estimate, from the top down, as rows are done with
 * that no strip looks at any more. Strips that there is no time for stay as they were.
 *
 * @param guided whether the estimate guides it.
 */
export async function runStep(
  noisy: Source,
  estimate: OpponentPlanes,
  guided: boolean,
  step: Step,
  { pool, pace, progress }: StepContext,
): Promise<void> {
  const strips = stripsOf(noisy, step.patch);
  const sums = new Sums(estimate, step, strips);
  const guide = guided ? estimate : undefined;
  const running: Promise<{ place: Place; part: Float32Array }>[] = [];
  let begun = 0;
  const begin = async () => {
    const place = placeOf(begun++, strips, noisy, step);
    // The rows of the estimate are still what they were, whenever a strip is made: none above it is finished before it.
    const make = () => step.task(stripAt(place, noisy, guide), place.top);
    return { place, part: await pace.time(() => pool.run(make)) };
  };
  const touched = () => (guided ? 1 : (begun + 1) / strips);
  let active = 0;
  let next: (typeof running)[number] | undefined;
  // A strip that takes long keeps no other worker waiting: what is done before it waits, a few strips at most.
  const fill = () => {
    while (
      begun < strips &&
      active < pool.count &&
      running.length < AHEAD * pool.count &&
      pace.allows(touched())
    ) {
      active++;
      const strip = begin();
      const ended = () => {
        active--;
        if (strip !== next) fill(); // else progress is told first, which may be the end of it
      };
      strip.then(ended, () => {}); // a failure is heard of when its turn comes, if it does
      running.push(strip);
    }
  };
  // Added from top to bottom, whichever is done first: sums of floats depend on their order.
  for (let done = 0; done < strips; done++) {
    fill();
    next = running.shift();
    if (!next) break;
    const { place, part } = await next;
    sums.add(part, place);
    await progress((done + 1) / strips, function* () {
      const now = estimate.samples.slice();
      yield;
      yield* sums.written(now);
      return now;
    });
    await turn();
  }
  await inTurns(sums.written(estimate.samples));
}
