import { afterAll, beforeAll, beforeEach, describe, it } from 'vitest';
import { isSoftwareAdapter } from '../../../src/engine/executors/webgpu/device.ts';
import { WebGpuExecutor } from '../../../src/engine/executors/webgpu/executor.ts';
import { expectCase, KERNEL_CASES } from '../kernel-cases.ts';
import { COMPILES, missing, open } from './open.ts';

describe.skipIf(missing !== null)(`WebGPU kernels${missing ? ` (${missing})` : ''}`, COMPILES, () => {
  let executor: WebGpuExecutor;

  beforeAll(async () => {
    executor = await open();
  });

  afterAll(() => executor.dispose());

  it.each(KERNEL_CASES)('$name', (kernelCase) => expectCase(executor, kernelCase));
});

/** What differs between GPUs and software adapters; of the convolutions, which these take minutes to compile, some. */
const VARIANTS = KERNEL_CASES.filter(({ name }) => /^(norm|loss|resample bilinear|muon|average)/.test(name));
const CONVOLUTIONS = KERNEL_CASES.filter(({ name }) => /^conv (20→33|33→20|4→3 13|32→3|3→5 333)/.test(name));

async function noGpu(): Promise<string | null> {
  if (missing !== null) return missing;
  const executor = await open();
  const software = isSoftwareAdapter(executor.info);
  executor.dispose();
  return software && process.env.STAGED === undefined
    ? 'a software adapter takes minutes to compile them; STAGED=1 runs them all the same'
    : null;
}

describe.skipIf(missing !== null)(
  `WebGPU kernels on a CPU adapter without quads, in short dispatches${missing ? ` (${missing})` : ''}`,
  COMPILES,
  () => {
    let executor: WebGpuExecutor;

    beforeAll(async () => {
      const { device, info } = await open();
      executor = new WebGpuExecutor(device, info, {
        software: true,
        quads: false,
        workgroupMemory: 16384,
        parallelism: 16,
        dispatchWork: 1000,
      });
    });

    afterAll(() => executor.dispose());

    it.each([...CONVOLUTIONS, ...VARIANTS])('$name', (kernelCase) => expectCase(executor, kernelCase));
  },
);

const without = await noGpu();

describe.skipIf(missing !== null)(
  `WebGPU kernels as GPUs get them${missing ? ` (${missing})` : ''}`,
  COMPILES,
  () => {
    let executor: WebGpuExecutor;

    beforeAll(async () => {
      const { device, info } = await open();
      executor = new WebGpuExecutor(device, info, {
        software: false,
        workgroupMemory: 16384,
        quads: false,
        parallelism: 512,
        dispatchWork: 5e10,
      });
    });

    afterAll(() => executor.dispose());

    it.each(VARIANTS)('$name', (kernelCase) => expectCase(executor, kernelCase));

    describe('convolutions', () => {
      beforeEach(({ skip }) => skip(without !== null, without ?? undefined));
      it.each(CONVOLUTIONS)('$name', (kernelCase) => expectCase(executor, kernelCase));
    });
  },
);
