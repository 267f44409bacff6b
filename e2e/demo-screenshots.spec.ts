import { fileURLToPath } from 'node:url';
import { type Page, test } from 'playwright/test';
import { expect } from './demo.ts';

const folder = fileURLToPath(new URL('../test-results/screenshots', import.meta.url));

const sizes = { phone: [390, 844], tablet: [820, 1180], desktop: [1440, 900] } as const;
const schemes = ['light', 'dark'] as const;
const languages = { en: 'en-GB', ko: 'ko-KR' } as const;
type Language = keyof typeof languages;

/** What the states are reached by, in both languages. */
const words = {
  en: {
    start: 'Start the camera',
    samples: 'Use sample photos',
    enrol: 'Remember this face',
    who: 'Who is this?',
    remember: 'Remember',
    name: 'Ada',
    known: 'Ada',
    device: 'This device',
    erase: 'Erase everything',
    photoSamples: 'Try the six sample photos',
  },
  ko: {
    start: '카메라 켜기',
    samples: '샘플 사진으로 보기',
    enrol: '이 얼굴 기억하기',
    who: '누구인가요?',
    remember: '기억하기',
    name: '지우',
    known: '지우',
    device: '이 기기',
    erase: '모두 지우기',
    photoSamples: '샘플 사진 여섯 장으로 해보기',
  },
} as const;

const ready = (page: Page) => page.locator('.network-status[data-status="ready"]').waitFor({ timeout: 120_000 });

/** Takes a state in every size and theme. A view that moves is not held up: what is seen is what anybody sees. */
async function shoot(page: Page, language: Language, state: string): Promise<void> {
  for (const [size, [width, height]] of Object.entries(sizes)) {
    await page.setViewportSize({ width, height });
    for (const colorScheme of schemes) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.waitForTimeout(250);
      await page.screenshot({ path: `${folder}/${state}-${size}-${colorScheme}-${language}.png` });
    }
  }
}

// A few are taken with every run of the tests; all of them by `npm run screenshots`, to be looked at.
test('every view as it opens, on a phone and on a desktop', async ({ browser, baseURL }) => {
  for (const [language, locale] of Object.entries(languages)) {
    const page = await browser.newPage({ locale, ...(baseURL && { baseURL }) });
    for (const view of ['live', 'photos', 'compare', 'lab']) {
      await page.goto(`./#/${view}`);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      const [size, colorScheme] = language === 'en' ? (['desktop', 'light'] as const) : (['phone', 'dark'] as const);
      const [width, height] = sizes[size];
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme });
      const shot = await page.screenshot({ path: `${folder}/${view}-opened-${size}-${colorScheme}-${language}.png` });
      expect(shot.length).toBeGreaterThan(10_000);
    }
    await page.close();
  }
});

for (const language of Object.keys(languages) as Language[]) {
  const t = words[language];

  test.describe(`in ${language}`, { tag: '@screenshots' }, () => {
    test.use({ locale: languages[language] });
    test.setTimeout(900_000);

    test('live', async ({ page }) => {
      await page.goto('./#/live');
      await ready(page);
      await page.locator('.prints path[d*="V-2"]').first().waitFor({ timeout: 60_000 });
      await shoot(page, language, 'live-opt-in');
      await page.getByRole('button', { name: t.start }).click();
      await page.getByRole('alert').waitFor();
      await shoot(page, language, 'live-no-camera');
      await page.getByRole('button', { name: t.samples }).click();
      await page.locator('.in-view .faceprint').first().waitFor({ timeout: 60_000 });
      await shoot(page, language, 'live-unknown');
      await page.getByRole('button', { name: t.enrol }).click();
      await page.locator('.hint').waitFor();
      await page.getByRole('textbox', { name: t.who }).waitFor({ timeout: 90_000 });
      await page.getByRole('textbox', { name: t.who }).fill(t.name);
      await shoot(page, language, 'live-naming');
      await page.getByRole('button', { name: t.remember, exact: true }).click();
      await page.locator('.in-view').getByText(t.known).first().waitFor({ timeout: 90_000 });
      await shoot(page, language, 'live-recognised');
      await page.getByRole('button', { name: t.device }).click();
      await shoot(page, language, 'device');
      await page.getByRole('button', { name: t.erase }).click();
      await shoot(page, language, 'erase');
      await page.getByRole('dialog').getByRole('button', { name: t.erase }).click();
      await page.locator('main h2').waitFor({ timeout: 60_000 });
      await shoot(page, language, 'erased');
    });

    test('photos', async ({ page }) => {
      await page.goto('./#/photos');
      await ready(page);
      await shoot(page, language, 'photos-empty');
      await page.getByRole('button', { name: t.photoSamples }).click();
      await page.locator('.queue[data-phase="done"]').waitFor({ timeout: 200_000 });
      await shoot(page, language, 'photos-grouped');
    });

    test('compare', async ({ page }) => {
      await page.goto('./#/compare');
      await page.locator('[data-verdict="true"]').waitFor({ timeout: 200_000 });
      await shoot(page, language, 'compare-same');
      await page.goto('./#/live');
      await page.goto('./#/compare?a=6&b=4');
      await page.locator('[data-verdict="false"]').waitFor({ timeout: 200_000 });
      await shoot(page, language, 'compare-different');
      await page.goto('./#/live');
      await page.goto('./#/compare?a=0&b=0');
      await shoot(page, language, 'compare-empty');
    });

    test('lab', async ({ page }) => {
      for (const panel of ['calibration', 'evaluation', 'detectors', 'embeddings', 'training', 'bench']) {
        await page.goto(`./#/lab?panel=${panel}`);
        await ready(page);
        await page.waitForTimeout(1000);
        await shoot(page, language, `lab-${panel}`);
      }
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
        await shoot(page, language, state);
      });
    }

    test('loading, and weights that are missing', async ({ page }) => {
      let answer: 'none' | 'broken' = 'none';
      await page.route('**/models/manifest.json', (route) => answer === 'broken' && route.abort());
      await page.goto('./#/live');
      await page.locator('.network-status[data-status="loading"]').waitFor();
      await shoot(page, language, 'loading');
      answer = 'broken';
      await page.reload();
      await page.getByRole('alert').waitFor();
      await shoot(page, language, 'weights-missing');
    });

    test('an old browser', async ({ page }) => {
      await page.addInitScript(() => Reflect.deleteProperty(globalThis, 'OffscreenCanvas'));
      await page.goto('./');
      await page.locator('.empty-state').waitFor();
      await shoot(page, language, 'old-browser');
    });

    test('storage denied', async ({ page }) => {
      await page.addInitScript(() => {
        indexedDB.open = () => {
          throw new DOMException('Not here.', 'SecurityError');
        };
      });
      await page.goto('./#/live?samples');
      await page.locator('.people .notice').waitFor({ timeout: 90_000 });
      await shoot(page, language, 'storage-denied');
    });
  });
}
