import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { libraryNames } from './vite.config.ts';

/** The tests that run in Node: pure functions, prepared files, the package. Tests that need a browser are in e2e/. */
export default defineConfig({
  resolve: { alias: libraryNames },
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/support/setup.ts'],
    // The default leaves one core idle.
    maxWorkers: availableParallelism(),
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
