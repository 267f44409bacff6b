/** With more threads, waiting at barriers costs more than the additional threads save. */
const maxDefaultThreads = 4;

/**
 * The number of threads to run networks on: 1 without cross-origin isolation, which shared memory requires; otherwise
 * the requested number, or half of the logical processors, at most four, which leaves the page its share.
 */
export function threadCount(requested: number | undefined): number {
  if (!globalThis.crossOriginIsolated) return 1;
  return requested ?? Math.max(1, Math.min(maxDefaultThreads, Math.floor(navigator.hardwareConcurrency / 2)));
}
