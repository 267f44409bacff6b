import { type BrowserSession, launchChromium, type Server } from '../kit/browser.ts';
import { mediaPipeSystems } from './mediapipe/systems.ts';
import type { PeakFlopsMeter } from './peak-flops.ts';
import type { SystemReport } from './report.ts';
import { measureStartUp, type StartUp } from './start-up.ts';
import { measureSteadyState, type SteadyState } from './steady-state.ts';
import type { BenchSystem } from './subject.ts';

/** The time limit for an emulated system, in milliseconds. Some take many minutes, and their times mean nothing. */
const emulatedTimeout = 60_000;

/** The measurements so far: by system, and the reasons why a system was not measured. */
export interface Measurements {
  systems: Record<string, SystemReport>;
  notStarted: Record<string, string>;
}

/** The systems that the targets compare. */
export function comparedSystems(systems: readonly BenchSystem[]): BenchSystem[] {
  const names = ['balanced', 'face-api', 'human', ...mediaPipeSystems().map(({ name }) => name)];
  return systems.filter(({ name }) => names.includes(name));
}

/** Measures the systems that are not emulated. */
export async function measureReal(
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

/** Measures the emulated systems, one after the other. One that fails is listed with the reason. */
export async function measureEmulatedSystems(
  server: Server,
  chosen: readonly BenchSystem[],
  measurements: Measurements,
): Promise<void> {
  for (const system of chosen.filter(({ emulated }) => emulated)) {
    try {
      await measureEmulated(server, system, measurements);
    } catch (error) {
      measurements.notStarted[system.name] = messageOf(error);
    }
  }
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

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
