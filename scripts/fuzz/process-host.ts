import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Answer, Host } from './host.ts';
import { moduleOf } from './node-targets.ts';

/** A child process for a Node target. It is replaced after a hang or a crash. */
export function processHost(name: string, limitMs: number): Host {
  let child: ChildProcess | undefined;
  const send = async (message: object, timeoutMs: number) => {
    // The time limit does not include the start.
    child ??= await startChild(name);
    const current = child;
    return new Promise<Answer>((resolve) => {
      const settle = (answer: Answer, lost = false) => {
        clearTimeout(timer);
        current.removeAllListeners();
        if (lost) {
          current.kill('SIGKILL');
          child = undefined;
        }
        resolve(answer);
      };
      const timer = setTimeout(() => settle({ finding: `it hung for more than ${timeoutMs} ms` }, true), timeoutMs);
      current.once('message', (answer: Answer) => settle(answer));
      current.once('exit', (code) => settle({ finding: `the process exited with ${code}` }, true));
      current.send(message);
    });
  };
  return {
    run: (given) => send({ given }, limitMs),
    held: async () => (await send({ measure: true }, 60_000)).held ?? Number.NaN,
    close: async () => {
      child?.removeAllListeners();
      child?.kill();
    },
  };
}

async function startChild(name: string): Promise<ChildProcess> {
  const child = fork(fileURLToPath(new URL('node-child.ts', import.meta.url)), [moduleOf(name), name], {
    execArgv: ['--import', 'tsx', '--expose-gc', '--max-old-space-size=512'],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve());
    child.once('exit', (code) => reject(new Error(`The process of "${name}" did not start (exit code ${code}).`)));
  });
  child.removeAllListeners();
  return child;
}
