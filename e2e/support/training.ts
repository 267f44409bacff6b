import type { Page } from 'playwright/test';
import { test as base } from './library.ts';

declare global {
  /** facenet-web/training, as built. */
  var training: typeof import('../../lib/training/index.ts');
}

/** A test whose page has the library and facenet-web/training. */
export const test = base.extend<{ trainingPage: Page }>({
  trainingPage: async ({ page }, use) => {
    await page.evaluate(async () => {
      const address = '/dist/training.js';
      globalThis.training = await import(address);
    });
    await use(page);
  },
});

export { expect } from './library.ts';
