import { type Page, test as plain } from 'playwright/test';
import { expect, hostDemo, watch } from '../support/demo.ts';
import { photos } from '../support/library.ts';

plain.use({ locale: 'en-GB', viewport: { width: 390, height: 844 } });

/** Opens the page, and waits until it states that it works offline. */
async function visit(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await expect(page.locator('.model-status').getByRole('status')).toHaveText('Ready, works offline', {
    timeout: 120_000,
  });
}

plain(
  'is installable from any path of a host without headers, and works offline in all views after one visit',
  async ({ page }, testInfo) => {
    const host = await hostDemo();
    const complaints = await watch(page, host.url);
    await visit(page, host.url);
    // Without headers the page is not cross-origin isolated.
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
    const client = await page.context().newCDPSession(page);
    const { installabilityErrors } = await client.send('Page.getInstallabilityErrors');
    // A context of Playwright is a private window, which cannot install apps.
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
    await page.reload();
    const began = Date.now();
    await page.getByRole('button', { name: 'Use sample photos' }).click();
    await page.getByRole('button', { name: 'Remember this face' }).click({ timeout: 60_000 });
    await page.getByRole('textbox', { name: 'Who is this?' }).fill('Ada');
    await page.getByRole('button', { name: 'Remember', exact: true }).click();
    await expect(page.getByRole('region', { name: 'In view' })).toContainText('Ada', { timeout: 60_000 });
    const seconds = (Date.now() - began) / 1000;
    console.log(`Offline, from the first click to being recognised: ${seconds.toFixed(1)} s`);
    testInfo.annotations.push({ type: 'from the first click to the name', description: `${seconds.toFixed(1)} s` });
    // The page promises less than a minute.
    expect(seconds).toBeLessThan(60);

    // The other views work too, although they were not visited.
    await page.getByRole('link', { name: 'Photos', exact: true }).click();
    await page.locator('.photos input[multiple]:not([webkitdirectory])').setInputFiles(`${photos}/sample3.jpg`);
    await expect(page.locator('.queue[data-phase=done]')).toBeVisible({ timeout: 120_000 });
    await expect(page.locator('.queue')).toContainText('3 faces');

    await page.goto(`${host.url}#/compare?a=3&b=4`);
    const verdict = page.getByRole('region', { name: 'Verdict' });
    await expect(verdict.getByRole('heading', { level: 2 })).toHaveText('Same person', { timeout: 120_000 });

    await page.goto(`${host.url}#/lab?panel=calibration`);
    await expect(page.locator('.chart canvas').first()).toBeVisible();
    await expect(page.getByRole('heading', { name: 'Thresholds by false-accept rate' })).toBeVisible();
    await page.goto(`${host.url}#/lab?panel=embeddings`);
    await expect(page.getByRole('radio', { name: 'Remembered people' })).toBeVisible();

    // The detectors of the page run. The others state that their weights are not on the device.
    await page.goto(`${host.url}#/lab?panel=detectors`);
    await page.getByRole('button', { name: 'Sample photo 7' }).click();
    const detectors = page.locator('.detector-card:not([data-waiting])');
    await expect(detectors).toHaveCount(7, { timeout: 200_000 });
    await expect(detectors.nth(0)).toContainText(/^blazeface-full4 faces · /);
    await expect(detectors.nth(1)).toContainText(/^blazeface-short4 faces · /);
    const needs = (sentence: string) => detectors.locator('p', { hasText: new RegExp(`^${sentence}$`) });
    await expect(needs('Needs a connection once. This model is not stored on this device yet.')).toHaveCount(5);
    await page.getByRole('button', { name: /^한국어,/ }).click();
    await expect(
      needs('처음 한 번은 인터넷 연결이 필요합니다. 이 모델은 아직 이 기기에 저장되지 않았습니다.'),
    ).toHaveCount(5);
    expect(complaints.outside).toEqual([]);
    expect(complaints.errors.filter((text) => !text.includes('ERR_CONNECTION_REFUSED'))).toEqual([]);
  },
);

