import type { ExecutorChoice } from '../choices.ts';
import type { EngineHost } from '../executors/host.ts';
import type { NoiseModel } from './noise-model.ts';
import { createPool, type KernelPool } from './pool.ts';
import type { StepSettings } from './strip.ts';

/** The processor has done so many pixels before a card has started: an estimate, no card was at hand to measure one. */
const LEAST_PIXELS = 2 ** 18;

export interface Wanted {
  readonly pixels: number;
  readonly noise: NoiseModel;
  readonly steps: readonly StepSettings[];
}

/** Where a card was asked for in vain: the next restoration does not wait for it again. */
const refused = new WeakSet<object>();

/** The graphics card where there is one and nobody asked for something else, or else the processor. */
export async function createDenoisePool(
  host: EngineHost | undefined,
  executor: ExecutorChoice,
  { pixels, noise, steps }: Wanted,
): Promise<KernelPool> {
  const entry = host?.gpu ?? globalThis;
  const wanted = executor === 'auto' || executor === 'webgpu';
  if (wanted && pixels >= LEAST_PIXELS && !refused.has(entry))
    try {
      return await (await import('./webgpu/open.ts')).openGpuPool(host, noise, steps);
    } catch {
      refused.add(entry); // no card, or none to be relied on
    }
  return createPool(host);
}
