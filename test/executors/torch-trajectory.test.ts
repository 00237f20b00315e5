import { describe, it } from 'vitest';
import { createExecutor } from '../../src/engine/executors/choose.ts';
import { nodeHost } from '../../src/node/host.ts';
import { expectTorchTrajectory } from './torch-trajectory.ts';

const host = await nodeHost('webgpu');
const adapter = await host.gpu?.requestAdapter();
if (!adapter) console.warn(`webgpu is not compared with PyTorch: ${host.gpuHint ?? 'no adapter'}`);
const names = [
  'reference',
  'wasm',
  'tfjs-cpu',
  'tfjs-wasm',
  ...(adapter ? (['webgpu'] as const) : []),
] as const;

describe('ten training steps equal PyTorch’s', () => {
  it.each(names)(
    'on %s',
    async (name) => {
      const { executor } = await createExecutor(name, name === 'webgpu' ? host : { tfjs: host.tfjs });
      try {
        await expectTorchTrajectory(executor);
      } finally {
        executor.dispose();
      }
    },
    240_000,
  );
});
