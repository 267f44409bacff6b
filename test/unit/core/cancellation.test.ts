import { describe, expect, test, vi } from 'vitest';
import { abortable, withAnySignal, yieldToEventLoop } from '../../../lib/core/cancellation.ts';

describe('abortable()', () => {
  test('rejects with the reason of an abort while the promise is pending, and removes its listeners', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners++;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners--;
      remove(...args);
    };
    expect(await abortable(Promise.resolve(7), signal)).toBe(7);
    const pending = abortable(new Promise(() => {}), signal);
    controller.abort('because');
    await expect(pending).rejects.toBe('because');
    await expect(abortable(Promise.resolve(7), signal)).rejects.toBe('because');
    expect(listeners).toBe(0);
  });
});

describe('yieldToEventLoop()', () => {
  test('yields once 8 ms have passed, and not before', async () => {
    const clock = vi.spyOn(performance, 'now');
    let yielded = false;
    const start = performance.now() + 1000;
    clock.mockReturnValue(start);
    await yieldToEventLoop(undefined);
    setImmediate(() => {
      yielded = true;
    });
    clock.mockReturnValue(start + 7);
    for (let i = 0; i < 1000; i++) await yieldToEventLoop(undefined);
    expect(yielded).toBe(false);
    clock.mockReturnValue(start + 8);
    await yieldToEventLoop(undefined);
    await yieldToEventLoop(undefined);
    expect(yielded).toBe(true);
    clock.mockRestore();
  });

  test('lets timers run, and throws after their abort', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort('late'), 0);
    const work = async () => {
      const end = performance.now() + 10_000;
      while (performance.now() < end) await yieldToEventLoop(controller.signal);
    };
    await expect(work()).rejects.toBe('late');
  });
});

describe('withAnySignal', () => {
  const signalOf = (signals: readonly (AbortSignal | undefined)[]) => withAnySignal(signals, async (signal) => signal);

  test.each([0, 1])('aborts with the reason of signal %i', async (at) => {
    const controllers = [new AbortController(), new AbortController()];
    const reason = await withAnySignal([undefined, ...controllers.map(({ signal }) => signal)], async (signal) => {
      controllers[at]?.abort('stopped');
      return signal.reason;
    });
    expect(reason).toBe('stopped');
  });

  test('is aborted at once by a signal that is', async () => {
    expect((await signalOf([AbortSignal.abort('before')])).reason).toBe('before');
  });

  test('leaves the signals when the work has ended', async () => {
    const controller = new AbortController();
    const signal = await signalOf([controller.signal]);
    controller.abort();
    expect(signal.aborted).toBe(false);
  });
});
