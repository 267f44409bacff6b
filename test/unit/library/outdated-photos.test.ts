import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Library, type LibraryFaceNet, type PhotoSource } from '../../../lib/library/index.ts';
import { errorCodeOf } from '../../support/error-code.ts';
import { CountingFaceNet, photo, stubImages } from './fake-photos.ts';
import { expectStored, sessionOf } from './stored-state.ts';

/** One database for the libraries that a test opens one after the other, as a browser keeps it. */
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

const open = (facenet: LibraryFaceNet) =>
  Library.open({ name: 'test', facenet, storage: 'memory', previews: 0, storeFiles: false });

const otherDetector = () => new CountingFaceNet('mobilefacenet', { detector: 'mtcnn' });

/** The handle of a file. */
class FakeHandle {
  readonly kind = 'file';
  readonly name: string;
  file: File;
  /** The name of the error of a file that cannot be read. */
  error: string | undefined;

  constructor(file: File) {
    this.name = file.name;
    this.file = file;
  }

  async getFile(): Promise<File> {
    if (this.error) throw new DOMException('The file cannot be read.', this.error);
    return this.file;
  }

  async isSameEntry(other: unknown): Promise<boolean> {
    return other === this;
  }
}

function folder(name: string, files: readonly FakeHandle[]): PhotoSource {
  const values = async function* () {
    yield* files;
  };
  return { kind: 'directory', name, values } as unknown as PhotoSource;
}

/** A library of another detector, with a folder of handles and a file without one. */
async function indexed(...files: readonly FakeHandle[]): Promise<void> {
  const library = await open(new CountingFaceNet());
  await library.add([folder('album', files), photo('file', [2])]);
  expect(await library.outdatedPhotos()).toBe(0);
  await library.name(library.people().items[0]?.number as number, 'Ada');
  await library.notAFace(library.facesOf(library.people().items[1]?.number as number)[0] as number);
  await library.close();
}

const handles = () =>
  ['a', 'b', 'c'].map((name) => new FakeHandle(photo(name, [0, 1]))) as [FakeHandle, ...FakeHandle[]];

async function whoIsWho(library: Library) {
  const people = library.people().items.map((person) => ({ ...person, faces: library.facesOf(person.number) }));
  return { people, ungrouped: library.ungrouped().items };
}

describe('photos of another detector', () => {
  test('are counted, and indexed again by their handles if resume() is asked to', async () => {
    await indexed(...handles());
    const facenet = otherDetector();
    await using library = await open(facenet);
    const before = await whoIsWho(library);
    expect(await library.outdatedPhotos()).toBe(4);
    await library.resume();
    expect(facenet.searched).toBe(0);
    await library.resume({ reindex: true });
    expect(facenet.searched).toBe(3);
    expect(await whoIsWho(library)).toEqual(before);
    expect(await library.counts()).toMatchObject({ photos: 4, faces: 7, files: 4, waiting: 0, failed: 0 });
    expect((await library.files('done')).items.map(({ path }) => path)).toContain('album/a');
    await expectStored(sessionOf(library));
    // The file without a handle has to be added again.
    expect(await library.outdatedPhotos()).toBe(1);
    await library.resume({ reindex: true });
    expect(facenet.searched).toBe(3);
    await library.add([photo('file', [2])]);
    expect(await library.outdatedPhotos()).toBe(0);
  });

  test('wait for a permission of the user, after the others are indexed', async () => {
    const [refused, ...others] = handles();
    await indexed(refused, ...others);
    refused.error = 'NotAllowedError';
    const facenet = otherDetector();
    await using library = await open(facenet);
    const indexing = library.resume({ reindex: true });
    await expect(indexing).rejects.toMatchObject({
      code: 'permission-missing',
      message: expect.stringContaining('/a'),
    });
    expect(facenet.searched).toBe(2);
    expect(await library.counts()).toMatchObject({ photos: 4, waiting: 0, failed: 0 });
    refused.error = undefined;
    await library.resume({ reindex: true });
    expect(await library.outdatedPhotos()).toBe(1);
  });

  test('stay if their files are gone, and are indexed by another file of the same photo', async () => {
    const [gone, copied, copy] = [photo('gone', [0]), photo('same', [0, 1]), photo('same', [0, 1])].map(
      (file) => new FakeHandle(file),
    ) as [FakeHandle, FakeHandle, FakeHandle];
    Object.assign(copy, { name: 'copy' });
    await indexed(gone, copied, copy);
    for (const handle of [gone, copied]) handle.error = 'NotFoundError';
    const facenet = otherDetector();
    await using library = await open(facenet);
    await library.resume({ reindex: true });
    expect(facenet.searched).toBe(1);
    expect(await library.outdatedPhotos()).toBe(2);
    expect(await library.counts()).toMatchObject({ photos: 3, files: 4, waiting: 0, failed: 0 });
  });

  test('are indexed with the present contents of their files', async () => {
    const [changed] = handles();
    await indexed(changed);
    changed.file = photo('a', [0, 1, 3], { modified: 7 });
    const facenet = otherDetector();
    await using library = await open(facenet);
    await library.resume({ reindex: true });
    expect(await library.counts()).toMatchObject({ photos: 2, faces: 4 });
    expect(await library.outdatedPhotos()).toBe(1);
    await library.add([folder('album', [changed])]);
    expect(facenet.searched).toBe(1);
  });
});

test('a wrong value of reindex is refused', async () => {
  await using library = await open(new CountingFaceNet());
  expect(await errorCodeOf(library.resume({ reindex: 1 as unknown as boolean }))).toBe('option-invalid');
  await library.resume({ reindex: false });
});

test('an aborted count of outdated photos rejects, although none is outdated', async () => {
  await using library = await open(new CountingFaceNet());
  await library.add([photo('a', [0])]);
  const reason = new Error('Enough.');
  expect(await errorCodeOf(library.outdatedPhotos({ signal: AbortSignal.abort(reason) }))).toBe(reason);
});
