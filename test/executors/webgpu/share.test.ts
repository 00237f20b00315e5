import { describe, expect, it } from 'vitest';
import type { WebGpuRun } from '../../../src/engine/executors/webgpu/run.ts';
import { readTensor, shareWithTfjs, writeTensor } from '../../../src/engine/executors/webgpu/share.ts';
import { prepare, STEP_CASES } from '../step-cases.ts';
import { COMPILES, missing, open } from './open.ts';

describe.skipIf(missing !== null)(
  `tensors on the same device${missing ? ` (${missing})` : ''}`,
  COMPILES,
  () => {
    it('go into a run and out of it', async () => {
      const executor = await open();
      const { tf, release } = await shareWithTfjs(executor);
      const { plan, inputs } = prepare(STEP_CASES.at(-1)!); // pixels as parameters
      const run = (await executor.compile(plan)) as WebGpuRun;
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
      expect(tf.memory().numTensors).toBe(0);
      run.dispose();
      release();
      executor.dispose();
    });
  },
);
