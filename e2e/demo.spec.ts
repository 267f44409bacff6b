import { writeFile } from 'node:fs/promises';
import {
  type Browser,
  chromium,
  expect,
  type JSHandle,
  type Locator,
  type Page,
  type TestInfo,
  test,
} from 'playwright/test';
import { chromiumFlags, findChromium } from '../scripts/chromium.mjs';

const slotNames = ['First photo', 'Second photo'] as const;

/** What a page did that it must not do: leave its origin, or complain. */
interface Watch {
  requests: string[];
  complaints: string[];
}

function watch(page: Page): Watch {
  const seen: Watch = { requests: [], complaints: [] };
  page.on('request', (request) => seen.requests.push(request.url()));
  page.on('pageerror', (error) => seen.complaints.push(error.message));
  // MediaPipe writes its information lines as errors, which start like "I0000" or "INFO:".
  page.on('console', (message) => {
    if (message.type() === 'error' && !/^(I\d{4}|INFO)/.test(message.text())) seen.complaints.push(message.text());
  });
  return seen;
}

function expectNothingOutside({ requests, complaints }: Watch, baseURL: string | undefined): void {
  const { origin } = new URL(String(baseURL));
  expect(requests.length).toBeGreaterThan(5);
  expect(requests.filter((url) => !/^(blob|data):/.test(url) && new URL(url).origin !== origin)).toEqual([]);
  expect(complaints).toEqual([]);
}

const verdict = (page: Page) => page.locator('#verdict');
const headline = (page: Page) => verdict(page).getByRole('status');
const slot = (page: Page, name: (typeof slotNames)[number]) => page.getByRole('region', { name });
const sample = (place: Locator, number: number) => place.getByRole('button', { name: `Sample photo ${number}:` });

/** Opens the demo and waits until the two photos that it starts with have their verdict. */
async function openDemo(page: Page): Promise<void> {
  await page.goto('./');
  await expect(headline(page)).toContainText('The distance is', { timeout: 60_000 });
}

test('there is a verdict without a click, and nothing leaves the page', async ({ page, baseURL }) => {
  const seen = watch(page);
  await openDemo(page);
  await expect(headline(page)).toContainText('Different people');
  await expect(headline(page)).toContainText(/The distance is [01]\.\d\d, beyond the threshold of 0\.\d\d\./);
  for (const name of slotNames) {
    await expect(slot(page, name).getByRole('status')).toContainText(/[34] faces found/);
    await expect(page.getByRole('img', { name: `The face from the ${name.toLowerCase()}` })).toBeVisible();
    expect(await inkOf(slot(page, name).locator('canvas.overlay'))).toBeGreaterThan(60);
  }
  await expect(page.locator('#about-backend')).toContainText(/^(WebGPU|WebGL|WebAssembly): /);
  await expect(page.locator('#about-models')).toContainText('dlib-resnet-34');
  await expect(page.locator('#about-cache')).toContainText(/\d+\.\d MB/);
  expectNothingOutside(seen, baseURL);
});

test('loading shows its bytes, and can be tried again after it failed', async ({ page }) => {
  let broken = true;
  await page.route('**/models/manifest.json', (route) => (broken ? route.abort() : route.continue()));
  await page.goto('./');
  await expect(page.getByText('The models could not be loaded.')).toBeVisible();
  await expect(page.locator('#loading-status code')).toHaveText('model-missing');
  await expect(page.locator('canvas.picture').first()).toBeVisible();
  broken = false;
  const bytes = page.waitForFunction(() =>
    / of \d+\.\d MB \(\d+ %\)/.test(document.getElementById('loading-bytes')?.textContent ?? ''),
  );
  await page.getByRole('button', { name: 'Try again' }).click();
  await bytes;
  await expect(headline(page)).toContainText('The distance is', { timeout: 60_000 });
});

test('the same photo twice is the same person', async ({ page }) => {
  await openDemo(page);
  for (const name of slotNames) await sample(slot(page, name), 4).click();
  await expect(headline(page)).toContainText('Same person');
  await expect(headline(page)).toContainText('The distance is 0.00');
});

