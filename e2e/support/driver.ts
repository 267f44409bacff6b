import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import WebSocket from 'ws';

/** A browser with one page. */
export interface Driver {
  readonly version: string;
  goto(url: string): Promise<void>;
  /** Runs the body of an async function in the page. Returns its result, which must be JSON. */
  run<T>(body: string): Promise<T>;
  close(): Promise<void>;
}

/** The timeout of a command, in milliseconds. */
const commandTimeout = 180_000;

/** The path of the first of these programs on the PATH. */
function find(...names: string[]): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(existsSync);
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** Retries until it succeeds, for up to a minute. */
async function retry<T>(attempt: () => Promise<T>): Promise<T> {
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

async function stop(...processes: (ChildProcess | undefined)[]): Promise<void> {
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

function miniBrowser(): string | undefined {
  const folders = ['/usr/lib', '/usr/libexec'].filter(existsSync);
  const machines = folders.flatMap((folder) => [folder, ...readdirSync(folder).map((name) => join(folder, name))]);
  const kits = ['webkit2gtk-4.1', 'webkit2gtk-4.0', 'webkitgtk-6.0'];
  return machines.flatMap((folder) => kits.map((kit) => join(folder, kit, 'MiniBrowser'))).find(existsSync);
}

/** Firefox, driven by WebDriver BiDi. Playwright supports a patched build of Firefox only. */
export async function openFirefox(): Promise<Driver> {
  const program = find('firefox-esr', 'firefox') as string;
  const profile = mkdtempSync(join(tmpdir(), 'facenet-firefox-'));
  const port = await freePort();
  const browser = spawn(
    program,
    ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', String(port), 'about:blank'],
    { stdio: 'ignore', env: { ...process.env, HOME: profile } },
  );
  let socket: WebSocket | undefined;
  const waiting = new Map<number, (message: { result?: unknown; error?: string; message?: string }) => void>();
  const send = <T>(method: string, params: object): Promise<T> =>
    new Promise((resolve, reject) => {
      const id = waiting.size + Math.floor(Math.random() * 1e9);
      const timer = setTimeout(() => reject(new Error(`${method} was not answered`)), commandTimeout);
      waiting.set(id, ({ result, error, message }) => {
        clearTimeout(timer);
        waiting.delete(id);
        if (error) reject(new Error(`${error}: ${message}`));
        else resolve(result as T);
      });
      socket?.send(JSON.stringify({ id, method, params }));
    });
  const close = async () => {
    await Promise.race([send('browser.close', {}), new Promise((resolve) => setTimeout(resolve, 3000))]).catch(
      () => {},
    );
    socket?.close();
    await stop(browser);
    rmSync(profile, { recursive: true, force: true });
  };
  try {
    socket = await retry(
      () =>
        new Promise<WebSocket>((resolve, reject) => {
          const opened = new WebSocket(`ws://127.0.0.1:${port}/session`);
          opened.once('open', () => resolve(opened));
          opened.once('error', reject);
        }),
    );
    socket.on('message', (data) => {
      const message = JSON.parse(String(data));
      waiting.get(message.id)?.(message);
    });
    const { capabilities } = await send<{ capabilities: { browserVersion: string } }>('session.new', {
      capabilities: {},
    });
    const { contexts } = await send<{ contexts: { context: string }[] }>('browsingContext.getTree', {});
    const context = contexts[0]?.context as string;
    return {
      version: `Firefox ${capabilities.browserVersion}`,
      async goto(url) {
        await send('browsingContext.navigate', { context, url, wait: 'complete' });
      },
      async run<T>(body: string) {
        const answer = await send<{ result?: { value: string }; exceptionDetails?: { text: string } }>(
          'script.callFunction',
          {
            functionDeclaration: `async () => JSON.stringify(await (async () => {${body}})() ?? null)`,
            awaitPromise: true,
            target: { context },
          },
        );
        if (answer.exceptionDetails) throw new Error(answer.exceptionDetails.text);
        return JSON.parse(answer.result?.value ?? 'null') as T;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** WebKitGTK, driven by WebDriver. Starts a virtual screen where there is none. */
export async function openWebKit(): Promise<Driver> {
  const port = await freePort();
  // A number derived from a free port is most likely free as a display too.
  const display = `:${port % 30_000}`;
  const screen = process.env.DISPLAY
    ? undefined
    : spawn(find('Xvfb') as string, [display, '-nolisten', 'tcp'], { stdio: 'ignore' });
  const env = {
    ...process.env,
    DISPLAY: process.env.DISPLAY ?? display,
    WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1',
  };
  const driver = spawn(find('WebKitWebDriver') as string, [`--port=${port}`], { stdio: 'ignore', env });
  const send = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      signal: AbortSignal.timeout(commandTimeout),
      ...(body && { body: JSON.stringify(body) }),
    });
    const { value } = (await response.json()) as { value: T & { error?: string; message?: string } };
    if (!response.ok) throw new Error(`${value.error}: ${value.message}`);
    return value;
  };
  let session: string | undefined;
  const close = async () => {
    if (session) await send('DELETE', session).catch(() => {});
    await stop(driver, screen);
  };
  try {
    const options = { binary: miniBrowser(), args: ['--automation'] };
    const capabilities = { alwaysMatch: { 'webkitgtk:browserOptions': options } };
    await retry(() => send('GET', '/status'));
    const { sessionId, capabilities: given } = await send<{
      sessionId: string;
      capabilities: { browserVersion: string };
    }>('POST', '/session', { capabilities });
    session = `/session/${sessionId}`;
    await send('POST', `${session}/timeouts`, { script: commandTimeout, pageLoad: commandTimeout });
    return {
      version: webkitVersion(env) ?? `WebKitGTK ${given.browserVersion}`,
      async goto(url) {
        await send('POST', `${session}/url`, { url });
      },
      async run<T>(body: string) {
        const script = `const done = arguments[arguments.length - 1];
          (async () => {${body}})().then((value) => done(JSON.stringify({ value: value ?? null })), (error) => done(JSON.stringify({ error: String(error) })));`;
        const answer = JSON.parse(await send<string>('POST', `${session}/execute/async`, { script, args: [] }));
        if (answer.error) throw new Error(answer.error);
        return answer.value as T;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What the MiniBrowser says of its engine; the session tells a version that nobody knows. */
function webkitVersion(env: NodeJS.ProcessEnv): string | undefined {
  const { stdout } = spawnSync(miniBrowser() as string, ['--version'], { encoding: 'utf8', env, timeout: 30_000 });
  return stdout?.match(/WebKitGTK \d+(\.\d+)+/)?.[0];
}
