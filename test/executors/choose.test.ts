import { describe, expect, it } from 'vitest';
import type { ExecutorChoice } from '../../src/engine/choices.ts';
import { GpuUnavailableError } from '../../src/engine/errors.ts';
import { createExecutor } from '../../src/engine/executors/choose.ts';
import type { EngineHost } from '../../src/engine/executors/host.ts';

const tfjs = () => import('../../src/engine/tfjs.ts');

async function nameAndReason(choice: ExecutorChoice, host: EngineHost = { tfjs }): Promise<[string, string]> {
  const { executor, reason } = await createExecutor(choice, host);
  executor.dispose();
  return [executor.name, reason];
}

/** A machine whose only adapter is drawn by the CPU. */
const softwareGpu = {
  requestAdapter: async () => ({ info: { vendor: 'google', architecture: 'swiftshader', description: '' } }),
} as unknown as GPU;

describe('the choice of an executor', () => {
  it.each(['reference', 'tfjs-cpu', 'tfjs-wasm'] as const)('takes %s when it is asked for', async (name) => {
    expect(await nameAndReason(name)).toEqual([name, `${name} was asked for`]);
  });

  it('falls back to wasm where there is no WebGPU, and says why', async () => {
    const [name, reason] = await nameAndReason('auto');
    expect(name).toBe('wasm');
    expect(reason).toMatch(/wasm is the fastest that runs here/);
  });

  it.each(['tfjs-webgpu', 'webgpu', 'webgl2'] as const)(
    'refuses %s without a GPU, with a remedy',
    async (name) => {
      const refused = createExecutor(name, { tfjs });
      await expect(refused).rejects.toBeInstanceOf(GpuUnavailableError);
      await expect(refused).rejects.toThrow(/choose|Use/);
    },
  );

  it('says where the tfjs executors are to those who have not brought them along', async () => {
    await expect(createExecutor('tfjs-cpu', {})).rejects.toThrow('prior-art/tfjs');
  });

  it('passes over a software adapter when nobody asked for it by name', async () => {
    const [name] = await nameAndReason('auto', { gpu: softwareGpu });
    expect(name).toBe('wasm');
  });
});
