import { readdirSync, readFileSync } from 'node:fs';
import { seeded } from '../../lib/core/random.ts';
import { type BrowserSession, withBrowser } from '../kit/browser.ts';
import { repositoryPath } from '../kit/paths.ts';
import type { Host } from './host.ts';
import { nodeTargets } from './node-targets.ts';
import { PageHost } from './page-host.ts';
import { pageTargets } from './page-targets.ts';
import { processHost } from './process-host.ts';
import type { Target } from './target.ts';

export const targetNames = [...Object.keys(nodeTargets), ...Object.keys(pageTargets)];

/** The maximum growth of memory over the cases of a target, in bytes. Caches may fill up to it. */
const maxGrowth = 64e6;

/** The time after the end of a run in which targets may still have their first turn, in milliseconds. */
const overtimeMs = 120_000;

/** The results of a target. */
export interface TargetReport {
  cases: number;
  /** The number of cases by outcome: "answer", or the code of an error. */
  outcomes: Record<string, number>;
  findings: { seed: number; what: string; given: unknown }[];
  /** The growth of memory from the first turn to the end, in bytes. */
  left: number;
  /** The time limit of a case, in milliseconds. */
  limitMs: number;
}

/** A case that was a finding once: the input, or the seed that generates it. */
export interface Regression {
  name: string;
  target: string;
  given?: unknown;
  seed?: number;
}

const folder = repositoryPath('test/fuzz/regressions/');

/** Reads the cases of test/fuzz/regressions/. */
export function regressions(): Regression[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => ({ name, ...JSON.parse(readFileSync(folder + name, 'utf8')) }));
}

/**
 * Runs the regressions, and then cases from consecutive seeds, on each target in turn.
 *
 * @param seconds the duration, for all targets together. Each target has at least one turn.
 * @throws {Error} if a target does not exist.
 */
export function fuzz(
  seconds: number,
  firstSeed: number,
  only: readonly string[] = targetNames,
): Promise<Record<string, TargetReport>> {
  return withBrowser({ flags: ['--js-flags=--expose-gc'] }, async (session) => {
    const runs = only.map((name) => new TargetRun(session, name, firstSeed));
    try {
      const turnMs = 1000 * Math.max(0.25, Math.min(10, seconds / only.length / 2));
      const end = performance.now() + seconds * 1000;
      for (let round = 0; round === 0 || performance.now() < end; round++) {
        for (const run of runs) {
          if (round > 0 && performance.now() >= end) break;
          // On a machine too slow for whole turns, the last targets run their regressions and one case.
          await run.takeTurn(performance.now() > end + overtimeMs ? 0 : turnMs);
        }
      }
      await Promise.all(runs.map((run) => run.checkMemory()));
      return Object.fromEntries(runs.map(({ name, report }) => [name, report]));
    } finally {
      await Promise.all(runs.map((run) => run.close()));
    }
  });
}

/** The cases of one target. */
class TargetRun {
  readonly name: string;
  readonly report: TargetReport;
  readonly #target: Target;
  readonly #host: Host;
  readonly #firstSeed: number;
  /** The memory held after the first turn. Its measurement may still run. */
  #baseline: Promise<number> | undefined;

  constructor(session: BrowserSession, name: string, firstSeed: number) {
    const page = pageTargets[name];
    const target = page ?? nodeTargets[name];
    if (!target) throw new Error(`There is no target "${name}": use ${targetNames.join(', ')}.`);
    this.name = name;
    this.#target = target;
    this.#host = page ? new PageHost(session, page) : processHost(name, target.limitMs);
    this.#firstSeed = firstSeed;
    this.report = { cases: 0, outcomes: {}, findings: [], left: 0, limitMs: target.limitMs };
  }

  /** Runs at least one case; the first turn begins with the regressions. */
  async takeTurn(milliseconds: number): Promise<void> {
    if (this.#baseline) {
      await this.#baseline;
    } else {
      for (const { target, given, seed = -1 } of regressions()) {
        if (target === this.name) await this.#run(seed, given ?? this.#target.make(seeded(seed)));
      }
    }
    const end = performance.now() + milliseconds;
    do {
      const seed = this.#firstSeed + this.report.cases;
      await this.#run(seed, this.#target.make(seeded(seed)));
    } while (performance.now() < end);
    this.#baseline ??= this.#host.held();
  }

  /** Measures the growth of memory. Beyond {@link maxGrowth}, or if it cannot be measured, it is a finding. */
  async checkMemory(): Promise<void> {
    if (!this.#baseline) return;
    const { report } = this;
    const baseline = await this.#baseline;
    report.left = (await this.#host.held()) - baseline;
    if (!(report.left <= maxGrowth)) {
      report.findings.push({ seed: -1, what: `${Math.round(report.left / 1e6)} MB leaked`, given: undefined });
    }
  }

  close(): Promise<void> {
    return this.#host.close();
  }

  async #run(seed: number, given: unknown): Promise<void> {
    const { report } = this;
    const { outcome, finding } = await this.#host.run(given);
    report.cases++;
    if (finding) report.findings.push({ seed, what: finding, given });
    else if (outcome) report.outcomes[outcome] = (report.outcomes[outcome] ?? 0) + 1;
  }
}

/** The table of the reports, in Markdown. */
export function table(reports: Record<string, TargetReport>): string {
  const rows = Object.entries(reports).map(([name, { cases, outcomes, findings, left, limitMs }]) => {
    const counts = Object.entries(outcomes)
      .sort(([, a], [, b]) => b - a)
      .map(([outcome, count]) => `${outcome} ${count}`)
      .join(', ');
    return `| ${name} | ${limitMs / 1000} | ${cases} | ${counts} | ${(left / 1e6).toFixed(1)} | ${findings.length} |`;
  });
  return `| target | limit, s | cases | outcomes | memory growth, MB | findings |\n|-|-|-|-|-|-|\n${rows.join('\n')}\n`;
}
