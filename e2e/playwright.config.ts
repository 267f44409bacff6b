import { defineConfig } from 'playwright/test';
import { chromiumFlags, findChromium } from '../scripts/chromium.mjs';

const port = Number(process.env.DEMO_PORT ?? 4179);

/** The tests that need a browser: the built library on an empty page, and the built demo. */
export default defineConfig({
  testDir: '.',
  outputDir: '../test-results/playwright',
  // The machine's cores are the networks', and tests that compete for them tell little.
  workers: 1,
  timeout: 120_000,
  forbidOnly: true,
  reporter: [['list'], ['json', { outputFile: '../test-results/playwright.json' }]],
  use: {
    baseURL: `http://localhost:${port}/`,
    launchOptions: { executablePath: findChromium() ?? '', args: chromiumFlags },
  },
  webServer: {
    command: `npx vite preview --port ${port} --strictPort`,
    cwd: '..',
    port,
    reuseExistingServer: false,
  },
});
