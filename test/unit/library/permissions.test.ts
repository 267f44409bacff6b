import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Library, type LibraryPhoto, type PhotoSource } from '../../../lib/library/index.ts';
import { errorCodeOf } from '../../support/error-code.ts';
import { CountingFaceNet, photo, stubImages } from './fake-photos.ts';

/** One database for both libraries of a test, as a browser keeps it. */
const stored = vi.hoisted(() => ({ store: undefined as unknown }));

vi.mock('../../../lib/library/storage/memory.ts', async (original) => {
  const { memoryStore } = await original<typeof import('../../../lib/library/storage/memory.ts')>();
  return {
    memoryStore() {
      stored.store ??= { ...memoryStore(), close() {} };
      return stored.store;
    },
  };
});

beforeEach(() => {
  stored.store = undefined;
  stubImages();
  // Node cannot clone the handles in the rows.
  vi.stubGlobal('structuredClone', <Row extends object>(rows: readonly Row[]) => rows.map((row) => ({ ...row })));
});
afterEach(() => {
  vi.unstubAllGlobals();
});

/** A handle that can refuse to be read. */
class FakeHandle {
  readonly kind = 'file';
  readonly name: string;
  refusal: DOMException | undefined;
  /** What a read waits for. */
  gate: Promise<void> | undefined;
  file: File;

  constructor(file: File) {
    this.name = file.name;
    this.file = file;
  }

  async getFile(): Promise<File> {
    if (this.refusal) throw this.refusal;
    await this.gate;
    return this.file;
  }

  async isSameEntry(other: unknown): Promise<boolean> {
    return other === this;
  }
}

const open = () => Library.open({ name: 'test', facenet: new CountingFaceNet(), storage: 'memory', previews: 0 });

/** Adds files, which a reload keeps from being indexed. @returns the library after the reload. */
async function reloaded(handles: readonly FakeHandle[]): Promise<Library> {
  const before = await open();
  const adding = errorCodeOf(before.add(handles as unknown as PhotoSource[]));
  await before.close();
  expect(await adding).toBe('disposed');
  const library = await open();
  expect(await library.counts()).toMatchObject({ waiting: handles.length });
  return library;
}

/** Some handles of photos. The first ones may not be read after a reload. */
async function withheld(count: number, refused: number, error = 'NotAllowedError') {
  const handles = Array.from({ length: count }, (_, i) => new FakeHandle(photo(`${i}`, [i % 3])));
  const library = await reloaded(handles);
  for (const handle of handles.slice(0, refused)) handle.refusal = new DOMException('Ask the user.', error);
  return { library, handles };
}

test.each(['NotAllowedError', 'SecurityError'])('files wait until they may be read: %s', async (error) => {
  const { library, handles } = await withheld(6, 4, error);
  await expect(library.resume()).rejects.toMatchObject({
    code: 'permission-missing',
    message: expect.stringContaining('0 and 3 more files'),
  });
  expect(await library.counts()).toMatchObject({ photos: 2, waiting: 4, failed: 0 });
  const { items } = await library.files('waiting');
  expect(items.map(({ handle }) => handle)).toEqual(handles.slice(0, 4));
  expect(items.map(({ attempts }) => attempts)).toEqual([0, 0, 0, 0]);
  expect(library.people().items).toHaveLength(2);

  for (const { handle } of items) (handle as unknown as FakeHandle).refusal = undefined;
  await library.resume();
  expect(await library.counts()).toMatchObject({ photos: 6, waiting: 0, failed: 0 });
});

test('more files than are read at once keep none from being indexed', async () => {
  const { library } = await withheld(80, 60);
  expect(await errorCodeOf(library.resume())).toBe('permission-missing');
  expect(await library.counts()).toMatchObject({ photos: 20, waiting: 60, failed: 0 });
});

