// npm run faces: finds, measures and embeds the faces of photos with any detector, landmarker and embedder.
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { extname } from 'node:path';
import { type BrowserSession, definePageFunctions, openPage, withBrowser } from '../kit/browser.ts';
import { buildLibrary } from '../kit/build-library.ts';
import { runCommand } from '../kit/command.ts';
import { modelAddresses } from '../kit/own-models.ts';
import { userPath } from '../kit/paths.ts';
import { type FacesOptions, readOptions, usage } from './options.ts';
import { facesInPage, loadInPage, type PhotoResult, pageFunctions } from './page.ts';
import { type FacesReport, reportText } from './report.ts';
import { photoHandler } from './serve-photos.ts';

runCommand(usage, main);

async function main(): Promise<number> {
  const options = readOptions();
  buildLibrary();
  const { folders } = options.models;
  const report = await withBrowser({ folders, handlers: { '/photos': photoHandler(options.photos) } }, (session) =>
    reportOf(session, options),
  );
  const text = options.json ? `${JSON.stringify(report)}\n` : reportText(report);
  // The process exits next, and a pipe takes long texts in parts.
  await new Promise((written) => process.stdout.write(text, written));
  return report.photos.some(({ error }) => error) ? 1 : 0;
}

async function reportOf({ browser, server }: BrowserSession, options: FacesOptions): Promise<FacesReport> {
  const { photos, models, load, crop, draw } = options;
  const page = await openPage(browser, server);
  await definePageFunctions(page, pageFunctions);
  const { backend, models: names } = await page.evaluate(loadInPage, {
    library: `${server.url}dist/facenet-web.js`,
    models: modelAddresses(server.url, models),
    options: load,
  });
  const results: FacesReport['photos'] = [];
  for (const [i, file] of photos.entries()) {
    const address = `${server.url}photos/${i}`;
    const missing = missingPhoto(file);
    const { drawing, ...result }: PhotoResult =
      missing ?? (await page.evaluate(facesInPage, { address, crop, draw: draw !== undefined }));
    results.push({ file, ...result });
    if (draw && drawing) writeFileSync(userPath(drawingPath(draw, i, photos.length)), Buffer.from(drawing, 'base64'));
  }
  return { photos: results, backend, models: names };
}

function missingPhoto(file: string): PhotoResult | undefined {
  const path = userPath(file);
  if (existsSync(path) && statSync(path).isFile()) return undefined;
  const message = existsSync(path)
    ? `${file} is a folder: give photos, and each folder of models with --models.`
    : `${file}: no such file.`;
  return { error: { code: 'image-unreadable', message } };
}

/** The file that a photo's drawing is written to. Of several photos, each has its number before the extension. */
function drawingPath(path: string, index: number, count: number): string {
  if (count === 1) return path;
  const extension = extname(path);
  return `${path.slice(0, path.length - extension.length)}-${index + 1}${extension}`;
}