test('another face of a photo can be chosen', async ({ page }) => {
  await openDemo(page);
  const faces = slot(page, 'First photo').getByRole('button', { name: /^Face \d of 3$/ });
  await expect(faces).toHaveCount(3);
  await expect(slot(page, 'First photo').getByRole('button', { name: /^Face/, pressed: true })).toHaveCount(1);
  const crop = page.getByRole('img', { name: 'The face from the first photo' });
  const cropPixels = () => crop.evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
  const before = await cropPixels();
  const other = slot(page, 'First photo').getByRole('button', { name: /^Face/, pressed: false }).first();
  const label = String(await other.getAttribute('aria-label'));
  await other.click();
  await expect(slot(page, 'First photo').getByRole('button', { name: label, pressed: true })).toBeVisible();
  await expect.poll(cropPixels).not.toBe(before);
  await expect(headline(page)).toContainText('The distance is');
});

test('a file, a drop and a paste are taken', async ({ page }) => {
  await openDemo(page);
  const place = slot(page, 'First photo');
  const buffer = await (await page.request.get('samples/sample5.jpg')).body();
  await place.getByLabel('Choose the first photo').setInputFiles({ name: 'mine.jpg', mimeType: 'image/jpeg', buffer });
  await expect(place.getByRole('status')).toContainText('5 faces found');
  await expect(place.getByRole('button', { name: /^Sample/, pressed: true })).toHaveCount(0);

  for (const [type, count] of [
    ['drop', '4 faces'],
    ['paste', '3 faces'],
  ] as const) {
    await place.evaluate(
      async (root, { type, address }) => {
        const files = new DataTransfer();
        files.items.add(new File([await (await fetch(address)).blob()], 'photo.jpg', { type: 'image/jpeg' }));
        const bubbles = { bubbles: true, cancelable: true };
        if (type === 'drop') root.dispatchEvent(new DragEvent('drop', { ...bubbles, dataTransfer: files }));
        else document.dispatchEvent(new ClipboardEvent('paste', { ...bubbles, clipboardData: files }));
      },
      { type, address: type === 'drop' ? 'samples/sample4.jpg' : 'samples/sample3.jpg' },
    );
    await expect(place.getByRole('status'), type).toContainText(`${count} found`);
  }
});

test('a photo without a face, and a file that is no photo, are told kindly', async ({ page, baseURL }) => {
  const seen = watch(page);
  await openDemo(page);
  const place = slot(page, 'Second photo');
  const input = place.getByLabel('Choose the second photo');
  await input.setInputFiles({ name: 'sky.png', mimeType: 'image/png', buffer: await facelessPhoto(page) });
  await expect(place.getByRole('status')).toContainText('No face was found in this photo.');
  await expect(headline(page)).toContainText('No face was found in the second photo.');
  await expect(verdict(page)).toHaveAttribute('data-verdict', 'none');

  await input.setInputFiles({ name: 'letter.txt', mimeType: 'text/plain', buffer: Buffer.from('Dear reader') });
  await expect(place.getByRole('status')).toContainText('could not be opened as a picture');
  await expect(place.locator('code')).toHaveText('image-unreadable');
  expectNothingOutside(seen, baseURL);
});

test('the keyboard alone is enough', async ({ page }) => {
  await openDemo(page);
  await tabTo(page, /^Face 1 of 3$/);
  await page.keyboard.press('Enter');
  await expect(slot(page, 'First photo').getByRole('button', { name: 'Face 1 of 3', pressed: true })).toBeVisible();
  await tabTo(page, /^Choose the first photo$/);
  await tabTo(page, /^Sample photo 2:/);
  await page.keyboard.press('Space');
  await expect(sample(slot(page, 'First photo'), 2)).toHaveAttribute('aria-pressed', 'true');
  await tabTo(page, /^Choose the second photo$/);
  await tabTo(page, /^Sample photo 2:/);
  await page.keyboard.press('Enter');
  await expect(headline(page)).toContainText('Same person');
  await tabTo(page, /^Start the camera$/);
});

test('a narrow page does not scroll sideways', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await openDemo(page);
  const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(await overflow()).toBeLessThanOrEqual(0);
});

