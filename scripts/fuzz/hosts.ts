import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Browser, Page, Worker } from 'playwright';
import { openPage, type Server } from '../kit/browser.ts';
import { heapBytes } from '../kit/memory.ts';
import type { HostileFiles } from './page-targets.ts';
import type { PageTarget } from './target.ts';

/** What came of a case, or what is held. */
export interface Answer {
  outcome?: string;
  finding?: string;
  held?: number;
}

/** Where the cases of a target run: it survives whatever they do to it. */
export interface Host {
  /** Runs one; a hang and a crash are findings as well. */
  run(given: unknown): Promise<Answer>;
  /** The bytes that are held when nothing is under way, garbage collected. */
  held(): Promise<number>;
  close(): Promise<void>;
}

/** A process of its own, in place of which another is started when it hangs or dies. */
export function childHost(name: string, limitMs: number): Host {
  let child: ChildProcess | undefined;
  /** How long a process takes to start is no matter of the case. */
  const start = async () => {
    const started = fork(fileURLToPath(new URL('child.ts', import.meta.url)), [name], {
      execArgv: ['--import', 'tsx', '--expose-gc', '--max-old-space-size=512'],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    await new Promise<void>((resolve, reject) => {
      started.once('message', () => resolve());
      started.once('exit', (code) => reject(new Error(`the process of "${name}" did not start (${code})`)));
    });
    started.removeAllListeners();
    return started;
  };
  const ask = async (message: object, limit: number) => {
    child ??= await start();
    const asked = child;
    return new Promise<Answer>((resolve) => {
      const settle = (answer: Answer, lost = false) => {
        clearTimeout(timer);
        asked.removeAllListeners();
        if (lost) {
          asked.kill('SIGKILL');
          child = undefined;
        }
        resolve(answer);
      };
      const timer = setTimeout(() => settle({ finding: `it hung for more than ${limit} ms` }, true), limit);
      asked.once('message', (answer: Answer) => settle(answer));
      asked.once('exit', (code) => settle({ finding: `the process ended with ${code}` }, true));
      asked.send(message);
    });
  };
  return {
    run: (given) => ask({ given }, limitMs),
    held: async () => (await ask({ measure: true }, 60_000)).held ?? Number.NaN,
    close: async () => {
      child?.removeAllListeners();
      child?.kill();
    },
  };
}

/** How many properties the prototypes have that all values share, in the page and in each of its workers. */
async function prototypes(page: Page): Promise<Map<Page | Worker, string>> {
  const count = () =>
    [Object, Array, Function, String, Number, Promise].map(({ prototype }) => Reflect.ownKeys(prototype).length).join();
  const counted = new Map<Page | Worker, string>([[page, await page.evaluate(count)]]);
  for (const worker of page.workers()) {
    // One that ends while it is asked is none any more.
    const properties = await worker.evaluate(count).catch(() => undefined);
    if (properties !== undefined) counted.set(worker, properties);
  }
  return counted;
}

/** A page of its own, in place of which another is opened when it hangs or crashes. */
export async function pageHost(browser: Browser, server: Server, target: PageTarget): Promise<Host> {
  let page: Page | undefined;
  let files: HostileFiles['files'] = {};
  const open = async () => {
    const context = await browser.newContext();
    const opened = await openPage(context, server);
    // The folder of an attacker, who wrote some of its files.
    await opened.route('**/hostile/**', (route) => {
      const { pathname } = new URL(route.request().url());
      const path = pathname.slice('/hostile/'.length);
      const hostile = files[path];
      if (hostile !== undefined) return route.fulfill({ body: Buffer.from(hostile, 'base64') });
      return route.continue({ url: new URL(`/models/${path}`, server.url).href });
    });
    await opened.evaluate(target.prepare);
    return opened;
  };
  const give = async () => {
    const context = page?.context();
    page = undefined;
    await context?.close().catch(() => {});
  };
  return {
    async run(given) {
      page ??= await open();
      const on = page;
      files = Object(given).files ?? {};
      const clean = await prototypes(on);
      let timer: NodeJS.Timeout | undefined;
      const crashed = new Promise<Answer>((resolve) => {
        timer = setTimeout(() => resolve({ finding: `it hung for more than ${target.limitMs} ms` }), target.limitMs);
        on.once('crash', () => resolve({ finding: 'the page crashed' }));
      });
      const errors: string[] = [];
      const hear = (error: Error) => errors.push(error.message);
      on.on('pageerror', hear);
      const running = on.evaluate(target.run, given).then(
        (outcome): Answer => ({ outcome }),
        (error): Answer => ({ finding: String(error) }),
      );
      let answer = await Promise.race([running, crashed]);
      clearTimeout(timer);
      on.removeListener('pageerror', hear);
      on.removeAllListeners('crash');
      if (!answer.finding && errors.length > 0) answer = { finding: `nobody caught: ${errors.join('; ')}` };
      if (!answer.finding) {
        const now = await prototypes(on);
        // A worker that has come or gone meanwhile has nothing to be held against.
        if ([...now].some(([scope, properties]) => (clean.get(scope) ?? properties) !== properties))
          answer = { finding: 'a prototype was polluted' };
      }
      if (answer.finding) await give();
      return answer;
    },
    async held() {
      page ??= await open();
      const collect = () => (globalThis as unknown as { gc(): void }).gc();
      for (let i = 0; i < 2; i++) {
        await page.evaluate(collect);
        await Promise.all(page.workers().map((worker) => worker.evaluate(collect).catch(() => {})));
      }
      return heapBytes(page, { collected: false });
    },
    close: give,
  };
}
