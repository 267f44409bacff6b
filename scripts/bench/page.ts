import type { Browser, BrowserContext, Page } from 'playwright';
import { openPage, type Server } from '../kit/browser.ts';
import { composeScenes } from './scenes.ts';
import type { BenchSystem } from './systems.ts';

/** How many faces the scenes have. */
export const sceneNames = ['1', '3', '10'] as const;
export type SceneName = (typeof sceneNames)[number];

/** A system in the page, in the form in which each is measured. */
export interface Subject {
  /** From a photo to its embeddings, each way that is told apart; `default` is as documented. */
  embed: Record<string, (photo: HTMLCanvasElement) => Promise<ArrayLike<number>[]>>;
  /** One frame of a video; how many faces were embedded, or known from an earlier frame. */
  frame(canvas: HTMLCanvasElement): Promise<number>;
  /** The stages by themselves, each with what the stage before it gave. */
  stages(photo: HTMLCanvasElement): Promise<Record<string, () => Promise<unknown>>>;
}

declare global {
  /** What the benchmark keeps in a page. */
  var bench: {
    /** Photos of 640×480 pixels, by the number of faces in them. */
    scenes: Record<SceneName, HTMLCanvasElement>;
    /** Another picture of the face in the scene that has one. */
    reference: HTMLCanvasElement;
    /** Draws the frame with this number of a video in which that face moves. */
    frame(number: number): HTMLCanvasElement;
    start(options: unknown): Promise<void>;
    adopt(): Subject;
    subject: Subject;
    stages: Record<string, () => Promise<unknown>>;
  };
}

/** Opens a page with the scenes and the means to start a system, of which nothing is fetched yet. */
export async function openBenchPage(
  within: Browser | BrowserContext,
  server: Server,
  { start, adopt }: BenchSystem,
): Promise<Page> {
  const page = await openPage(within, server);
  await page.evaluate(composeScenes);
  // A function that is passed to a page cannot call another that is, unless both are laid down there by their text.
  await page.evaluate(`Object.assign(globalThis.bench, { start: ${start}, adopt: ${adopt} })`);
  return page;
}

/** Runs in the page: starts the system and lets it embed everything once, after which nothing is new to it. */
export async function warmUp(given: { options: unknown; scenes: readonly SceneName[] }): Promise<void> {
  await bench.start(given.options);
  bench.subject = bench.adopt();
  for (const embed of Object.values(bench.subject.embed)) {
    for (const scene of given.scenes) await embed(bench.scenes[scene]);
  }
  bench.stages = await bench.subject.stages(bench.scenes['1']);
  for (const stage of Object.values(bench.stages)) await stage();
}

/** Runs in the page: the time of one run in milliseconds, and how many embeddings it gave. */
export async function timeEmbedding(given: { way: string; scene: SceneName }): Promise<{ ms: number; faces: number }> {
  const embed = bench.subject.embed[given.way] as Subject['embed'][string];
  const start = performance.now();
  const embeddings = await embed(bench.scenes[given.scene]);
  const ms = performance.now() - start;
  return { ms, faces: embeddings.filter((embedding) => embedding.length > 0).length };
}

/** Runs in the page: the time of each stage in milliseconds. */
export async function timeStages(): Promise<Record<string, number>> {
  const times: Record<string, number> = {};
  for (const [name, stage] of Object.entries(bench.stages)) {
    const start = performance.now();
    await stage();
    times[name] = performance.now() - start;
  }
  return times;
}

/** Runs in the page: frames per second over a number of frames, and in how many of them the face was seen. */
export async function timeVideo(frames: number): Promise<{ fps: number; seen: number }> {
  let seen = 0;
  const start = performance.now();
  for (let i = 0; i < frames; i++) {
    if ((await bench.subject.frame(bench.frame(i))) > 0) seen++;
  }
  return { fps: (1000 * frames) / (performance.now() - start), seen };
}

/** Runs in the page: from nothing to the first embedding, and the longest block of the page's thread on the way. */
export async function timeStart(options: unknown): Promise<{ ms: number; longestBlock: number; faces: number }> {
  const blocks: PerformanceEntry[] = [];
  const observer = new PerformanceObserver((list) => blocks.push(...list.getEntries()));
  observer.observe({ type: 'longtask' });
  // What runs within the call that a debugger makes is not counted as a task of the page's.
  await new Promise((resolve) => setTimeout(resolve, 0));
  const start = performance.now();
  await bench.start(options);
  const subject = bench.adopt();
  const faces = await subject.embed.default?.(bench.scenes['1']);
  const ms = performance.now() - start;
  for (let i = 0; i < 5; i++) await subject.frame(bench.frame(i));
  await new Promise((resolve) => setTimeout(resolve, 100));
  blocks.push(...observer.takeRecords());
  return { ms, longestBlock: Math.max(0, ...blocks.map(({ duration }) => duration)), faces: faces?.length ?? 0 };
}

/** Runs in the page: the embeddings of scenes and of the reference. */
export async function answers(
  names: readonly SceneName[],
): Promise<{ scenes: Record<string, number[][]>; reference: number[][] }> {
  const plain = async (photo: HTMLCanvasElement) =>
    ((await bench.subject.embed.default?.(photo)) ?? []).map((embedding) => Array.from(embedding));
  const scenes: Record<string, number[][]> = {};
  for (const name of names) scenes[name] = await plain(bench.scenes[name]);
  return { scenes, reference: await plain(bench.reference) };
}