test.describe('live', () => {
  test('boxes follow the face that the camera sees', async ({ page, baseURL }, testInfo) => {
    await page.goto('./');
    const video = await filmOf(page, testInfo);
    await withChromium(
      [
        '--use-fake-ui-for-media-stream',
        '--use-fake-device-for-media-stream',
        `--use-file-for-fake-video-capture=${video}`,
      ],
      async (browser) => {
        const live = await browser.newPage(baseURL ? { baseURL } : {});
        const seen = watch(live);
        await openDemo(live);
        await expect(live.getByText('It is not sent, not recorded and not kept')).toBeVisible();
        await live.getByRole('button', { name: 'Start the camera' }).click();

        const section = live.getByRole('region', { name: 'Live' });
        await expect(section.getByRole('status')).toHaveText('1 face in view.', { timeout: 30_000 });
        expect(await inkOf(section.locator('canvas.overlay'))).toBeGreaterThan(60);
        await expectToFollow(section.locator('#live-stage'));

        await expect(section.locator('#live-rate')).toHaveText(/^\d+\.\d fps$/);
        expect(Number.parseFloat(String(await section.locator('#live-rate').textContent()))).toBeGreaterThan(0);
        await expect(section.locator('#live-time')).toHaveText(/^\d+ ms$/);
        await expect(section.locator('#live-backend')).toHaveText(/^(WebGPU|WebGL|WebAssembly)$/);

        const track = await trackOf(live);
        expect(await track.evaluate(({ readyState }) => readyState)).toBe('live');
        await section.getByRole('button', { name: 'Stop the camera' }).click();
        await expect(section.getByRole('status')).toHaveText('The camera is off.');
        expect(await track.evaluate(({ readyState }) => readyState)).toBe('ended');
        await expect(section.getByRole('button', { name: 'Start the camera' })).toBeFocused();
        await expect(section.locator('#live-stage')).toHaveAttribute('data-faces', '0');

        await section.getByRole('button', { name: 'Start the camera' }).click();
        await expect(section.getByRole('status')).toHaveText('1 face in view.', { timeout: 30_000 });
        const again = await trackOf(live);
        await live.evaluate(() => window.dispatchEvent(new PageTransitionEvent('pagehide')));
        await expect(section.getByRole('status')).toHaveText('The camera is off.');
        expect(await again.evaluate(({ readyState }) => readyState)).toBe('ended');
        expectNothingOutside(seen, baseURL);
      },
    );
  });

  test('the camera goes off at once, even while the models still load', async ({ baseURL }) => {
    await withChromium(['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream'], async (browser) => {
      const page = await browser.newPage(baseURL ? { baseURL } : {});
      await page.route('**/models/manifest.json', () => {
        // Never answered: the models load for as long as this test lasts.
      });
      await page.goto('./');
      const live = page.getByRole('region', { name: 'Live' });
      await live.getByRole('button', { name: 'Start the camera' }).click();
      await expect(live.getByRole('status')).toContainText('The models are still loading');
      const track = await trackOf(page);
      await live.getByRole('button', { name: 'Stop the camera' }).click();
      await expect(live.getByRole('status')).toHaveText('The camera is off.');
      expect(await track.evaluate(({ readyState }) => readyState)).toBe('ended');
    });
  });

  test('a refused camera is told kindly, with a way to the samples', async ({ baseURL }) => {
    await withChromium(['--use-fake-device-for-media-stream'], async (browser) => {
      // Granting an empty list of permissions refuses all others.
      const context = await browser.newContext({ permissions: [], ...(baseURL && { baseURL }) });
      const page = await context.newPage();
      const seen = watch(page);
      await page.goto('./');
      await expectTrouble(page, 'That is fine: the camera stays off.');
      await page.getByRole('button', { name: 'Use the sample photos' }).click();
      await expect(sample(slot(page, 'First photo'), 1)).toBeFocused();
      expect(seen.complaints).toEqual([]);
    });
  });

  for (const [name, sentence] of [
    ['NotFoundError', 'No camera was found.'],
    ['NotReadableError', 'another program may be using it'],
  ] as const) {
    test(`${name} is told kindly`, async ({ page }) => {
      await page.addInitScript((name) => {
        navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', name));
      }, name);
      await page.goto('./');
      await expectTrouble(page, sentence);
    });
  }
});

async function expectTrouble(page: Page, sentence: string): Promise<void> {
  const live = page.getByRole('region', { name: 'Live' });
  await live.getByRole('button', { name: 'Start the camera' }).click();
  await expect(live.getByRole('status')).toContainText(sentence);
  await expect(live.getByRole('button', { name: 'Use the sample photos' })).toBeVisible();
  await expect(live.getByRole('button', { name: 'Start the camera' })).toBeEnabled();
}

/** Sees the face wander over at least as much of the frame as the film moves it by, less what falls between frames. */
async function expectToFollow(stage: Locator): Promise<void> {
  const seen: number[] = [];
  const wandered = async () => {
    const x = await stage.getAttribute('data-x');
    if (x) seen.push(Number(x));
    return Math.max(...seen) - Math.min(...seen);
  };
  await expect.poll(wandered, { timeout: 30_000, intervals: [100] }).toBeGreaterThan(0.1);
  expect(Math.min(...seen)).toBeGreaterThan(0.2);
  expect(Math.max(...seen)).toBeLessThan(0.8);
}

