import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright/test';
import { expect, expectAccessible, test } from '../support/demo.ts';

test.use({ locale: 'en' });
test.setTimeout(240_000);

const sample = (name: string) => fileURLToPath(new URL(`../../demo/samples/${name}.jpg`, import.meta.url));
const person = (page: Page, name: string) => page.getByRole('article', { name, exact: true });
const toast = (page: Page) => page.locator('.toast');

test('renames, deletes, exports, imports and locks the remembered people', async ({ page }) => {
  await rememberPeople(page);
  await page.goto('#/gallery');
  await expect(person(page, 'Eileen')).toContainText('2 pictures');
  await expect(person(page, 'Grace')).toContainText('1 picture');
  await expectAccessible(page);

  await test.step('renames a person, and undoes it', async () => {
    await page.getByRole('button', { name: 'Rename Grace' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('Grace Hopper');
    await page.keyboard.press('Enter');
    await expect(person(page, 'Grace Hopper')).toBeVisible();
    await toast(page).getByRole('button', { name: 'Undo' }).click();
    await expect(person(page, 'Grace')).toBeVisible();
  });

  await test.step('exports, with and without encryption', async () => {
    const plain = await exported(page);
    expect(plain).toContain('Eileen');
    await expect(toast(page)).toContainText('Exported without encryption');
    await page.getByLabel('Passphrase of the file').fill('a long passphrase');
    const sealed = await exported(page);
    expect(sealed).not.toContain('Eileen');
    await expect(toast(page)).toContainText('opens with the passphrase only');
  });

  await test.step('deletes a picture and a person', async () => {
    await page.getByRole('button', { name: 'Delete this picture: Eileen, Picture 1' }).click();
    const question = page.getByRole('dialog', { name: 'Delete this picture?' });
    await question.getByRole('button', { name: 'Delete', exact: true }).click();
    await expect(person(page, 'Eileen')).toContainText('1 picture');
    await page.getByRole('button', { name: 'Delete Grace' }).click();
    await expect(page.getByRole('dialog')).toContainText('You cannot undo this');
    await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
    await expect(toast(page)).toContainText('Grace was deleted.');
    await expect(page.getByRole('article')).toHaveCount(1);
  });

  await test.step('imports the file with its passphrase only', async () => {
    await importFile(page, 'a wrong passphrase');
    await expect(toast(page)).toContainText('The passphrase is wrong.');
    await importFile(page, 'a long passphrase');
    await expect(toast(page)).toContainText(/^Imported \d (person|people) with \d pictures?\./);
    await expect(person(page, 'Grace')).toContainText('1 picture');
    await expect(person(page, 'Eileen')).toContainText('2 pictures');
  });

  await test.step('asks for the passphrase of the page after a lock and a reload', async () => {
    await page.getByLabel('New passphrase').fill('another passphrase');
    await page.getByRole('button', { name: 'Set the passphrase' }).click();
    await expect(page.getByText('The photo library is not.')).toBeVisible();
    await page.getByRole('button', { name: 'Lock now' }).click();
    await expect(page.getByRole('heading', { name: 'The remembered people are locked' })).toBeVisible();
    await expect(page.getByRole('article')).toHaveCount(0);
    await expectAccessible(page);
    await page.reload();
    await unlock(page, 'a wrong passphrase');
    await expect(page.getByRole('alert')).toHaveText('The passphrase is wrong.', { timeout: 60_000 });
    await unlock(page, 'another passphrase');
    await expect(person(page, 'Grace')).toBeVisible({ timeout: 60_000 });
  });

  await test.step('keeps the others if the record of one is damaged', async () => {
    await damageFirstPerson(page);
    await page.reload();
    await unlock(page, 'another passphrase');
    const repair = page.getByRole('button', { name: 'Keep what is not damaged' });
    await expect(repair).toBeVisible({ timeout: 60_000 });
    await expect(page.getByRole('button', { name: 'Erase everything' })).toBeVisible();
    await expectAccessible(page);
    await repair.click();
    await expect(toast(page)).toContainText(/\d damaged records? (was|were) set aside/, { timeout: 60_000 });
    await expect(page.getByRole('article')).toHaveCount(1);
  });
});

/** Overwrites the encrypted bytes of the record of a person. */
async function damageFirstPerson(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const done = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const db = await done(indexedDB.open('facenet-gallery:demo'));
    const people = db.transaction('people', 'readwrite').objectStore('people');
    const [row] = await done(people.getAll());
    row.body.data.fill(0);
    await done(people.put(row));
    db.close();
  });
}

/** Remembers two people from photos: one with two pictures. */
async function rememberPeople(page: Page): Promise<void> {
  await page.goto('#/photos');
  const photos = ['astronaut', 'astronaut-dim', 'officer'].map(sample);
  await page.locator('.photos input[multiple]:not([webkitdirectory])').setInputFiles(photos);
  await expect(page.locator('.queue[data-phase=done]')).toBeVisible({ timeout: 120_000 });
  await page.locator('.person-card').getByRole('textbox').fill('Eileen');
  await page.keyboard.press('Enter');
  await page.locator('.single-list').getByRole('textbox').fill('Grace');
  await page.keyboard.press('Enter');
  for (const name of ['Eileen', 'Grace']) {
    const save = page.getByRole('button', { name: `Remember ${name}` });
    await save.click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remember' }).click();
    await expect(save).toHaveCount(0);
  }
}

/** The last file of {@link exported}. */
let file = '';

async function exported(page: Page): Promise<string> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Export to a file' }).click(),
  ]);
  file = await download.path();
  return readFile(file, 'utf8');
}

async function importFile(page: Page, passphrase: string): Promise<void> {
  await page.getByLabel('Passphrase of the file').fill(passphrase);
  await page.getByLabel('Import a file').setInputFiles(file);
}

async function unlock(page: Page, passphrase: string): Promise<void> {
  await page.getByLabel('Passphrase').fill(passphrase);
  await page.getByRole('button', { name: 'Unlock' }).click();
}
