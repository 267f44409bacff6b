import type { LibraryOptions } from 'facenet-web/library';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { eraseLibrary, libraryState, openedLibrary, openLibrary } from '../../../demo/app/library.ts';

/** The models, which load when the test says so, and calls of the library. */
const app = vi.hoisted(() => ({
  load: () => {},
  loaded: Promise.resolve(),
  open: async (_: LibraryOptions): Promise<unknown> => undefined,
  closed: 0,
  erased: 0,
}));

vi.mock('../../../demo/app/facenet.ts', () => ({
  loadedFaceNet: () => app.loaded,
  facenetState: { subscribe: () => {} },
}));
vi.mock('../../../demo/app/gallery.ts', () => ({
  isStorageError: (error: unknown) => error instanceof Error && error.message === 'no storage',
}));
vi.mock('facenet-web/library', () => ({
  Library: {
    open: (options: LibraryOptions) => app.open(options),
    erase: async () => {
      app.erased++;
    },
  },
}));

const fakeLibrary = () => ({
  close: async () => {
    app.closed++;
  },
});

beforeEach(async () => {
  app.loaded = Promise.resolve();
  app.open = async () => fakeLibrary();
  await eraseLibrary();
  Object.assign(app, { closed: 0, erased: 0 });
});

/** Lets the promises that are resolved go on. */
const settle = () => new Promise((resolve) => setTimeout(resolve));

describe('the library of the page', () => {
  test('opens again after it was erased while the models loaded', async () => {
    app.loaded = new Promise((resolve) => {
      app.load = resolve;
    });
    const first = openLibrary();
    await eraseLibrary();
    expect(libraryState.value.status).toBe('closed');
    const second = openLibrary();
    expect(libraryState.value.status).toBe('opening');
    app.load();
    await Promise.all([first, second]);
    expect(openedLibrary()).toBeDefined();
  });

  test('stays closed after it was erased while the models loaded', async () => {
    app.loaded = new Promise((resolve) => {
      app.load = resolve;
    });
    const opening = openLibrary();
    await eraseLibrary();
    app.load();
    await opening;
    expect(libraryState.value.status).toBe('closed');
  });

  test('stays closed after it was erased while its database opened', async () => {
    app.open = ({ signal }) =>
      new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
    const opening = openLibrary();
    await settle();
    await eraseLibrary();
    await opening;
    expect(libraryState.value.status).toBe('closed');
    expect(app.erased).toBe(1);
  });

  test('is closed if it opened although it was erased', async () => {
    let opened = () => {};
    app.open = () =>
      new Promise((resolve) => {
        opened = () => resolve(fakeLibrary());
      });
    const opening = openLibrary();
    await settle();
    await eraseLibrary();
    opened();
    await opening;
    expect(app.closed).toBe(1);
    expect(libraryState.value.status).toBe('closed');
  });

  test('is in memory if the browser refuses to store it', async () => {
    app.open = async ({ storage }) => {
      if (storage === 'memory') return fakeLibrary();
      throw new Error('no storage');
    };
    await openLibrary();
    expect(libraryState.value).toMatchObject({ status: 'open', storageError: new Error('no storage') });
  });

  test('opens again after it failed', async () => {
    app.open = async () => {
      throw new Error('damaged');
    };
    await openLibrary();
    expect(libraryState.value).toEqual({ status: 'failed', error: new Error('damaged') });
    app.open = async () => fakeLibrary();
    await openLibrary();
    expect(openedLibrary()).toBeDefined();
  });
});