test('a call of resume() beside another one tries the files again whose permission was given meanwhile', async () => {
  const { library, handles } = await withheld(12, 1);
  let release = () => {};
  const last = handles.at(-1) as FakeHandle;
  last.gate = new Promise((resolve) => {
    release = resolve;
  });
  const running = library.resume();
  await expect.poll(async () => (await library.counts()).photos).toBe(10);
  for (const handle of handles) handle.refusal = undefined;
  await library.resume();
  release();
  await running;
  expect(await library.counts()).toMatchObject({ photos: 12, waiting: 0, failed: 0 });
});

test('a new handle that may not be read states that it needs a permission, and is indexed when it is added again', async () => {
  const library = await open();
  const handle = new FakeHandle(photo('new.jpg', [1]));
  handle.refusal = new DOMException('Ask the user.', 'NotAllowedError');
  await library.add([handle] as unknown as PhotoSource[]);
  const { items } = await library.files('failed');
  expect(items.map(({ reason }) => reason)).toEqual([
    { code: 'permission-missing', message: expect.stringContaining('requestPermission') },
  ]);
  handle.refusal = undefined;
  await library.add([handle] as unknown as PhotoSource[]);
  expect(await library.counts()).toMatchObject({ photos: 1, failed: 0 });
});

test('a file that is added again is indexed without the permission of its handle', async () => {
  const { library } = await withheld(3, 2);
  expect(await errorCodeOf(library.add([photo('0', [0])]))).toBe('permission-missing');
  expect(await library.counts()).toMatchObject({ files: 3, photos: 2, waiting: 1 });
});

test('files that are forgotten meanwhile need no permission', async () => {
  const { library } = await withheld(3, 1);
  const [first] = (await library.files('waiting')).items;
  let forgetting: Promise<number> | undefined;
  await library.resume({
    onProgress({ done }) {
      if (done === 1) forgetting ??= library.forget([first?.number as number]);
    },
  });
  expect(await forgetting).toBe(1);
  expect(await library.counts()).toMatchObject({ files: 2, photos: 2, waiting: 0 });
});

test('photos that no file has stay while a file waits for a permission, which may have their bytes', async () => {
  const [first, second] = [new FakeHandle(photo('0', [0])), new FakeHandle(photo('1', [1]))];
  const handles = [first, second];
  const before = await reloaded(handles);
  await before.resume();
  const [{ faces }] = (await before.photos()).items as [LibraryPhoto];
  const named = before.personOf(faces[0] as number) as number;
  await before.name(named, 'Ada');
  await before.close();

  first.file = photo('0', [2], { modified: 2 });
  second.file = new File([await photo('0', [0]).text()], '1', { type: 'image/jpeg', lastModified: 3 });
  const library = await reloaded(handles);
  second.refusal = new DOMException('Ask the user.', 'NotAllowedError');
  expect(await errorCodeOf(library.resume())).toBe('permission-missing');
  second.refusal = undefined;
  await library.resume();
  expect(await library.counts()).toMatchObject({ files: 2, photos: 2, waiting: 0 });
  expect(library.facesOf(named)).toEqual(faces);
});

test('a file that is gone fails', async () => {
  const { library } = await withheld(2, 1, 'NotFoundError');
  await library.resume();
  expect(await library.counts()).toMatchObject({ photos: 1, waiting: 0, failed: 1 });
});

test('original() returns the unchanged file of any handle that can be read', async () => {
  const [first, second] = [photo('a', [0]), photo('b', [1])];
  const handles = [new FakeHandle(first), new FakeHandle(first), new FakeHandle(second)] as const;
  await using library = await open();
  await library.add(handles as unknown as PhotoSource[]);
  const [{ id }, other] = (await library.photos()).items as [LibraryPhoto, LibraryPhoto];
  expect(await library.original(id)).toBe(first);
  handles[0].refusal = new DOMException('Ask the user.', 'NotAllowedError');
  expect(await library.original(id)).toBe(first);
  // Edited since.
  handles[1].file = photo('a', [3], { modified: 2 });
  expect(await library.original(id)).toBeUndefined();
  expect(await library.original(other.id)).toBe(second);
});
