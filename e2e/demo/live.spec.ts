import { readFile } from 'node:fs/promises';
import { chromium, type Locator, type Page } from 'playwright/test';
import { ada, cameraOptions, expect, makeFilm, openView, stranger, test, watch } from '../support/demo.ts';
import { isLong } from '../support/sampling.ts';

const inView = (page: Page): Locator => page.getByRole('region', { name: 'In view' });

test('recognises an enrolled person after a reload, rejects strangers, and erases everything', async ({
  page,
  baseURL,
}, testInfo) => {
  await page.goto('./');
  const films = { ada: testInfo.outputPath('ada.mjpeg'), stranger: testInfo.outputPath('stranger.mjpeg') };
  await makeFilm(page, ada, films.ada);
  await makeFilm(page, stranger, films.stranger);
  const profile = testInfo.outputPath('profile');
  const withFilm = (film: string) =>
    chromium.launchPersistentContext(profile, {
      ...{ ...cameraOptions(film), locale: 'en-GB', serviceWorkers: 'allow' },
      ...(baseURL && { baseURL }),
    });

  const first = await withFilm(films.ada);
  const live = await first.newPage();
  const complaints = await watch(live, String(baseURL));
  await openView(live, '#/live');
  await expect(live.getByText('Only people you name')).toBeVisible();
  expect(await cameraIsOn(live)).toBe(false);
  await live.getByRole('button', { name: 'Start the camera' }).click();
  await expect(inView(live)).toContainText('Unknown', { timeout: 60_000 });
  await expect(live.locator('video')).toHaveCSS('scale', '-1 1');
  await live.getByRole('button', { name: 'Remember this face' }).click();
  const began = Date.now();
  await live.getByRole('textbox', { name: 'Who is this?' }).waitFor();
  const seconds = (Date.now() - began) / 1000;
  console.log(`From the click to the question for the name, five looks: ${seconds.toFixed(1)} s`);
  testInfo.annotations.push({ type: 'enrolment, five looks', description: `${seconds.toFixed(1)} s` });
  await live.getByRole('textbox', { name: 'Who is this?' }).fill('Ada');
  await expect(live.getByText('Only with the person’s consent.')).toBeVisible();
  await live.getByRole('button', { name: 'Remember', exact: true }).click();
  await expect(inView(live)).toContainText('Ada', { timeout: 60_000 });
  await expect(inView(live)).toContainText(/\d\s%/);
  await expect(live.getByRole('region', { name: 'Remembered' })).toContainText('5 pictures');
  // The speed and the backend are for those who open the options.
  await expect(live.getByRole('region', { name: 'Speed' })).toBeHidden();
  await live.getByText('Options', { exact: true }).click();
  await expect(live.getByRole('region', { name: 'Speed' })).toContainText(
    /\d fps.*\d ms.*(WebAssembly|WebGL|WebGPU), worker/s,
  );

  // The consent is kept with the person, and exported.
  await live.goto('./#/gallery');
  const consent = 'To recognise this person in pictures on this device.';
  await expect(live.getByRole('article', { name: 'Ada' })).toContainText(consent);
  const exported = live.waitForEvent('download');
  await live.getByRole('button', { name: 'Export to a file' }).click();
  const file = await readFile(await (await exported).path(), 'utf8');
  const [person] = JSON.parse(file).records.flatMap((record: { person?: object }) => record.person ?? []);
  expect(person.consent).toEqual({
    purpose: consent,
    text: expect.stringContaining('Only with the person’s consent.'),
    version: '1',
    at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
  });
  await live.goto('./#/live');

  await live.reload();
  await live.getByRole('button', { name: 'Start the camera' }).click();
  await expect(inView(live)).toContainText('Ada', { timeout: 60_000 });
  await live.getByRole('button', { name: 'Stop' }).click();
  expect(await cameraIsOn(live)).toBe(false);
  expect(complaints).toEqual({ outside: [], errors: [] });
  await first.close();

  const second = await withFilm(films.stranger);
  const later = await second.newPage();
  await openView(later, '#/live');
  await later.getByRole('button', { name: 'Start the camera' }).click();
  await expect(inView(later)).toContainText('Unknown', { timeout: 60_000 });
  await expect(inView(later)).not.toContainText('Ada');
  await later.getByRole('button', { name: 'Settings' }).click();
  await expect(later.getByRole('dialog')).toContainText('1 person');
  await later.getByRole('button', { name: 'Erase everything' }).click();
  await later.getByRole('dialog').getByRole('button', { name: 'Erase everything' }).click();
  await expect(later.getByRole('heading', { name: 'Everything has been erased' })).toBeVisible({ timeout: 30_000 });
  expect(await cameraIsOn(later)).toBe(false);
  const left = await later.evaluate(async () => ({
    caches: await caches.keys(),
    databases: (await indexedDB.databases()).map(({ name }) => name),
    settings: Object.keys(localStorage),
    workers: (await navigator.serviceWorker.getRegistrations()).length,
  }));
  expect(left).toEqual({ caches: [], databases: [], settings: [], workers: 0 });
  await second.close();
});

