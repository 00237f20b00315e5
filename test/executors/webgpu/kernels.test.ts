import { afterAll, beforeAll, describe, it } from 'vitest';
import { WebGpuExecutor } from '../../../src/engine/executors/webgpu/executor.ts';
import { GPU_PROFILE, type Profile, SOFTWARE_PROFILE } from '../../../src/engine/executors/webgpu/profile.ts';
import { expectCase, KERNEL_CASES, type KernelCase } from '../kernel-cases.ts';
import { COMPILES, missing, open } from './open.ts';

/** What differs between GPUs and software adapters besides convolutions; and some of these. */
const VARIANTS = KERNEL_CASES.filter(({ name }) => /^(norm|loss|resample bilinear|muon|average)/.test(name));
const CONVOLUTIONS = KERNEL_CASES.filter(({ name }) => /^conv /.test(name));
const SOME = CONVOLUTIONS.filter(({ name }) => /^conv (33→20|4→3 13|32→3|3→5 333)/.test(name));

function kernels(what: string, cases: readonly KernelCase[], profile?: Profile): void {
  describe.skipIf(missing !== null)(
    `WebGPU kernels${what}${missing ? ` (${missing})` : ''}`,
    COMPILES,
    () => {
      let executor: WebGpuExecutor;

      beforeAll(async () => {
        const opened = await open();
        executor = profile ? new WebGpuExecutor(opened.device, opened.info, profile) : opened;
      });

      afterAll(() => executor.dispose());

      it.each(cases)('$name', (kernelCase) => expectCase(executor, kernelCase));
    },
  );
}

kernels('', KERNEL_CASES);

kernels(' on a CPU adapter without quads, in short dispatches', [...SOME, ...VARIANTS], {
  ...SOFTWARE_PROFILE,
  quads: false,
  dispatchWork: 1000,
});

/** A graphics card's kernels in tiles so small that every case has several, and that software compiles in no time. */
const TINY: Profile = {
  ...GPU_PROFILE,
  parallelism: 16,
  gather: { lanes: 4, threads: 16, groups: 2, rows: 2, channels: 8, slice: 3 },
  weight: { lanes: 4, threads: 48, groups: 2, inputs: 2, outputs: 8, rows: 2, cols: 2 },
};

kernels(' as GPUs get them, in tiny tiles', [...CONVOLUTIONS, ...VARIANTS], TINY);

const FULL_SIZE = CONVOLUTIONS.filter(({ name }) => /^conv 3→5 331/.test(name));
kernels(' as GPUs get them', process.env.STAGED ? CONVOLUTIONS : FULL_SIZE, GPU_PROFILE);
