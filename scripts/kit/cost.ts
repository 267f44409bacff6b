import { readFileSync, writeFileSync } from 'node:fs';

/** What a task cost. */
export interface Cost<T> {
  /** Seconds of processor time, which other load does not change. */
  seconds: number;
  /** The peak of the resident memory of the process over that before, in bytes, with garbage; NaN where the system does not state it. */
  memory: number;
  result: T;
}

/** Runs a task and measures its processor time and its memory, WebAssembly's included. Needs `--expose-gc`. */
export async function measureCost<T>(task: () => T | Promise<T>): Promise<Cost<T>> {
  globalThis.gc?.();
  const before = resetPeak();
  const start = process.cpuUsage().user;
  const result = await task();
  const seconds = (process.cpuUsage().user - start) / 1e6;
  return { seconds, memory: residentBytes('VmHWM') - before, result };
}

/** Lowers the peak that Linux states to the resident memory of now. @returns that, in bytes. */
function resetPeak(): number {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
    return residentBytes('VmRSS');
  } catch {
    return Number.NaN;
  }
}

function residentBytes(field: 'VmHWM' | 'VmRSS'): number {
  try {
    return (
      1024 * Number(new RegExp(`^${field}:\\s*(\\d+) kB`, 'm').exec(readFileSync('/proc/self/status', 'utf8'))?.[1])
    );
  } catch {
    return Number.NaN;
  }
}
