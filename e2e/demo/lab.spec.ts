import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright/test';
import { expect, expectAccessible, sharedTest as test } from '../support/demo.ts';

test.setTimeout(480_000);

/** The cells of the table row with this header. */
const row = (page: Page, head: string) => page.getByRole('row', { name: head }).first().getByRole('cell');

/** Opens a panel without the results of an earlier test. */
async function open(page: Page, panel: string): Promise<void> {
  await page.goto('./#/gallery');
  await expect(page.locator('main .view.gallery')).toBeVisible();
  await page.goto(`./#/lab?panel=${panel}`);
}

/** The number of pixels of a canvas that are not background. */
function inkOf(page: Page, selector: string): Promise<number> {
  return page
    .locator(selector)
    .first()
    .evaluate((canvas: HTMLCanvasElement) => {
      const pixels = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
      return pixels.filter((value, i) => i % 4 === 3 && value > 128).length;
    });
}

test('calibration: draws curves, and lists the thresholds of the manifest in tables', async ({ page }) => {
  await open(page, 'calibration');
  await expect(page.getByRole('heading', { name: 'What a distance means' })).toBeVisible();
  await expect.poll(() => inkOf(page, '.chart canvas'), { timeout: 30_000 }).toBeGreaterThan(3000);
  await page.getByText('Show as table').first().click();
  await expect(row(page, '0.1 %').first()).toHaveText(/^9\d\.\d\s%$/);
  await expect(page.getByRole('heading', { name: 'Thresholds by false-accept rate' })).toBeVisible({ timeout: 60_000 });
  const manifest = await (await page.request.get('models/manifest.json')).json();
  const { calibration } = manifest.presets.find(({ name }: { name: string }) => name === 'balanced');
  for (const { far, distance } of calibration.thresholds.filter(({ far }: { far: number }) => far <= 0.01)) {
    const head = `${Number((far * 100).toPrecision(2))} %`;
    const cells = page
      .locator('.thresholds')
      .getByRole('row')
      .filter({ has: page.getByRole('rowheader', { name: head, exact: true }) });
    await expect(cells.getByRole('cell').first()).toHaveText(distance.toFixed(3));
  }
  await expectAccessible(page);
});

test('evaluation: evaluates a folder in the layout of LFW, and rejects another folder', async ({ page }, testInfo) => {
  await open(page, 'evaluation');
  const folder = testInfo.outputPath('lfw');
  await writePeople(page, folder);
  await page.getByLabel('Choose a folder').setInputFiles(join(folder, 'images'));
  await expect(page.getByText('This folder has no pairs.txt')).toBeVisible();

  await page.getByLabel('Choose a folder').setInputFiles(folder);
  const yours = page.getByRole('row', { name: 'Your data' });
  await expect(yours).toBeVisible({ timeout: 120_000 });
  // The easiest set: four people, and each of them mirrored and darker.
  await expect(yours.getByRole('cell').first()).toHaveText('100.00\u00a0% ± 0.00');
  await expect(page.getByText(/^8 pairs in 2 folds, 8 photos. In 0 photos no face was found/)).toBeVisible();
  await expect(row(page, 'balanced').first()).toHaveText(/^9\d\.\d\d\s% ± 0\.\d\d$/);
  await expectAccessible(page);
});

test('evaluation and report: try the sample photos', async ({ page }) => {
  await open(page, 'evaluation');
  await page.getByRole('button', { name: 'Try the sample photos' }).click();
  await expect(page.getByText('8 pairs in 2 folds, 8 photos.')).toBeVisible({ timeout: 120_000 });
  await expect(page.getByText('8 pairs are too few')).toBeVisible();
  await open(page, 'report');
  await page.getByRole('button', { name: 'Try the sample photos' }).click();
  await expect(row(page, 'All photos').first()).toHaveText('4', { timeout: 120_000 });
  await expectAccessible(page);
});

test('detectors: shows the faces and the time of each detector', async ({ page, complaints }) => {
  await open(page, 'detectors');
  // A small photo, because some detectors run on emulated graphics.
  const small = await page.evaluate(async () => {
    const photo = await createImageBitmap(await (await fetch('test-photos/sample6.jpg')).blob(), { resizeWidth: 640 });
    const canvas = new OffscreenCanvas(photo.width, photo.height);
    canvas.getContext('2d')?.drawImage(photo, 0, 0);
    const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: 'image/jpeg' })).arrayBuffer());
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  });
  const file = { name: 'small.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(small, 'base64') };
  await page.locator('.lab-drop input[type="file"]').setInputFiles(file);
  await expect(page.locator('.detector-card:not([data-waiting])')).toHaveCount(7, { timeout: 400_000 });
  // MediaPipe logs information as errors.
  complaints.errors = complaints.errors.filter((error) => !/^(I\d{4}|INFO)/.test(error));
  await expect(page.locator('.detector-card').first()).toContainText(/^blazeface-full4 faces · [\d,]+ ms$/);
  for (const card of await page.locator('.detector-card').all()) {
    await expect(card).toContainText(/[a-z\d][3-6] faces · [\d,]+ ms$/);
  }
  expect(await inkOf(page, '.detector-card .overlay')).toBeGreaterThan(100);
  await expectAccessible(page);
});

