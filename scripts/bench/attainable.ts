import type { Browser, Page } from 'playwright';
import { openPage, type Server } from '../kit/browser.ts';
import { spread } from './report.ts';

/** The loops that show what the machine can attain: a multiplication and an addition, or both as one (relaxed SIMD). */
type Arithmetic = 'simd' | 'relaxed';

/** More chains than the processor's adders need to be busy, and few enough for its registers. */
const chains = 12;

/** The floating-point operations in one turn of the loop: four lanes, each multiplied and added to. */
const flopsPerTurn = chains * 4 * 2;

const v128 = 0x7b;
const f32 = 0x7d;
const i32 = 0x7f;
const simd = 0xfd;

/**
 * A WebAssembly module by its bytes: `run(turns)` keeps multiplying and adding on as many independent chains as fill the
 * processor, all in registers. It is the most that a network's multiply-adds could reach on one thread.
 */
function arithmeticModule(arithmetic: Arithmetic): number[] {
  // Locals: 0 the turns, 1 and 2 the factors, from 3 on the chains.
  const get = (local: number) => [0x20, local];
  const set = (local: number) => [0x21, local];
  const splat = (value: number) => [0x43, ...new Uint8Array(Float32Array.of(value).buffer), simd, 0x13];
  const mul = [simd, 0xe6, 0x01];
  const add = [simd, 0xe4, 0x01];
  const relaxedMadd = [simd, 0x85, 0x02];
  const every = (code: (local: number) => number[]) => Array.from({ length: chains }, (_, i) => code(3 + i)).flat();

  // x·0.999 + 0.001 stays near 1, where numbers are neither infinite nor so small that they are slow.
  const step = (local: number) =>
    arithmetic === 'simd'
      ? [...get(local), ...get(1), ...mul, ...get(2), ...add, ...set(local)]
      : [...get(local), ...get(1), ...get(2), ...relaxedMadd, ...set(local)];
  const code = [
    ...[...splat(0.999), ...set(1), ...splat(0.001), ...set(2)],
    ...every((local) => [...splat(local / 8), ...set(local)]),
    ...[0x03, 0x40, ...every(step)],
    // while (--turns)
    ...[...get(0), 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, 0x0b],
    // The sum of all is returned, so that no chain is dropped as unused.
    ...[...splat(0), ...every((local) => [...get(local), ...add]), simd, 0x1f, 0, 0x0b],
  ];
  const body = [...[1, ...unsigned(chains + 2), v128], ...code];
  const section = (id: number, content: number[]) => [id, ...unsigned(content.length), ...content];
  return [
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 1, i32, 1, f32]),
    ...section(3, [1, 0]),
    ...section(7, [1, 3, ...Buffer.from('run'), 0, 0]),
    ...section(10, [1, ...unsigned(body.length), ...body]),
  ];
}

/** LEB128. */
function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >> 7)];
}

/** Runs in the page: how long a number of turns of the loop takes, in milliseconds; null where the instructions are not known. */
async function timeArithmetic(given: { module: number[]; turns: number }): Promise<number | null> {
  const bytes = new Uint8Array(given.module);
  if (!WebAssembly.validate(bytes)) return null;
  const { instance } = await WebAssembly.instantiate(bytes);
  const run = instance.exports.run as (turns: number) => number;
  // The first calls run on the baseline compiler's code.
  for (let i = 0; i < 20; i++) run(given.turns / 20);
  const start = performance.now();
  const result = run(given.turns);
  const ms = performance.now() - start;
  if (!(result > 0)) throw new Error('The arithmetic loop gave no number.');
  return ms;
}

/** Runs in the page: how long it takes until each of two workers, which begin at once, has done so many turns, in milliseconds. */
async function timeTwoThreads(given: { module: number[]; turns: number }): Promise<number> {
  const code = `onmessage = ({ data: { module, turns } }) => {
    if (module) globalThis.run = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(module))).exports.run;
    for (let i = 0; i < (module ? 20 : 1); i++) globalThis.run(module ? turns / 20 : turns);
    postMessage('done');
  }`;
  const address = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }));
  const workers = [new Worker(address), new Worker(address)];
  const all = (message: object) =>
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
  await all(given);
  const start = performance.now();
  await all({ turns: given.turns });
  const ms = performance.now() - start;
  for (const worker of workers) worker.terminate();
  URL.revokeObjectURL(address);
  return ms;
}

/** As many turns as take about ten milliseconds. */
const turns = 3_000_000;

/** Measures again and again, in a page of its own, what the machine can attain. */
export class ArithmeticMeter {
  readonly #page: Page;
  readonly #gflops: Record<Arithmetic, number[]> = { simd: [], relaxed: [] };
  readonly #twoThreads: number[] = [];

  private constructor(page: Page) {
    this.#page = page;
  }

  /** Opens the page. */
  static async open(browser: Browser, server: Server): Promise<ArithmeticMeter> {
    return new ArithmeticMeter(await openPage(browser, server));
  }

  /** Measures once. */
  async measure(): Promise<void> {
    for (const [arithmetic, gflops] of Object.entries(this.#gflops)) {
      const module = arithmeticModule(arithmetic as Arithmetic);
      const ms = await this.#page.evaluate(timeArithmetic, { module, turns });
      if (ms !== null) gflops.push((turns * flopsPerTurn) / ms / 1e6);
    }
    // A message to a worker and back takes too long for ten milliseconds.
    const longer = 10 * turns;
    const ms = await this.#page.evaluate(timeTwoThreads, { module: arithmeticModule('simd'), turns: longer });
    this.#twoThreads.push((2 * longer * flopsPerTurn) / ms / 1e6);
  }

  /** The medians so far, in 10⁹ floating-point operations per second; `twoThreadsGflops` with plain SIMD, both together. */
  get medians(): { gflops: number; relaxedGflops: number | null; twoThreadsGflops: number } {
    const { simd, relaxed } = this.#gflops;
    return {
      gflops: spread(simd).median,
      relaxedGflops: relaxed.length > 0 ? spread(relaxed).median : null,
      twoThreadsGflops: spread(this.#twoThreads).median,
    };
  }
}
