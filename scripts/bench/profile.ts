import { type BrowserSession, definePageFunctions, openPage } from '../kit/browser.ts';
import { markdownTable } from '../kit/markdown.ts';
import { spread } from '../kit/statistics.ts';
import type { StepTimes } from './profile-page.ts';
import { composeScenes, sceneFunctions } from './scenes.ts';

/** The steps of `embed(photo)` with one face: medians of milliseconds, and how often each step is executed. */
export interface Profile {
  steps: Record<string, { ms: number; count: number }>;
  /** The share of the time outside networks, worker messages included. */
  outsideNetworks: number;
}

/** The calls that are measured, and those before them. */
const calls = 60;
const warmUpCalls = 30;

/** The step that is the difference between a call to the worker and the same call in one thread. */
const workerStep = 'messages to the worker and back';

/** Measures `balanced` on a photo of 640×480 pixels with one face. */
export async function measureProfile({ browser, server }: BrowserSession): Promise<Profile> {
  const page = await openPage(browser, server);
  await definePageFunctions(page, sceneFunctions);
  await page.evaluate(composeScenes);
  const { inThread, inWorker } = await page.evaluate(timeCalls, { calls, warmUpCalls });
  await page.close();
  const names = Object.keys(inThread[0] ?? {});
  const steps: Profile['steps'] = {};
  for (const name of names) {
    const times = inThread.map((call) => call[name] ?? { ms: 0, count: 0 });
    steps[name] = { ms: spread(times.map(({ ms }) => ms)).median, count: times[0]?.count ?? 0 };
  }
  const total = (call: StepTimes) => Object.values(call).reduce((sum, { ms }) => sum + ms, 0);
  const difference = spread(inWorker).median - spread(inThread.map(total)).median;
  steps[workerStep] = { ms: Math.max(0, difference), count: 1 };
  const sum = (list: { ms: number }[]) => list.reduce((total, { ms }) => total + ms, 0);
  const networks = Object.entries(steps).filter(([name]) => name.startsWith('network '));
  const outsideNetworks = 1 - sum(networks.map(([, step]) => step)) / sum(Object.values(steps));
  return { steps, outsideNetworks };
}

/** Runs in the page: calls in one thread and in the worker, alternately in groups of ten. */
async function timeCalls(given: { calls: number; warmUpCalls: number }) {
  const { profile } = (await import('/runtimes/profile-page.js' as string)) as typeof import('./profile-page.ts');
  const { FaceNet } = (await import('/dist/facenet-web.js' as string)) as typeof import('../../lib/index.ts');
  const photo = bench.scenes['1'];
  const facenet = await FaceNet.load({ models: '/models/', threads: 1 });
  for (let i = 0; i < given.warmUpCalls; i++) await facenet.embed(photo);
  const measured = await profile(photo, { models: '/models/' }, given.warmUpCalls + given.calls);
  const inWorker: number[] = [];
  for (let i = 0; i < given.calls; i++) {
    const start = performance.now();
    await facenet.embed(photo);
    inWorker.push(performance.now() - start);
  }
  await facenet.dispose();
  return { inThread: measured.slice(given.warmUpCalls), inWorker };
}

/** The profile as a table. */
export function profileText({ steps, outsideNetworks }: Profile): string {
  const total = Object.values(steps).reduce((sum, { ms }) => sum + ms, 0);
  const rows = Object.entries(steps).sort(([, a], [, b]) => b.ms - a.ms);
  return `## Where the time goes

\`embed(photo)\` of \`balanced\` on 640×480 pixels with one face, by step: medians of ${calls} calls.
Networks include the normalisation of their input and the pauses for the event loop. The messages
to the worker are the difference between calls to it and calls in one thread.

${markdownTable(
  ['step', 'executions', 'ms', 'share'],
  rows.map(([name, { ms, count }]) => [name, String(count), ms.toFixed(2), `${((100 * ms) / total).toFixed(0)} %`]),
)}
Outside networks: ${(100 * outsideNetworks).toFixed(0)} % of ${total.toFixed(1)} ms.
`;
}
