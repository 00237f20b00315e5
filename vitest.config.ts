import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { testEnvironment } from './scripts/machine.mjs';

// Set here too, and not only in scripts/test.mjs: the loader of Vulkan reads it when a worker process starts.
Object.assign(process.env, testEnvironment());

/** Short files that take long: begun last, as their length has it, each would keep one worker busy and the others idle. */
const LONG = /(webgpu|webgl2)\/kernels|nonlocal\/webgpu|eval\/no-harm|cli\/resume/;

/**
 * Tests of pure code. Their files share a process, so that the engine is read and compiled once for all of them and not once
 * a file; those that put something of their own in place of timers or globals, or count what a process holds, do not.
 */
const SHARED =
  'test/{defects,diagnosis,engine,jpeg,nonlocal,plan,plugin,recipes}/**/' +
  '!(failover|in-parts|leaks|leaks-page|reporter|resume|time-limit|webgpu).test.ts';

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const order = ({ moduleId, project }: TestSpecification) => {
      if (LONG.test(moduleId)) return 0;
      // A shared process ends where a file that does not share comes next.
      return project.config.isolate ? 1 : 2;
    };
    return sorted.sort((a, b) => order(a) - order(b));
  }
}

/** A group of test files, each with what every file is run with. */
const group = (name: string, test: { include: string[]; exclude?: string[]; isolate?: boolean }) => ({
  define: { __VERSION__: JSON.stringify('0.0.0-test') },
  test: {
    name,
    ...test,
    // A browser on a busy machine may miss a moment once; what fails twice fails.
    retry: process.env.CI ? 1 : 0,
    // For what hangs; the longest test takes half a minute, and a slow or busy machine is no fault.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 90_000 } },
  },
});

export default defineConfig({
  test: {
    globalSetup: ['scripts/global-setup.mjs'],
    reporters: ['./scripts/skip-reporter.mjs', 'default'],
    pool: 'forks',
    sequence: { sequencer: LongFirst },
    // By default one core is kept free, which is half of a machine with two. Tests that drive a browser or the command
    // line wait for it half of the time: three workers kept two cores busy for 72 % of it.
    maxWorkers: availableParallelism() + 2,
    projects: [
      group('own process', { include: ['test/**/*.test.ts'], exclude: [SHARED] }),
      group('shared process', { include: [SHARED], isolate: false }),
    ],
  },
});
