import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { seeded } from '../../lib/core/random.ts';
import { launchChromium, serveLibrary } from '../kit/browser.ts';
import { childHost, type Host, pageHost } from './hosts.ts';
import { nodeTargets } from './node-targets.ts';
import { pageTargets } from './page-targets.ts';

export const targetNames = [...Object.keys(nodeTargets), ...Object.keys(pageTargets)];

/** Memory that cases leave behind, in bytes, beyond which it counts as a finding; caches may fill up to it. */
const mostHeld = 64e6;

/** What came of a target. */
export interface TargetReport {
  cases: number;
  /** How many cases ended how: with a right answer, or with an error of a code. */
  outcomes: Record<string, number>;
  findings: { seed: number; what: string; given: unknown }[];
  /** The bytes that are held after the cases, above what was held after the first of them. */
  left: number;
  /** How long a case may take, in milliseconds. */
  limitMs: number;
}

/** A finding of the past, kept: the case itself, or where that is large the seed that makes it. */
export interface Regression {
  name: string;
  target: string;
  given?: unknown;
  seed?: number;
}

const folder = fileURLToPath(new URL('../../test/fuzz/regressions/', import.meta.url));

/** The findings of the past. */
export function regressions(): Regression[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => ({ name, ...JSON.parse(readFileSync(folder + name, 'utf8')) }));
}

/**
 * Gives each target, in turns, cases made of one seed after another, after the findings of the past.
 *
 * @param seconds how long, for all targets together.
 */
export async function fuzz(
  seconds: number,
  firstSeed: number,
  only: readonly string[] = targetNames,
): Promise<Record<string, TargetReport>> {
  const server = await serveLibrary();
  const browser = await launchChromium(['--js-flags=--expose-gc']);
  const reports: Record<string, TargetReport> = {};
  const hosts = new Map<string, Host>();
  const baselines = new Map<string, number>();
  try {
    const slice = Math.max(1, Math.min(10, seconds / only.length / 2));
    const end = performance.now() + seconds * 1000;
    for (let round = 0; round === 0 || performance.now() < end; round++) {
      for (const name of only) {
        // Each target has its turn at least once.
        if (round > 0 && performance.now() >= end) break;
        const page = pageTargets[name];
        const target = page ?? nodeTargets[name];
        if (!target) throw new Error(`There is no target "${name}": use ${targetNames.join(', ')}.`);
        const host =
          hosts.get(name) ?? (page ? await pageHost(browser, server, page) : childHost(name, target.limitMs));
        hosts.set(name, host);
        reports[name] ??= { cases: 0, outcomes: {}, findings: [], left: 0, limitMs: target.limitMs };
        const report = reports[name];
        const take = async (seed: number, given: unknown) => {
          const { outcome, finding } = await host.run(given);
          report.cases++;
          if (finding) report.findings.push({ seed, what: finding, given });
          else if (outcome) report.outcomes[outcome] = (report.outcomes[outcome] ?? 0) + 1;
        };
        if (round === 0) {
          for (const { target: of, given, seed = -1 } of regressions()) {
            if (of === name) await take(seed, given ?? target.make(seeded(seed)));
          }
        }
        const sliceEnd = performance.now() + slice * 1000;
        do {
          const seed = firstSeed + report.cases;
          await take(seed, target.make(seeded(seed)));
        } while (performance.now() < sliceEnd);
        if (!baselines.has(name)) baselines.set(name, await host.held());
        if (performance.now() > end + 120_000) break;
      }
    }
    for (const [name, host] of hosts) {
      const report = reports[name] as TargetReport;
      report.left = (await host.held()) - (baselines.get(name) ?? 0);
      // What cannot be read counts as well.
      if (!(report.left <= mostHeld)) {
        report.findings.push({ seed: -1, what: `${Math.round(report.left / 1e6)} MB stayed`, given: undefined });
      }
    }
    return reports;
  } finally {
    await Promise.all([...hosts.values()].map((host) => host.close()));
    await browser.close();
    await server.close();
  }
}

/** The table of a run, in Markdown. */
export function table(reports: Record<string, TargetReport>): string {
  const rows = Object.entries(reports).map(([name, { cases, outcomes, findings, left, limitMs }]) => {
    const told = Object.entries(outcomes)
      .sort(([, a], [, b]) => b - a)
      .map(([outcome, count]) => `${outcome} ${count}`)
      .join(', ');
    return `| ${name} | ${limitMs / 1000} | ${cases} | ${told} | ${(left / 1e6).toFixed(1)} | ${findings.length} |`;
  });
  return `| target | limit, s | cases | outcomes | memory growth, MB | findings |\n|-|-|-|-|-|-|\n${rows.join('\n')}\n`;
}