test('embeddings: plots faces as points that the arrow keys select, and lists them in a table', async ({ page }) => {
  await open(page, 'embeddings');
  const points = page.getByRole('group', { name: 'Faces as points' }).getByRole('button');
  await expect(points).toHaveCount(21, { timeout: 120_000 });
  await points.first().focus();
  await expect(page.locator('.plot-inspected')).toContainText(/Person 1nearest: Person \d+, distance [01]\.\d\d/);
  const keys = ['ArrowRight', 'ArrowDown', 'ArrowLeft', 'ArrowUp'];
  const remains: boolean[] = [];
  for (const key of keys) {
    await page.keyboard.press(key);
    remains.push(await points.first().evaluate((point) => point === document.activeElement));
  }
  // The last key may select the first point again.
  expect(remains).toContain(false);
  await page.getByText('Show as table').click();
  await expect(page.getByRole('row')).toHaveCount(15);
  await expectAccessible(page);

  await page.getByRole('radio', { name: 'Remembered people' }).check({ force: true });
  await expect(page.getByRole('heading', { name: 'Too few faces' })).toBeVisible();
});

test('bench: measures each stage on this device, beside the reference time', async ({ page }) => {
  await open(page, 'bench');
  await page.getByRole('button', { name: 'Measure this device' }).click();
  await expect(page.locator('.bench-result')).toContainText('embeddings per second', { timeout: 120_000 });
  await page.getByText('Show as table').click();
  for (const stage of ['Detection, upright heads', 'Landmarks', 'Alignment', 'Embedding of a crop']) {
    const cells = row(page, stage);
    await expect(cells.first()).toHaveText(/^[\d.,]+ ms$/);
    await expect(cells.nth(2)).toHaveText(/^[\d.,]+ ms$/);
    await expect(cells.nth(3)).toHaveText(/^[\d.]+×$/);
  }
  await expect(page.locator('.backend')).toContainText('wasm');
  await expectAccessible(page);
});

test('training: trains a head until few active triplets are left, and shows each epoch', async ({ page }) => {
  await open(page, 'training');
  await page.getByRole('button', { name: 'Start training' }).click();
  await expect(page.getByRole('heading', { name: 'Result' })).toBeVisible({ timeout: 200_000 });
  // Training may end before the last epoch.
  const trained = await page.getByText(/^Trained for \d+ epochs\.$/).textContent();
  const last = Number(trained?.match(/\d+/)?.[0]);
  expect(last).toBeGreaterThan(1);
  await expect(page.getByText(/^Epoch [1-9]\d* of \d+$/)).toBeVisible({ timeout: 60_000 });
  // With reduced motion the remaining epochs are not played.
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await expect(page.getByText(`Epoch ${last} of ${last}`)).toBeVisible({ timeout: 60_000 });
  await page.emulateMedia({ reducedMotion: null });
  await page.getByText('Show as table').click();
  const share = async (epoch: number) => {
    const cells = page
      .getByRole('row')
      .filter({ has: page.getByRole('rowheader', { name: String(epoch), exact: true }) });
    return Number.parseFloat(String(await cells.getByRole('cell').nth(1).textContent()));
  };
  expect(await share(0)).toBeGreaterThan(5);
  expect(await share(last)).toBeLessThan((await share(0)) / 5);
  const place = () =>
    page
      .locator('.point')
      .first()
      .evaluate((point: HTMLElement) => point.style.getPropertyValue('--x'));
  const moved = await place();
  await page.getByRole('slider').fill('0');
  await expect(page.getByText(`Epoch 0 of ${last}`)).toBeVisible();
  expect(await place()).not.toBe(moved);
  await expectAccessible(page);
});

test('report: measures a folder of people with cohorts, saves the report, and rejects wrong folders', async ({
  page,
}, testInfo) => {
  await open(page, 'report');
  const folder = testInfo.outputPath('people');
  await writePeople(page, folder);
  await page.getByLabel('Choose a folder').setInputFiles(join(folder, 'images', 'Ada'));
  await expect(page.getByText('This folder has too few photos')).toBeVisible();

  const cohorts = join(folder, 'images', 'cohorts.csv');
  await writeFile(cohorts, 'Adda,first\n');
  await page.getByLabel('Choose a folder').setInputFiles(join(folder, 'images'));
  await expect(page.getByText('match no photo: Adda.')).toBeVisible();

  await writeFile(cohorts, 'Ada,first\nBea,first\nCleo,second\nDora/Dora_0001.jpg,second\n');
  await writeFile(join(folder, 'images', 'Cleo', 'a text.jpg'), 'no photo');
  await page.getByLabel('Choose a folder').setInputFiles(join(folder, 'images'));
  await expect(row(page, 'All photos').first()).toHaveText('4', { timeout: 120_000 });
  await expect(row(page, 'second').first()).toHaveText('2');
  await expect(page.getByText('Photos without a cohort: 1 (people: 1)')).toBeVisible();
  await expect(page.getByText('could not be read, and are left out: 1 (Cleo/a text.jpg)')).toBeVisible();
  await expectAccessible(page);

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save the report' }).click(),
  ]);
  const saved = await readFile(await download.path(), 'utf8');
  expect(download.suggestedFilename()).toBe('report.html');
  // Not in the demo's page, whose policy forbids text as HTML.
  const reader = await page.context().newPage();
  await reader.setContent(saved);
  await expect(reader.getByRole('heading', { name: 'Cohorts' })).toBeVisible();
  await expect(reader.getByText('1 photo of 1 person has no cohort')).toBeVisible();
  await expect(reader.getByText('Cleo/a text.jpg')).toBeVisible();
  await expect(reader.locator('svg')).not.toHaveCount(0);
  await expect(reader.getByText('follow the quality of both photos').first()).toBeVisible();
  await reader.close();
});

