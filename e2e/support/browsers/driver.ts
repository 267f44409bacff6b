import type { ChildProcess } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';

/** A browser with one page. */
export interface Driver {
  readonly version: string;
  goto(url: string): Promise<void>;
  /** Runs the body of an async function in the page. Returns its result, which must be JSON. */
  run<T>(body: string): Promise<T>;
  close(): Promise<void>;
}

/** The timeout of a command, in milliseconds. */
export const commandTimeout = 180_000;

/** The path of the first of these programs on the PATH. */
export function find(...names: string[]): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(existsSync);
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** Retries until it succeeds, for up to a minute. */
export async function retry<T>(attempt: () => Promise<T>): Promise<T> {
  const end = Date.now() + 60_000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

export async function stop(...processes: (ChildProcess | undefined)[]): Promise<void> {
  for (const one of processes) {
    if (!one || one.exitCode !== null) continue;
    const ended = new Promise((resolve) => one.once('exit', resolve));
    one.kill();
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 5000))]);
    one.kill('SIGKILL');
  }
}

/** What is not installed of each browser and its driver. */
export const missing = {
  firefox: find('firefox-esr', 'firefox') ? undefined : 'Firefox is not installed',
  webkit: webkitMissing(),
};

function webkitMissing(): string | undefined {
  if (!find('WebKitWebDriver')) return 'WebKitWebDriver (webkit2gtk-driver) is not installed';
  if (!miniBrowser()) return 'the MiniBrowser of WebKitGTK is not installed';
  if (!process.env.DISPLAY && !find('Xvfb')) return 'Xvfb is not installed';
  return undefined;
}

export function miniBrowser(): string | undefined {
  const folders = ['/usr/lib', '/usr/libexec'].filter(existsSync);
  const machines = folders.flatMap((folder) => [folder, ...readdirSync(folder).map((name) => join(folder, name))]);
  const kits = ['webkit2gtk-4.1', 'webkit2gtk-4.0', 'webkitgtk-6.0'];
  return machines.flatMap((folder) => kits.map((kit) => join(folder, kit, 'MiniBrowser'))).find(existsSync);
}
