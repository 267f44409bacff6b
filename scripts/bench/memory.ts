import { readFileSync, writeFileSync } from 'node:fs';
import type { Browser } from 'playwright';
import { type BrowserSession, launchChromium, openPage } from '../kit/browser.ts';
import { progressLine } from '../kit/progress.ts';
import { drawFile, embedPhoto, preparePhoto } from './memory-page.ts';
import { openBenchPage } from './page.ts';
import type { BenchSystem } from './subject.ts';

/** The memory that each system needs for a photo. */
export interface MemoryPeak {
  photo: string;
  /** The growth of the resident memory, in bytes, by system. */
  bytes: Record<string, number>;
}

/** The numbers of faces in a canvas of 1280×960 pixels, and the sizes of JPEG files with one face, in megapixels. */
const faceCounts = [1, 10, 50];
const megapixels = [12, 48];

/**
 * Measures the peak of each system from its start to the second call, for each kind of photo in a browser of its own. Linux
 * only: the kernel records the peak of each process.
 */
export async function measureMemory(session: BrowserSession, systems: readonly BenchSystem[]): Promise<MemoryPeak[]> {
  const report = progressLine('memory', faceCounts.length + megapixels.length);
  const peaks: MemoryPeak[] = [];
  const measure = async (photo: string, given: Buffer | number) => {
    const bytes: MemoryPeak['bytes'] = {};
    for (const system of systems) bytes[system.name] = await peakOf(session, system, given);
    peaks.push({ photo, bytes });
    report(peaks.length);
  };
  for (const faces of faceCounts) await measure(`${faces} face${faces === 1 ? '' : 's'}, 1280×960`, faces);
  for (const size of megapixels) await measure(`1 face, ${size} megapixels`, await photoFile(session, size));
  return peaks;
}

/** A JPEG file with one face, made in another process than the measured one. */
async function photoFile({ browser, server }: BrowserSession, size: number): Promise<Buffer> {
  const page = await openPage(browser, server);
  const base64 = await page.evaluate(drawFile, size);
  await page.close();
  return Buffer.from(base64, 'base64');
}

async function peakOf({ server }: BrowserSession, system: BenchSystem, photo: Buffer | number): Promise<number> {
  const browser = await launchChromium(['--enable-unsafe-webgpu']);
  try {
    const page = await openBenchPage(browser, server, system);
    if (typeof photo !== 'number') {
      await page.route('**/memory.jpg', (route) => route.fulfill({ body: photo, contentType: 'image/jpeg' }));
    }
    const isFile = typeof photo !== 'number';
    await page.evaluate(preparePhoto, isFile ? 0 : photo);
    const processes = await processIds(browser);
    for (const id of processes) resetPeak(id);
    const before = sum(processes, 'VmRSS');
    // The peers take a file as an element only.
    await page.evaluate(embedPhoto, { options: system.options, isElement: system.family === 'peer', calls: 2 });
    return sum(await processIds(browser), 'VmHWM') - before;
  } finally {
    await browser.close();
  }
}

/** The processes of pages, and that of graphics, which holds canvases and textures. */
async function processIds(browser: Browser): Promise<number[]> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return processInfo.filter(({ type }) => type === 'renderer' || type === 'GPU').map(({ id }) => id);
}

/** Sets a process's peak to its present resident memory. (proc(5), clear_refs) */
function resetPeak(id: number): void {
  writeFileSync(`/proc/${id}/clear_refs`, '5');
}

/** The sum of a field of /proc/ID/status, in bytes. */
function sum(ids: readonly number[], field: 'VmRSS' | 'VmHWM'): number {
  const kilobytes = ids.map((id) => {
    const [, value] = new RegExp(`${field}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${id}/status`, 'utf8')) ?? [];
    return Number(value);
  });
  return kilobytes.reduce((total, value) => total + value, 0) * 1024;
}
