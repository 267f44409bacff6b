import type { IndexOptions, PageOptions } from 'facenet-web/library';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { libraryState } from '../../../demo/app/library.ts';
import { failedFiles, phase, progress, queueError, updatedFaces } from '../../../demo/views/photos/album.ts';
import type { PhotoFile } from '../../../demo/views/photos/photo-files.ts';
import { addPhotos, clear, openAlbum, stop } from '../../../demo/views/photos/queue.ts';

/** A library that indexes when the test says so, and counts what it was asked for. */
class FakeLibrary {
  readonly added: string[] = [];
  outdated = false;
  grouped = true;
  waiting = 0;
  updates = 0;
  calls = 0;
  failure: Error | undefined;
  readonly #running: { resolve: () => void; reject: (error: unknown) => void }[] = [];

  async add(sources: readonly PhotoFile[], { signal }: IndexOptions): Promise<void> {
    signal?.throwIfAborted();
    this.calls++;
    for (const { path } of sources) this.added.push(path);
    await new Promise<void>((resolve, reject) => {
      this.#running.push({ resolve, reject });
      signal?.addEventListener('abort', () => setTimeout(() => reject(signal.reason), 5));
    });
  }
  finish(error?: Error): void {
    for (const { resolve, reject } of this.#running.splice(0)) error ? reject(error) : resolve();
  }
  async update(): Promise<number> {
    this.updates++;
    this.outdated = false;
    return 0;
  }
  async counts() {
    return { photos: 1, faces: 1, files: 1, waiting: this.waiting, failed: 0 };
  }
  people() {
    if (this.failure) throw this.failure;
    return { items: [], total: 0, next: undefined };
  }
  ungrouped = () => ({ items: [], total: 0, next: undefined });
  failed = 0;
  files = async (_: string, { limit = 100 }: PageOptions) => ({
    items: Array.from({ length: Math.min(limit, this.failed) }, (_, i) => ({ path: `${i}` })),
    total: this.failed,
    next: undefined,
  });
  photos = async () => ({ items: [], total: 0, next: undefined });
  undoable = async () => undefined;
  questions = async (): Promise<never[]> => [];
}

const app = vi.hoisted(() => ({
  library: undefined as unknown,
  erased: 0,
  opening: Promise.resolve(),
  loaded: Promise.resolve(),
  /** Tells the queue the state of the models. */
  setModels: (_: 'idle' | 'ready') => {},
}));
/** The library opens once the models are loaded, which never happens if the models folder cannot be reached. */
const never = new Promise<void>(() => {});

vi.mock('../../../demo/app/library.ts', async () => ({
  libraryState: (await import('@preact/signals')).signal({ status: 'closed' }),
  openLibrary: () => app.opening,
  openedLibrary: () => app.library,
  eraseLibrary: async () => {
    app.erased++;
  },
}));
vi.mock('../../../demo/app/facenet.ts', () => ({
  loadedFaceNet: () => app.loaded,
  facenetState: {
    subscribe: (onChange: (state: object) => void) => {
      app.setModels = (status) => onChange({ status });
    },
  },
}));
vi.mock('../../../demo/app/gallery.ts', () => ({ galleryState: { peek: () => ({ status: 'closed' }) } }));
vi.mock('../../../demo/views/photos/crops.ts', () => ({ forgetCrops: () => {} }));

let library: FakeLibrary;
const file = (path: string, contents = '') => ({ path, file: new File([contents], path, { type: 'image/jpeg' }) });

beforeEach(async () => {
  library = new FakeLibrary();
  app.library = library;
  app.opening = Promise.resolve();
  app.loaded = Promise.resolve();
  await clear(() => {});
  app.erased = 0;
});

describe('the queue', () => {
  test('lists all files that failed once it is done', async () => {
    library.failed = 500;
    const adding = addPhotos([file('a')]);
    await vi.waitFor(() => expect(library.added).toEqual(['a']));
    library.finish();
    await adding;
    expect(failedFiles.value.items).toHaveLength(500);
    expect(failedFiles.value.total).toBe(500);
  });

  test('takes photos that are added after Stop and before the run has ended', async () => {
    const first = addPhotos([file('a')]);
    await vi.waitFor(() => expect(library.added).toEqual(['a']));
    stop();
    const second = addPhotos([file('b')]);
    await first;
    await vi.waitFor(() => expect(library.added).toEqual(['a', 'b']));
    expect(phase.value).toBe('running');
    library.finish();
    await second;
    expect(phase.value).toBe('done');
  });

  test('keeps photos for the next run if it is stopped before the library is open', async () => {
    let open = () => {};
    app.opening = new Promise((resolve) => {
      open = resolve;
    });
    const first = addPhotos([file('a')]);
    stop();
    open();
    await first;
    expect(phase.value).toBe('stopped');
    expect(library.added).toEqual([]);
    const resumed = addPhotos([]);
    await vi.waitFor(() => expect(library.added).toEqual(['a']));
    library.finish();
    await resumed;
  });

  test('stops while the models are not loaded, and goes on once they are', async () => {
    app.opening = never;
    const first = addPhotos([file('a')]);
    stop();
    await first;
    expect(phase.value).toBe('stopped');
    expect(queueError.value).toBeUndefined();
    app.opening = Promise.resolve();
    const resumed = addPhotos([]);
    await vi.waitFor(() => expect(library.added).toEqual(['a']));
    library.finish();
    await resumed;
    expect(phase.value).toBe('done');
  });

  test('stops when other models are loaded, and goes on after the stored faces are embedded again', async () => {
    const first = addPhotos([file('a')]);
    await vi.waitFor(() => expect(library.added).toEqual(['a']));
    let load = () => {};
    app.loaded = new Promise((resolve) => {
      load = resolve;
    });
    app.setModels('idle');
    await first;
    // Photos that are added meanwhile wait, too.
    const second = addPhotos([file('b')]);
    expect(phase.value).toBe('running');
    await new Promise((resolve) => setTimeout(resolve));
    expect(library).toMatchObject({ calls: 1, updates: 0 });
    library.outdated = true;
    app.setModels('ready');
    load();
    await vi.waitFor(() => expect(library.added).toEqual(['a', 'b']));
    expect(library.updates).toBe(1);
    library.finish();
    await second;
    expect(phase.value).toBe('done');
  });

  test('embeds the faces of the album again after other models were loaded', async () => {
    await openAlbum();
    expect(phase.value).toBe('done');
    app.setModels('idle');
    app.setModels('ready');
    await new Promise((resolve) => setTimeout(resolve));
    expect(library).toMatchObject({ updates: 0, calls: 0 });
    library.outdated = true;
    app.setModels('ready');
    await vi.waitFor(() => expect(library.calls).toBe(1));
    expect(library.updates).toBe(1);
    library.finish();
    await vi.waitFor(() => expect(phase.value).toBe('done'));
  });

  test('stays stopped when other models are loaded', async () => {
    const first = addPhotos([file('a')]);
    await vi.waitFor(() => expect(library.added).toEqual(['a']));
    stop();
    app.setModels('idle');
    await first;
    app.setModels('ready');
    await new Promise((resolve) => setTimeout(resolve));
    expect(phase.value).toBe('stopped');
    expect(library.calls).toBe(1);
  });

  test('takes folders of one name as different ones if their files differ, also while the models load', async () => {
    app.opening = never;
    const first = addPhotos([file('DCIM/1.jpg', 'a')]);
    stop();
    await first;
    app.opening = Promise.resolve();
    const second = addPhotos([file('DCIM/1.jpg', 'another')]);
    await vi.waitFor(() => expect(library.added).toEqual(['DCIM/1.jpg', 'DCIM (2)/1.jpg']));
    library.finish();
    await second;
  });

  test('is cleared while the models are not loaded', async () => {
    app.opening = never;
    const first = addPhotos([file('a')]);
    await clear(() => {});
    await first;
    expect(app.erased).toBe(1);
    expect(phase.value).toBe('empty');
    app.opening = Promise.resolve();
    const next = addPhotos([file('b')]);
    await vi.waitFor(() => expect(library.added).toEqual(['b']));
    library.finish();
    await next;
  });

  test('ends only when photos that were added meanwhile are indexed', async () => {
    const first = addPhotos([file('a')]);
    await vi.waitFor(() => expect(library.added).toEqual(['a']));
    const second = addPhotos([file('b')]);
    await vi.waitFor(() => expect(library.added).toEqual(['a', 'b']));
    library.finish();
    await Promise.all([first, second]);
    expect(phase.value).toBe('done');
  });

  test('shows the error of photos that failed while others were indexed', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    const first = addPhotos([file('a')]);
    await vi.waitFor(() => expect(library.added).toEqual(['a']));
    vi.spyOn(library, 'add').mockRejectedValueOnce(new Error('full'));
    const second = addPhotos([file('b')]);
    // An unhandled rejection is reported after the microtasks.
    await new Promise((resolve) => setTimeout(resolve));
    library.finish();
    await Promise.all([first, second]);
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
    expect(queueError.value).toEqual(new Error('full'));
    expect(phase.value).toBe('stopped');
  });

  test('takes photos that are added while the questions of the last run are computed', async () => {
    const first = addPhotos([file('a')]);
    await vi.waitFor(() => expect(library.added).toEqual(['a']));
    let answer = () => {};
    library.questions = () =>
      new Promise((resolve) => {
        answer = () => resolve([]);
      });
    library.finish();
    await vi.waitFor(() => expect(phase.value).toBe('done'));
    const second = addPhotos([file('b')]);
    await vi.waitFor(() => expect(library.added).toEqual(['a', 'b']));
    expect(phase.value).toBe('running');
    answer();
    await first;
    expect(phase.value).toBe('running');
    library.questions = async () => [];
    library.finish();
    await second;
    expect(phase.value).toBe('done');
  });

  test('runs again after its result could not be shown, and can be cleared', async () => {
    library.failure = new Error('gone');
    const failing = addPhotos([file('a')]);
    await vi.waitFor(() => expect(library.added).toEqual(['a']));
    library.finish();
    await failing;
    expect(queueError.value).toBe(library.failure);
    expect(phase.value).toBe('stopped');
    await clear(() => {});
    expect(app.erased).toBe(1);
    library.failure = undefined;
    const again = addPhotos([file('b')]);
    await vi.waitFor(() => expect(library.added).toEqual(['a', 'b']));
    library.finish();
    await again;
    expect(phase.value).toBe('done');
  });

  test('shows the error of the library', async () => {
    const failing = addPhotos([file('a')]);
    await vi.waitFor(() => expect(library.added).toEqual(['a']));
    library.finish(new Error('full'));
    await failing;
    expect(queueError.value).toEqual(new Error('full'));
    expect(phase.value).toBe('stopped');
  });

  test.each<[string, Partial<FakeLibrary>]>([
    ['the faces are of another model', { outdated: true }],
    ['not all faces are grouped', { grouped: false }],
    ['files wait', { waiting: 1 }],
  ])('goes on when it is opened and %s', async (_, state) => {
    Object.assign(library, state);
    const opening = openAlbum();
    await vi.waitFor(() => expect(phase.value).toBe('running'));
    await vi.waitFor(() => expect(library.calls).toBe(1));
    library.finish();
    await opening;
    expect(phase.value).toBe('done');
    expect(updatedFaces.value).toBeUndefined();
    expect(library.updates).toBe(state.outdated ? 1 : 0);
  });

  test('stays stopped when it is opened again', async () => {
    const first = addPhotos([file('a')]);
    await vi.waitFor(() => expect(library.added).toEqual(['a']));
    stop();
    await first;
    library.waiting = 1;
    await openAlbum();
    expect(phase.value).toBe('stopped');
    expect(library.calls).toBe(1);
  });
});

