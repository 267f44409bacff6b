import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Locator, type Page, test } from 'playwright/test';
import { samples } from '../../demo/app/samples.ts';
import { cameraOptions, expect, hostDemo } from '../support/demo.ts';

const folder = fileURLToPath(new URL('../../test-results/screenshots', import.meta.url));

const phone = [360, 740] as const;
const desktop = [1440, 900] as const;
const schemes = ['light', 'dark'] as const;
const languages = { en: 'en-GB', ko: 'ko-KR' } as const;
type Language = keyof typeof languages;

/** The kinds of devices: how they are used, and the sizes of their screens. The demo words some texts for touch screens. */
const devices = {
  touch: { options: { hasTouch: true, isMobile: true }, sizes: { phone, tablet: [820, 1180] } },
  mouse: { options: { hasTouch: false, isMobile: false }, sizes: { desktop } },
} as const;
type Device = keyof typeof devices;

/** The texts of the controls that lead to the states. */
const words = {
  en: {
    start: 'Start the camera',
    samples: 'Use sample photos',
    enrol: 'Remember this face',
    who: 'Who is this?',
    remember: 'Remember',
    name: 'Ada',
    known: 'Ada',
    device: 'Settings',
    erase: 'Erase everything',
    photoSamples: `Try ${samples.length} sample photos`,
    offline: 'Ready, works offline',
    used: 'that the browser allows',
  },
  ko: {
    start: '카메라 켜기',
    samples: '샘플 사진으로 보기',
    enrol: '이 얼굴 기억하기',
    who: '누구인가요?',
    remember: '기억하기',
    name: '지우',
    known: '지우',
    device: '설정',
    erase: '모두 지우기',
    photoSamples: `샘플 사진 ${samples.length}장으로 해 보기`,
    offline: '준비됨, 오프라인 사용 가능',
    used: '브라우저 허용량',
  },
} as const;

const ready = (page: Page) => page.locator('.model-status[data-status="ready"]').waitFor({ timeout: 120_000 });

/** What a screenshot shows. */
interface Subject {
  /** Whether the page shows an error. Default: it must not. */
  error?: boolean;
  /** An element that must be in the viewport. */
  shows?: Locator;
}

/** Returns the function that takes screenshots of a state in all sizes of a device and in both themes. */
function screenshotsOf(device: Device, language: Language) {
  return async (page: Page, state: string, subject: Subject = {}): Promise<void> => {
    for (const [size, [width, height]] of Object.entries(devices[device].sizes)) {
      await page.setViewportSize({ width, height });
      for (const colorScheme of schemes) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await take(page, `${state}-${size}-${colorScheme}-${language}`, subject);
      }
    }
  };
}

/** Waits until the page shows what it will show: its fonts, and the photos, face crops and charts in view. */
async function settle(page: Page): Promise<void> {
  // Observers of sizes and effects of a changed theme run before the second frame.
  const frames = () =>
    page.evaluate(() => new Promise<void>((done) => requestAnimationFrame(() => requestAnimationFrame(() => done()))));
  await frames();
  const isSettled = () =>
    page.evaluate(() => {
      const inView = (selector: string) =>
        [...document.querySelectorAll(selector)].filter((element) => {
          const { top, bottom, width } = element.getBoundingClientRect();
          return width > 0 && bottom > 0 && top < innerHeight;
        });
      const crops = inView('.album .face-crop, .live .people .face-crop, .plot-area .face-crop');
      return {
        fonts: document.fonts.status === 'loaded',
        photos: inView('img').every((image) => (image as HTMLImageElement).complete),
        crops: crops.every((crop) => (crop as HTMLCanvasElement).width > 1),
        charts: inView('.chart-area').every((area) => area.querySelector('canvas')),
        still: document.getAnimations().every(({ playState }) => playState !== 'running'),
      };
    });
  await expect.poll(isSettled).toEqual({ fonts: true, photos: true, crops: true, charts: true, still: true });
  await frames();
}

