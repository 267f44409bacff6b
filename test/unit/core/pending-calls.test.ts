import { expect, test } from 'vitest';
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
