import type { Locator, Page } from 'playwright/test';
import { expect, openView, test } from '../support/demo.ts';

test.use({ locale: 'en-GB' });

const verdict = (page: Page): Locator => page.getByRole('region', { name: 'Verdict' });
const slot = (page: Page, name: string): Locator => page.getByRole('region', { name });

test('shows a verdict on two photos, and updates it for other faces, samples and thresholds', async ({ page }) => {
  await openView(page, '#/compare?a=7&b=4&far=10000');
  await expect(verdict(page)).toContainText(/Different people|Not sure/, { timeout: 120_000 });
  await expect(verdict(page)).toContainText(/Distance \d\.\d{2}, limit \d\.\d{2}/);
  await expect(page.getByRole('radio', { name: '1 in 10,000' })).toBeChecked();
  const limit = async () => Number(/limit (\d\.\d{2})/.exec(String(await verdict(page).textContent()))?.[1]);
  const strict = await limit();
  await page.getByRole('radio', { name: '1 in 100', exact: true }).check({ force: true });
  await expect.poll(limit).toBeGreaterThan(strict);
  expect(page.url()).toContain('far=100');
  await expect(verdict(page)).toContainText('Why this may be wrong');

  const faces = slot(page, 'First photo').getByRole('button', { name: /^Face \d of 4$/ });
  await expect(faces).toHaveCount(4);
  const other = slot(page, 'First photo').getByRole('button', { name: /^Face/, pressed: false }).first();
  const name = String(await other.getAttribute('aria-label'));
  await other.click();
  await expect(slot(page, 'First photo').getByRole('button', { name, pressed: true })).toBeVisible();
  // A click on a face in the photo selects it, too.
  const photo = slot(page, 'First photo').getByRole('img', { name: 'First photo', exact: true });
  const { width, height } = (await photo.boundingBox()) ?? { width: 0, height: 0 };
  for (const [face, x, y] of [
    ['Face 4 of 4', 0.86, 0.45],
    ['Face 1 of 4', 0.14, 0.77],
  ] as const) {
    await photo.click({ position: { x: x * width, y: y * height } });
    await expect(slot(page, 'First photo').getByRole('button', { name: face, pressed: true })).toBeVisible();
  }
  for (const place of ['First photo', 'Second photo']) {
    await slot(page, place).getByRole('button', { name: 'Sample photo 6' }).click();
  }
  await expect(verdict(page)).toContainText('Same person', { timeout: 120_000 });
  await expect(verdict(page)).toContainText(/Distance 0\.00, limit/);
});

test('opens chosen, dropped and pasted photos, and explains a missing face and an unreadable file', async ({
  page,
}) => {
  await openView(page, '#/compare?a=0&b=0');
  await expect(verdict(page)).toContainText('Choose two photos.');
  const place = slot(page, 'First photo');
  const input = place.locator('input[type="file"]');
  await input.setInputFiles({ name: 'letter.txt', mimeType: 'text/plain', buffer: Buffer.from('Dear reader') });
  await expect(place.getByRole('status')).toContainText('could not be opened as an image');
  await expect(place.locator('code')).toHaveText('image-unreadable');
  const icon = await (await page.request.get('icons/icon-512.png')).body();
  await input.setInputFiles({ name: 'icon.png', mimeType: 'image/png', buffer: icon });
  await expect(place.getByRole('status')).toContainText('No face was found', { timeout: 60_000 });
  for (const [type, sample, faces] of [
    ['drop', 4, '4 faces'],
    ['paste', 3, '3 faces'],
  ] as const) {
    await place.evaluate(
      async (root, { type, address }) => {
        const files = new DataTransfer();
        files.items.add(new File([await (await fetch(address)).blob()], 'photo.jpg', { type: 'image/jpeg' }));
        const bubbles = { bubbles: true, cancelable: true };
        if (type === 'drop') root.dispatchEvent(new DragEvent('drop', { ...bubbles, dataTransfer: files }));
        else document.dispatchEvent(new ClipboardEvent('paste', { ...bubbles, clipboardData: files }));
      },
      { type, address: `test-photos/sample${sample}.jpg` },
    );
    await expect(place.getByRole('status'), type).toContainText(faces, { timeout: 60_000 });
  }
});