/** Takes a screenshot, and checks the page for overflow, errors, broken images and unintended text. */
async function take(page: Page, name: string, { error = false, shows }: Subject = {}): Promise<void> {
  await shows?.scrollIntoViewIfNeeded();
  await settle(page);
  const picture = await page.screenshot({ path: `${folder}/${name}.png` });
  const { width = 0, height = 0 } = page.viewportSize() ?? {};
  expect([picture.readUInt32BE(16), picture.readUInt32BE(20)], name).toEqual([width, height]);
  const state = await page.evaluate(() => {
    const isVisible = (element: Element) => element.checkVisibility() && element.textContent?.trim() !== '';
    return {
      overflow: Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth),
      error: [...document.querySelectorAll('[role="alert"], .error')].filter(isVisible).length > 0,
      brokenImages: [...document.images].filter((image) => image.complete && image.naturalWidth === 0).length,
      // Values that are not meant to be displayed. Code samples may contain these words.
      unintended: [...document.body.querySelectorAll(':not(pre, pre *)')]
        .flatMap(({ childNodes }) => [...childNodes])
        .filter(({ nodeType }) => nodeType === Node.TEXT_NODE)
        .flatMap(({ textContent }) => textContent?.match(/undefined|NaN|null|\[object /g) ?? []),
    };
  });
  expect(state, name).toEqual({ overflow: 0, error, brokenImages: 0, unintended: [] });
  if (shows) await expect(shows, name).toBeInViewport();
}

// `npm run screenshots` and the long run take all screenshots.
test('shows every view on a phone and on a desktop without overflow and errors', async ({ browser, baseURL }) => {
  for (const [language, locale] of Object.entries(languages)) {
    const device = devices[language === 'en' ? 'mouse' : 'touch'];
    const page = await browser.newPage({ locale, ...device.options, ...(baseURL && { baseURL }) });
    for (const view of ['live', 'photos', 'compare', 'gallery', 'lab']) {
      await page.goto(`./#/${view}`);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      const [size, colorScheme] = language === 'en' ? (['desktop', 'light'] as const) : (['phone', 'dark'] as const);
      const [width, height] = { desktop, phone }[size];
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme });
      await take(page, `${view}-opened-${size}-${colorScheme}-${language}`, {
        shows: page.getByRole('heading', { level: 1 }),
      });
    }
    await page.close();
  }
});

const combinations = (Object.keys(languages) as Language[]).flatMap((language) =>
  (Object.keys(devices) as Device[]).map((device) => ({ language, device })),
);

