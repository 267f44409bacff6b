import type { SharedCounter } from './messages.ts';

/** Polls of the counter, some 20 µs in total, before a thread sleeps: waking up takes longer than most steps. */
const maxSpins = 2000;

/** How long a thread sleeps at a time, in milliseconds. */
const sleepTime = 100;

/** Another thread did not arrive at a barrier: it is dead. */
export class ThreadsLostError extends Error {
  override readonly name = 'ThreadsLostError';
}

/**
 * Waits until all threads have finished a step. Spins first, then sleeps, so that a thread without a processor can use
 * this one.
 *
 * @param arrivals counts the threads that have arrived, modulo 2³².
 * @param target the counter's value when all have.
 * @param maxSleeps the timeout, in sleeps. (Wall-clock time would also pass while the machine is suspended.)
 * @throws {ThreadsLostError} on timeout.
 */
export function waitAtBarrier(arrivals: SharedCounter, target: number, maxSleeps = Number.POSITIVE_INFINITY): void {
  if (((Atomics.add(arrivals, 0, 1) + 1) | 0) === (target | 0)) {
    Atomics.notify(arrivals, 0);
    return;
  }
  let sleepsLeft = maxSleeps;
  for (let spins = 0; ; spins++) {
    const count = Atomics.load(arrivals, 0);
    if (((count - target) | 0) >= 0) return;
    if (spins < maxSpins) continue;
    if (sleepsLeft <= 0) throw new ThreadsLostError('a thread does not respond');
    if (Atomics.wait(arrivals, 0, count, sleepTime) === 'timed-out') sleepsLeft--;
  }
}
