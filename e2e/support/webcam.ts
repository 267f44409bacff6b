import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright/test';
import { launchChromium, serveLibrary } from '../../scripts/kit/browser.ts';
import { photos } from './library.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Opens a page on localhost whose camera shows three faces.
 *
 * @param film where the camera's film is written.
 * @param folders more folders to serve, by URL prefix.
 */
export async function withCamera(
  film: string,
  html: string,
  work: (page: Page) => Promise<void>,
  folders = {},
): Promise<void> {
  writeFileSync(film, Buffer.concat(Array(30).fill(readFileSync(`${photos}/sample1.jpg`))));
  const server = await serveLibrary({ '/facenet-web': `${root}dist`, ...folders }, { isolated: false });
  const browser = await launchChromium([
    '--use-fake-ui-for-media-stream',
    '--use-fake-device-for-media-stream',
    `--use-file-for-fake-video-capture=${film}`,
  ]);
  try {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.route(server.url, (route) => route.fulfill({ contentType: 'text/html', body: html }));
    await page.route('**/photo.jpg', (route) => route.fulfill({ path: `${photos}/sample1.jpg` }));
    // What the package on the CDN has, as the CDN answers: from another origin, with CORS.
    await context.route('https://cdn.jsdelivr.net/npm/facenet-web/**', async (route) => {
      const path = new URL(route.request().url()).pathname.replace('/npm/facenet-web/', '');
      await route.fulfill({ path: `${root}${path}`, headers: { 'Access-Control-Allow-Origin': '*' } });
    });
    await page.goto(server.url);
    await work(page);
  } finally {
    await browser.close();
    await server.close();
  }
}

/** The number of canvas pixels over the video on which something is drawn. */
export const drawnPixels = (page: Page) =>
  page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>('video + canvas');
    if (!canvas?.width || !canvas.height) return 0;
    const { data } = (canvas.getContext('2d') as CanvasRenderingContext2D).getImageData(
      0,
      0,
      canvas.width,
      canvas.height,
    );
    return data.filter((alpha, i) => i % 4 === 3 && alpha > 0).length;
  });
