import type { Page } from 'playwright/test';
import { expect, test } from '../support/demo.ts';

const database = 'facenet-gallery:demo';
const library = 'facenet-library:demo';

async function eraseEverything(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('button', { name: 'Erase everything' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Erase everything' }).click();
}

/** Creates a database that the gallery or the photo library cannot be opened from. */
async function createDatabase(page: Page, name: string, { keepOpen = false } = {}): Promise<void> {
  await page.evaluate(
    async ({ name, keepOpen }) => {
      const db = await new Promise<IDBDatabase>((resolve) => {
        const opening = indexedDB.open(name, 99);
        opening.onsuccess = () => resolve(opening.result);
      });
      if (!keepOpen) db.close();
      else Object.assign(globalThis, { db });
    },
    { name, keepOpen },
  );
}

const databases = (page: Page) => page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name));

test('erases people of an earlier visit when the models cannot be loaded', async ({ page }) => {
  await page.route('**/models/**', (route) => route.abort());
  await page.goto('./');
  await createDatabase(page, database);
  expect(await databases(page)).toContain(database);
  await eraseEverything(page);
  await expect(page.getByRole('heading', { name: 'Everything has been erased' })).toBeVisible();
  expect(await databases(page)).toEqual([]);
});

for (const [kept, name] of [
  ['people', database],
  ['the photo library', library],
] as const) {
  test(`does not claim that everything is erased while another tab keeps ${kept}, and continues when it is closed`, async ({
    page,
    context,
  }) => {
    await page.route('**/models/**', (route) => route.abort());
    await page.goto('./');
    const other = await context.newPage();
    await other.goto('./icon.svg');
    await createDatabase(other, name, { keepOpen: true });
    await eraseEverything(page);
    await expect(page.getByText('Another tab of this page is using the data')).toBeVisible();
    expect(await databases(page)).toEqual([name]);
    await other.close();
    await expect(page.getByRole('heading', { name: 'Everything has been erased' })).toBeVisible();
    expect(await databases(page)).toEqual([]);
  });
}

test('reports that everything is erased in a browser that stores no databases and refuses to delete any', async ({
  page,
}) => {
  await page.route('**/models/**', (route) => route.abort());
  await page.addInitScript(() => {
    const refuse = () => {
      throw new DOMException('This browser stores nothing.', 'SecurityError');
    };
    Object.assign(IDBFactory.prototype, { open: refuse, deleteDatabase: refuse });
  });
  await page.goto('./');
  await eraseEverything(page);
  await expect(page.getByRole('heading', { name: 'Everything has been erased' })).toBeVisible();
});

test('reports the second database of a killed change of the keys that the browser does not erase', async ({ page }) => {
  await page.route('**/models/**', (route) => route.abort());
  await page.goto('./');
  await page.evaluate(async () => {
    const opening = indexedDB.open('facenet-gallery-replacement:demo', 99);
    await new Promise((resolve) => {
      opening.onsuccess = resolve;
    });
    opening.result.close();
    IDBFactory.prototype.deleteDatabase = () => {
      throw new DOMException('The deletion failed.', 'UnknownError');
    };
  });
  await eraseEverything(page);
  await expect(page.getByRole('heading', { name: 'Not everything could be erased' })).toBeVisible();
});

test('reports data that the browser does not erase', async ({ page }) => {
  await page.route('**/models/**', (route) => route.abort());
  await page.addInitScript(() => {
    CacheStorage.prototype.keys = async () => ['facenet-web-models'];
  });
  await page.goto('./');
  await eraseEverything(page);
  await expect(page.getByRole('heading', { name: 'Not everything could be erased' })).toBeVisible();
});
