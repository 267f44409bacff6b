// npm run bench -- …: how fast facenet-web is in headless Chromium, in the same run as its peers.
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Browser } from 'playwright';
import { ArithmeticMeter } from './bench/attainable.ts';
import { availableBackends } from './bench/backends.ts';
import { compressed } from './bench/compressed.ts';
import { document, scalePlots, tables } from './bench/document.ts';
import { embedderGmac, type Report, ratios, type SystemReport } from './bench/report.ts';
import { measureScale } from './bench/scale.ts';
import { measureStarts } from './bench/starts.ts';
import { measureSteady } from './bench/steady.ts';
import { type BenchSystem, benchPeers, faceNets } from './bench/systems.ts';
import { launchChromium, type Server, serveLibrary } from './browser.ts';
import { buildLibrary } from './build.ts';
import { runCommand } from './command.ts';
import { peers } from './evaluation/peers.ts';
import { writeSvg } from './plots.ts';

const usage = `usage: npm run bench -- [--json FILE] [--only NAME] [--rounds N]

--json    writes all figures
--only    measures the systems of these names alone (fast, balanced-page, fast-webgl, face-api, …; several with commas), and
          with "scale" among them how the cost grows
--rounds  how often each is measured; default 30

A run of everything writes docs/performance.md and its plots.`;

const root = fileURLToPath(new URL('..', import.meta.url));

runCommand(main);

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
  // A page that is not cross-origin isolated has no threads, for anybody: what is compared is one thread of each.
  const server = await serveLibrary({ ...mounts, '/photos': photos }, { serveFolder: compressed, isolated: false });
  const browser = await launchChromium(['--enable-unsafe-webgpu']);
  try {
    const report = await measure(browser, server, values.only?.split(','), rounds);
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
  }
}

async function measure(browser: Browser, server: Server, only: string[] | undefined, rounds: number): Promise<Report> {
  const { backends, notStarted } = await availableBackends(browser, server);
  const all = [...faceNets(server.url, backends), ...benchPeers()];
  const unknown = only?.filter((name) => name !== 'scale' && !all.some((system) => system.name === name)) ?? [];
  if (unknown.length > 0) {
    throw new Error(`There is no system "${unknown[0]}" here: use ${all.map(({ name }) => name).join(', ')}.`);
  }
  const chosen = all.filter(({ name }) => only?.includes(name) ?? true);
  const meter = await ArithmeticMeter.open(browser, server);
  const systems: Record<string, SystemReport> = {};
  // Where a processor stands in for the graphics card, it must not do so while others are measured.
  for (const emulated of [false, true]) {
    const group = chosen.filter((system) => system.emulated === emulated);
    if (group.length === 0) continue;
    const steady = await measureSteady(browser, server, group, rounds, {
      alongside: () => meter.measure(),
      onFailure: (system, error) => {
        // Where the processor's own backend or a peer fails, the benchmark is broken.
        if (system.backend === 'wasm') throw error;
        notStarted[system.name] = error instanceof Error ? error.message : String(error);
      },
    });
    const started = group.filter(({ name }) => steady.has(name));
    const starts = await measureStarts(browser, server, started, Math.ceil(rounds / 10));
    for (const { name, backend, where } of started) {
      const [warm, start] = [steady.get(name), starts.get(name)];
      if (warm && start) systems[name] = { backend, where, emulated, ...warm, ...start };
    }
  }
  const scale = !only || only.includes('scale') ? await measureScale(browser, server) : null;
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
    attainable: { ...meter.medians, embedderGflops: ours && ourReport ? embedderGflops(ours, ourReport) : null },
  };
}

/** The operations per second, in 10⁹, that a system's embedder attains; two for each multiply-add. */
function embedderGflops({ embedderRuns = 1 }: BenchSystem, { stages }: SystemReport): number | null {
  const ms = stages.embedding?.median;
  return ms === undefined ? null : (embedderRuns * embedderGmac * 2) / (ms / 1000);
}
