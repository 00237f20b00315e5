import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { testEnvironment } from './scripts/machine.mjs';

// Set here too, and not only in scripts/test.mjs: the loader of Vulkan reads it when a worker process starts.
Object.assign(process.env, testEnvironment());

export default defineConfig({
  define: { __VERSION__: JSON.stringify('0.0.0-test') },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['scripts/global-setup.mjs'],
    reporters: ['./scripts/skip-reporter.mjs', 'default'],
    pool: 'forks',
    // By default one core is kept free, which is half of a machine with two. Tests that drive a browser or the command
    // line wait for it, so that there is work for one more.
    maxWorkers: availableParallelism() + 1,
    // A browser on a busy machine may miss a moment once; what fails twice fails.
    retry: process.env.CI ? 1 : 0,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
