import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BrowserContext, chromium } from 'playwright/test';
import { chromiumFlags, findChromium } from '../../scripts/kit/chromium.mjs';

/** Chromium with an extension. */
export interface ExtensionBrowser {
  context: BrowserContext;
  /** The address of the extension's files, with a slash at the end. */
  url: string;
}

/** Starts Chromium with an unpacked extension. */
export async function launchWithExtension(folder: string, profile: string): Promise<ExtensionBrowser> {
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: findChromium() ?? '',
    // Playwright disables extensions otherwise.
    ignoreDefaultArgs: ['--disable-extensions'],
    args: [...chromiumFlags, `--disable-extensions-except=${folder}`, `--load-extension=${folder}`],
  });
  const background = context.serviceWorkers()[0] ?? (await context.waitForEvent('serviceworker'));
  return { context, url: new URL('/', background.url()).href };
}

/** A running Electron app, on the stand-in for Electron. */
export interface ElectronApp {
  /** The address of its page. */
  url: string;
  stop(): void;
}

/** Runs the main process of an Electron app in Node: a stand-in for Electron serves the app's protocol over HTTP. */
export async function startElectronApp(folder: string): Promise<ElectronApp> {
  const standIn = join(folder, 'node_modules/electron');
  mkdirSync(standIn, { recursive: true });
  writeFileSync(join(standIn, 'package.json'), '{ "type": "module", "exports": "./index.mjs" }');
  cpSync(fileURLToPath(new URL('electron-stand-in.mjs', import.meta.url)), join(standIn, 'index.mjs'));
  const app = spawn(process.execPath, ['main.js'], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const stop = () => void app.kill();
  const url = await new Promise<string>((resolve, reject) => {
    let errors = '';
    app.stdout.once('data', (data) => resolve(String(data).trim()));
    app.stderr.on('data', (data) => {
      errors += data;
    });
    app.once('exit', (code) => reject(new Error(`main.js ended with ${code}: ${errors}`)));
  });
  return { url, stop };
}
