import type { Page } from 'playwright';
import { type BrowserSession, openPage } from '../kit/browser.ts';
import { spread } from '../kit/statistics.ts';
import { type Arithmetic, flopsModule, flopsPerIteration } from './flops-module.ts';

/** The number of iterations that takes about ten milliseconds. */
const iterations = 3_000_000;

/** Measures the floating-point speed that WebAssembly reaches on this machine, in a page of its own. */
export class PeakFlopsMeter {
  readonly #page: Page;
  readonly #gflops: Record<Arithmetic, number[]> = { simd: [], relaxed: [] };
  readonly #twoThreads: number[] = [];

  private constructor(page: Page) {
    this.#page = page;
  }

  static async open({ browser, server }: BrowserSession): Promise<PeakFlopsMeter> {
    return new PeakFlopsMeter(await openPage(browser, server));
  }

  /** Takes one measurement of each kind. */
  async measure(): Promise<void> {
    for (const [arithmetic, gflops] of Object.entries(this.#gflops)) {
      const module = flopsModule(arithmetic as Arithmetic);
      const ms = await this.#page.evaluate(timeLoop, { module, iterations });
      if (ms !== null) gflops.push((iterations * flopsPerIteration) / ms / 1e6);
    }
    // Ten times as many iterations, so that the messages to the workers are a small share of the time.
    const longer = 10 * iterations;
    const ms = await this.#page.evaluate(timeTwoThreads, { module: flopsModule('simd'), iterations: longer });
    this.#twoThreads.push((2 * longer * flopsPerIteration) / ms / 1e6);
  }

  /** The best so far on one thread, in GFLOP/s. */
  get best(): number {
    return Math.max(...this.#gflops.simd, ...this.#gflops.relaxed);
  }

  /** The medians so far, in GFLOP/s. `twoThreadsGflops` is the sum of both threads, with plain SIMD. */
  get medians(): { gflops: number; relaxedGflops: number | null; twoThreadsGflops: number } {
    const { simd, relaxed } = this.#gflops;
    return {
      gflops: spread(simd).median,
      relaxedGflops: relaxed.length > 0 ? spread(relaxed).median : null,
      twoThreadsGflops: spread(this.#twoThreads).median,
    };
  }
}

/** Runs in the page. The milliseconds that the loop takes; null if the browser lacks the instructions. */
async function timeLoop(given: { module: number[]; iterations: number }): Promise<number | null> {
  const bytes = new Uint8Array(given.module);
  if (!WebAssembly.validate(bytes)) return null;
  const { instance } = await WebAssembly.instantiate(bytes);
  const run = instance.exports.run as (iterations: number) => number;
  // The first calls run on code of the baseline compiler.
  for (let i = 0; i < 20; i++) run(given.iterations / 20);
  const start = performance.now();
  const result = run(given.iterations);
  const ms = performance.now() - start;
  if (!(result > 0)) throw new Error('The arithmetic loop returned no number.');
  return ms;
}

/** Runs in the page. The milliseconds until two workers that start the loop concurrently have both finished it. */
async function timeTwoThreads(given: { module: number[]; iterations: number }): Promise<number> {
  const code = `onmessage = ({ data: { module, iterations } }) => {
    if (module) globalThis.run = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(module))).exports.run;
    for (let i = 0; i < (module ? 20 : 1); i++) globalThis.run(module ? iterations / 20 : iterations);
    postMessage('done');
  }`;
  const address = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }));
  const workers = [new Worker(address), new Worker(address)];
  const runInAll = (message: object) =>
    Promise.all(
      workers.map((worker) => {
        const done = new Promise((resolve, reject) => {
          worker.onmessage = resolve;
          worker.onerror = reject;
        });
        worker.postMessage(message);
        return done;
      }),
    );
  await runInAll(given);
  const start = performance.now();
  await runInAll({ iterations: given.iterations });
  const ms = performance.now() - start;
  for (const worker of workers) worker.terminate();
  URL.revokeObjectURL(address);
  return ms;
}
