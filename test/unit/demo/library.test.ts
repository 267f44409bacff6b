import type { LibraryOptions } from 'facenet-web/library';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { eraseLibrary, libraryState, openedLibrary, openLibrary } from '../../../demo/app/library.ts';

/** The models, which load when the test says so, and calls of the library. */
const app = vi.hoisted(() => ({
  load: () => {},
  loaded: Promise.resolve() as Promise<unknown>,
  /** Tells the library the state of the models. */
  setModels: (_: object) => {},
  open: async (_: LibraryOptions): Promise<unknown> => undefined,
  closed: 0,
  erased: 0,
  /** Whether another tab keeps the library open. */
  isHeld: false,
}));

vi.mock('../../../demo/app/facenet.ts', () => ({
  loadedFaceNet: () => app.loaded,
  facenetState: {
    subscribe: (onChange: (state: object) => void) => {
      app.setModels = onChange;
    },
  },
}));
vi.mock('../../../demo/app/gallery.ts', () => ({
  isStorageError: (error: unknown) => error instanceof Error && error.message === 'no storage',
}));
vi.mock('facenet-web/library', () => ({
  Library: {
    open: (options: LibraryOptions) => app.open(options),
    erase: async (_: string, { onBlocked }: { onBlocked: () => void }) => {
      app.erased++;
      if (app.isHeld) onBlocked();
    },
  },
}));

/** A FaceNet as far as the library reads it, which throws once it is disposed. */
class FakeFaceNet {
  isDisposed = false;
  readonly #embedder: string;

  constructor(embedder: string) {
    this.#embedder = embedder;
  }
  get models() {
    if (this.isDisposed) throw new Error('disposed');
    return { embedder: this.#embedder };
  }
  get rule() {
    return { model: this.models.embedder };
  }
  get identity() {
    return { template: this.models.embedder };
  }
}

const fakeLibrary = () => ({
  close: async () => {
    app.closed++;
  },
});

beforeEach(async () => {
  app.loaded = Promise.resolve(new FakeFaceNet('first'));
  app.open = async () => fakeLibrary();
  await eraseLibrary(() => {});
  Object.assign(app, { closed: 0, erased: 0, isHeld: false });
});

/** Lets the promises that are resolved go on. */
const settle = () => new Promise((resolve) => setTimeout(resolve));

describe('the library of the page', () => {
  test('opens again after it was erased while the models loaded', async () => {
    app.loaded = new Promise((resolve) => {
      app.load = () => resolve(new FakeFaceNet('first'));
    });
    const first = openLibrary();
    await eraseLibrary(() => {});
    expect(libraryState.value.status).toBe('closed');
    const second = openLibrary();
    expect(libraryState.value.status).toBe('opening');
    app.load();
    await Promise.all([first, second]);
    expect(openedLibrary()).toBeDefined();
  });

  test('stays closed after it was erased while the models loaded', async () => {
    app.loaded = new Promise((resolve) => {
      app.load = () => resolve(new FakeFaceNet('first'));
    });
    const opening = openLibrary();
    await eraseLibrary(() => {});
    app.load();
    await opening;
    expect(libraryState.value.status).toBe('closed');
  });

  test('stays closed after it was erased while its database opened', async () => {
    app.open = ({ signal }) =>
      new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
    const opening = openLibrary();
    await settle();
    await eraseLibrary(() => {});
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
    await eraseLibrary(() => {});
    opened();
    await opening;
    expect(app.closed).toBe(1);
    expect(libraryState.value.status).toBe('closed');
  });

  test('reports another tab that keeps it open while it is erased', async () => {
    const onBlocked = vi.fn();
    await eraseLibrary(onBlocked);
    expect(onBlocked).not.toHaveBeenCalled();
    app.isHeld = true;
    await eraseLibrary(onBlocked);
    expect(onBlocked).toHaveBeenCalledOnce();
  });

  test('is in memory if the browser refuses to store it', async () => {
    app.open = async ({ storage }) => {
      if (storage === 'memory') return fakeLibrary();
      throw new Error('no storage');
    };
    await openLibrary();
    expect(libraryState.value).toMatchObject({ status: 'open', storageError: new Error('no storage') });
  });

  test('has the models of the FaceNet before while others load, and theirs afterwards', async () => {
    const first = new FakeFaceNet('first');
    app.loaded = Promise.resolve(first);
    let options: LibraryOptions | undefined;
    app.open = async (given) => {
      options = given;
      return fakeLibrary();
    };
    await openLibrary();
    first.isDisposed = true;
    const seen = () => [
      options?.facenet.models.embedder,
      options?.facenet.rule.model,
      options?.facenet.identity.template,
    ];
    expect(seen()).toEqual(['first', 'first', 'first']);
    app.setModels({ status: 'ready', facenet: new FakeFaceNet('second') });
    expect(seen()).toEqual(['second', 'second', 'second']);
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
