import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { PendingCalls } from '../../../lib/core/pending-calls.ts';

test('settled() waits for fulfilled and rejected calls and never rejects', async () => {
  const calls = new PendingCalls();
  let fulfil = () => {};
  let reject = () => {};
  const first = new Promise<void>((resolve) => {
    fulfil = resolve;
  });
  const second = new Promise<void>((_, fail) => {
    reject = () => fail(new Error('The call failed.'));
  });
  expect(calls.track(first)).toBe(first);
  calls.track(second).catch(() => {});
  let settled = false;
  const waiting = calls.settled().then(() => {
    settled = true;
  });
  fulfil();
  await first;
  expect(settled).toBe(false);
  reject();
  await waiting;
  expect(settled).toBe(true);
});

test('settled() resolves without pending calls', async () => {
  const calls = new PendingCalls();
  await calls.track(Promise.resolve());
  await calls.settled();
});

describe('settled() with calls that never settle', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('gives up 30 seconds after the last call that settled', async () => {
    const calls = new PendingCalls();
    calls.track(new Promise(() => {}));
    calls.track(new Promise((resolve) => setTimeout(resolve, 20_000)));
    let settled: boolean | undefined;
    calls.settled().then((result) => {
      settled = result;
    });
    await vi.advanceTimersByTimeAsync(49_000);
    expect(settled).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1000);
    expect([settled, vi.getTimerCount()]).toEqual([false, 0]);
  });

  test('waits for slow calls that settle one after the other, and leaves no timer', async () => {
    const calls = new PendingCalls();
    for (let i = 1; i <= 5; i++) calls.track(new Promise((resolve) => setTimeout(resolve, 25_000 * i)));
    const settled = calls.settled();
    await vi.advanceTimersByTimeAsync(125_000);
    expect([await settled, vi.getTimerCount()]).toEqual([true, 0]);
  });
});
