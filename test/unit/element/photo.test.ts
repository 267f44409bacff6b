import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { fetchPhoto, recognisePhoto } from '../../../lib/element/photo.ts';
import type { Recognition } from '../../../lib/element/recognition.ts';

/** Never settles. */
const never = new Promise<never>(() => {});

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A server that answers with some chunks, ten seconds apart, and then is silent or ends. */
function serve(chunks: number, end: 'ends' | 'is silent', init?: ResponseInit): void {
  vi.stubGlobal('fetch', async (_: string, { signal }: { signal: AbortSignal }) => {
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => signal.addEventListener('abort', () => controller.error(signal.reason)),
      async pull(controller) {
        await new Promise((resolve) => setTimeout(resolve, 10_000));
        if (sent < chunks) controller.enqueue(Uint8Array.of(sent++));
        else if (end === 'ends') controller.close();
        else await never;
      },
    });
    return new Response(body, init);
  });
}

/** The photo, or the error of its download; undefined while it is downloaded. */
function download(signal = new AbortController().signal): { photo?: Blob; error?: unknown } {
  const outcome: { photo?: Blob; error?: unknown } = {};
  fetchPhoto('photo.jpg', signal).then(
    (photo) => Object.assign(outcome, { photo }),
    (error) => Object.assign(outcome, { error }),
  );
  return outcome;
}

describe('fetchPhoto()', () => {
  test('takes as long as the server sends', async () => {
    serve(9, 'ends', { headers: { 'content-type': 'image/webp' } });
    const outcome = download();
    await vi.advanceTimersByTimeAsync(110_000);
    expect([outcome.photo?.size, outcome.photo?.type]).toEqual([9, 'image/webp']);
    expect(vi.getTimerCount()).toBe(0);
  });

  test.each([0, 2])('is image-unreadable 30 seconds after the server fell silent (%i chunks)', async (chunks) => {
    serve(chunks, 'is silent');
    const outcome = download();
    await vi.advanceTimersByTimeAsync(chunks * 10_000 + 29_000);
    expect(outcome).toEqual({});
    await vi.advanceTimersByTimeAsync(1000);
    expect(outcome.error).toMatchObject({ code: 'image-unreadable' });
    expect(vi.getTimerCount()).toBe(0);
  });

  test('is image-unreadable for an error of the server', async () => {
    serve(0, 'ends', { status: 404 });
    const outcome = download();
    await vi.advanceTimersByTimeAsync(0);
    expect(outcome.error).toMatchObject({
      code: 'image-unreadable',
      message: 'photo.jpg answered 404: check the address.',
    });
  });

  test('ends with the abort', async () => {
    serve(1, 'is silent');
    const run = new AbortController();
    const outcome = download(run.signal);
    await vi.advanceTimersByTimeAsync(15_000);
    run.abort();
    await vi.advanceTimersByTimeAsync(0);
    expect(outcome).toEqual({ error: run.signal.reason });
  });
});

test.each(['decode', 'identify'])('recognisePhoto() ends with the abort while %s() waits', async (waiting) => {
  const image = { decode: () => (waiting === 'decode' ? never : Promise.resolve()) };
  vi.stubGlobal('document', { createElement: () => image });
  const recognition = {
    facenet: { embed: async () => [{}] },
    gallery: { identify: () => never },
    texts: { faces: String },
  } as unknown as Recognition;
  const run = new AbortController();
  let error: unknown;
  recognisePhoto(new Blob(), recognition, run.signal).catch((thrown) => {
    error = thrown;
  });
  await vi.advanceTimersByTimeAsync(0);
  expect(error).toBeUndefined();
  run.abort();
  await vi.advanceTimersByTimeAsync(0);
  expect(error).toBe(run.signal.reason);
});
