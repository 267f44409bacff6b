import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { libraryNames } from './vite.config.ts';

/** Unit tests that run for more than five seconds: they convert whole networks, or compare with slow references. */
const slow = [
  'test/unit/cli/convert/convert-mtcnn.test.ts',
  'test/unit/cli/convert/published-weights.test.ts',
  'test/unit/gallery/transfer.test.ts',
  'test/unit/image/warp.test.ts',
  'test/unit/runtime/kernels/kernel-runner.test.ts',
  'test/unit/runtime/kernels/memory-size.test.ts',
];

/** The tests that run in Node. Tests that need a browser are in e2e/. */
export default defineConfig({
  resolve: { alias: libraryNames },
  test: {
    setupFiles: ['test/support/setup.ts'],
    // The default leaves one core idle.
    maxWorkers: availableParallelism(),
    testTimeout: 120_000,
    hookTimeout: 120_000,
    projects: [
      { extends: true, test: { name: 'fast', include: ['test/unit/**/*.test.ts'], exclude: slow } },
      { extends: true, test: { name: 'slow', include: [...slow, 'test/package/**/*.test.ts'] } },
    ],
  },
});
