import { spawn, spawnSync } from 'node:child_process';
import { commandTimeout, type Driver, find, freePort, miniBrowser, retry, stop } from './driver.ts';

/** Sends a command of WebDriver. */
type Send = <Result>(method: string, path: string, body?: object) => Promise<Result>;

/** WebKitGTK, driven by WebDriver. Starts a virtual screen if there is none. */
export async function openWebKit(): Promise<Driver> {
  const port = await freePort();
  // A number derived from a free port is most likely free as a display too.
  const display = process.env.DISPLAY ?? `:${port % 30_000}`;
  const screen = process.env.DISPLAY
    ? undefined
    : spawn(find('Xvfb') as string, [display, '-nolisten', 'tcp'], { stdio: 'ignore' });
  const env = { ...process.env, DISPLAY: display, WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1' };
  const driver = spawn(find('WebKitWebDriver') as string, [`--port=${port}`], { stdio: 'ignore', env });
  const send = sendTo(`http://127.0.0.1:${port}`);
  let session: string | undefined;
  const close = async () => {
    if (session) await send('DELETE', session).catch(() => {});
    await stop(driver, screen);
  };
  try {
    await retry(() => send('GET', '/status'));
    const options = { binary: miniBrowser(), args: ['--automation'] };
    const capabilities = { alwaysMatch: { 'webkitgtk:browserOptions': options } };
    const { sessionId, capabilities: actual } = await send<{
      sessionId: string;
      capabilities: { browserVersion: string };
    }>('POST', '/session', { capabilities });
    session = `/session/${sessionId}`;
    await send('POST', `${session}/timeouts`, { script: commandTimeout, pageLoad: commandTimeout });
    return { version: webkitVersion(env) ?? `WebKitGTK ${actual.browserVersion}`, ...pageOf(send, session), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function sendTo(server: string): Send {
  return async <Result>(method: string, path: string, body?: object) => {
    const response = await fetch(server + path, {
      method,
      signal: AbortSignal.timeout(commandTimeout),
      ...(body && { body: JSON.stringify(body) }),
    });
    const { value } = (await response.json()) as { value: Result & { error?: string; message?: string } };
    if (!response.ok) throw new Error(`${value.error}: ${value.message}`);
    return value;
  };
}

function pageOf(send: Send, session: string): Pick<Driver, 'goto' | 'run'> {
  return {
    async goto(url) {
      await send('POST', `${session}/url`, { url });
    },
    async run<T>(body: string) {
      const script = `const done = arguments[arguments.length - 1];
        (async () => {${body}})().then(
          (value) => done(JSON.stringify({ value: value ?? null })),
          (error) => done(JSON.stringify({ error: String(error) })),
        );`;
      const answer = JSON.parse(await send<string>('POST', `${session}/execute/async`, { script, args: [] }));
      if (answer.error) throw new Error(answer.error);
      return answer.value as T;
    },
  };
}

/** The version of the engine, which the MiniBrowser prints. The session states another version. */
function webkitVersion(env: NodeJS.ProcessEnv): string | undefined {
  const { stdout } = spawnSync(miniBrowser() as string, ['--version'], { encoding: 'utf8', env, timeout: 30_000 });
  return stdout?.match(/WebKitGTK \d+(\.\d+)+/)?.[0];
}
