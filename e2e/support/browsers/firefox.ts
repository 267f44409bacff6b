import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import WebSocket from 'ws';
import { commandTimeout, type Driver, find, freePort, retry, stop } from './driver.ts';

/** An answer to a command of WebDriver BiDi. */
interface Answer {
  id: number;
  result?: unknown;
  error?: string;
  message?: string;
}

/** A connection by WebDriver BiDi. */
class Connection {
  readonly #socket: WebSocket;
  readonly #pending = new Map<number, (answer: Answer) => void>();
  #commands = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => {
      const answer = JSON.parse(String(data)) as Answer;
      this.#pending.get(answer.id)?.(answer);
    });
  }

  static open(url: string): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(url);
      socket.once('open', () => resolve(new Connection(socket)));
      socket.once('error', reject);
    });
  }

  send<Result>(method: string, params: object): Promise<Result> {
    const id = ++this.#commands;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${method} was not answered`)), commandTimeout);
      this.#pending.set(id, ({ result, error, message }) => {
        clearTimeout(timer);
        this.#pending.delete(id);
        if (error) reject(new Error(`${error}: ${message}`));
        else resolve(result as Result);
      });
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }

  close(): void {
    this.#socket.close();
  }
}

/** Firefox, driven by WebDriver BiDi. Playwright supports a patched build of Firefox only. */
export async function openFirefox(): Promise<Driver> {
  const profile = mkdtempSync(join(tmpdir(), 'facenet-firefox-'));
  const port = await freePort();
  const browser = startFirefox(profile, port);
  let connection: Connection | undefined;
  const close = async () => {
    const closed = connection?.send('browser.close', {});
    await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 3000))]).catch(() => {});
    connection?.close();
    await stop(browser);
    rmSync(profile, { recursive: true, force: true });
  };
  try {
    connection = await retry(() => Connection.open(`ws://127.0.0.1:${port}/session`));
    return { ...(await openSession(connection)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function startFirefox(profile: string, port: number): ChildProcess {
  const program = find('firefox-esr', 'firefox') as string;
  const flags = ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', String(port)];
  return spawn(program, [...flags, 'about:blank'], { stdio: 'ignore', env: { ...process.env, HOME: profile } });
}

async function openSession(connection: Connection): Promise<Omit<Driver, 'close'>> {
  const { capabilities } = await connection.send<{ capabilities: { browserVersion: string } }>('session.new', {
    capabilities: {},
  });
  const { contexts } = await connection.send<{ contexts: { context: string }[] }>('browsingContext.getTree', {});
  const context = contexts[0]?.context as string;
  return {
    version: `Firefox ${capabilities.browserVersion}`,
    async goto(url) {
      await connection.send('browsingContext.navigate', { context, url, wait: 'complete' });
    },
    async run<T>(body: string) {
      const { result, exceptionDetails } = await connection.send<{
        result?: { value: string };
        exceptionDetails?: { text: string };
      }>('script.callFunction', {
        functionDeclaration: `async () => JSON.stringify(await (async () => {${body}})() ?? null)`,
        awaitPromise: true,
        target: { context },
      });
      if (exceptionDetails) throw new Error(exceptionDetails.text);
      return JSON.parse(result?.value ?? 'null') as T;
    },
  };
}
