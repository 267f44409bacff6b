import type { Browser, Page } from 'playwright';
import { definePageFunctions, openPage, type Server } from '../kit/browser.ts';
import { markdownTable } from '../kit/markdown.ts';
import { alteredRows, type Row, samplePortraits } from './altered-rows.ts';
import type { Portrait } from './altered-scenes.ts';
import { type Count, countFunctions, countScenes } from './count-scenes.ts';
import { systems } from './systems.ts';

/**
 * Detects the faces of altered portraits with every system.
 *
 * @param lfw portraits of LFW, without eyes: facenet-web finds them in the unaltered photo.
 * @returns the table in Markdown.
 */
export async function measureAltered(browser: Browser, server: Server, lfw: readonly string[]): Promise<string> {
  let rows: Row[] | undefined;
  const columns: Count[][] = [];
  for (const { name, start } of systems) {
    // Each system has a page of its own: they bring their own copies of TensorFlow.js.
    const page = await openPage(browser, server);
    await definePageFunctions(page, countFunctions);
    await page.evaluate(start, server.url);
    rows ??= alteredRows(samplePortraits('/samples'), await portraitsOf(page, lfw));
    const counts: Count[] = [];
    for (const row of rows) {
      process.stderr.write(`${name}: ${row.name}\n`);
      counts.push(await page.evaluate(countScenes, row.scenes));
    }
    columns.push(counts);
    await page.close();
  }
  const cells = (rows ?? []).map(({ name }, i) => [name, ...columns.map((counts) => cell(counts[i] as Count))]);
  return markdownTable(['', ...systems.map(({ name }) => name)], cells);
}

/** Finds the eyes of LFW's portraits in the page of facenet-web. */
async function portraitsOf(page: Page, addresses: readonly string[]): Promise<Portrait[]> {
  return page.evaluate(
    async (list) => {
      const portraits: Portrait[] = [];
      for (const address of list) {
        const bitmap = await fetchBitmap(address);
        const canvas = newCanvas(bitmap.width, bitmap.height);
        canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
        const offset = ({ x, y }: { x: number; y: number }) => Math.hypot(x - bitmap.width / 2, y - bitmap.height / 2);
        const [face] = (await detect(canvas)).sort((a, b) => offset(a) - offset(b));
        if (!face) continue;
        const { x, y, side, roll = 0 } = face;
        const eye = (sign: number) => ({
          x: x + sign * 0.2 * side * Math.cos(roll) + 0.14 * side * Math.sin(roll),
          y: y + sign * 0.2 * side * Math.sin(roll) - 0.14 * side * Math.cos(roll),
        });
        portraits.push({ address, rightEye: eye(-1), leftEye: eye(1) });
      }
      return portraits;
    },
    [...addresses],
  );
}

/** Runs in the page: the function of page-functions.ts and of altered-scenes.ts. */
declare function fetchBitmap(address: string): Promise<ImageBitmap>;
declare function newCanvas(width: number, height: number): HTMLCanvasElement;

/** A cell is "found/faces", with the number of wrong rolls; without faces, the number of false detections. */
function cell({ faces, found, wrongRoll, false: falseDetections }: Count): string {
  if (faces === 0) return `+${falseDetections}`;
  return `${found}/${faces}${wrongRoll > 0 ? `, ${wrongRoll} wrong` : ''}`;
}
