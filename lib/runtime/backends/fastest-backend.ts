import type { BackendChoice, BackendName, MeasuredBackend } from '../../core/types.ts';

/** Another backend takes over if it is faster by a third: if the networks take at most three quarters of the time. */
export const minSpeedup = 4 / 3;

/** A backend with the networks, ready to be timed. */
export interface TimedBackend {
  name: BackendName;
  /** Runs every network once. @returns the milliseconds. */
  time(): Promise<number>;
  /** Frees the networks. */
  dispose(): void | Promise<void>;
}

/** A backend that is not started yet. */
export interface Contender<Backend extends TimedBackend> {
  name: BackendName;
  start(): Promise<Backend>;
}

/** What was measured, in the form in which it is remembered. */
export interface Measurement {
  /** The fastest backend. */
  name: BackendName;
  measured: MeasuredBackend[];
}

/**
 * Finds the backend that runs the networks fastest. The others are started and timed one after the other, and freed
 * again unless they win. One that does not start or computes wrong results is rejected with the reason.
 *
 * @param current the backend that answers requests meanwhile.
 * @param remembered what an earlier call on this device found: only its winner is started then, and nothing is timed.
 * @returns the winner, `current` or a started contender, with the measurement and the backends that were rejected.
 */
export async function findFastest<Backend extends TimedBackend>(
  current: Backend,
  contenders: readonly Contender<Backend>[],
  remembered: Measurement | undefined,
): Promise<{ winner: Backend; measured: MeasuredBackend[]; rejected: BackendChoice['rejected'] }> {
  const rejected: BackendChoice['rejected'] = [];
  const isWorthStarting = ({ name }: Contender<Backend>) => !remembered || remembered.name === name;
  const measured: MeasuredBackend[] = [];
  let winner = current;
  let shortest = remembered ? Number.POSITIVE_INFINITY : await current.time();
  if (!remembered) measured.push({ name: current.name, milliseconds: shortest });
  for (const contender of contenders.filter(isWorthStarting)) {
    let loser: Backend | undefined;
    try {
      const backend = await contender.start();
      loser = backend;
      const milliseconds = remembered ? 0 : await backend.time();
      if (!remembered) measured.push({ name: backend.name, milliseconds });
      if (milliseconds <= (winner === current ? shortest / minSpeedup : shortest)) {
        loser = winner;
        [winner, shortest] = [backend, milliseconds];
      }
    } catch (error) {
      rejected.push({ name: contender.name, reason: error instanceof Error ? error.message : String(error) });
    }
    if (loser !== current) await loser?.dispose();
  }
  return { winner, measured: remembered?.measured ?? measured, rejected };
}
