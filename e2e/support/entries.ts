import type { Page } from 'playwright/test';

declare global {
  /** The entries of the package besides the main one, as built; React's needs a bundler. */
  var entries: typeof import('../../lib/gallery/index.ts') &
    typeof import('../../lib/clustering/index.ts') &
    typeof import('../../lib/training/index.ts') &
    typeof import('../../lib/evaluation/index.ts') &
    typeof import('../../lib/liveness/index.ts');
}

/** Imports {@link entries} into a page, and defines `<face-net>`. */
export async function importEntries(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const names = ['gallery', 'clustering', 'training', 'evaluation', 'liveness', 'element'];
    globalThis.entries = Object.assign({}, ...(await Promise.all(names.map((name) => import(`/dist/${name}.js`)))));
  });
}
