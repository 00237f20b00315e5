import type { EngineHost } from '../executors/host.ts';
import type { Picture } from '../image/picture.ts';
import { throwIfAborted } from '../stopping/abort.ts';
import type { Pace } from '../stopping/pace.ts';
import { inTurns, type Pieces } from '../time-slicing.ts';
import type { NoiseModel } from './noise-model.ts';
import { fromOpponent, opponentOf, toOpponent } from './opponent.ts';
import { createPool, withPool } from './pool.ts';
import { type OpponentPlanes, runStep } from './step.ts';
import type { StripPlanes } from './strip.ts';
import { WINDOW, windowsTask } from './windows-task.ts';

interface WindowsContext {
  readonly host?: EngineHost;
  readonly pace: Pace;
  readonly signal?: AbortSignal;
  /** Says how much is done, 0 … 1; may throw to end it. */
  progress(done: number, colour: () => Pieces<Float32Array>): Promise<void>;
}

/**
 * Denoises by windows of adapted shape (data-adaptive dual domain denoising; Pierazzo & Facciolo, IPOL 7, 2017): around a
 * pixel those count that an answer says are like it, after its slope is taken off, and their spectrum is shrunk by what
 * the answer's says of the picture.
 *
 * @param picture without alpha, 1 or 3 planes, whose noise is white.
 * @param guide the answer, [channels, height, width].
 * @returns the planes; rows that there is no time for are the guide's.
 * @throws GpuUnavailableError without WebAssembly SIMD; a DOMException AbortError after `signal`.
 */
export async function denoiseInWindows(
  { width, height, channels, colour }: Picture,
  guide: Float32Array,
  noise: NoiseModel,
  { host, pace, signal, progress }: WindowsContext,
): Promise<Float32Array> {
  throwIfAborted({ signal });
  const planes = channels as 1 | 3;
  const size = { width, height, planes } as const;
  const noisy = {
    ...size,
    rows: (from: number, to: number) => toOpponent(colour, planes, from * width, (to - from) * width),
  };
  const estimate: OpponentPlanes = { ...size, samples: await inTurns(opponentOf(guide, planes)) };
  const step = {
    ...{ patch: 1, radius: WINDOW.radius },
    task: (strip: StripPlanes, top: number) => windowsTask(strip, top, noise),
  };
  await withPool(createPool(host), { signal }, (pool) =>
    runStep(noisy, estimate, true, step, {
      ...{ pool, pace },
      progress: async (done, now) => {
        throwIfAborted({ signal });
        await progress(done, function* () {
          return yield* fromOpponent(yield* now(), planes);
        });
      },
    }),
  );
  return inTurns(fromOpponent(estimate.samples, planes));
}
