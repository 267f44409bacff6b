/** A call that is aborted at several of its steps. */
export interface AbortCase<Result> {
  work(signal: AbortSignal): Promise<Result>;
  /** Frees the result of the call. Its steps are not counted. */
  free?(result: Result): unknown;
  /** Runs after each call. Returns what is wrong with the state that the call left behind. */
  check?(done: boolean): Promise<string | undefined>;
  /** Counts every 10 milliseconds as a step too, for work in another thread. */
  timed?: boolean;
}

export interface AbortReport {
  /** The number of steps of a call that is not aborted. */
  steps: number;
  /** How many calls rejected with the reason of their signal. */
  aborted: number;
  /** How many calls resolved although their signal was aborted. */
  late: number;
  /** Wrong errors and wrong states, with the step at which the call was aborted. */
  wrong: string[];
}

declare global {
  var abortAtSteps: <Result>(abortCase: AbortCase<Result>) => Promise<AbortReport>;
}

/**
 * Runs in the page. Counts as steps: each promise and each answer of the browser that an abortable call waits for, and each
 * time that the library checks a signal. Cache writes are not counted, because they happen while no call is pending.
 *
 * @param maxAborts how many steps a call is aborted at, at equal distances, the first and the last included.
 */
export function installAbortSteps(maxAborts: number): void {
  const reason = new Error('aborted by the test');
  let step = 0;
  let abortAt = Number.POSITIVE_INFINITY;
  let controller = new AbortController();
  const count = () => {
    if (step++ === abortAt) controller.abort(reason);
  };
  const countPromises = (owner: object, ...names: string[]) => {
    const methods = owner as Record<string, (...given: unknown[]) => unknown>;
    for (const name of names) {
      const original = methods[name] as (...given: unknown[]) => unknown;
      methods[name] = function (this: unknown, ...given: unknown[]) {
        const result = original.apply(this, given);
        return result instanceof Promise ? result.finally(count) : result;
      };
    }
  };
  countPromises(globalThis, 'fetch', 'createImageBitmap');
  countPromises(CacheStorage.prototype, 'open');
  countPromises(Cache.prototype, 'match');
  countPromises(SubtleCrypto.prototype, 'digest', 'encrypt', 'decrypt', 'importKey', 'deriveKey', 'deriveBits');
  countPromises(Blob.prototype, 'text');
  countPromises(ReadableStreamDefaultReader.prototype, 'read');
  countPromises(Response.prototype, 'text', 'arrayBuffer');
  const { throwIfAborted } = AbortSignal.prototype;
  AbortSignal.prototype.throwIfAborted = function () {
    count();
    throwIfAborted.call(this);
  };
  const { postMessage } = MessagePort.prototype;
  MessagePort.prototype.postMessage = function (...given: [unknown]) {
    count();
    return postMessage.apply(this, given);
  };
  const store = IDBObjectStore.prototype as unknown as Record<string, (...given: unknown[]) => IDBRequest>;
  for (const name of ['get', 'getAll', 'getAllKeys', 'put']) {
    const original = store[name] as (...given: unknown[]) => IDBRequest;
    store[name] = function (this: IDBObjectStore, ...given: unknown[]) {
      const request = original.apply(this, given);
      request.addEventListener('success', count);
      return request;
    };
  }

  globalThis.abortAtSteps = async ({ work, free, check, timed }) => {
    const report: AbortReport = { steps: 0, aborted: 0, late: 0, wrong: [] };
    const run = async (at: number): Promise<number> => {
      [step, abortAt, controller] = [0, at, new AbortController()];
      const timer = timed ? setInterval(count, 10) : undefined;
      const outcome = await work(controller.signal).then(
        (result) => ({ done: true as const, result }),
        (error) => ({ done: false as const, error }),
      );
      const steps = step;
      clearInterval(timer);
      abortAt = Number.POSITIVE_INFINITY;
      if (outcome.done) {
        if (controller.signal.aborted) report.late++;
        await free?.(outcome.result);
      } else if (outcome.error === reason) report.aborted++;
      else report.wrong.push(`step ${at}: ${outcome.error}`);
      const flaw = await check?.(outcome.done);
      if (flaw) report.wrong.push(`step ${at}: ${flaw}`);
      return steps;
    };
    report.steps = await run(Number.POSITIVE_INFINITY);
    const aborts = Math.min(maxAborts, report.steps);
    for (let i = 0; i < aborts; i++) await run(Math.round((i * (report.steps - 1)) / Math.max(1, aborts - 1)));
    return report;
  };
}
