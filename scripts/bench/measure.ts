import { cpus } from 'node:os';
import type { BrowserSession, Server } from '../kit/browser.ts';
import { availableBackends } from './backends.ts';
import { faceNets } from './facenet.ts';
import { comparedSystems, type Measurements, measureEmulatedSystems, measureReal } from './measure-systems.ts';
import { mediaPipeSystems } from './mediapipe/systems.ts';
import { measureMemory } from './memory.ts';
import { PeakFlopsMeter } from './peak-flops.ts';
import { benchPeers } from './peers.ts';
import { measureProfile } from './profile.ts';
import { type Report, ratios, type SystemReport } from './report.ts';
import { ownNetworks, shippedNetworks } from './runtimes/bench-networks.ts';
import { prepareRuntimes } from './runtimes/bundle-page.ts';
import { measureLayers } from './runtimes/measure-layers.ts';
import { measureRuntimes } from './runtimes/measure-runtimes.ts';
import { runtimeBytes } from './runtimes/runtime-bytes.ts';
import { measureScale } from './scale.ts';
import type { BenchSystem } from './subject.ts';
import { measureThreads } from './threads.ts';

/** What `--only` accepts besides the names of systems. */
const extraMeasurements = ['scale', 'threads', 'runtimes', 'layers', 'profile', 'memory'];

/** What to measure. */
export interface BenchOptions {
  /** The names of systems and of extra measurements; default: all. */
  only: readonly string[] | undefined;
  rounds: number;
  /** Networks for the runtimes in place of the shipped ones: PRESET=FILE.onnx. */
  networks: readonly string[];
}

/** @param isolatedServer makes pages cross-origin isolated, for the threads. */
export async function measure(
  session: BrowserSession,
  isolatedServer: Server,
  { only, rounds, networks: own }: BenchOptions,
): Promise<Report> {
  const { browser, server } = session;
  const { backends, notStarted } = await availableBackends(session);
  const all = [...faceNets(server.url, backends), ...benchPeers(), ...mediaPipeSystems()];
  const chosen = chooseSystems(all, only);
  await prepareRuntimes();
  const meter = await PeakFlopsMeter.open(session);
  const measurements: Measurements = { systems: {}, notStarted };
  await measureReal(session, { chosen, rounds, meter }, measurements);
  // Emulated graphics load the processor, so these systems are measured last.
  await measureEmulatedSystems(server, chosen, measurements);
  const scale = !only || only.includes('scale') ? await measureScale(session) : null;
  const threads =
    !only || only.includes('threads') ? await measureThreads({ browser, server: isolatedServer }, rounds) : null;
  const networks = await measureNetworks(session, { browser, server: isolatedServer }, { only, own });
  const memory = !only || only.includes('memory') ? await measureMemory(session, comparedSystems(all)) : undefined;
  const { systems } = measurements;
  const ours = chosen.find(({ name }) => name === 'balanced') ?? chosen.find(({ family }) => family === 'facenet-web');
  return {
    machine: { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, browser: `Chromium ${browser.version()}` },
    rounds,
    systems,
    notStarted,
    ratiosOf: ours?.name ?? null,
    ratios: ratiosTo(chosen, ours && systems[ours.name], systems),
    scale,
    threads,
    ...networks,
    ...(memory && { memory }),
    attainable: {
      ...meter.medians,
      embeddingGmac: ours?.embeddingGmac ?? null,
      embedderGflops: ours ? embedderGflops(ours, systems[ours.name]) : null,
    },
  };
}

/** Measures the networks by themselves: on each runtime, and layer by layer. */
async function measureNetworks(
  session: BrowserSession,
  isolated: BrowserSession,
  { only, own }: { only: readonly string[] | undefined; own: readonly string[] },
): Promise<Pick<Report, 'runtimes' | 'runtimesOnTwoThreads' | 'runtimeBytes' | 'layers' | 'profile'>> {
  const isWanted = (name: string) => !only || only.includes(name);
  const networks = own.length > 0 ? await ownNetworks(own) : shippedNetworks();
  return {
    ...(isWanted('runtimes') && {
      runtimes: await measureRuntimes(session, networks, 1),
      runtimesOnTwoThreads: await measureRuntimes(isolated, networks, 2),
      runtimeBytes: runtimeBytes(),
    }),
    ...(isWanted('profile') && { profile: await measureProfile(isolated) }),
    ...(isWanted('layers') && { layers: await measureLayers(isolated) }),
  };
}

function chooseSystems(all: readonly BenchSystem[], only: readonly string[] | undefined): BenchSystem[] {
  const names = [...extraMeasurements, ...all.map(({ name }) => name)];
  const unknown = only?.find((name) => !names.includes(name));
  if (unknown) throw new Error(`There is no system "${unknown}": use ${all.map(({ name }) => name).join(', ')}.`);
  return all.filter(({ name }) => only?.includes(name) ?? true);
}

function ratiosTo(
  chosen: readonly BenchSystem[],
  ours: SystemReport | undefined,
  systems: Record<string, SystemReport>,
): Report['ratios'] {
  if (!ours) return {};
  const peers = chosen.filter(({ family }) => family === 'peer');
  return Object.fromEntries(peers.map(({ name }) => [name, ratios(ours, systems[name] as SystemReport)]));
}

/** The speed of a system's embedder in GFLOP/s, at two operations per multiply-add; null if not measured. */
function embedderGflops({ embeddingGmac }: BenchSystem, report: SystemReport | undefined): number | null {
  const ms = report?.stages.embedding?.median;
  return ms === undefined || embeddingGmac === undefined ? null : (embeddingGmac * 2) / (ms / 1000);
}
