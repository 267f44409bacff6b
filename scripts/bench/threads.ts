import type { Browser } from 'playwright';
import { openPage, type Server } from '../kit/browser.ts';
import type { SceneName } from './page.ts';
import { spread } from './report.ts';
import { composeScenes } from './scenes.ts';

/** Image → embedding of `balanced` on one thread and on two, by the number of faces: medians in milliseconds, taken in turns. */
export type Threads = Record<SceneName, { one: number; two: number }>;

/**
 * Measures on a page that is cross-origin isolated, which alone has threads.
 *
 * @param server serves such pages.
 */
export async function measureThreads(browser: Browser, server: Server, rounds: number): Promise<Threads> {
  const context = await browser.newContext();
  try {
    const page = await openPage(context, server);
    await page.evaluate(composeScenes);
    const times = await page.evaluate(timeThreads, rounds);
    const middle = ({ one, two }: { one: number[]; two: number[] }) => ({
      one: spread(one).median,
      two: spread(two).median,
    });
    return { '1': middle(times['1']), '3': middle(times['3']), '10': middle(times['10']) };
  } finally {
    await context.close();
  }
}

/** Runs in the page: the times of each round. */
async function timeThreads(rounds: number): Promise<Record<SceneName, { one: number[]; two: number[] }>> {
  const address = '/dist/facenet-web.js';
  const { FaceNet } = (await import(address)) as typeof import('../../lib/index.ts');
  const [one, two] = await Promise.all([1, 2].map((threads) => FaceNet.load({ models: '/models/', threads })));
  if (!one || two?.backend.threads !== 2) throw new Error('There are no two threads.');
  const timeScene = async (scene: SceneName) => {
    const source = bench.scenes[scene];
    const time = async (facenet: typeof one) => {
      const start = performance.now();
      await facenet.embed(source);
      return performance.now() - start;
    };
    const [alone, together] = [await one.embed(source), await two.embed(source)];
    if (alone.some(({ embedding }, i) => embedding.some((value, j) => value !== together[i]?.embedding[j]))) {
      throw new Error('Two threads gave another answer than one.');
    }
    const times = { one: [] as number[], two: [] as number[] };
    for (let round = -3; round < rounds; round++) {
      const ms = { one: await time(one), two: await time(two) };
      // The first rounds warm up.
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
