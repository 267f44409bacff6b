import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { libraryNames } from './vite.config.ts';

/** What runs in Node: the pure parts, the prepared files, the package. What needs a browser is in e2e/. */
export default defineConfig({
  resolve: { alias: libraryNames },
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/support/setup.ts'],
    // On the smallest machine vitest would leave one of its two cores idle.
    maxWorkers: availableParallelism(),
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