test('shows nothing of a library that another tab erased', async () => {
  libraryState.value = { status: 'open', library: library as never, storageError: undefined };
  await openAlbum();
  expect(progress.value).toMatchObject({ total: 1 });
  expect(phase.value).toBe('done');
  libraryState.value = { status: 'closed' };
  expect(progress.value).toMatchObject({ total: 0 });
  expect(phase.value).toBe('empty');
});

describe('the queue after a reload', () => {
  beforeEach(() => {
    const stored = new Map<string, string>();
    vi.stubGlobal('localStorage', {
      getItem: (name: string) => stored.get(name) ?? null,
      setItem: (name: string, value: string) => stored.set(name, value),
    });
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  /** The queue and the album of a page that is loaded again: only localStorage and the library stay. */
  async function reloaded() {
    vi.resetModules();
    const queue = await import('../../../demo/views/photos/queue.ts');
    return { ...queue, ...(await import('../../../demo/views/photos/album.ts')) };
  }

  /** A page whose library has a file that waits, after it was stopped. */
  async function stopped() {
    const page = await reloaded();
    const adding = page.addPhotos([file('a')]);
    await vi.waitFor(() => expect(library.added).toEqual(['a']));
    page.stop();
    await adding;
    library.waiting = 1;
    return page;
  }

  test('stays stopped, and the user can resume it', async () => {
    await stopped();
    const page = await reloaded();
    await page.openAlbum();
    expect(page.phase.value).toBe('stopped');
    expect(page.queueError.value).toBeUndefined();
    expect(library.calls).toBe(1);
    const resumed = page.addPhotos([]);
    await vi.waitFor(() => expect(library.calls).toBe(2));
    library.finish();
    await resumed;
    expect(page.phase.value).toBe('done');
  });

  test('goes on if it was resumed before', async () => {
    const first = await stopped();
    void first.addPhotos([]);
    await vi.waitFor(() => expect(library.calls).toBe(2));
    const page = await reloaded();
    const opening = page.openAlbum();
    await vi.waitFor(() => expect(library.calls).toBe(3));
    library.finish();
    await opening;
    expect(page.phase.value).toBe('done');
  });

  test('is done if it was stopped after the last photo, and embeds the faces when other models are loaded', async () => {
    await stopped();
    library.waiting = 0;
    const page = await reloaded();
    await page.openAlbum();
    expect(page.phase.value).toBe('done');
    library.outdated = true;
    const next = await reloaded();
    const opening = next.openAlbum();
    await vi.waitFor(() => expect(library.calls).toBe(2));
    library.finish();
    await opening;
    expect(library.updates).toBe(1);
  });

  test('starts when the library was cleared and photos wait again', async () => {
    const first = await stopped();
    await first.clear(() => {});
    const page = await reloaded();
    const opening = page.openAlbum();
    await vi.waitFor(() => expect(library.calls).toBe(2));
    library.finish();
    await opening;
  });

  test('goes on if other models stopped it', async () => {
    const first = await reloaded();
    const adding = first.addPhotos([file('a')]);
    await vi.waitFor(() => expect(library.added).toEqual(['a']));
    app.loaded = never;
    app.setModels('idle');
    await adding;
    library.waiting = 1;
    app.loaded = Promise.resolve();
    const page = await reloaded();
    const opening = page.openAlbum();
    await vi.waitFor(() => expect(library.calls).toBe(2));
    library.finish();
    await opening;
  });
});
