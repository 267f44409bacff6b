import type { Browser, BrowserContext, Page } from 'playwright';
import { definePageFunctions, openPage, type Server } from '../kit/browser.ts';
import { composeScenes, type SceneName, sceneFunctions } from './scenes.ts';
import type { BenchSystem, Subject } from './subject.ts';

/** Opens a page with the scenes and the functions that start a system. Nothing of the system is fetched yet. */
export async function openBenchPage(
  within: Browser | BrowserContext,
  server: Server,
  { start, createSubject }: BenchSystem,
): Promise<Page> {
  const page = await openPage(within, server);
  await definePageFunctions(page, sceneFunctions);
  await page.evaluate(composeScenes);
  await page.evaluate(`Object.assign(globalThis.bench, { start: ${start}, createSubject: ${createSubject} })`);
  return page;
}

/** Runs in the page: starts the system, and runs everything once. */
export async function warmUp(given: { options: unknown; scenes: readonly SceneName[] }): Promise<void> {
  await bench.start(given.options);
  bench.subject = bench.createSubject();
  for (const embed of Object.values(bench.subject.embed)) {
    for (const scene of given.scenes) await embed(bench.scenes[scene]);
  }
  bench.stages = await bench.subject.stages(bench.scenes['1']);
  for (const stage of Object.values(bench.stages)) await stage();
}

/** Runs in the page. The milliseconds of one run, and the number of embeddings. */
export async function timeEmbedding(given: {
  variant: string;
  scene: SceneName;
}): Promise<{ ms: number; faces: number }> {
  const embed = bench.subject.embed[given.variant] as Subject['embed'][string];
  const start = performance.now();
  const embeddings = await embed(bench.scenes[given.scene]);
  const ms = performance.now() - start;
  return { ms, faces: embeddings.filter((embedding) => embedding.length > 0).length };
}

/** Runs in the page. The milliseconds of each stage. */
export async function timeStages(): Promise<Record<string, number>> {
  const times: Record<string, number> = {};
  for (const [name, stage] of Object.entries(bench.stages)) {
    const start = performance.now();
    await stage();
    times[name] = performance.now() - start;
  }
  return times;
}

/** Runs in the page. The frames per second over a number of frames, and the number of those with a face. */
export async function timeVideo(frames: number): Promise<{ fps: number; framesWithFace: number }> {
  let framesWithFace = 0;
  const start = performance.now();
  for (let i = 0; i < frames; i++) {
    if ((await bench.subject.frame(bench.frame(i))) > 0) framesWithFace++;
  }
  return { fps: (1000 * frames) / (performance.now() - start), framesWithFace };
}

/** Runs in the page. The milliseconds from an empty page to the first embedding, and the longest task meanwhile. */
export async function timeStart(
  options: unknown,
): Promise<{ ms: number; loadMs: number; longestBlock: number; faces: number }> {
  const blocks: PerformanceEntry[] = [];
  const observer = new PerformanceObserver((list) => blocks.push(...list.getEntries()));
  observer.observe({ type: 'longtask' });
  // Code that runs synchronously within the debugger's call is not reported as a long task.
  await new Promise((resolve) => setTimeout(resolve, 0));
  const start = performance.now();
  await bench.start(options);
  const subject = bench.createSubject();
  const loadMs = performance.now() - start;
  const faces = await subject.embed.default?.(bench.scenes['1']);
  const ms = performance.now() - start;
  for (let i = 0; i < 5; i++) await subject.frame(bench.frame(i));
  await new Promise((resolve) => setTimeout(resolve, 100));
  blocks.push(...observer.takeRecords());
  return {
    ms,
    loadMs,
    longestBlock: Math.max(0, ...blocks.map(({ duration }) => duration)),
    faces: faces?.length ?? 0,
  };
}

/** Runs in the page. The embeddings of the scenes and of the reference picture. */
export async function answersInPage(
  names: readonly SceneName[],
): Promise<{ scenes: Record<string, number[][]>; reference: number[][] }> {
  const embed = async (photo: HTMLCanvasElement) =>
    ((await bench.subject.embed.default?.(photo)) ?? []).map((embedding) => Array.from(embedding));
  const scenes: Record<string, number[][]> = {};
  for (const name of names) scenes[name] = await embed(bench.scenes[name]);
  return { scenes, reference: await embed(bench.reference) };
}
