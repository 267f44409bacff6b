import { setTimeout } from 'node:timers/promises';
import type { BrowserSession } from '../kit/browser.ts';
import { progressLine } from '../kit/progress.ts';
import { spread } from '../kit/statistics.ts';
import { openBenchPage, timeStart } from './page.ts';
import type { SystemReport, TransferSize } from './report.ts';
import type { BenchSystem } from './subject.ts';
import { countTransfer } from './transfer-size.ts';

/** The pause before each start, so that earlier work of the browser ends, in milliseconds. */
const idleMs = 500;

/** The duration of the first visit, in milliseconds. facenet-web caches its files one second after the last one arrived. */
const visitMs = 2000;

/** The measurements of a system's start. */
export type StartUp = Pick<SystemReport, 'coldStart' | 'warmStart' | 'starts' | 'bytes' | 'longestBlock'>;

/** Measures the starts of systems in turn: in a new browser context (cold), and in a second page of it (warm). */
export async function measureStartUp(
  session: BrowserSession,
  systems: readonly BenchSystem[],
  rounds: number,
): Promise<Map<string, StartUp>> {
  const measured = new Map<
    string,
    Record<'cold' | 'loading' | 'warm' | 'blocks', number[]> & { bytes: TransferSize }
  >();
  const report = progressLine('starts', rounds);
  for (let round = 0; round < rounds; round++) {
    for (const system of systems) {
      const { bytes, cold, warm } = await startTwice(session, system);
      const entry = measured.get(system.name) ?? { cold: [], loading: [], warm: [], blocks: [], bytes };
      entry.cold.push(cold.ms);
      entry.loading.push(cold.loadMs);
      entry.warm.push(warm.ms);
      entry.blocks.push(cold.longestBlock);
      measured.set(system.name, entry);
    }
    report(round + 1);
  }
  return new Map(
    [...measured].map(([name, { cold, loading, warm, blocks, bytes }]) => [
      name,
      {
        coldStart: spread(cold).median,
        warmStart: spread(warm).median,
        starts: { count: rounds, cold: spread(cold), loading: spread(loading), warm: spread(warm) },
        bytes,
        longestBlock: spread(blocks).median,
      },
    ]),
  );
}

async function startTwice({ browser, server }: BrowserSession, system: BenchSystem) {
  const context = await browser.newContext();
  try {
    const first = await openBenchPage(context, server, system);
    const transferSize = countTransfer(first);
    await setTimeout(idleMs);
    const cold = await first.evaluate(timeStart, system.options);
    if (cold.faces !== 1) throw new Error(`${system.name} gave ${cold.faces} embeddings at its start, not 1.`);
    const bytes = await transferSize();
    await setTimeout(visitMs);
    await first.close();
    const second = await openBenchPage(context, server, system);
    await setTimeout(idleMs);
    const warm = await second.evaluate(timeStart, system.options);
    return { bytes, cold, warm };
  } finally {
    await context.close();
  }
}
