import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { LibraryFaceNet } from '../../../lib/library/index.ts';
import { Library } from '../../../lib/library/index.ts';
import { errorCodeOf } from '../../support/error-code.ts';
import { CountingFaceNet, photo, stubImages } from './fake-photos.ts';
import { expectStored, sessionOf } from './stored-state.ts';

/** A FaceNet that changes its models when the test says so, as that of a page that loads others. */
class ChangingFaceNet implements LibraryFaceNet {
  current: LibraryFaceNet = new CountingFaceNet();
  /** Called after a picture was embedded. */
  onEmbed = () => {};

  get rule() {
    return this.current.rule;
  }
  get identity() {
    return this.current.identity;
  }
  get models() {
    return this.current.models;
  }
  embed = (async (source: Parameters<LibraryFaceNet['embed']>[0], options: object) => {
    const embedded = await this.current.embed(source, options);
    this.onEmbed();
    return embedded;
  }) as unknown as LibraryFaceNet['embed'];
}

const large = () => new CountingFaceNet('large', { dimension: 320 });
const others: [string, () => LibraryFaceNet][] = [
  ['of more dimensions', large],
  ['of fewer dimensions', () => new CountingFaceNet('small', { dimension: 64 })],
  ['of another name', () => new CountingFaceNet('dlib-resnet-34')],
  ['of other weights', () => new CountingFaceNet('mobilefacenet', { weights: 'cd' })],
];

beforeEach(stubImages);
afterEach(() => {
  vi.unstubAllGlobals();
});

function open(facenet: LibraryFaceNet): Promise<Library> {
  return Library.open({ name: 'test', facenet, storage: 'memory', previews: 0 });
}

describe('a FaceNet that changes to an embedder', () => {
  test.for(others)('%s while photos are indexed, adds no embedding of it', async ([, other]) => {
    const facenet = new ChangingFaceNet();
    await using library = await open(facenet);
    await library.add([photo('a', [0, 1])]);
    facenet.onEmbed = () => {
      facenet.current = other();
    };
    const adding = library.add([photo('b', [0]), photo('c', [1]), photo('d', [2])]);
    expect(await errorCodeOf(adding)).toBe('model-mismatch');
    expect(await library.counts()).toMatchObject({ photos: 1, faces: 2, waiting: 3, failed: 0 });
    await expectStored(sessionOf(library));
    facenet.onEmbed = () => {};
    expect(await library.update()).toBe(2);
    await library.resume();
    expect(await library.counts()).toMatchObject({ photos: 4, faces: 5, waiting: 0 });
    expect(library.people().items.map(({ faces }) => faces)).toEqual([2, 2, 1]);
  });

  test('and back while a photo is indexed, adds no embedding of it', async () => {
    const facenet = new ChangingFaceNet();
    const first = facenet.current;
    await using library = await open(facenet);
    facenet.onEmbed = () => {
      facenet.current = first;
    };
    const adding = library.add([photo('a', [0])]);
    facenet.current = large();
    expect(await errorCodeOf(adding)).toBe('model-mismatch');
    expect(await library.counts()).toMatchObject({ photos: 0, faces: 0, waiting: 1 });
    await library.resume();
    expect(await library.counts()).toMatchObject({ photos: 1, faces: 1, waiting: 0 });
  });

  test.for(others)('%s during update(), ends it, and the next update goes on', async ([, other]) => {
    const facenet = new ChangingFaceNet();
    await using library = await open(facenet);
    await library.add(Array.from({ length: 150 }, (_, i) => photo(`${i}`, [i % 3])));
    facenet.current = new CountingFaceNet('first');
    let embedded = 0;
    facenet.onEmbed = () => {
      if (++embedded === 120) facenet.current = other();
    };
    expect(await errorCodeOf(library.update())).toBe('model-mismatch');
    expect(library.outdated).toBe(true);
    await library.update();
    expect(library.outdated).toBe(false);
    expect(sessionOf(library).rule).toEqual(facenet.rule);
    const rows = await sessionOf(library).store.list('faces');
    expect(new Set(rows.map(({ model }) => model))).toEqual(new Set([facenet.rule.model]));
    expect(library.people().items.map(({ faces }) => faces)).toEqual([50, 50, 50]);
  });

  test('with another detector while a photo is indexed, notes the detector that indexed it', async () => {
    const facenet = new ChangingFaceNet();
    await using library = await open(facenet);
    facenet.onEmbed = () => {
      facenet.current = new CountingFaceNet('mobilefacenet', { detector: 'mtcnn' });
    };
    await library.add([photo('a', [0])]);
    const [row] = await sessionOf(library).store.list('photos');
    expect(row?.key).toContain('blazeface');
  });
});
