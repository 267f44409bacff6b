import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright/test';
import { bundled } from '../support/bundled.ts';
import { blockOf } from '../support/documents.ts';
import { expect, test } from '../support/library.ts';
import { drawnPixels, withCamera } from '../support/webcam.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const samples = `${root}demo/samples/`;

/** The code block of README.md in a language that contains a text. */
const block = (language: string, text: string) => blockOf('README.md', language, text);

/** The page without a bundler, with its import map. */
const plainPage = block('html', 'importmap');

/** Runs a block as the main.js of {@link plainPage}. Its code has no types. */
async function serveScript(page: Page, body: string): Promise<void> {
  await page.route('**/main.js', (route) => route.fulfill({ contentType: 'text/javascript', body }));
  await page.reload();
}

/** The names in the gallery that the pages of README.md open. */
function enrolledNames(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const address = '/dist/gallery.js';
    const { Gallery } = (await import(address)) as typeof import('../../lib/gallery/index.ts');
    const gallery = await Gallery.open({ name: 'people' });
    const people = await gallery.list();
    await gallery.close();
    return people.map(({ name }) => name);
  });
}

test('the page from a CDN marks the faces of the camera, and its networks run in a worker', async ({
  browserName: _,
}, testInfo) => {
  test.setTimeout(180_000);
  await withCamera(testInfo.outputPath('camera.mjpeg'), block('html', 'cdn.jsdelivr.net'), async (page) => {
    await expect.poll(() => drawnPixels(page), { timeout: 120_000 }).toBeGreaterThan(500);
    expect(page.workers().map((worker) => new URL(worker.url()).protocol)).toContain('blob:');
  });
});

test('the page of the quick start compares two photos', async ({ browserName: _ }, testInfo) => {
  test.setTimeout(180_000);
  await withCamera(testInfo.outputPath('camera.mjpeg'), plainPage, async (page) => {
    await serveScript(page, block('ts', 'input.files'));
    await expect(page.locator('output')).toHaveText('Choose two photos together.', { timeout: 120_000 });
    await page.locator('input').setInputFiles([`${samples}man-webcam.jpg`, `${samples}man-suit.jpg`]);
    await expect(page.locator('output')).toContainText('"same":true', { timeout: 60_000 });
    await page.locator('input').setInputFiles([`${samples}man-webcam.jpg`, `${samples}officer.jpg`]);
    await expect(page.locator('output')).toContainText('"same":false', { timeout: 60_000 });
  });
});

test('the page of the live video remembers a person, without a bundler', async ({ browserName: _ }, testInfo) => {
  test.setTimeout(180_000);
  await withCamera(testInfo.outputPath('camera.mjpeg'), plainPage, async (page) => {
    page.on('dialog', (dialog) => void dialog.accept('Ada'));
    await serveScript(page, block('ts', "prompt('Who is this?')"));
    await expect.poll(() => drawnPixels(page), { timeout: 120_000 }).toBeGreaterThan(500);
    await page.getByRole('button', { name: 'Remember this face' }).click();
    await expect.poll(() => enrolledNames(page), { timeout: 60_000 }).toContain('Ada');
  });
});

test('the component for React names a person whom it enrolled, and shows why it refuses one', async ({
  browserName: _,
}, testInfo) => {
  test.setTimeout(180_000);
  const component = block('tsx', 'useCamera');
  const body = await bundled(`${component}
    import { createRoot } from 'react-dom/client';
    createRoot(document.body.appendChild(document.createElement('main'))).render(<Camera />);`);
  await withCamera(
    testInfo.outputPath('camera.mjpeg'),
    '<!doctype html><link rel="icon" href="data:,">',
    async (page) => {
      await page.route('**/dist/app.js', (route) => route.fulfill({ contentType: 'text/javascript', body }));
      await page.evaluate(() => {
        globalThis.prompt = () => 'Ada';
        const address = '/dist/app.js';
        return import(address);
      });
      await expect.poll(() => drawnPixels(page), { timeout: 120_000 }).toBeGreaterThan(500);
      const enrolled = async () => {
        await page.evaluate(async () => {
          document.querySelector('button')?.click();
          await new Promise((resolve) => setTimeout(resolve, 500));
        });
        return enrolledNames(page);
      };
      await expect.poll(enrolled, { timeout: 60_000 }).toContain('Ada');
      // Enrols the other faces of the camera under other names, until all are known.
      await page.evaluate(() => {
        let count = 0;
        globalThis.prompt = () => `person ${++count}`;
      });
      const message = async () => {
        await enrolled();
        return page.getByRole('status').textContent();
      };
      await expect.poll(message, { timeout: 60_000 }).toContain('Not remembered: other-person');
    },
  );
});

test('the element marks a photo in a page without a bundler, and speaks Korean', async ({
  browserName: _,
}, testInfo) => {
  test.setTimeout(180_000);
  await withCamera(
    testInfo.outputPath('camera.mjpeg'),
    `<!doctype html>${block('html', '<face-net')}`,
    async (page) => {
      await expect(page.getByRole('status').first()).toHaveText('3 faces', { timeout: 120_000 });
      await page.getByRole('button', { name: '카메라 켜기' }).click();
      await expect(page.getByRole('status').nth(1)).toHaveText('얼굴 3개', { timeout: 120_000 });
    },
  );
});
