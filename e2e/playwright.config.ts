import { defineConfig } from 'playwright/test';
import { chromiumFlags, findChromium } from '../scripts/kit/chromium.mjs';
import { isLong } from './support/sampling.ts';

const port = Number(process.env.DEMO_PORT ?? 4179);

/** `npm run screenshots` runs the tests tagged @screenshots, `npm run test:long` all, `npm test` neither those nor @long. */
function selection(): { grep?: RegExp; grepInvert?: RegExp } {
  if (process.env.SCREENSHOTS) return { grep: /@screenshots/ };
  return isLong ? {} : { grepInvert: /@(screenshots|long)/ };
}

/** The tests that need a browser: the built library on an empty page, and the built demo. */
export default defineConfig<object, { inWorker: boolean }>({
  testDir: '.',
  outputDir: '../test-results/playwright',
  // One file per core of the smallest machine: a network keeps one core busy.
  workers: 2,
  // Emulated graphics take minutes on a busy machine.
  timeout: 480_000,
  // Expectations poll, so this only bounds how late a failure is reported.
  expect: { timeout: 30_000 },
  forbidOnly: true,
  ...selection(),
  reporter: [['list'], ['json', { outputFile: '../test-results/playwright.json' }]],
  use: {
    baseURL: `http://localhost:${port}/`,
    launchOptions: { executablePath: findChromium() ?? '', args: chromiumFlags },
  },
  // By default networks run in a worker. Tests tagged @page depend on where they run, and are repeated without a worker.
  projects: [{ name: 'worker' }, { name: 'page', grep: /@page/, use: { inWorker: false } }],
  webServer: {
    command: `npx vite preview --port ${port} --strictPort`,
    cwd: '..',
    port,
    reuseExistingServer: false,
  },
});
