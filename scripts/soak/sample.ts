import type { Page } from 'playwright';
import { heapBytes, heldTensors } from '../kit/memory.ts';
import type { SoakWork } from './loops.ts';

/** The resources of the page and its workers while idle, after garbage collection. */
export interface Sample {
  minutes: number;
  /** The heaps of the page and its workers with their buffers and WebAssembly memory, in MB. */
  heap: number;
  tensors: number;
  textures: number;
  workers: number;
  objectUrls: number;
  listeners: number;
  nodes: number;
  work: SoakWork;
}

/** Pauses the work of the page, collects garbage, counts the resources, and resumes the work. */
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
  const metric = (name: string) => metrics.find((each) => each.name === name)?.value ?? Number.NaN;
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
