import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FaceNetError } from '../../../lib/core/errors.ts';
import type { Abortable } from '../../../lib/core/types.ts';
import { Library } from '../../../lib/library/index.ts';
import { errorCodeOf } from '../../support/error-code.ts';
import { exportedFaces } from './exported-faces.ts';
import { CountingFaceNet, photo, stubImages } from './fake-photos.ts';
import { expectStored, sessionOf } from './stored-state.ts';

beforeEach(stubImages);
afterEach(() => {
  vi.unstubAllGlobals();
});

/** A library of two people, as it is after a start: its graph is not read, and its embeddings cannot be read until `finish`. */
async function opened() {
  const library = await Library.open({ name: 'test', facenet: new CountingFaceNet(), storage: 'memory', previews: 0 });
  await library.add([photo('a', [0, 1]), photo('b', [0, 1]), photo('c', [0, 1])]);
  const session = sessionOf(library);
  await session.forgetGraph();
  const { store } = session;
  const list = store.list.bind(store);
  let finish: (error?: Error) => void = () => {};
  const isRead = new Promise<void>((resolve, reject) => {
    finish = (error) => (error ? reject(error) : resolve());
  });
  isRead.catch(() => {});
  vi.spyOn(store, 'list').mockImplementation(async (table, options) => {
    if (table === 'faces') await isRead;
    return list(table, options);
  });
  const [first, second] = library.people().items.map(({ number }) => number) as [number, number];
  const [face] = library.facesOf(first) as [number, ...number[]];
  return { library, session, first, second, face, finish };
}

describe('while the neighbour graph is read', () => {
  test.each([
    ['notSame() lets other corrections pass, and shows no change', false],
    ['notSame() does so if questions() reads it', true],
  ])('%s', async (_, isAsked) => {
    const { library, session, first, second, face, finish } = await opened();
    const questions = isAsked ? library.questions() : undefined;
    // The search for questions has begun to read.
    await new Promise((resolve) => setTimeout(resolve));
    const refusing = library.notSame(face, first);
    await library.name(second, 'Ada');
    expect(await library.undo()).toBe('name');
    expect(library.facesOf(first)).toContain(face);
    finish();
    await refusing;
    await questions;
    expect(library.facesOf(first)).not.toContain(face);
    await expectStored(session);
    await library.close();
  });

  test('regroup() lets other corrections pass', async () => {
    const { library, second, finish } = await opened();
    const grouping = library.regroup();
    await library.name(second, 'Ada');
    finish();
    await grouping;
    expect(library.person(second).name).toBe('Ada');
    await library.close();
  });
});

// A change that reads the graph itself waits for ever, because the correction waits for that change.
describe('a removal that drops the graph before a change that needs it', { timeout: 10_000 }, () => {
  test.each(['add', 'update'] as const)('lets corrections pass while %s() reads it again', async (method) => {
    const facenet = new CountingFaceNet();
    await using library = await Library.open({ name: 'test', facenet, storage: 'memory', previews: 0 });
    await library.add([photo('a', [0, 1]), photo('b', [0, 1])]);
    const session = sessionOf(library);
    const { store } = session;
    const [first] = library.people().items;
    const graph = session.graph.bind(session);
    const list = store.list.bind(store);
    const reading = vi.spyOn(session, 'graph').mockImplementationOnce(async (signal) => {
      const read = await graph(signal);
      void session.exclusively(async () => {
        await session.forgetGraph();
        let naming: Promise<void> | undefined;
        vi.spyOn(store, 'list').mockImplementation(async (table, options) => {
          if (table === 'faces') {
            naming ??= library.name(first?.number as number, 'Ada');
            await naming;
          }
          return list(table, options);
        });
      });
      return read;
    });
    if (method === 'update') Object.assign(facenet, new CountingFaceNet('dlib-resnet-34'));
    await (method === 'update' ? library.update() : library.add([photo('c', [0, 1])]));
    expect(reading.mock.calls.length).toBeGreaterThan(1);
    expect(library.people().items[0]?.name).toBe('Ada');
    expect(library.grouped).toBe(true);
    await expectStored(session);
  });
});

test('notSame() lets other corrections pass while many imported faces are linked', { timeout: 10_000 }, async () => {
  const { library, session, first, second, face, finish } = await opened();
  finish();
  await session.graph();
  vi.restoreAllMocks();
  const { store } = session;
  await library.import(exportedFaces(session.options.facenet, 600, 4));
  const list = store.list.bind(store);
  let naming: Promise<void> | undefined;
  vi.spyOn(store, 'list').mockImplementation(async (table, options) => {
    if (table === 'faces') {
      naming ??= library.name(second, 'Ada');
      await naming;
    }
    return list(table, options);
  });
  await library.notSame(face, first);
  expect(library.facesOf(first)).not.toContain(face);
  expect(library.person(second).name).toBe('Ada');
  await library.close();
});

