import type { Page } from 'playwright';
import { heapBytes, heldTensors } from '../kit/memory.ts';
import type { SoakWork } from './page.ts';

/** What the page and its workers hold when nothing is under way and everything that can be collected is. */
export interface Sample {
  minutes: number;
  /** The heaps of the page and of its workers with the buffers and WebAssembly memory behind them, in MB. */
  heap: number;
  tensors: number;
  textures: number;
  workers: number;
  objectUrls: number;
  listeners: number;
  nodes: number;
  work: SoakWork;
}

/** Brings the page to rest, collects garbage, counts, and lets it go on. */
export async function sample(page: Page, minutes: number): Promise<Sample> {
  await page.evaluate(() => soak.pause());
  const collect = () => (globalThis as unknown as { gc(): void }).gc();
  for (let i = 0; i < 3; i++) {
    await page.evaluate(collect);
    await Promise.all(page.workers().map((worker) => worker.evaluate(collect)));
    await page.waitForTimeout(200);
  }
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const { metrics } = await session.send('Performance.getMetrics');
  await session.detach();
  const metric = (name: string) => metrics.find((one) => one.name === name)?.value ?? Number.NaN;
  const counts = {
    minutes,
    heap: (await heapBytes(page, { collected: false })) / 1e6,
    tensors: await heldTensors(page),
    workers: page.workers().length,
    listeners: metric('JSEventListeners'),
    nodes: metric('Nodes'),
    ...(await page.evaluate(() => ({ ...soak.held(), work: { ...soak.work } }))),
  };
  await page.evaluate(() => soak.resume());
  return counts;
}
