import { setTimeout } from 'node:timers/promises';
import type { Browser } from 'playwright';
import type { Server } from '../kit/browser.ts';
import { progressLine } from '../kit/progress.ts';
import { openBenchPage, timeStart } from './page.ts';
import { type SystemReport, spread } from './report.ts';
import type { BenchSystem } from './systems.ts';
import { countBytes, type WireBytes } from './wire.ts';

/** In milliseconds: how long a browser is left alone before each start, so that what ran before it has come to its end. */
const rest = 500;

/** In milliseconds: how long the first visit lasts; facenet-web keeps its files a second after the last one came. */
const visit = 2000;

/** What is measured of a system's start. */
export type Starts = Pick<SystemReport, 'coldStart' | 'warmStart' | 'starts' | 'bytes' | 'longestBlock'>;

/** Measures how systems start, in turns: in a fresh browser context, and once more in a second page of it. */
export async function measureStarts(
  browser: Browser,
  server: Server,
  systems: readonly BenchSystem[],
  rounds: number,
): Promise<Map<string, Starts>> {
  const seen = new Map<string, { cold: number[]; warm: number[]; blocks: number[]; bytes: WireBytes }>();
  const report = progressLine('starts', rounds);
  for (let round = 0; round < rounds; round++) {
    for (const system of systems) {
      const { bytes, cold, warm } = await startTwice(browser, server, system);
      const entry = seen.get(system.name) ?? { cold: [], warm: [], blocks: [], bytes };
      entry.cold.push(cold.ms);
      entry.warm.push(warm.ms);
      entry.blocks.push(cold.longestBlock);
      seen.set(system.name, entry);
    }
    report(round + 1);
  }
  return new Map(
    [...seen].map(([name, { cold, warm, blocks, bytes }]) => [
      name,
      {
        coldStart: spread(cold).median,
        warmStart: spread(warm).median,
        starts: { count: rounds, cold: spread(cold), warm: spread(warm) },
        bytes,
        longestBlock: spread(blocks).median,
      },
    ]),
  );
}

async function startTwice(browser: Browser, server: Server, system: BenchSystem) {
  const context = await browser.newContext();
  try {
    const first = await openBenchPage(context, server, system);
    const bytesSoFar = countBytes(first);
    await setTimeout(rest);
    const cold = await first.evaluate(timeStart, system.options);
    if (cold.faces !== 1) throw new Error(`${system.name} gave ${cold.faces} embeddings at its start, not 1.`);
    const bytes = await bytesSoFar();
    await setTimeout(visit);
    await first.close();
    const second = await openBenchPage(context, server, system);
    await setTimeout(rest);
    const warm = await second.evaluate(timeStart, system.options);
    return { bytes, cold, warm };
  } finally {
    await context.close();
  }
}
