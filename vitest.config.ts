import { defineConfig } from 'vitest/config';

/** What runs in Node: the pure parts, the prepared files, the package. What needs a browser is in e2e/. */
export default defineConfig({
  test: { include: ['test/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 120_000 },
});