test.each(['questions', 'similar'] as const)('a library that is closed meanwhile ends %s()', async (method) => {
  const { library, face, finish } = await opened();
  const asked = errorCodeOf(method === 'questions' ? library.questions() : library.similar(face));
  await library.close();
  finish(new FaceNetError('storage-unavailable', 'The connection is closed.'));
  expect(await asked).toBe('disposed');
});

/** The calls that need the graph. */
const calls: Record<string, (parts: Awaited<ReturnType<typeof opened>>, options: Abortable) => Promise<unknown>> = {
  similar: ({ library, face }, options) => library.similar(face, options),
  questions: ({ library }, options) => library.questions(options),
  notSame: ({ library, face, first }, options) => library.notSame(face, first, options),
  regroup: ({ library }, options) => library.regroup(options),
};

describe.each(Object.entries(calls))('an aborted call of %s()', (_, call) => {
  test.each([
    ['does not wait until the graph is read, and changes nothing', false],
    ['does so if questions() reads it', true],
  ])('%s', async (_, isAsked) => {
    const parts = await opened();
    const { library, session, finish } = parts;
    const before = session.state.columns.person.slice();
    const questions = isAsked ? library.questions() : undefined;
    const reason = new Error('Enough.');
    const controller = new AbortController();
    const called = call(parts, { signal: controller.signal });
    // It has begun to read, or to wait.
    await new Promise((resolve) => setTimeout(resolve));
    controller.abort(reason);
    expect(await errorCodeOf(called)).toBe(reason);
    expect(await errorCodeOf(call(parts, { signal: AbortSignal.abort(reason) }))).toBe(reason);
    finish();
    await questions;
    vi.restoreAllMocks();
    expect(session.state.columns.person).toEqual(before);
    expect(await library.undoable()).toBeUndefined();
    await expectStored(session);
    await call(parts, {});
    await library.close();
  });

  test('takes the change back if it had begun', async () => {
    const parts = await opened();
    const { library, session, finish } = parts;
    finish();
    await session.graph();
    const before = session.state.columns.person.slice();
    const controller = new AbortController();
    const graph = session.graph.bind(session);
    vi.spyOn(session, 'graph').mockImplementation(async (signal) => {
      const read = await graph(signal);
      controller.abort();
      return read;
    });
    expect(await errorCodeOf(call(parts, { signal: controller.signal }))).toBe(controller.signal.reason);
    vi.restoreAllMocks();
    expect(session.state.columns.person).toEqual(before);
    await expectStored(session);
    await library.close();
  });
});

test.each(['notSame', 'regroup'] as const)('an aborted %s() does not wait for another change', async (method) => {
  const { library, session, face, first, finish } = await opened();
  finish();
  let release = () => {};
  const changing = session.exclusively(
    () =>
      new Promise<void>((resolve) => {
        release = resolve;
      }),
  );
  const reason = new Error('Enough.');
  const controller = new AbortController();
  const options = { signal: controller.signal };
  const called = method === 'notSame' ? library.notSame(face, first, options) : library.regroup(options);
  await new Promise((resolve) => setTimeout(resolve));
  controller.abort(reason);
  expect(await errorCodeOf(called)).toBe(reason);
  release();
  await changing;
  await session.exclusively(async () => {});
  expect(library.facesOf(first)).toContain(face);
  expect(await library.undoable()).toBeUndefined();
  await library.close();
});

test('close() ends regroup() while the graph is read', async () => {
  const { library, finish } = await opened();
  const grouping = errorCodeOf(library.regroup());
  await new Promise((resolve) => setTimeout(resolve));
  await library.close();
  expect(await grouping).toBe('disposed');
  finish();
});

test('a graph that cannot be read fails notSame(), which changes nothing', async () => {
  const { library, session, first, face, finish } = await opened();
  const refusing = errorCodeOf(library.notSame(face, first));
  finish(new FaceNetError('storage-unavailable', 'The disk is gone.'));
  expect(await refusing).toBe('storage-unavailable');
  vi.restoreAllMocks();
  await expectStored(session);
  expect(library.facesOf(first)).toContain(face);
});

test('notSame() of a face that is not of the person does not read the graph', async () => {
  const { library, second, face } = await opened();
  await library.notSame(face, second);
  expect(await library.undoable()).toBe('notSame');
});
