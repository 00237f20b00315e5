import { describe, it } from 'vitest';
import { createExecutor } from '../../src/engine/executors/choose.ts';
import { expectTorchTrajectory } from './torch-trajectory.ts';

describe('ten training steps equal PyTorch’s', () => {
  it.each(['reference', 'wasm', 'tfjs-cpu', 'tfjs-wasm'] as const)('on %s', async (name) => {
    const { executor } = await createExecutor(name, undefined);
    try {
      await expectTorchTrajectory(executor);
    } finally {
      executor.dispose();
    }
  });
});
