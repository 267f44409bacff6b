import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FaceNet } from '../../../lib/facenet.ts';
import type { FromWorker, ToWorker } from '../../../lib/pipeline/protocol.ts';
import type { Handshake } from '../../../lib/workers/handshake.ts';

/** A worker that loads, and then answers nothing any more, as one that hangs or that the browser killed. It has no Web Lock. */
class SilentWorker {
  onmessage: ((event: { data: FromWorker | Handshake }) => void) | undefined;
  received: string[] = [];
  terminated = false;

  constructor() {
    worker = this;
    this.#answer({ type: 'ready' });
  }

  postMessage({ type }: ToWorker): void {
    this.received.push(type);
    if (type !== 'load') return;
    this.#answer({ type: 'locked', lock: undefined });
    this.#answer({ type: 'loaded', facts: {} as never });
  }

  terminate(): void {
    this.terminated = true;
  }

  #answer(data: FromWorker | Handshake): void {
    queueMicrotask(() => this.onmessage?.({ data }));
  }
}

let worker: SilentWorker;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('document', { baseURI: 'http://localhost/' });
  vi.stubGlobal('location', new URL('http://localhost/'));
  vi.stubGlobal('OffscreenCanvas', class {});
  vi.stubGlobal('Worker', SilentWorker);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Resolves to the error of a call; undefined while it is pending. */
function outcomeOf(call: Promise<unknown>): { settled: boolean; error?: unknown } {
  const outcome: { settled: boolean; error?: unknown } = { settled: false };
  call.then(
    () => Object.assign(outcome, { settled: true }),
    (error) => Object.assign(outcome, { settled: true, error }),
  );
  return outcome;
}

describe('dispose() with a worker that no longer answers', () => {
  test('ends the worker 35 seconds after the last answer, and pending calls with disposed', async () => {
    const facenet = await FaceNet.load();
    const call = outcomeOf(facenet.embed(new Blob(['photo'])));
    await vi.advanceTimersByTimeAsync(0);
    expect(worker.received).toEqual(['load', 'request']);
    const disposal = outcomeOf(facenet.dispose());
    await vi.advanceTimersByTimeAsync(29_000);
    expect([call.settled, worker.terminated]).toEqual([false, false]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(call.error).toMatchObject({ code: 'disposed' });
    await vi.advanceTimersByTimeAsync(5000);
    expect([disposal, worker.terminated]).toEqual([{ settled: true }, true]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('does not wait for calls that were aborted', async () => {
    const facenet = await FaceNet.load();
    const controller = new AbortController();
    const call = outcomeOf(facenet.embed(new Blob(['photo']), { signal: controller.signal }));
    await vi.advanceTimersByTimeAsync(0);
    controller.abort();
    await vi.advanceTimersByTimeAsync(0);
    expect(call.error).toBe(controller.signal.reason);
    expect(worker.received).toEqual(['load', 'request', 'abort']);
    const disposal = outcomeOf(facenet.dispose());
    await vi.advanceTimersByTimeAsync(5000);
    expect([disposal, worker.terminated]).toEqual([{ settled: true }, true]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
