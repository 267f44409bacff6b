import type { Page, Worker } from 'playwright';
import { type BrowserSession, definePageFunctions, openPage } from '../kit/browser.ts';
import { heapBytes } from '../kit/memory.ts';
import type { Answer, Host } from './host.ts';
import { galleryPageFunctions } from './page-gallery-targets.ts';
import { fuzzPageFunctions } from './page-globals.ts';
import type { HostileFiles } from './page-targets.ts';
import { prototypeProperties } from './prototypes.ts';
import type { PageTarget } from './target.ts';

/** A page for a page target. It is replaced after a finding. */
export class PageHost implements Host {
  readonly #session: BrowserSession;
  readonly #target: PageTarget;
  #page: Page | undefined;
  /** The files of the current case. */
  #files: HostileFiles['files'] = {};

  constructor(session: BrowserSession, target: PageTarget) {
    this.#session = session;
    this.#target = target;
  }

  async run(given: unknown): Promise<Answer> {
    this.#page ??= await this.#open();
    const page = this.#page;
    this.#files = Object(given).files ?? {};
    const clean = await countProperties(page);
    const errors: string[] = [];
    const record = (error: Error) => errors.push(error.message);
    page.on('pageerror', record);
    let answer = await this.#runCase(page, given);
    page.removeListener('pageerror', record);
    if (!answer.finding && errors.length > 0) answer = { finding: `uncaught: ${errors.join('; ')}` };
    if (!answer.finding && (await isPolluted(page, clean))) answer = { finding: 'a prototype was polluted' };
    if (answer.finding) await this.close();
    return answer;
  }

  async held(): Promise<number> {
    this.#page ??= await this.#open();
    const page = this.#page;
    const collect = () => (globalThis as unknown as { gc(): void }).gc();
    for (let i = 0; i < 2; i++) {
      await page.evaluate(collect);
      await Promise.all(page.workers().map((worker) => worker.evaluate(collect).catch(() => {})));
    }
    return heapBytes(page, { collected: false });
  }

  async close(): Promise<void> {
    const context = this.#page?.context();
    this.#page = undefined;
    await context?.close().catch(() => {});
  }

  async #open(): Promise<Page> {
    const { browser, server } = this.#session;
    const page = await openPage(await browser.newContext(), server);
    // A model folder in which the case replaces some files.
    await page.route('**/hostile/**', (route) => {
      const { pathname } = new URL(route.request().url());
      const path = pathname.slice('/hostile/'.length);
      const hostile = this.#files[path];
      if (hostile !== undefined) return route.fulfill({ body: Buffer.from(hostile, 'base64') });
      return route.continue({ url: new URL(`/models/${path}`, server.url).href });
    });
    await definePageFunctions(page, { ...fuzzPageFunctions, ...galleryPageFunctions });
    await page.evaluate(this.#target.prepare);
    return page;
  }

  async #runCase(page: Page, given: unknown): Promise<Answer> {
    const { limitMs, run } = this.#target;
    let timer: NodeJS.Timeout | undefined;
    const lost = new Promise<Answer>((resolve) => {
      timer = setTimeout(() => resolve({ finding: `it hung for more than ${limitMs} ms` }), limitMs);
      page.once('crash', () => resolve({ finding: 'the page crashed' }));
    });
    const running = page.evaluate(run, given).then(
      (outcome): Answer => ({ outcome }),
      (error): Answer => ({ finding: String(error) }),
    );
    const answer = await Promise.race([running, lost]);
    clearTimeout(timer);
    page.removeAllListeners('crash');
    return answer;
  }
}

type Scope = Page | Worker;

/** The properties of the built-in prototypes in the page and in each of its workers. */
async function countProperties(page: Page): Promise<Map<Scope, string>> {
  const counts = new Map<Scope, string>([[page, await page.evaluate(prototypeProperties)]]);
  for (const worker of page.workers()) {
    // undefined for a worker that ends meanwhile.
    const properties = await worker.evaluate(prototypeProperties).catch(() => undefined);
    if (properties !== undefined) counts.set(worker, properties);
  }
  return counts;
}

/** Whether a count changed. Workers that started or ended since cannot be compared. */
async function isPolluted(page: Page, clean: ReadonlyMap<Scope, string>): Promise<boolean> {
  const now = await countProperties(page);
  return [...now].some(([scope, properties]) => (clean.get(scope) ?? properties) !== properties);
}