plain('reports a new version once every file of it is there, and installs it on request only', async ({ page }) => {
  const host = await hostDemo();
  const notice = page.getByText('A new version is available.');
  // The first installation is no update.
  await page.goto(host.url);
  await page.reload();
  await page.waitForFunction(() => navigator.serviceWorker.controller?.state === 'activated');
  // The page would report an update in the same task as the event, and render it in the next frame.
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  await expect(notice).toBeHidden();
  await visit(page, host.url);
  const html = await (await fetch(host.url)).text();
  const changed = html.replace('<html', '<html data-deployment="next"');
  expect(changed).not.toBe(html);
  const deployment = () => page.evaluate(() => document.documentElement.dataset.deployment);

  /** Asks for a new service worker. Returns the state in which its installation ends. */
  const update = () =>
    page.evaluate(async () => {
      const registration = (await navigator.serviceWorker.getRegistration()) as ServiceWorkerRegistration;
      const ended = new Promise<string>((resolve) => {
        const follow = () => {
          const { installing } = registration;
          if (installing) installing.onstatechange = () => resolve(installing.state);
        };
        registration.onupdatefound = follow;
        follow();
      });
      await registration.update();
      // The browser may have installed it before this call: it looks for updates after a page is opened.
      return registration.waiting ? 'installed' : ended;
    });
  // The host has the new service worker, but still the earlier page.
  host.deploy('index.html', changed, 'service worker');
  expect(await update()).toBe('redundant');
  await page.reload();
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  expect(await deployment()).toBeUndefined();
  await expect(notice).toBeHidden();

  host.deploy('index.html', changed, 'all');
  expect(await update()).toBe('installed');
  // The page of the earlier version stays until the update is accepted.
  await page.reload();
  expect(await deployment()).toBeUndefined();
  await page.getByRole('button', { name: 'Update' }).click();
  // The page reloads meanwhile.
  await expect(async () => expect(await deployment()).toBe('next')).toPass();
  await expect(notice).toBeHidden();

  // The browser looks for updates itself when a page is opened.
  host.update();
  await page.reload();
  await expect(notice).toBeVisible();
  const before = await page.evaluate(() => performance.timeOrigin);
  const reloaded = page.waitForEvent('load');
  await page.getByRole('button', { name: 'Update' }).click();
  await reloaded;
  expect(await page.evaluate(() => performance.timeOrigin)).toBeGreaterThan(before);
  await expect(notice).toBeHidden();
  await host.close();
});

plain('enforces the Content-Security-Policy of its own markup', async ({ page }) => {
  const host = await hostDemo();
  // Injected markup: a script and an event handler.
  const foreign = '<script>globalThis.injected = "script"</script><img src="x:" onerror="globalThis.injected = 1">';
  await page.route(host.url, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()).replace('</body>', `${foreign}</body>`) });
  });
  const { errors } = await watch(page, host.url);
  await page.goto(host.url);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();

  const meta = page.locator('head > meta[http-equiv="Content-Security-Policy"]');
  const policy = String(await meta.getAttribute('content'));
  const directives = policy.split('; ');
  expect(directives).toContain("default-src 'self'");
  expect(directives).toContain("script-src 'self' 'wasm-unsafe-eval'");
  expect(policy).not.toContain("'unsafe-eval'");
  expect(policy).not.toContain("'unsafe-inline'");

  const injected = () => (globalThis as unknown as { injected: unknown }).injected;
  await expect.poll(() => errors.filter((text) => /script-src-(elem|attr) inline/.test(text)).length).toBe(2);
  expect(await page.evaluate(injected)).toBeUndefined();
  // The policy also blocks code from strings.
  const evaluated = await page.evaluate(
    () =>
      new Promise<string>((resolve) =>
        setTimeout(() => {
          try {
            resolve(String(new Function('return "ran"')()));
          } catch (error) {
            resolve((error as Error).name);
          }
        }),
      ),
  );
  expect(evaluated).toBe('EvalError');
  await host.close();
});
