import { type Page, test as plain } from 'playwright/test';
import { expect, hostDemo, watch } from './demo.ts';

plain.use({ locale: 'en-GB', viewport: { width: 390, height: 844 } });

/** The first visit, as long as it takes until the page says that it works offline. */
async function visit(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await expect(page.locator('.network-status').getByRole('status')).toHaveText('Ready, also offline', {
    timeout: 120_000,
  });
}

plain('after one visit, with the network cut, somebody is enrolled and recognised on a phone', async ({ page }) => {
  const host = await hostDemo();
  await visit(page, host.url);
  await host.close();
  const complaints = await watch(page, host.url);
  await page.reload();
  const began = Date.now();
  await page.getByRole('button', { name: 'Use sample photos' }).click();
  await page.getByRole('button', { name: 'Remember this face' }).click({ timeout: 60_000 });
  await page.getByRole('textbox', { name: 'Who is this?' }).fill('Ada');
  await page.getByRole('button', { name: 'Remember', exact: true }).click();
  await expect(page.getByRole('region', { name: 'In view' })).toContainText('Ada', { timeout: 60_000 });
  console.log(`Offline, from the first click to being recognised: ${((Date.now() - began) / 1000).toFixed(1)} s`);
  // Every view is there, though none but one was visited.
  for (const name of ['Photos', 'Compare', 'Lab']) {
    await page.getByRole('link', { name, exact: true }).click();
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  }
  expect(complaints.outside).toEqual([]);
  expect(complaints.errors.filter((text) => !text.includes('ERR_CONNECTION_REFUSED'))).toEqual([]);
});

plain('a new version waits until it is asked for', async ({ page }) => {
  const host = await hostDemo();
  await visit(page, host.url);
  host.update();
  await page.reload();
  await expect(page.getByText('A new version of this page is ready.')).toBeVisible({ timeout: 30_000 });
  const before = await page.evaluate(() => performance.timeOrigin);
  const reloaded = page.waitForEvent('load');
  await page.getByRole('button', { name: 'Update' }).click();
  await reloaded;
  expect(await page.evaluate(() => performance.timeOrigin)).toBeGreaterThan(before);
  await expect(page.getByText('A new version of this page is ready.')).toBeHidden();
  await host.close();
});

plain('it can be installed, from any path, without headers of the host', async ({ page }) => {
  const host = await hostDemo();
  const complaints = await watch(page, host.url);
  await visit(page, host.url);
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
  const client = await page.context().newCDPSession(page);
  const { installabilityErrors } = await client.send('Page.getInstallabilityErrors');
  // A context of Playwright is a private window, which nothing is installed from.
  expect(installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito')).toEqual([]);
  const sizes = await page.evaluate(async () => {
    const address = document.querySelector<HTMLLinkElement>('link[rel="manifest"]')?.href ?? '';
    const { icons, start_url, scope, display } = await (await fetch(address)).json();
    const found = [start_url, scope, display];
    for (const { src, purpose = 'any' } of icons) {
      const { width, height } = await createImageBitmap(await (await fetch(new URL(src, address))).blob());
      found.push(`${width} ${height} ${purpose}`);
    }
    return found;
  });
  expect(sizes).toEqual(['./', './', 'standalone', '192 192 any', '512 512 any', '512 512 maskable']);
  expect(complaints).toEqual({ outside: [], errors: [] });
  await host.close();
});
