// npm run bench -- …: how fast facenet-web is in headless Chromium, in the same run as its peers.
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Browser } from 'playwright';
import { launchChromium, type Server, serveLibrary } from '../kit/browser.ts';
import { buildLibrary } from '../kit/build.ts';
import { runCommand } from '../kit/command.ts';
import { peers } from '../kit/lfw/peers.ts';
import { writeSvg } from '../kit/plots.ts';
import { ArithmeticMeter } from './attainable.ts';
import { availableBackends } from './backends.ts';
import { compressed } from './compressed.ts';
import { document, scalePlots, tables } from './document.ts';
import { embedderGmac, type Report, ratios, type SystemReport } from './report.ts';
import { measureScale } from './scale.ts';
import { measureStarts, type Starts } from './starts.ts';
import { measureSteady, type Steady } from './steady.ts';
import { type BenchSystem, benchPeers, faceNets } from './systems.ts';
import { measureThreads } from './threads.ts';

const usage = `usage: npm run bench -- [--json FILE] [--only NAME] [--rounds N]

--json    writes all figures
--only    measures the systems of these names alone (fast, balanced-page, fast-webgl, face-api, …; several with commas), and
          with "scale" among them how the cost grows, with "threads" what a second thread gives
--rounds  how often each is measured; default 30

A run of everything writes docs/performance.md and its plots.`;

/** As long as what is emulated may take in all: its time says nothing, and some take many minutes. */
const emulatedPatience = 60_000;

const chromiumOptions = ['--enable-unsafe-webgpu'];

const root = fileURLToPath(new URL('../..', import.meta.url));

runCommand(main);

/** What `--only` may name beside systems. */
const parts = ['scale', 'threads'];

async function main(): Promise<undefined> {
  const { values } = parseArgs({
    options: { json: { type: 'string' }, only: { type: 'string' }, rounds: { type: 'string', default: '30' } },
  });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(usage);
  buildLibrary();
  const folders = Object.assign({}, ...peers().map((peer) => peer.folders)) as Record<string, string>;
  const mounts = Object.fromEntries(Object.entries(folders).map(([address, folder]) => [address, join(root, folder)]));
  const photos = join(root, 'node_modules/@vladmandic/face-api/demo');
  const isolated = await serveLibrary({ '/photos': photos });
  // A page that is not cross-origin isolated has no threads, for anybody: what is compared is one thread of each.
  const server = await serveLibrary({ ...mounts, '/photos': photos }, { serveFolder: compressed, isolated: false });
  const browser = await launchChromium(chromiumOptions);
  try {
    const report = await measure(browser, { server, isolated }, values.only?.split(','), rounds);
    process.stdout.write(tables(report));
    if (values.json) writeFileSync(resolve(process.env.INIT_CWD ?? '.', values.json), JSON.stringify(report, null, 2));
    if (!values.only) {
      writeFileSync(join(root, 'docs/performance.md'), document(report));
      for (const [file, svg] of Object.entries(report.scale ? scalePlots(report.scale) : {})) {
        writeSvg(file, svg);
      }
    }
  } finally {
    await browser.close();
    await server.close();
    await isolated.close();
  }
}

async function measure(
  browser: Browser,
  { server, isolated }: { server: Server; isolated: Server },
  only: string[] | undefined,
  rounds: number,
): Promise<Report> {
  const { backends, notStarted } = await availableBackends(browser, server);
  const all = [...faceNets(server.url, backends), ...benchPeers()];
  const unknown = only?.filter((name) => !parts.includes(name) && !all.some((system) => system.name === name)) ?? [];
  if (unknown.length > 0) {
    throw new Error(`There is no system "${unknown[0]}" here: use ${all.map(({ name }) => name).join(', ')}.`);
  }
  const chosen = all.filter(({ name }) => only?.includes(name) ?? true);
  const meter = await ArithmeticMeter.open(browser, server);
  const real = chosen.filter(({ emulated }) => !emulated);
  const steady = await measureSteady(browser, server, real, rounds, {
    alongside: () => meter.measure(),
    onFailure: (system, error) => {
      // Where the processor's own backend or a peer fails, the benchmark is broken.
      if (system.backend === 'wasm') throw error;
      notStarted[system.name] = messageOf(error);
    },
  });
  const started = real.filter(({ name }) => steady.has(name));
  // The starts that a target compares are measured as often as all else; of the others, each of which takes seconds, fewer must do.
  const isCompared = ({ name }: BenchSystem) => ['balanced', 'face-api', 'human'].includes(name);
  const compared = started.filter(isCompared);
  const others = started.filter((system) => !isCompared(system));
  const starts = new Map([
    ...(await measureStarts(browser, server, compared, rounds)),
    ...(await measureStarts(browser, server, others, Math.ceil(rounds / 6))),
  ]);
  const systems: Record<string, SystemReport> = {};
  for (const system of started) keepReport(systems, system, steady, starts);
  // Where a processor stands in for the graphics card, it must not do so while others are measured.
  for (const system of chosen.filter(({ emulated }) => emulated)) {
    try {
      await measureEmulated(systems, server, system);
    } catch (error) {
      notStarted[system.name] = messageOf(error);
    }
  }
  const scale = !only || only.includes('scale') ? await measureScale(browser, server) : null;
  const threads = !only || only.includes('threads') ? await measureThreads(browser, isolated, rounds) : null;
  const ours = chosen.find(({ name }) => name === 'balanced') ?? chosen.find(({ family }) => family === 'facenet-web');
  const ourReport = ours && systems[ours.name];
  const measuredPeers = chosen.filter(({ family }) => family === 'peer');
  return {
    machine: {
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      browser: `Chromium ${browser.version()}`,
    },
    rounds,
    systems,
    notStarted,
    ratiosOf: ours?.name ?? null,
    ratios: ourReport
      ? Object.fromEntries(measuredPeers.map(({ name }) => [name, ratios(ourReport, systems[name] as SystemReport)]))
      : {},
    scale,
    threads,
    attainable: { ...meter.medians, embedderGflops: ours && ourReport ? embedderGflops(ours, ourReport) : null },
  };
}

/** Measures what is emulated once, in a browser of its own, which is closed when that takes too long. */
async function measureEmulated(
  systems: Record<string, SystemReport>,
  server: Server,
  system: BenchSystem,
): Promise<void> {
  const browser = await launchChromium(chromiumOptions);
  let late = false;
  const giveUp = setTimeout(() => {
    late = true;
    void browser.close();
  }, emulatedPatience);
  try {
    const steady = await measureSteady(browser, server, [system], 1, {
      alongside: async () => {},
      onFailure: (_, error) => {
        throw error;
      },
    });
    keepReport(systems, system, steady, await measureStarts(browser, server, [system], 1));
  } catch (error) {
    if (!late) throw error;
    throw new Error(`emulated in software, not finished within ${emulatedPatience / 1000} s`);
  } finally {
    clearTimeout(giveUp);
    await browser.close();
  }
}

function keepReport(
  systems: Record<string, SystemReport>,
  { name, backend, where, emulated }: BenchSystem,
  steady: Map<string, Steady>,
  starts: Map<string, Starts>,
): void {
  const [warm, start] = [steady.get(name), starts.get(name)];
  if (warm && start) systems[name] = { backend, where, emulated, ...warm, ...start };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The operations per second, in 10⁹, that a system's embedder attains; two for each multiply-add. */
function embedderGflops({ embedderRuns = 1 }: BenchSystem, { stages }: SystemReport): number | null {
  const ms = stages.embedding?.median;
  return ms === undefined ? null : (embedderRuns * embedderGmac * 2) / (ms / 1000);
}