test('plays the sample photos without a camera: pause, landmarks, lost picture, rename and remove', async ({
  page,
}) => {
  await openView(page, '#/live');
  await page.getByRole('button', { name: 'Start the camera' }).click();
  await expect(page.getByRole('alert')).toContainText('No camera was found');
  await page.getByRole('button', { name: 'Use sample photos' }).click();
  await expect(inView(page)).toContainText('Unknown', { timeout: 60_000 });

  const pictureIsStill = () =>
    page.locator('video').evaluate(async (video: HTMLVideoElement) => {
      const before = video.currentTime;
      await new Promise((resolve) => setTimeout(resolve, 400));
      return video.currentTime === before;
    });
  await page.getByRole('button', { name: 'Pause' }).click();
  expect(await pictureIsStill()).toBe(true);
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect.poll(pictureIsStill).toBe(false);
  await page.getByText('Options', { exact: true }).click();
  await page.getByRole('combobox', { name: 'Landmarks' }).selectOption('mesh');
  await expect(page.getByRole('combobox', { name: 'Landmarks' })).toHaveValue('mesh');

  // A page that stops the tracks causes no event.
  await page.locator('video').evaluate((video: HTMLVideoElement) => {
    const stream = video.srcObject as MediaStream;
    video.srcObject = new MediaStream();
    Object.assign(globalThis, { resume: () => Object.assign(video, { srcObject: stream }).play() });
  });
  const notice = page.getByRole('status').filter({ hasText: 'No picture at the moment' });
  await expect(notice).toBeVisible();
  await expect(inView(page)).toContainText('Nobody yet.');
  await page.evaluate(() => (globalThis as unknown as { resume: () => Promise<void> }).resume());
  await expect(inView(page)).toContainText('Unknown');
  await expect(notice).toHaveCount(0);

  await page.getByRole('button', { name: 'Remember this face' }).click();
  await page.getByRole('textbox', { name: 'Who is this?' }).fill('Bob');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('status').filter({ hasText: 'Bob is remembered' })).toBeVisible();
  await page.getByRole('button', { name: 'Rename Bob' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Grace');
  await page.keyboard.press('Enter');
  const remembered = page.getByRole('region', { name: 'Remembered' });
  await expect(remembered).toContainText('Grace');
  await page.getByRole('button', { name: 'Delete Grace' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(remembered).toContainText('Nobody');
});

test('enrols each person of the sample photo, although they cannot follow the hints', async ({ page }) => {
  await page.clock.install();
  await openView(page, '#/live?samples');
  const enrol = page.getByRole('button', { name: 'Remember this face' });
  await expect(enrol).toBeEnabled({ timeout: 60_000 });
  const hints = new Set<string | null>();
  for (let person = 0; person < (isLong ? 4 : 2); person++) {
    await enrol.click();
    hints.add(await page.locator('.hint').textContent());
    const question = page.getByRole('textbox', { name: 'Who is this?' });
    await expect(async () => {
      if (!(await question.isVisible())) hints.add(await page.locator('.hint').textContent({ timeout: 1000 }));
      await expect(question).toBeVisible({ timeout: 100 });
    }).toPass({ timeout: 40_000, intervals: [100] });
    await page.getByRole('button', { name: 'Cancel' }).click();
    // The video moves to the next person.
    await page.clock.fastForward(7400);
  }
  // Which advice comes first depends on the photo. The remaining hints ask for nothing that the people lack.
  const advice = [...hints].filter((hint) => hint && hint !== 'Move into the picture' && !hint.startsWith('Good'));
  expect(advice).not.toEqual([]);
});

test('switches to the selected camera, and stops the previous one', async ({ baseURL }) => {
  const browser = await chromium.launch(cameraOptions(undefined, 2));
  const page = await browser.newPage({ ...(baseURL && { baseURL }), locale: 'en-GB' });
  await openView(page, '#/live');
  await page.getByRole('button', { name: 'Start the camera' }).click();
  const picker = page.getByRole('combobox', { name: 'Video source' });
  await expect(picker.getByRole('option')).toHaveCount(3);
  const [first, second] = await picker
    .getByRole('option')
    .evaluateAll((options: HTMLOptionElement[]) => options.map(({ value }) => value));
  await expect(picker).toHaveValue(String(first));
  const trackOf = () =>
    page.evaluateHandle(() => {
      const { srcObject } = document.querySelector('video') as HTMLVideoElement;
      return (srcObject as MediaStream).getTracks()[0] as MediaStreamTrack;
    });
  const before = await trackOf();
  await picker.selectOption(String(second));
  // Between the two cameras there is no stream.
  const device = () =>
    page.evaluate(() => {
      const stream = document.querySelector('video')?.srcObject as MediaStream | null | undefined;
      return stream?.getTracks()[0]?.getSettings().deviceId;
    });
  await expect.poll(device).toBe(second);
  await expect(picker).toHaveValue(String(second));
  expect(await before.evaluate(({ readyState }) => readyState)).toBe('ended');
  expect(await cameraIsOn(page)).toBe(true);

  const camera = await trackOf();
  await picker.selectOption('Sample photos');
  await expect(page.locator('video')).toHaveCSS('scale', 'none', { timeout: 60_000 });
  await expect.poll(() => camera.evaluate(({ readyState }) => readyState)).toBe('ended');
  await browser.close();
});

test.describe('explains a camera error and offers alternatives', () => {
  const troubles = [
    ['NotAllowedError', 'Camera access was denied'],
    ['NotReadableError', 'The camera is in use'],
    ['NotFoundError', 'No camera was found'],
    ['UnknownError', 'The camera did not start'],
  ] as const;
  test('that the browser reports', async ({ page }) => {
    await page.goto('./#/live');
    for (const [name, title] of troubles) {
      await page.evaluate((name) => {
        navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', name));
      }, name);
      await page.getByRole('button', { name: /^(Start the camera|Try the camera again)$/ }).click();
      await expect(page.getByRole('alert')).toContainText(title);
      await expect(page.getByRole('button', { name: 'Try the camera again' })).toBeEnabled();
      await expect(page.getByRole('button', { name: 'Use sample photos' })).toBeEnabled();
    }
  });

  test('camera unplugged; stops the camera when the view is left', async ({ baseURL }) => {
    const browser = await chromium.launch(cameraOptions());
    const page = await browser.newPage({ ...(baseURL && { baseURL }), locale: 'en-GB' });
    // Never answered: the camera does not depend on the networks.
    await page.route('**/models/manifest.json', () => {});
    await page.goto('./#/live');
    await page.getByRole('button', { name: 'Start the camera' }).click();
    await expect.poll(() => cameraIsOn(page)).toBe(true);
    await page.evaluate(() => {
      const { srcObject } = document.querySelector('video') as HTMLVideoElement;
      for (const track of (srcObject as MediaStream).getTracks()) track.dispatchEvent(new Event('ended'));
    });
    await expect(page.getByRole('alert')).toContainText('The camera was disconnected');
    await page.getByRole('button', { name: 'Try the camera again' }).click();
    await expect.poll(() => cameraIsOn(page)).toBe(true);
    const track = await page.evaluateHandle(() => {
      const { srcObject } = document.querySelector('video') as HTMLVideoElement;
      return (srcObject as MediaStream).getTracks()[0] as MediaStreamTrack;
    });
    await page.getByRole('link', { name: 'Compare' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Same person?');
    expect(await track.evaluate(({ readyState }) => readyState)).toBe('ended');
    await browser.close();
  });
});

/** Whether the page shows a live camera. */
function cameraIsOn(page: Page): Promise<boolean> {
  return page.evaluate(() => {
    const stream = document.querySelector('video')?.srcObject;
    return stream instanceof MediaStream && stream.getTracks().some(({ readyState }) => readyState === 'live');
  });
}
