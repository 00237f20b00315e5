import type { Pace } from '../stopping/pace.ts';
import { turn } from '../turns.ts';
import type { StepNoise } from './noise-tables.ts';
import type { KernelPool } from './pool.ts';
import { type StepSettings, type StripPlanes, stripTask } from './strip.ts';

/** Rows of reference patches in a strip. Fixed, so that results do not depend on the number of workers. */
const STRIP_ROWS = 64;

/** A picture in opponent colours, some rows of it at a time. */
export interface Source {
  readonly width: number;
  readonly height: number;
  readonly planes: 1 | 3;
  /** Rows from `from` up to `to`, [planes, to − from, width]. */
  rows(from: number, to: number): Float32Array;
}

/** Planes that are at hand as a source; [planes, height, width]. */
export function sourceOf(samples: Float32Array, planes: 1 | 3, width: number, height: number): Source {
  const n = width * height;
  return {
    ...{ width, height, planes },
    rows: (from, to) => {
      const part = new Float32Array(planes * (to - from) * width);
      for (let p = 0; p < planes; p++)
        part.set(samples.subarray(p * n + from * width, p * n + to * width), p * (to - from) * width);
      return part;
    },
  };
}

interface Strip extends StripPlanes {
  /** Its first row in the picture. */
  readonly top: number;
}

function stripOf(
  i: number,
  strips: number,
  noisy: Source,
  guide: Source | undefined,
  s: StepSettings,
): Strip {
  const { width, height, planes } = noisy;
  const references = height - s.patch + 1;
  const [first, end] = [i, i + 1].map((j) => Math.floor((j * references) / strips));
  const top = Math.max(0, first - s.radius);
  const bottom = Math.min(height, end - 1 + s.radius + s.patch);
  return {
    ...{ width, height: bottom - top, planes, top },
    noisy: noisy.rows(top, bottom),
    ...(guide ? { guide: guide.rows(top, bottom) } : {}),
    firstRow: first - top,
    endRow: end - top,
  };
}

/** Estimates of each sample, summed, and their numbers: [planes + 1, height, width]. */
class Sums {
  readonly sums: Float32Array;

  constructor(readonly source: Source) {
    this.sums = new Float32Array((source.planes + 1) * source.width * source.height);
  }

  add(part: Float32Array, { top, height, width }: Strip): void {
    const n = this.source.width * this.source.height;
    for (let p = 0; p <= this.source.planes; p++) {
      const to = this.sums.subarray(p * n + top * width);
      const from = part.subarray(p * height * width, (p + 1) * height * width);
      for (let i = 0; i < from.length; i++) to[i] += from[i];
    }
  }

  /** The means, in a copy unless these are the last; where there is no estimate yet, `otherwise`. */
  means(otherwise: Source, last: boolean): Float32Array {
    const { planes, width, height } = this.source;
    const n = width * height;
    const means = last ? this.sums.subarray(0, planes * n) : this.sums.slice(0, planes * n);
    const counts = this.sums.subarray(planes * n);
    for (let row = 0; row < height; row++) {
      const rest = otherwise.rows(row, row + 1);
      for (let p = 0; p < planes; p++)
        for (let j = 0; j < width; j++) {
          const at = p * n + row * width + j;
          const count = counts[row * width + j];
          means[at] = count > 0 ? means[at] / count : rest[p * width + j];
        }
    }
    return means;
  }
}

export interface StepContext {
  readonly pool: KernelPool;
  readonly pace: Pace;
  /** Says how much of the step is done, 0 … 1, and what its answer would be now, in opponent colours. */
  progress(done: number, planes: () => Float32Array): Promise<void>;
}

/**
 * One step over the whole picture; its answer is in opponent colours, [planes, height, width]. Strips that there is no time
 * for are the guide's, or as they were.
 */
export async function runStep(
  noisy: Source,
  guide: Source | undefined,
  noise: StepNoise,
  settings: StepSettings,
  { pool, pace, progress }: StepContext,
): Promise<Float32Array> {
  const strips = Math.max(1, Math.round((noisy.height - settings.patch + 1) / STRIP_ROWS));
  const sums = new Sums(noisy);
  const running: Promise<{ strip: Strip; part: Float32Array }>[] = [];
  let begun = 0;
  const begin = async () => {
    const strip = stripOf(begun++, strips, noisy, guide, settings);
    const answer = await pace.time(() => pool.run(stripTask(strip, noise, settings)));
    return { strip, part: new Float32Array(answer) };
  };
  // Added from top to bottom, whichever is done first: sums of floats depend on their order.
  for (let done = 0; done < strips; done++) {
    while (begun < strips && running.length < pool.count && pace.allows()) {
      const strip = begin();
      strip.catch(() => {}); // heard of when its turn comes, if it does
      running.push(strip);
    }
    const next = running.shift();
    if (!next) break;
    const { strip, part } = await next;
    sums.add(part, strip);
    await progress((done + 1) / strips, () => sums.means(guide ?? noisy, false));
    await turn();
  }
  return sums.means(guide ?? noisy, true);
}
