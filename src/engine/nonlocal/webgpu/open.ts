import { GpuUnavailableError } from '../../errors.ts';
import type { EngineHost } from '../../executors/host.ts';
import {
  describeAdapter,
  isSoftwareAdapter,
  requestAdapter,
  requestDevice,
} from '../../executors/webgpu/device.ts';
import type { NoiseModel } from '../noise-model.ts';
import { stepNoise } from '../noise-tables.ts';
import { createPool, type KernelPool } from '../pool.ts';
import { type StepSettings, type StripPlanes, stripTask } from '../strip.ts';
import { GpuPool } from './pool.ts';

/**
 * A pool on the graphics card, which has shown that it computes these steps as the processor does. Throws
 * GpuUnavailableError where there is no card, none but one in software, or one that computes something else.
 */
export async function openGpuPool(
  host: EngineHost | undefined,
  noise: NoiseModel,
  steps: readonly StepSettings[],
): Promise<GpuPool> {
  const adapter = await requestAdapter(host);
  if (isSoftwareAdapter(adapter.info))
    throw new GpuUnavailableError(
      'The only graphics adapter is software, slower than the processor by itself.',
    );
  const pool = new GpuPool(await requestDevice(adapter), describeAdapter(adapter.info), () =>
    createPool(host),
  );
  try {
    await proveGpuPool(pool, noise, steps);
    return pool;
  } catch (error) {
    pool.dispose();
    throw error;
  }
}

/** Samples are in [0, 1]. Both compute in single precision, in another order. */
const TOLERANCE = 1e-3;

/** Throws GpuUnavailableError unless the device computes one group of each step as the processor does. */
export async function proveGpuPool(
  pool: Pick<GpuPool, 'compute'>,
  noise: NoiseModel,
  steps: readonly StepSettings[],
): Promise<void> {
  const local = await createPool(undefined);
  try {
    for (const [i, settings] of steps.entries())
      if (!(await agree(pool, local, i > 0, noise, settings)))
        throw new GpuUnavailableError('The graphics adapter computes other numbers than the processor.');
  } finally {
    local.dispose();
  }
}

async function agree(
  pool: Pick<GpuPool, 'compute'>,
  local: KernelPool,
  guided: boolean,
  model: NoiseModel,
  settings: StepSettings,
): Promise<boolean> {
  const noise = stepNoise(model, settings.patch);
  const task = () => stripTask(oneReference(model.planes.length as 1 | 3, guided, settings), noise, settings);
  const [actual, expected] = [await pool.compute(task()), await local.run(task)];
  return expected.every(
    (value, i) => Math.abs(value - actual[i]) <= TOLERANCE * Math.max(1, Math.abs(value)),
  );
}

/** A strip as narrow as a patch: one reference, and more patches above and below it than a group has with a guide. */
function oneReference(planes: 1 | 3, guided: boolean, { patch, radius }: StepSettings): StripPlanes {
  const height = 2 * radius + patch;
  const samples = (phase: number) =>
    Float32Array.from(
      { length: planes * height * patch },
      (_, i) => 0.5 + 0.3 * Math.sin(i / 3 + phase) + 0.1 * Math.sin(i * i),
    );
  const strip = { width: patch, height, planes, noisy: samples(0), firstRow: radius, endRow: radius + 1 };
  return guided ? { ...strip, guide: samples(0.2) } : strip;
}
