import { cpus } from 'node:os';
import { type BrowserSession, launchChromium, type Server } from '../kit/browser.ts';
import { availableBackends } from './backends.ts';
import { faceNets } from './facenet.ts';
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
import { measureStartUp, type StartUp } from './start-up.ts';
import { measureSteadyState, type SteadyState } from './steady-state.ts';
import type { BenchSystem } from './subject.ts';
import { measureThreads } from './threads.ts';

/** The time limit for an emulated system, in milliseconds. Some take many minutes, and their times mean nothing. */
const emulatedTimeout = 60_000;

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

/** The measurements so far: by system, and the reasons why a system was not measured. */
interface Measurements {
  systems: Record<string, SystemReport>;
  notStarted: Record<string, string>;
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
  for (const system of chosen.filter(({ emulated }) => emulated)) {
    try {
      await measureEmulated(server, system, measurements);
    } catch (error) {
      notStarted[system.name] = messageOf(error);
    }
  }
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

/** The systems that the targets compare. */
function comparedSystems(systems: readonly BenchSystem[]): BenchSystem[] {
  const names = ['balanced', 'face-api', 'human', ...mediaPipeSystems().map(({ name }) => name)];
  return systems.filter(({ name }) => names.includes(name));
}

/** Measures the systems that are not emulated. */
async function measureReal(
  session: BrowserSession,
  { chosen, rounds, meter }: { chosen: readonly BenchSystem[]; rounds: number; meter: PeakFlopsMeter },
  { systems, notStarted }: Measurements,
): Promise<void> {
  const real = chosen.filter(({ emulated }) => !emulated);
  const steady = await measureSteadyState(session, real, rounds, {
    onRound: () => meter.measure(),
    onFailure: (system, error) => {
      // A failure of WebAssembly or of a peer is a failure of the benchmark.
      if (system.backend === 'wasm') throw error;
      notStarted[system.name] = messageOf(error);
    },
  });
  const started = real.filter(({ name }) => steady.has(name));
  // A start takes seconds, so only the systems that the targets compare have all rounds.
  const compared = comparedSystems(started);
  const others = started.filter((system) => !compared.includes(system));
  const starts = new Map([
    ...(await measureStartUp(session, compared, rounds)),
    ...(await measureStartUp(session, others, Math.ceil(rounds / 6))),
  ]);
  for (const system of started) addReport(systems, system, steady.get(system.name), starts.get(system.name));
}

/** Measures an emulated system once, in a browser of its own that is closed after {@link emulatedTimeout}. */
async function measureEmulated(server: Server, system: BenchSystem, { systems }: Measurements): Promise<void> {
  const browser = await launchChromium(['--enable-unsafe-webgpu']);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    void browser.close();
  }, emulatedTimeout);
  try {
    const steady = await measureSteadyState({ browser, server }, [system], 1, {
      onRound: async () => {},
      onFailure: (_, error) => {
        throw error;
      },
    });
    const starts = await measureStartUp({ browser, server }, [system], 1);
    addReport(systems, system, steady.get(system.name), starts.get(system.name));
  } catch (error) {
    if (!timedOut) throw error;
    throw new Error(`emulated in software, it did not finish within ${emulatedTimeout / 1000} s`);
  } finally {
    clearTimeout(timer);
    await browser.close();
  }
}

function addReport(
  systems: Record<string, SystemReport>,
  { name, backend, execution, emulated }: BenchSystem,
  steady: SteadyState | undefined,
  start: StartUp | undefined,
): void {
  if (steady && start) systems[name] = { backend, execution, emulated, ...steady, ...start };
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

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The speed of a system's embedder in GFLOP/s, at two operations per multiply-add; null if not measured. */
function embedderGflops({ embeddingGmac }: BenchSystem, report: SystemReport | undefined): number | null {
  const ms = report?.stages.embedding?.median;
  return ms === undefined || embeddingGmac === undefined ? null : (embeddingGmac * 2) / (ms / 1000);
}
