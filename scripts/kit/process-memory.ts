import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Whether the system states the memory of processes, as Linux does. */
export const statesProcessMemory = existsSync('/proc/self/smaps_rollup');

/**
 * The bytes of memory that processes and their descendants hold: their proportional set sizes, in which a page that several processes
 * share counts once. It includes what JavaScript heaps do not: decoded pictures, memories of WebAssembly, and the browser's own.
 *
 * @param argument part of the command line of the first processes.
 */
export function processMemory(argument: string): number {
  return processTree(argument).reduce((sum, pid) => sum + setSize(pid), 0);
}

/** The processor time of the same processes, in seconds. */
export function processSeconds(argument: string): number {
  return processTree(argument).reduce((sum, pid) => sum + userTicks(pid), 0) / ticksPerSecond;
}

/** Linux states the times of processes in this unit on all common processors. */
const ticksPerSecond = 100;

function processTree(argument: string): number[] {
  const processes = readdirSync('/proc').flatMap((name) => processOf(name) ?? []);
  const counted = new Set(processes.filter(({ command }) => command.includes(argument)).map(({ pid }) => pid));
  for (let size = 0; size < counted.size; ) {
    size = counted.size;
    for (const { pid, parent } of processes) if (counted.has(parent)) counted.add(pid);
  }
  return [...counted];
}

function processOf(name: string): { pid: number; parent: number; command: string } | undefined {
  if (!/^\d+$/.test(name)) return undefined;
  const status = readProcess(`${name}/status`);
  const command = readProcess(`${name}/cmdline`);
  return { pid: Number(name), parent: Number(/^PPid:\s*(\d+)/m.exec(status)?.[1] ?? 0), command };
}

function setSize(pid: number): number {
  return 1024 * Number(/^Pss:\s*(\d+) kB/m.exec(readProcess(`${pid}/smaps_rollup`))?.[1] ?? 0);
}

function userTicks(pid: number): number {
  // The name of the program, which may hold spaces, ends with the last parenthesis. The user time is the 12th value after it.
  const stat = readProcess(`${pid}/stat`);
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[11] ?? 0);
}

/** A file of a process; empty if the process has ended. */
function readProcess(path: string): string {
  try {
    return readFileSync(`/proc/${path}`, 'utf8');
  } catch {
    return '';
  }
}
