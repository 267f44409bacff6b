import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright';
import { chromiumFlags, findChromium } from './chromium.mjs';
import { type Server, type ServerOptions, withServer } from './server.ts';

export { type FolderHandler, type Server, type ServerOptions, serveFolder, serveLibrary } from './server.ts';

/** A headless Chromium, and the server that its pages load the built library from. */
export interface BrowserSession {
  browser: Browser;
  server: Server;
}

/** What {@link withBrowser} serves and how it starts Chromium. */
export interface BrowserOptions extends ServerOptions {
  /** More folders to serve, by URL prefix ("/photos"). */
  folders?: Record<string, string>;
  /** More command-line flags for Chromium. */
  flags?: readonly string[];
}

/** Serves the built library and launches Chromium for the time that `work` takes; closes both, also after an error. */
export function withBrowser<T>(
  { folders = {}, flags = [], ...serverOptions }: BrowserOptions,
  work: (session: BrowserSession) => Promise<T>,
): Promise<T> {
  return withServer(folders, serverOptions, async (server) => {
    const browser = await launchChromium(flags);
    try {
      return await work({ browser, server });
    } finally {
      await browser.close();
    }
  });
}

/** {@link withBrowser} with one page open, as {@link openPage} opens it. */
export function withPage<T>(
  options: BrowserOptions,
  work: (page: Page, session: BrowserSession) => Promise<T>,
): Promise<T> {
  return withBrowser(options, async (session) => work(await openPage(session.browser, session.server), session));
}

/** Launches a headless Chromium. @throws {Error} if none is installed. */
export async function launchChromium(flags: readonly string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath: requireChromium(), args: [...chromiumFlags, ...flags] });
}

/**
 * Launches a headless Chromium with a new profile on the disk, and removes it afterwards. Other contexts keep their databases in memory.
 *
 * @param work gets the context, and the path of the profile, which is in the command line of the browser's process.
 */
export async function withProfile<T>(work: (context: BrowserContext, profile: string) => Promise<T>): Promise<T> {
  const profile = mkdtempSync(join(tmpdir(), 'facenet-profile-'));
  const executablePath = requireChromium();
  const context = await chromium.launchPersistentContext(profile, { executablePath, args: [...chromiumFlags] });
  try {
    return await work(context, profile);
  } finally {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  }
}

function requireChromium(): string {
  const path = findChromium();
  if (!path) throw new Error('No Chromium was found. Run "node scripts/setup/main.mjs --browser".');
  return path;
}

/**
 * Opens an empty page that can import the built library from `/dist/facenet-web.js`. In a browser each page has a context
 * of its own, with empty caches; pages of one context share them.
 */
export async function openPage(within: Browser | BrowserContext, server: Server): Promise<Page> {
  const page = await within.newPage();
  // tsx wraps named functions in this helper. Functions that are evaluated in the page need it there.
  await page.addInitScript({ content: 'globalThis.__name = (value) => value' });
  await page.goto(server.url);
  return page;
}

/** Function declarations by their names. */
export type PageFunctions = Record<string, (...args: never[]) => unknown>;

/**
 * Defines functions as globals of a page. Playwright sends a function to a page as its source text, without the module
 * around it: a function that it evaluates can call others of the module only if they are defined there under the same names.
 */
export async function definePageFunctions(page: Page, functions: PageFunctions): Promise<void> {
  const entries = Object.entries(functions).map(([name, code]) => `${name}: ${code}`);
  await page.evaluate(`void Object.assign(globalThis, { ${entries.join(', ')} })`);
}
