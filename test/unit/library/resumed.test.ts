import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type IndexProgress, Library } from '../../../lib/library/index.ts';
import { CountingFaceNet, photo, stubImages } from './fake-photos.ts';
import { sessionOf } from './stored-state.ts';

beforeEach(stubImages);
afterEach(() => {
  vi.unstubAllGlobals();
});

/** A promise, and what resolves it. */
function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((resolvePromise) => {
    resolve = resolvePromise;
  });
  return { promise, resolve };
}

const photos = (names: string) => [...names].map((name, i) => photo(name, [i % 3]));

function open(facenet: CountingFaceNet): Promise<Library> {
  return Library.open({ name: 'test', facenet, storage: 'memory', previews: 0 });
}

/** Holds the photos that are searched, from a given one on, until they are released. */
function holdFrom(facenet: CountingFaceNet, first: number) {
  const { embed } = facenet;
  const held = deferred();
  const released = deferred();
  let calls = 0;
  facenet.embed = (async (...parameters: Parameters<typeof embed>) => {
    if (++calls > first) {
      held.resolve();
      await released.promise;
    }
    return embed(...parameters);
  }) as typeof embed;
  return { held: held.promise, release: released.resolve };
}

describe('while a call that was aborted has not ended', () => {
  async function paused() {
    const facenet = new CountingFaceNet();
    const library = await open(facenet);
    const { held, release } = holdFrom(facenet, 2);
    const controller = new AbortController();
    const first = library.add(photos('abcdef'), { signal: controller.signal });
    const failing = expect(first).rejects.toThrow('paused');
    await held;
    controller.abort(new Error('paused'));
    return { library, release, failing };
  }

  test('resume() indexes its files after it', async () => {
    const { library, release, failing } = await paused();
    let last: IndexProgress | undefined;
    const resumed = library.resume({
      onProgress: (progress) => {
        last = progress;
      },
    });
    release();
    await resumed;
    await failing;
    expect(await library.counts()).toMatchObject({ photos: 6, waiting: 0 });
    expect(last).toMatchObject({ done: 6, total: 6 });
    await library.close();
  });

  test('add() indexes its own files, too', async () => {
    const { library, release, failing } = await paused();
    const added = library.add(photos('gh'));
    release();
    await added;
    await failing;
    expect(await library.counts()).toMatchObject({ photos: 8, waiting: 0 });
    await library.close();
  });

  test('calls of either kind do so together', async () => {
    const { library, release, failing } = await paused();
    const calls = [library.resume(), library.add(photos('g')), library.resume()];
    release();
    await Promise.all(calls);
    await failing;
    expect(await library.counts()).toMatchObject({ photos: 7, waiting: 0 });
    await library.close();
  });
});

test('an asynchronous sequence that goes on after an abort does not wait for the end of the next call', async () => {
  const facenet = new CountingFaceNet();
  await using library = await open(facenet);
  const controller = new AbortController();
  const first = library.add(photos('ab'), { signal: controller.signal });
  const failing = expect(first).rejects.toThrow('paused');
  controller.abort(new Error('paused'));
  const goesOn = deferred();
  const sequence = library.add(
    (async function* () {
      await goesOn.promise;
      yield photo('c', [2]);
    })(),
  );
  await failing;
  const { held, release } = holdFrom(facenet, 0);
  const resumed = library.resume();
  await held;
  goesOn.resolve();
  await sequence;
  release();
  await resumed;
  expect(await library.counts()).toMatchObject({ photos: 3, waiting: 0 });
});

describe('add() while another call fails', () => {
  test('indexes its files although a photo of the other call is still searched', async () => {
    const facenet = new CountingFaceNet();
    await using library = await open(facenet);
    const { held, release } = holdFrom(facenet, 0);
    const { embed } = facenet;
    facenet.embed = (async () => {
      facenet.embed = embed;
      throw new TypeError('a bug');
    }) as typeof embed;
    const first = library.add(photos('ab'));
    const failing = expect(first).rejects.toThrow('a bug');
    await held;
    const second = library.add(photos('c'));
    await vi.waitFor(async () => expect(await library.counts()).toMatchObject({ waiting: 3 }));
    release();
    await second;
    await failing;
    expect(await library.counts()).toMatchObject({ photos: 3, waiting: 0 });
  });

  test('indexes its files although the other call groups its faces', async () => {
    const facenet = new CountingFaceNet();
    await using library = await open(facenet);
    const { embed } = facenet;
    let calls = 0;
    facenet.embed = (async (...parameters: Parameters<typeof embed>) => {
      if (++calls === 2) throw new TypeError('a bug');
      return embed(...parameters);
    }) as typeof embed;
    const session = sessionOf(library);
    const { place } = session;
    let second: Promise<void> | undefined;
    session.place = (faces) => {
      second ??= library.add(photos('c'));
      return place.call(session, faces);
    };
    await expect(library.add(photos('ab'), { pace: 'background' })).rejects.toThrow('a bug');
    await second;
    expect(second).toBeDefined();
    expect(await library.counts()).toMatchObject({ photos: 3, waiting: 0 });
  });
});
