// npm run samples: makes the sample photos of the demo from photos of other projects. THIRD_PARTY.md lists sources and terms.
import { writeFileSync } from 'node:fs';
import type { Page } from 'playwright';
import { withPage } from '../kit/browser.ts';
import { runCommand } from '../kit/command.ts';
import { repositoryPath } from '../kit/paths.ts';
import { portraits, type Recipe, recipes } from './recipes.ts';

/** The size of each portrait in `portraits.jpg`, in pixels. */
const [portraitWidth, portraitHeight] = [400, 500];

/** A part of a photo and where it is drawn. */
interface Drawing {
  /** Relative to the root of the repository. */
  source: string;
  crop: Recipe['crop'];
  mirrored: boolean;
  filter: string;
  /** The left edge and the size in the result, in pixels. */
  to: { x: number; width: number; height: number };
}

runCommand('usage: npm run samples', () =>
  withPage({ folders: { '/files': repositoryPath() } }, async (page) => {
    for (const { name, source, crop, width, mirrored = false, filter = 'none', quality } of recipes) {
      const height = Math.round((width * crop[3]) / crop[2]);
      await write(page, name, quality, [{ source, crop, mirrored, filter, to: { x: 0, width, height } }]);
    }
    const drawings = portraits.map(({ source, crop }, i) => {
      const to = { x: i * portraitWidth, width: portraitWidth, height: portraitHeight };
      return { source, crop, mirrored: false, filter: 'none', to };
    });
    await write(page, 'portraits', 0.85, drawings);
    return undefined;
  }),
);

async function write(page: Page, name: string, quality: number, drawings: readonly Drawing[]): Promise<void> {
  const base64 = await page.evaluate(draw, { quality, drawings });
  writeFileSync(repositoryPath(`demo/samples/${name}.jpg`), Buffer.from(base64, 'base64'));
}

/** Runs in the page. Draws parts of photos side by side, and returns the JPEG as base64. */
async function draw({ quality, drawings }: { quality: number; drawings: readonly Drawing[] }): Promise<string> {
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(...drawings.map(({ to }) => to.x + to.width));
  canvas.height = Math.max(...drawings.map(({ to }) => to.height));
  const context = canvas.getContext('2d') as CanvasRenderingContext2D;
  context.imageSmoothingQuality = 'high';
  for (const { source, crop, mirrored, filter, to } of drawings) {
    const photo = await createImageBitmap(await (await fetch(`/files/${source}`)).blob());
    context.filter = filter;
    context.setTransform(mirrored ? -1 : 1, 0, 0, 1, mirrored ? to.x + to.width : to.x, 0);
    context.drawImage(photo, ...crop, 0, 0, to.width, to.height);
  }
  const address = canvas.toDataURL('image/jpeg', quality);
  return address.slice(address.indexOf(',') + 1);
}