test('shows errors of the demo in the language of the page', async ({ browser, baseURL }) => {
  const page = await browser.newPage({ locale: 'ko-KR', serviceWorkers: 'block', ...(baseURL && { baseURL }) });
  await page.route('**/samples/*', (route) => route.abort());
  await open(page, 'embeddings');
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('샘플 사진을 내려받지 못했습니다.', { timeout: 60_000 });
  await expect(alert.locator('[lang=en]')).toHaveCount(0);
  await expect(alert).not.toContainText(/[a-z]{4}/);
  await page.close();
});

/** Writes a folder in the layout of LFW: four people of a sample photo, each as it is, and mirrored and darker. */
async function writePeople(page: Page, folder: string): Promise<void> {
  const photos = await page.evaluate(async () => {
    const sample = await createImageBitmap(await (await fetch('test-photos/sample6.jpg')).blob());
    const texts: string[] = [];
    for (const [x, y] of [
      [250, 506],
      [615, 357],
      [1155, 337],
      [1441, 285],
    ] as const) {
      for (const varied of [false, true]) {
        const canvas = new OffscreenCanvas(250, 250);
        const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
        if (varied) context.setTransform(-1, 0, 0, 1, 250, 0);
        context.drawImage(sample, x - 130, y - 130, 520, 520, 0, 0, 250, 250);
        context.fillStyle = `rgb(0 0 0 / ${varied ? 0.25 : 0})`;
        context.fillRect(0, 0, 250, 250);
        const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: 'image/jpeg' })).arrayBuffer());
        texts.push(btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')));
      }
    }
    return texts;
  });
  const names = ['Ada', 'Bea', 'Cleo', 'Dora'];
  for (const [i, photo] of photos.entries()) {
    const name = names[i >> 1] as string;
    await mkdir(join(folder, 'images', name), { recursive: true });
    await writeFile(join(folder, 'images', name, `${name}_000${(i % 2) + 1}.jpg`), Buffer.from(photo, 'base64'));
  }
  const fold = ([a, b]: [string, string]) => `${a}\t1\t2\n${b}\t1\t2\n${a}\t1\t${b}\t1\n${a}\t2\t${b}\t2\n`;
  await writeFile(join(folder, 'pairs.txt'), `2\t2\n${fold(['Ada', 'Bea'])}${fold(['Cleo', 'Dora'])}`);
}

test('dlib and OpenCV: runs each step on a photo with the model files that are chosen', async ({ page }, testInfo) => {
  const reference = 'test/reference/classical';
  const steps = page.locator('.step-card');
  const choose = async (files: string[]) => {
    await open(page, 'originals');
    await page.getByLabel('Choose model files').setInputFiles(files);
    await page.getByLabel('Choose a photo').setInputFiles(join(reference, 'photo.png'));
  };
  // The small detector gives the three faces of this photo scores below dlib's threshold.
  await choose([join(reference, 'tiny.svm')]);
  await expect(page.getByText('No face was found, so there are no further steps.')).toBeVisible({ timeout: 60_000 });
  await expect(steps.locator('h3')).toHaveText(['Detection: dlib-hog']);
  await expect(steps.first()).toContainText('dlib.get_frontal_face_detector()(image, 1)');

  await page.reload();
  const broken = testInfo.outputPath('broken.dat');
  await writeFile(broken, (await readFile(join(reference, 'tiny.dat'))).subarray(0, 5000));
  await choose([join(reference, 'tiny.dat'), broken]);
  await expect(page.getByRole('alert')).toContainText('broken.dat cannot be used');
  await expect(page.getByText('4 steps are done.')).toBeVisible({ timeout: 60_000 });
  await expect(steps.locator('h3')).toHaveText([
    'Detection: blazeface-full',
    'Landmarks: dlib-5',
    'Crop: face-aligner',
    'Crop: dlib-chip',
  ]);
  await expect(steps.first()).toContainText('3 faces');
  await expect.poll(() => inkOf(page, '[data-step="points"] .overlay')).toBeGreaterThan(50);
  await expect.poll(() => inkOf(page, '[data-step="crop"] > canvas')).toBe(256 * 256);
  await expectAccessible(page);
});
