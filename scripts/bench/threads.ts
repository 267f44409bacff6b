import { type BrowserSession, definePageFunctions, openPage } from '../kit/browser.ts';
import { spread } from '../kit/statistics.ts';
import type { Threads } from './report.ts';
import { composeScenes, type SceneName, sceneFunctions } from './scenes.ts';

/**
 * Compares one thread with two, in alternation.
 *
 * @param session whose server makes pages cross-origin isolated; other pages have no threads.
 */
export async function measureThreads({ browser, server }: BrowserSession, rounds: number): Promise<Threads> {
  const context = await browser.newContext();
  try {
    const page = await openPage(context, server);
    await definePageFunctions(page, sceneFunctions);
    await page.evaluate(composeScenes);
    const times = await page.evaluate(timeThreads, rounds);
    const medians = ({ one, two }: { one: number[]; two: number[] }) => ({
      one: spread(one).median,
      two: spread(two).median,
    });
    return { '1': medians(times['1']), '3': medians(times['3']), '10': medians(times['10']) };
  } finally {
    await context.close();
  }
}

/** Runs in the page. The milliseconds of each round. */
async function timeThreads(rounds: number): Promise<Record<SceneName, { one: number[]; two: number[] }>> {
  const address = '/dist/facenet-web.js';
  const { FaceNet } = (await import(address)) as typeof import('../../lib/index.ts');
  const [one, two] = await Promise.all([1, 2].map((threads) => FaceNet.load({ models: '/models/', threads })));
  if (!one || two?.backend.threads !== 2) throw new Error('The library did not start two threads.');
  const timeScene = async (scene: SceneName) => {
    const source = bench.scenes[scene];
    const time = async (facenet: typeof one) => {
      const start = performance.now();
      await facenet.embed(source);
      return performance.now() - start;
    };
    const [single, parallel] = [await one.embed(source), await two.embed(source)];
    if (single.some(({ embedding }, i) => embedding.some((value, j) => value !== parallel[i]?.embedding[j]))) {
      throw new Error('Two threads gave another embedding than one.');
    }
    const times = { one: [] as number[], two: [] as number[] };
    // Negative rounds warm up.
    for (let round = -3; round < rounds; round++) {
      const ms = { one: await time(one), two: await time(two) };
      if (round < 0) continue;
      times.one.push(ms.one);
      times.two.push(ms.two);
    }
    return times;
  };
  const times = { '1': await timeScene('1'), '3': await timeScene('3'), '10': await timeScene('10') };
  await Promise.all([one, two].map((facenet) => facenet.dispose()));
  return times;
}
