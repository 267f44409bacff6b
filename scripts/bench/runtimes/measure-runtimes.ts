import type { Page } from 'playwright';
import type { ModelDescriptor } from '../../../lib/models/manifest.ts';
import { type BrowserSession, openPage } from '../../kit/browser.ts';
import { progressLine } from '../../kit/progress.ts';
import { spread } from '../../kit/statistics.ts';
import { networkCost } from '../network-cost.ts';
import { networkDescriptors } from './bundle-page.ts';
import { type NetworkName, type RuntimeName, runtimeNames, threadedRuntimeNames } from './names.ts';
import type { RuntimeSubject } from './subject.ts';

/** The times of a network on a runtime, in milliseconds, and its speed at the median. */
export interface RuntimeTimes {
  median: number;
  min: number;
  gflops: number;
  threads: number;
}

/** The times by network and runtime. */
export type RuntimeReport = Record<NetworkName, Partial<Record<RuntimeName, RuntimeTimes>>>;

/** The most that an output of a runtime may differ from that of the kernels, as a share of the largest value. */
const maxDifference = 1e-3;

/** The runs before the measurement, in which the browser compiles with optimisation, and those of a turn. */
const warmUpRuns = 40;
const runsPerTurn = 4;

/**
 * Measures every network on every runtime in one page, in turns, so that load from other processes affects all alike.
 *
 * @param session for more than one thread, its server makes pages cross-origin isolated.
 * @param runs the measured runs of each network on each runtime.
 * @throws {Error} if the outputs of two runtimes differ.
 */
export async function measureRuntimes(
  { browser, server }: BrowserSession,
  { threads, runs }: { threads: 1 | 2; runs: number },
): Promise<RuntimeReport> {
  const page = await openPage(browser, server);
  const names = threads === 1 ? runtimeNames : threadedRuntimeNames;
  const report = progressLine(`runtimes, ${threads} thread(s)`, networkDescriptors().length);
  const entries: [string, Partial<Record<RuntimeName, RuntimeTimes>>][] = [];
  for (const [i, descriptor] of networkDescriptors().entries()) {
    const { times, outputs } = await timeNetwork(page, descriptor, names, { threads, runs });
    checkOutputs(descriptor.name, outputs);
    const gflop = 2 * networkCost(descriptor.name);
    const measured = names.map((name) => {
      const { median, min } = spread(times[name] as number[]);
      return [name, { median, min, gflops: gflop / (median / 1000), threads }] as const;
    });
    entries.push([descriptor.name, Object.fromEntries(measured)]);
    report(i + 1);
  }
  await page.close();
  return Object.fromEntries(entries) as RuntimeReport;
}

function timeNetwork(
  page: Page,
  descriptor: ModelDescriptor,
  names: readonly RuntimeName[],
  { threads, runs }: { threads: number; runs: number },
): Promise<{ times: Record<string, number[]>; outputs: Record<string, number[][]> }> {
  const given = {
    descriptor,
    names: [...names],
    threads,
    turns: Math.ceil(runs / runsPerTurn),
    warmUpRuns,
    runsPerTurn,
  };
  return page.evaluate(async (given) => {
    const { loadSubject } = (await import('/runtimes/page.js' as string)) as typeof import('./page.ts');
    const subjects: [string, RuntimeSubject][] = [];
    const outputs: Record<string, number[][]> = {};
    const times: Record<string, number[]> = {};
    for (const name of given.names) {
      const subject = await loadSubject(name, given.descriptor, given.threads);
      outputs[name] = await subject.outputs();
      await subject.time(given.warmUpRuns);
      subjects.push([name, subject]);
      times[name] = [];
    }
    for (let turn = 0; turn < given.turns; turn++) {
      for (const [name, subject] of subjects) {
        // The first run of a turn finds the caches full of another runtime's data.
        await subject.time(1);
        times[name]?.push(...(await subject.time(given.runsPerTurn)));
      }
    }
    for (const [, subject] of subjects) subject.dispose();
    return { times, outputs };
  }, given);
}

/** @throws {Error} if a runtime gives another answer than the first one. */
function checkOutputs(network: string, outputs: Record<string, number[][]>): void {
  const [[, expected], ...others] = Object.entries(outputs) as [[string, number[][]], ...[string, number[][]][]];
  for (const [runtime, actual] of others) {
    expected.forEach((values, i) => {
      const scale = Math.max(1, ...values.map(Math.abs));
      const difference = Math.max(...values.map((value, j) => Math.abs(value - (actual[i]?.[j] ?? Number.NaN))));
      if (!(difference <= maxDifference * scale)) {
        throw new Error(
          `${network} on ${runtime} differs by ${difference} from the kernels, whose outputs reach ${scale}.`,
        );
      }
    });
  }
}
