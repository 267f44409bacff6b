import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Calibration } from '../../../lib/core/types.ts';
import { Library, type LibraryFaceNet } from '../../../lib/library/index.ts';
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

/** A FaceNet of an embedder with another calibration. */
function calibrated(change: (calibration: Calibration) => Partial<Calibration>, embedder?: string): CountingFaceNet {
  const facenet = new CountingFaceNet(embedder);
  const { rule } = facenet;
  return Object.assign(facenet, {
    rule: { ...rule, calibration: { ...rule.calibration, ...change(rule.calibration) } },
  });
}

/** A calibration of distances that are a hundredth of the usual ones. */
const strict = () =>
  calibrated(({ logOdds: [a, b], thresholds }) => ({
    logOdds: [a, b * 100],
    thresholds: thresholds.map(({ far, distance }) => ({ far, distance: distance / 100 })),
  }));

/** A calibration that lacks low false-accept rates. */
const coarse = (embedder?: string) =>
  calibrated(({ thresholds }) => ({ thresholds: thresholds.filter(({ far }) => far >= 1e-3) }), embedder);

function open(facenet: LibraryFaceNet, far?: number): Promise<Library> {
  return Library.open({ name: 'test', facenet, storage: 'memory', previews: 0, ...(far && { far }) });
}

const sizes = (library: Library) => library.people().items.map(({ faces }) => faces);

beforeEach(() => {
  stored.store = undefined;
  stubImages();
});
afterEach(() => {
  vi.unstubAllGlobals();
});

describe('another calibration of the same embedder', () => {
  test('is used, and all faces are grouped by it', async () => {
    await using first = await open(strict());
    await first.add(Array.from({ length: 12 }, (_, i) => photo(`${i}`, [i % 3])));
    expect(sizes(first)).toHaveLength(12);
    await first.name(first.people().items[0]?.number as number, 'Ada');
    await first.close();

    const facenet = new CountingFaceNet();
    await using library = await open(facenet);
    expect(library.outdated).toBe(false);
    expect(sessionOf(library).rule).toEqual(facenet.rule);
    expect(library.grouped).toBe(false);
    await expectStored(sessionOf(library));
    await library.resume();
    expect(library.grouped).toBe(true);
    // The graph has the longer links, too.
    expect(sizes(library)).toEqual([4, 4, 4]);
    expect(library.people().items.map(({ name }) => name)).toContain('Ada');
    await library.close();

    await using again = await open(strict());
    await again.resume();
    expect(sizes(again)).toHaveLength(12);
    await expectStored(sessionOf(again));
  });

  test('that is equal leaves the groups', async () => {
    await using first = await open(new CountingFaceNet());
    await first.add([photo('a', [0, 1]), photo('b', [0])]);
    await first.close();
    await using library = await open(new CountingFaceNet());
    expect(library.grouped).toBe(true);
    expect(sessionOf(library).meta.graphed).toBe(3);
  });
});

describe('far', () => {
  test('is checked against the calibration of the stored embeddings', async () => {
    await using first = await open(coarse(), 1e-3);
    await first.add([photo('a', [0, 1]), photo('b', [0])]);
    await first.close();
    const other = () => new CountingFaceNet('dlib-resnet-34');
    expect(await errorCodeOf(open(other(), 1e-4))).toBe('option-invalid');
    await using library = await open(other(), 1e-3);
    await library.update();
    await library.close();
    await using again = await open(other(), 1e-4);
    await again.regroup();
    expect(sizes(again)).toEqual([2, 1]);
  });

  test('that the calibration of a new embedder lacks is refused before any face is embedded', async () => {
    const other = coarse('dlib-resnet-34');
    let current: CountingFaceNet = new CountingFaceNet();
    const facenet: LibraryFaceNet = {
      get rule() {
        return current.rule;
      },
      get identity() {
        return current.identity;
      },
      get models() {
        return current.models;
      },
      embed: ((source: never, options: never) => current.embed(source, options)) as unknown as LibraryFaceNet['embed'],
    };
    await using library = await open(facenet);
    await library.add([photo('a', [0])]);
    current = other;
    expect(await errorCodeOf(library.update())).toBe('option-invalid');
    expect(other.embedded).toBe(0);
    expect(sessionOf(library).meta.updating).toBeUndefined();
  });
});
