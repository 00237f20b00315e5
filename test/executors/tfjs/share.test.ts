import { describe, expect, it } from 'vitest';
import { readTensor, shareWithTfjs, writeTensor } from '../../../src/engine/tfjs.ts';
import { prepare, STEP_CASES } from '../step-cases.ts';
import { COMPILES, missing, open } from '../webgpu/open.ts';

/** tf's tensors and the bytes they take on the GPU, those kept for reuse not counted. */
function memoryOf(tf: Awaited<ReturnType<typeof shareWithTfjs>>['tf']) {
  const { numTensors } = tf.memory();
  const { bufferManager } = tf.backend() as unknown as { bufferManager: { numBytesUsed: number } };
  return { numTensors, bytes: bufferManager.numBytesUsed };
}

describe.skipIf(missing !== null)(
  `tensors on the same device${missing ? ` (${missing})` : ''}`,
  COMPILES,
  () => {
    it('go into a run and out of it', async () => {
      const executor = await open();
      const { tf, release } = await shareWithTfjs(executor);
      const { plan, inputs } = prepare(STEP_CASES.at(-1)!); // pixels as parameters
      const before = { ...memoryOf(tf), buffers: executor.liveBuffers };
      const run = await executor.compile(plan);
      for (const [name, data] of inputs) run.write(name, data);
      for (const threshold of [0, 1000]) {
        tf.env().set('WEBGPU_CPU_HANDOFF_SIZE_THRESHOLD', threshold); // computed on the GPU, and on the CPU
        const half = tf.scalar(threshold ? 0.5 : 0.25);
        const target = tf.tidy(() => tf.mul(tf.tensor(inputs.get('target')!, [3, 1, 9]), half));
        await writeTensor(executor, run, 'target', target);
        expect(await run.read('target')).toEqual(
          inputs.get('target')!.map((v) => v * (threshold ? 0.5 : 0.25)),
        );
        tf.dispose([target, half]);
      }
      await run.steps(2);
      const image = await readTensor(run, tf, 'image', [3, 1, 9]);
      expect(await image.data()).toEqual(await run.read('image'));
      image.dispose();
      run.dispose();
      expect({ ...memoryOf(tf), buffers: executor.liveBuffers }).toEqual(before);
      release();
      executor.dispose();
    });
  },
);