for (const { language, device } of combinations) {
  const t = words[language];
  const { options } = devices[device];
  const takeAll = screenshotsOf(device, language);

  test.describe(`in ${language}, with ${device}`, { tag: '@screenshots' }, () => {
    test.use({ locale: languages[language], ...options });
    test.setTimeout(900_000);

    test('live', async ({ page }) => {
      await page.goto('./#/live');
      await ready(page);
      await page.locator('.prints path[d*="V-2"]').first().waitFor({ timeout: 60_000 });
      await takeAll(page, 'live-opt-in');
      await page.getByRole('button', { name: t.start }).click();
      await page.getByRole('alert').waitFor();
      await takeAll(page, 'live-no-camera', { error: true, shows: page.getByRole('alert') });
      await page.getByRole('button', { name: t.samples }).click();
      await page.locator('.in-view .faceprint').first().waitFor({ timeout: 60_000 });
      await takeAll(page, 'live-unknown');
      await page.getByRole('button', { name: t.enrol }).click();
      await page.locator('.hint').waitFor();
      await page.getByRole('textbox', { name: t.who }).waitFor({ timeout: 90_000 });
      await page.getByRole('textbox', { name: t.who }).fill(t.name);
      await takeAll(page, 'live-naming');
      await page.getByRole('button', { name: t.remember, exact: true }).click();
      await page.locator('.in-view').getByText(t.known).first().waitFor({ timeout: 90_000 });
      await takeAll(page, 'live-recognised');
      await page.getByRole('button', { name: t.device }).click();
      await page.getByRole('dialog').getByText(t.used).waitFor();
      await takeAll(page, 'device');
      await page.getByRole('button', { name: t.erase }).click();
      await takeAll(page, 'erase');
      await page.getByRole('dialog').getByRole('button', { name: t.erase }).click();
      await page.locator('main h2').waitFor({ timeout: 60_000 });
      await takeAll(page, 'erased');
    });

    test('photos', async ({ page }) => {
      await page.goto('./#/photos');
      await ready(page);
      await takeAll(page, 'photos-empty');
      await page.getByRole('button', { name: t.photoSamples }).click();
      await page.locator('.queue[data-phase="done"]').waitFor({ timeout: 200_000 });
      await takeAll(page, 'photos-grouped');
    });

    test('photos in progress', async ({ page }) => {
      await page.goto('./#/photos');
      await ready(page);
      await page.locator(manyPhotos).setInputFiles(samplesAgain(90));
      // The demo groups the faces after every 25 photos.
      await page.locator('.person-card:not(.skeleton)').first().waitFor({ timeout: 200_000 });
      await takeAll(page, 'photos-in-progress');
      await expect(page.locator('.queue[data-phase="running"]'), 'still in progress').toBeVisible();
    });

    test('a photo without a face, and one that cannot be read', async ({ page }, testInfo) => {
      const icon = fileURLToPath(new URL('../../public/icons/icon-512.png', import.meta.url));
      const letter = testInfo.outputPath('letter.jpg');
      await writeFile(letter, 'Dear reader');
      await page.goto('./#/photos');
      await ready(page);
      const files = [icon, letter].map((path) => ({
        name: basename(path),
        mimeType: path === icon ? 'image/png' : 'image/jpeg',
        buffer: readFileSync(path),
      }));
      await page.locator(manyPhotos).setInputFiles([...samplesAgain(1), ...files]);
      await page.locator('.queue[data-phase="done"]').waitFor({ timeout: 60_000 });
      for (const summary of await page.locator('details > summary').all()) await summary.click();
      await takeAll(page, 'photos-leftovers', { error: true, shows: page.locator('details.unreadable li') });

      await page.goto('./#/compare?a=0&b=0');
      const [first, second] = [page.locator('.slot').nth(0), page.locator('.slot').nth(1)];
      await first.locator('input[type="file"]').setInputFiles(icon);
      await second.locator('input[type="file"]').setInputFiles(letter);
      await first.locator('[data-status="no-face"]').waitFor({ timeout: 60_000 });
      await second.locator('code').waitFor();
      await takeAll(page, 'compare-faceless-and-unreadable', { error: true });
    });

    test('compare', async ({ page }) => {
      await page.goto('./#/compare');
      await page.locator('[data-verdict="true"]').waitFor({ timeout: 200_000 });
      await takeAll(page, 'compare-same');
      await page.goto('./#/live');
      await page.goto('./#/compare?a=7&b=4');
      await page.locator('[data-verdict="false"]').waitFor({ timeout: 200_000 });
      await takeAll(page, 'compare-different');
      await page.goto('./#/live');
      await page.goto('./#/compare?a=0&b=0');
      await takeAll(page, 'compare-empty');
    });

    test('lab', async ({ page }) => {
      const panels = {
        calibration: '.thresholds',
        evaluation: '.lab-drop',
        report: '.lab-drop',
        detectors: '.sample-strip',
        originals: '.sample-strip',
        training: '.panel .actions',
        bench: '.backend',
      };
      for (const [panel, content] of Object.entries(panels)) {
        await page.goto(`./#/lab?panel=${panel}`);
        await ready(page);
        await page.locator(content).waitFor();
        await takeAll(page, `lab-${panel}`);
      }
    });

    test('detections in the lab, with and without a network', async ({ page }) => {
      await page.goto('./#/lab?panel=embeddings');
      const points = page.locator('.plot-area .point');
      await expect(points).toHaveCount(samples.flatMap(({ people }) => people).length, { timeout: 120_000 });
      await points.first().focus();
      await takeAll(page, 'lab-embeddings-plotted', { shows: points.first() });

      const cards = page.locator('.detector-card');
      const compare = async (address: string) => {
        await page.goto(`${address}#/lab?panel=detectors`);
        await page.locator('.sample-strip button').nth(6).click();
        await expect(page.locator('.detector-card:not([data-waiting])')).toHaveCount(7, { timeout: 400_000 });
      };
      await compare('./');
      await takeAll(page, 'lab-detectors-compared', { shows: cards.first() });

      const host = await hostDemo();
      await page.goto(host.url);
      await page.locator('.model-status').getByText(t.offline).first().waitFor({ timeout: 120_000 });
      await host.close();
      await compare(host.url);
      await takeAll(page, 'lab-detectors-offline', { shows: cards.nth(1) });
    });

    for (const [name, state] of [
      ['NotAllowedError', 'live-refused'],
      ['NotReadableError', 'live-busy'],
    ] as const) {
      test(state, async ({ page }) => {
        await page.addInitScript((name) => {
          navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', name));
        }, name);
        await page.goto('./#/live');
        await page.getByRole('button', { name: t.start }).click();
        await page.getByRole('alert').waitFor();
        await takeAll(page, state, { error: true, shows: page.getByRole('alert') });
      });
    }

    test('loading, and missing weights', async ({ page }) => {
      let answer: 'none' | 'broken' = 'none';
      await page.route('**/models/manifest.json', (route) => answer === 'broken' && route.abort());
      await page.goto('./#/live');
      await page.locator('.model-status[data-status="loading"]').waitFor();
      await takeAll(page, 'loading');
      answer = 'broken';
      await page.reload();
      await page.getByRole('alert').waitFor();
      await takeAll(page, 'weights-missing', { error: true, shows: page.getByRole('alert') });
    });

    test('an old browser', async ({ page }) => {
      await page.addInitScript(() => Reflect.deleteProperty(globalThis, 'OffscreenCanvas'));
      await page.goto('./');
      await page.locator('.empty-state').waitFor();
      await takeAll(page, 'old-browser');
    });

    for (const [name, state] of [
      ['SecurityError', 'storage-denied'],
      ['QuotaExceededError', 'storage-full'],
    ] as const) {
      test(state, async ({ page }) => {
        await page.addInitScript((name) => {
          indexedDB.open = () => {
            throw new DOMException('Not here.', name);
          };
        }, name);
        await page.goto('./#/live?samples');
        const notice = page.locator('.people .notice');
        await notice.waitFor({ timeout: 90_000 });
        await page.locator('.in-view .faceprint').first().waitFor({ timeout: 60_000 });
        await takeAll(page, state, { shows: notice });
      });
    }

    test('a disconnected camera', async ({ baseURL }) => {
      const browser = await chromium.launch(cameraOptions());
      const page = await browser.newPage({ locale: languages[language], ...options, ...(baseURL && { baseURL }) });
      await page.goto('./#/live');
      await page.getByRole('button', { name: t.start }).click();
      await page.locator('video').waitFor();
      await page.evaluate(() => {
        const { srcObject } = document.querySelector('video') as HTMLVideoElement;
        for (const track of (srcObject as MediaStream).getTracks()) track.dispatchEvent(new Event('ended'));
      });
      await page.getByRole('alert').waitFor();
      await takeAll(page, 'live-unplugged', { error: true, shows: page.getByRole('alert') });
      await browser.close();
    });

    test('no WebGL', async ({ baseURL }) => {
      const launch = cameraOptions();
      const args = [...launch.args, '--disable-gpu', '--disable-software-rasterizer'];
      const browser = await chromium.launch({ ...launch, args });
      const page = await browser.newPage({ locale: languages[language], ...options, ...(baseURL && { baseURL }) });
      await page.goto('./#/live');
      await ready(page);
      await page.getByRole('button', { name: t.device }).click();
      await takeAll(page, 'no-webgl', { shows: page.getByText('WebAssembly') });
      await browser.close();
    });

    test('a new version', async ({ page }) => {
      const host = await hostDemo();
      await page.goto(host.url);
      await ready(page);
      await page.evaluate(() => navigator.serviceWorker.ready);
      host.update();
      await page.reload();
      const prompt = page.locator('.toast');
      await prompt.waitFor({ timeout: 30_000 });
      await ready(page);
      await takeAll(page, 'update', { shows: prompt });
      await host.close();
    });
  });
}

/** Where the Photos view takes many files. */
const manyPhotos = '.photos input[type="file"][multiple]:not([webkitdirectory])';

/** The six test photos again and again, so that a queue takes its time. Their last bytes differ: equal files are one photo. */
function samplesAgain(count: number): { name: string; mimeType: string; buffer: Buffer }[] {
  return Array.from({ length: count }, (_, i) => {
    const name = `sample${(i % 6) + 1}.jpg`;
    const path = fileURLToPath(new URL(`../../node_modules/@vladmandic/face-api/demo/${name}`, import.meta.url));
    const buffer = Buffer.concat([readFileSync(path), Buffer.from(`${i}`)]);
    return { name: `${i}-${name}`, mimeType: 'image/jpeg', buffer };
  });
}