/** The camera's track that the live view shows. */
function trackOf(page: Page): Promise<JSHandle<MediaStreamTrack>> {
  return page.evaluateHandle(() => {
    const stream = document.querySelector('video')?.srcObject;
    const track = stream instanceof MediaStream ? stream.getVideoTracks()[0] : undefined;
    if (!track) throw new Error('The video shows no camera.');
    return track;
  });
}

/** How many pixels of a canvas have the colour of the chosen face's box. */
function inkOf(canvas: Locator): Promise<number> {
  return canvas.evaluate((element) => {
    if (!(element instanceof HTMLCanvasElement)) throw new Error('Not a canvas.');
    const pixels = element.getContext('2d')?.getImageData(0, 0, element.width, element.height).data ?? [];
    const tone = [0x4d, 0xf0, 0xdf, 0xff];
    let count = 0;
    for (let i = 0; i < pixels.length; i += 4) {
      if (tone.every((value, channel) => Math.abs(value - Number(pixels[i + channel])) < 12)) count++;
    }
    return count;
  });
}

async function tabTo(page: Page, name: RegExp): Promise<void> {
  const focused = () =>
    page.evaluate(() => {
      const element = document.activeElement;
      return element?.ariaLabel ?? element?.querySelector('img')?.alt ?? element?.textContent?.trim() ?? '';
    });
  const passed: string[] = [];
  for (let stops = 0; stops < 40; stops++) {
    await page.keyboard.press('Tab');
    const here = await focused();
    if (name.test(here)) return;
    passed.push(here);
  }
  throw new Error(`The Tab key does not reach ${name}, only ${passed.join(', ')}.`);
}

/** A photo of a sky over a field, as a PNG. */
async function facelessPhoto(page: Page): Promise<Buffer> {
  const address = await page.evaluate(() => {
    const canvas = document.createElement('canvas');
    canvas.width = 640;
    canvas.height = 480;
    const context = canvas.getContext('2d') as CanvasRenderingContext2D;
    const gradient = context.createLinearGradient(0, 0, 0, canvas.height);
    for (const [stop, colour] of [
      [0, '#3b78c2'],
      [0.6, '#cfe3f5'],
      [0.61, '#5b8a3c'],
      [1, '#2f5220'],
    ] as const) {
      gradient.addColorStop(stop, colour);
    }
    context.fillStyle = gradient;
    context.fillRect(0, 0, canvas.width, canvas.height);
    return canvas.toDataURL('image/png');
  });
  return decoded(address);
}

/**
 * Makes a film for the fake camera: the face at the left of a sample photo, which wanders sideways and tilts by up to
 * 15° within two seconds.
 *
 * @returns the film's path; a Motion JPEG is simply one JPEG after another.
 */
async function filmOf(page: Page, testInfo: TestInfo): Promise<string> {
  const frames = await page.evaluate(async () => {
    const photo = await createImageBitmap(await (await fetch('samples/sample6.jpg')).blob());
    const face = { x: 345, y: 600, scale: 1.4 };
    const canvas = document.createElement('canvas');
    canvas.width = 640;
    canvas.height = 480;
    const context = canvas.getContext('2d') as CanvasRenderingContext2D;
    return Array.from({ length: 60 }, (_, i) => {
      const swing = Math.sin((i / 60) * 2 * Math.PI);
      context.resetTransform();
      context.fillStyle = '#888';
      context.fillRect(0, 0, canvas.width, canvas.height);
      context.translate(320 + 90 * swing, 240);
      context.rotate((swing * 15 * Math.PI) / 180);
      context.scale(face.scale, face.scale);
      context.drawImage(photo, -face.x, -face.y);
      return canvas.toDataURL('image/jpeg', 0.8);
    });
  });
  const path = testInfo.outputPath('camera.mjpeg');
  await writeFile(path, Buffer.concat(frames.map(decoded)));
  return path;
}

function decoded(dataAddress: string): Buffer {
  return Buffer.from(dataAddress.slice(dataAddress.indexOf(',') + 1), 'base64');
}

/** A browser of its own, since cameras are a matter of how Chromium is started. */
async function withChromium(flags: string[], work: (browser: Browser) => Promise<void>): Promise<void> {
  const browser = await chromium.launch({ executablePath: findChromium() ?? '', args: [...chromiumFlags, ...flags] });
  try {
    await work(browser);
  } finally {
    await browser.close();
  }
}
