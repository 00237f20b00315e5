import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { testEnvironment } from './scripts/machine.mjs';

// Set here too, and not only in scripts/test.mjs: the loader of Vulkan reads it when a worker process starts.
Object.assign(process.env, testEnvironment());

/** Short files that take long: begun last, as their length has it, each would keep one worker busy and the others idle. */
const LONG = /(webgpu|webgl2)\/kernels|nonlocal\/webgpu|eval\/no-harm|cli\/resume/;

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => LONG.test(moduleId);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  define: { __VERSION__: JSON.stringify('0.0.0-test') },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['scripts/global-setup.mjs'],
    reporters: ['./scripts/skip-reporter.mjs', 'default'],
    pool: 'forks',
    sequence: { sequencer: LongFirst },
    // By default one core is kept free, which is half of a machine with two. Tests that drive a browser or the command
    // line wait for it, so that there is work for one more.
    maxWorkers: availableParallelism() + 1,
    // A browser on a busy machine may miss a moment once; what fails twice fails.
    retry: process.env.CI ? 1 : 0,
    // For what hangs; the longest test takes half a minute, and a slow or busy machine is no fault.
    testTimeout: 240_000,
    hookTimeout: 240_000,
  },
});
