import { defineConfig } from 'playwright/test';
import { chromiumFlags, findChromium } from '../scripts/kit/chromium.mjs';

const port = Number(process.env.DEMO_PORT ?? 4179);

/** The tests that need a browser: the built library on an empty page, and the built demo. */
export default defineConfig<{ inWorker: boolean }>({
  testDir: '.',
  outputDir: '../test-results/playwright',
  // As many files at a time as the smallest machine has cores: a network runs on one.
  workers: 2,
  // Graphics are emulated where there is no card, which under load takes minutes.
  timeout: 480_000,
  // What is waited for comes, however busy the machine: this bounds only how late a failure is told.
  expect: { timeout: 30_000 },
  forbidOnly: true,
  // Pictures of every state are for looking at: `npm run screenshots`.
  ...(process.env.SCREENSHOTS ? { grep: /@screenshots/ } : { grepInvert: /@screenshots/ }),
  reporter: [['list'], ['json', { outputFile: '../test-results/playwright.json' }]],
  use: {
    baseURL: `http://localhost:${port}/`,
    launchOptions: { executablePath: findChromium() ?? '', args: chromiumFlags },
  },
  // What runs networks is tested twice: in a worker, where they run unless the page is to run them, and on the page.
  projects: [
    { name: 'worker' },
    { name: 'page', testMatch: /\/(loading|memory|sources|photos|identity)\.spec/, use: { inWorker: false } },
  ],
  webServer: {
    command: `npx vite preview --port ${port} --strictPort`,
    cwd: '..',
    port,
    reuseExistingServer: false,
  },
});
