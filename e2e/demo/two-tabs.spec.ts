import type { Page } from 'playwright/test';
import { Gallery } from '../../lib/gallery/gallery.ts';
import { expect, openView, test } from '../support/demo.ts';

test.use({ locale: 'en' });

/** An export with one person, whose embedding is of the demo's model. */
async function exportOfAda(): Promise<Buffer> {
  const thresholds = [
    { far: 0.1, distance: 0.8 },
    { far: 1e-5, distance: 0.3 },
  ];
  const calibration = { logOdds: [18, -29] as [number, number], thresholds };
  const rule = { model: 'mobilefacenet', dimension: 192, metric: 'euclidean' as const, calibration };
  await using gallery = await Gallery.open({ name: 'source', storage: 'memory', facenet: { rule } });
  await gallery.enrol({ name: 'Ada' }, { embedding: new Float32Array(192).fill(192 ** -0.5), model: rule.model });
  return Buffer.from(await (await gallery.export()).arrayBuffer());
}

const people = (page: Page) => page.getByRole('article');
const locked = (page: Page) => page.getByRole('heading', { name: 'The remembered people are locked' });

async function unlock(page: Page): Promise<void> {
  await page.getByLabel('Passphrase').fill('a long passphrase');
  await page.getByRole('button', { name: 'Unlock' }).click();
  await expect(people(page)).toHaveCount(1);
}

test('a lock and an erasure in one tab clear the people that another tab shows', async ({ page, context }) => {
  const other = await context.newPage();
  await Promise.all([openView(page, '#/gallery'), openView(other, '#/gallery')]);
  await page
    .getByLabel('Import a file')
    .setInputFiles({ name: 'ada.json', mimeType: 'application/json', buffer: await exportOfAda() });
  await expect(people(page)).toHaveCount(1);
  await expect(people(other)).toHaveCount(1);

  await test.step('a new passphrase locks the other tab', async () => {
    await page.getByLabel('New passphrase').fill('a long passphrase');
    await page.getByRole('button', { name: 'Set the passphrase' }).click();
    await expect(locked(other)).toBeVisible();
    await expect(people(other)).toHaveCount(0);
    await expect(people(page)).toHaveCount(1);
    await unlock(other);
  });

  await test.step('a lock locks both tabs', async () => {
    await page.getByRole('button', { name: 'Lock now' }).click();
    for (const each of [page, other]) {
      await expect(locked(each)).toBeVisible();
      await expect(people(each)).toHaveCount(0);
    }
    await unlock(other);
  });

  await test.step('an erasure clears the other tab', async () => {
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByRole('button', { name: 'Erase everything' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Erase everything' }).click();
    await expect(other.getByText('The gallery was erased')).toBeVisible();
    await expect(people(other)).toHaveCount(0);
    await expect(page.getByRole('heading', { name: 'Everything has been erased' })).toBeVisible();
    const left = await other.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name));
    expect(left).not.toContain('facenet-gallery:demo');
  });
});

test('says that another tab must be closed while it keeps the gallery from opening', async ({ page, context }) => {
  const other = await context.newPage();
  await other.goto('./icon.svg');
  await other.evaluate(
    () =>
      new Promise<void>((resolve) => {
        // As a tab does that is suspended while it changes the passphrase.
        void navigator.locks.request('facenet-gallery:demo', () => {
          resolve();
          return new Promise(() => {});
        });
      }),
  );
  await page.goto('./#/gallery');
  await expect(page.getByText('Close that tab to continue.')).toBeVisible({ timeout: 90_000 });
  await other.close();
  await expect(page.getByLabel('Import a file')).toBeEnabled();
});
