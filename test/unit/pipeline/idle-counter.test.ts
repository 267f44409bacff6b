import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { IdleCounter } from '../../../lib/pipeline/idle-counter.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('waits until no request has been pending for half a second', async () => {
  const requests = new IdleCounter();
  const end = requests.begin();
  let isIdle = false;
  const waiting = requests.idle(new AbortController().signal).then(() => {
    isIdle = true;
  });
  await vi.advanceTimersByTimeAsync(5000);
  expect(isIdle).toBe(false);
  end();
  await vi.advanceTimersByTimeAsync(400);
  expect(isIdle).toBe(false);
  await vi.advanceTimersByTimeAsync(700);
  expect(isIdle).toBe(true);
  await waiting;
});

test('rejects with the reason of an abort', async () => {
  const controller = new AbortController();
  const requests = new IdleCounter();
  requests.begin();
  const waiting = requests.idle(controller.signal);
  controller.abort('disposed');
  await expect(waiting).rejects.toBe('disposed');
});
