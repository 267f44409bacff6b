import type { Page } from 'playwright';
import { type BrowserSession, openPage } from '../../kit/browser.ts';
import { progressLine } from '../../kit/progress.ts';
import { spread } from '../../kit/statistics.ts';
import type { BenchNetwork } from './bench-networks.ts';
import type { RuntimeName } from './names.ts';
import type { RuntimeSubject } from './subject.ts';

/** The times of a network on a runtime, in milliseconds, and its speed at the median. */
export interface RuntimeTimes {
  median: number;
  min: number;
  gflops: number;
  threads: number;
}

/** The times by network and runtime. */
export type RuntimeReport = Record<string, Partial<Record<RuntimeName, RuntimeTimes>>>;

/** The most that an output of a runtime may differ from that of the kernels, as a share of the largest value. */
const maxDifference = 1e-3;

/** The measured runs of a turn. */
const runsPerTurn = 4;

/**
 * Measures every network on every runtime in one page, in turns, so that load from other processes affects all alike.
 *
 * @param session for more than one thread, its server makes pages cross-origin isolated.
 * @throws {Error} if the outputs of two runtimes differ.
 */
export async function measureRuntimes(
  { browser, server }: BrowserSession,
  networks: readonly BenchNetwork[],
  threads: 1 | 2,
): Promise<RuntimeReport> {
  const page = await openPage(browser, server);
  const report = progressLine(`runtimes, ${threads} thread(s)`, networks.length);
  const entries: [string, Partial<Record<RuntimeName, RuntimeTimes>>][] = [];
  for (const [i, network] of networks.entries()) {
    const { descriptor, gmac, runtimes } = network;
    const { times, outputs } = await timeNetwork(page, network, threads);
    checkOutputs(descriptor.name, outputs);
    const measured = runtimes[threads].flatMap((name) => {
      const samples = times[name];
      if (!samples) return [];
      const { median, min } = spread(samples);
      return [[name, { median, min, gflops: (2 * gmac) / (median / 1000), threads }] as const];
    });
    entries.push([descriptor.name, Object.fromEntries(measured)]);
    report(i + 1);
  }
  await page.close();
  return Object.fromEntries(entries);
}

function timeNetwork(
  page: Page,
  { descriptor, runtimes, runs, warmUpRuns, mayExceedMemory }: BenchNetwork,
  threads: 1 | 2,
): Promise<{ times: Record<string, number[]>; outputs: Record<string, number[][]> }> {
  const given = {
    descriptor,
    names: [...runtimes[threads]],
    mayExceedMemory,
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
      const subject = await loadSubject(name, given.descriptor, given.threads).catch((error: Error) => {
        // The memory of the threads has a limit. The library then runs the network on one thread.
        if (given.mayExceedMemory && error.message.includes('memory size exceeded')) return undefined;
        throw error;
      });
      if (!subject) continue;
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
