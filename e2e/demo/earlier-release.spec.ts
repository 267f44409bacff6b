import { expect, expectAccessible, openView, test } from '../support/demo.ts';
import { createDatabase, exported } from '../support/earlier-release.ts';

test('offers to update a gallery of an earlier release, and recognises its people afterwards', async ({ page }) => {
  // A page of the same origin that opens no gallery.
  const other = await page.context().newPage();
  await other.goto('./models/manifest.json');
  // No preset uses a model of this name.
  await createDatabase(other, 'demo', exported.replaceAll('dlib-resnet-34', 'earlier-model'));
  await other.close();
  await openView(page, '#/live');
  const offer = page.getByRole('region', { name: 'Update the remembered people' });
  await expect(offer).toContainText('8 of the 12 pictures of remembered people can be processed again');
  await expect(offer).toContainText('the others were not stored and are removed');
  await expectAccessible(page);
  await page.getByRole('button', { name: /^한국어,/ }).click();
  await expect(page.getByRole('region', { name: '기억한 사람 업데이트' })).toContainText('사진 12장 중 8장');
  await page.getByRole('button', { name: /^English,/ }).click();

  await test.step('locks the people who are not updated yet', async () => {
    await page.goto('#/gallery');
    await page.getByLabel('New passphrase').fill('a long passphrase');
    await page.getByRole('button', { name: 'Set the passphrase' }).click();
    await page.getByRole('button', { name: 'Lock now' }).click();
    await expect(page.getByRole('heading', { name: 'The remembered people are locked' })).toBeVisible();
    await page.getByLabel('Passphrase').fill('a long passphrase');
    await page.getByRole('button', { name: 'Unlock' }).click();
    await page.goto('#/live');
  });

  await offer.getByRole('button', { name: 'Update' }).click();
  await expect(page.getByText('Pictures updated: 7. Pictures removed: 5')).toBeVisible({ timeout: 60_000 });
  await expect(offer).toBeHidden();
  await expect(page.getByRole('region', { name: 'Remembered people' })).toContainText(/Person 3\s*1 picture/);

  await page.getByRole('button', { name: 'Use sample photos' }).click();
  await expect(page.getByRole('region', { name: 'In view' })).toContainText('Person', { timeout: 60_000 });
});
