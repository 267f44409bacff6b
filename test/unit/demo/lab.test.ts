import { readFileSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import { timeSpread } from '../../../demo/views/lab/bench.ts';
import { densities, measuredPresets, probabilityOfSame, rocOf, valWithin } from '../../../demo/views/lab/curves.ts';
import { koreanChoice, koreanRejection } from '../../../demo/views/lab/korean-reasons.ts';
import { accuracyOf, allPairsOf, firstOfEachFold, readFolder } from '../../../demo/views/lab/lfw.ts';
import { nearestOthers, personSpreads } from '../../../demo/views/lab/neighbours.ts';
import { principalPlane, projected } from '../../../demo/views/lab/pca.ts';
import { fitToPlot, neighbourInDirection } from '../../../demo/views/lab/plot-layout.ts';
import { referenceTimes } from '../../../demo/views/lab/reference-times.ts';
import { evaluatedFace, measureFolder, type PersonPhoto, readPeople } from '../../../demo/views/lab/report.ts';
import { probabilityAt } from '../../../lib/comparison/calibration.ts';
import { euclideanDistance } from '../../../lib/comparison/distance.ts';
import { seeded } from '../../../lib/core/random.ts';
import type { BackendChoice } from '../../../lib/core/types.ts';
import { photoPath } from '../../../lib/evaluation/index.ts';
import type { FaceNet } from '../../../lib/index.ts';
import { hardwareBackends } from '../../../lib/runtime/backends/candidates.ts';
import { acceptCurve } from '../../../scripts/evaluate/curves.ts';

describe('principalPlane', () => {
  const random = seeded(3);
  const normal = () => Array.from({ length: 12 }, random).reduce((sum, value) => sum + value, -6);
  /** Standard deviation 5 along one axis, 2 along another, and 0.1 along all others. */
  const vectors = Array.from({ length: 400 }, () => {
    const [a, b] = [5 * normal(), 2 * normal()];
    return Float32Array.from({ length: 16 }, (_, i) => 3 + (i === 4 ? a : i === 9 ? b : 0.1 * normal()));
  });

  test('finds the two directions of largest variance, and their shares of it', () => {
    const { mean, axes, explained } = principalPlane(vectors);
    expect(Math.abs(axes[0][4] as number)).toBeCloseTo(1, 2);
    expect(Math.abs(axes[1][9] as number)).toBeCloseTo(1, 2);
    expect(axes[0].reduce((sum, value, i) => sum + value * (axes[1][i] as number), 0)).toBeCloseTo(0, 6);
    expect(mean[0]).toBeCloseTo(3, 1);
    expect(explained[0]).toBeGreaterThan(0.8);
    expect(explained[0] + explained[1]).toBeGreaterThan(0.98);
    expect(explained[0] + explained[1]).toBeLessThanOrEqual(1);
  });

  test('preserves distances along the first principal component', () => {
    const plane = principalPlane(vectors);
    const points = vectors.map((vector) => projected(vector, plane));
    const sign = Math.sign(plane.axes[0][4] as number);
    for (const [i, { x }] of points.entries()) {
      expect(sign * x).toBeCloseTo((vectors[i]?.[4] as number) - (plane.mean[4] as number), 0);
    }
  });

  test('keeps the orientation of a given earlier plane', () => {
    const plane = principalPlane(vectors);
    const flipped = { ...plane, axes: plane.axes.map((axis) => axis.map((value) => -value)) as typeof plane.axes };
    expect(principalPlane(vectors, flipped).axes[0][4]).toBeCloseTo(-(plane.axes[0][4] as number), 6);
  });

  test('projects identical vectors onto one point', () => {
    const plane = principalPlane([Float32Array.of(1, 2), Float32Array.of(1, 2)]);
    expect(projected(Float32Array.of(1, 2), plane)).toEqual({ x: 0, y: 0 });
    expect(plane.explained).toEqual([0, 0]);
  });
});

describe('embedding plot', () => {
  test('scales both directions equally and fits all points', () => {
    const places = fitToPlot(
      [
        { x: -10, y: 0 },
        { x: 10, y: 0 },
        { x: 0, y: 5 },
      ],
      2,
    );
    expect(places[0]?.x).toBeCloseTo(0.1);
    expect(places[1]?.x).toBeCloseTo(0.9);
    // With an aspect ratio of 2, a quarter of the width equals half of the height.
    expect((places[2]?.y ?? 0) - (places[0]?.y ?? 0)).toBeCloseTo(0.4);
    expect(fitToPlot([{ x: 7, y: 7 }], 2)).toEqual([{ x: 0.5, y: 0.5 }]);
  });

  test('moves to the nearest face in the direction of the arrow key', () => {
    const places = [
      { x: 0.5, y: 0.5 },
      { x: 0.6, y: 0.52 },
      { x: 0.9, y: 0.5 },
      { x: 0.5, y: 0.1 },
    ];
    expect(neighbourInDirection('ArrowRight', places, 0)).toBe(1);
    expect(neighbourInDirection('ArrowRight', places, 1)).toBe(2);
    expect(neighbourInDirection('ArrowUp', places, 0)).toBe(3);
    expect(neighbourInDirection('ArrowDown', places, 0)).toBeUndefined();
    expect(neighbourInDirection('Enter', places, 0)).toBeUndefined();
  });

  test('computes nearest faces and spreads from Euclidean distances', () => {
    const embeddings = [
      [0, 0],
      [0, 1],
      [3, 0],
    ].map((values) => Float32Array.from(values));
    expect(nearestOthers(embeddings)).toEqual([
      { index: 1, distance: 1 },
      { index: 0, distance: 1 },
      { index: 0, distance: 3 },
    ]);
    const people = embeddings.map((embedding, i) => ({ embedding, person: i < 2 ? 'a' : 'b' }));
    expect(personSpreads(people)).toEqual([
      { person: 'a', faces: 2, within: 1, toOthers: 3 },
      { person: 'b', faces: 1, within: Number.NaN, toOthers: 3 },
    ]);
  });
});

describe('measured curves', () => {
  test('acceptCurve counts the pairs within each distance', () => {
    const pair = (distance: number, same: boolean) => ({ distance, same });
    const curve = acceptCurve([pair(0.021, true), pair(0.04, true), pair(0.04, false), pair(0.055, false)]);
    expect(curve).toEqual([
      [0.02, 0, 0],
      [0.03, 0.5, 0],
      [0.04, 1, 0.5],
      [0.05, 1, 0.5],
      [0.06, 1, 1],
    ]);
  });

  test.each(measuredPresets)(
    '%s: rates rise from 0 to 1, and the ROC ends at the minimum number of false accepts',
    (_, preset) => {
      const { curve, counted, accuracy, ece } = preset;
      expect(curve[0]?.slice(1)).toEqual([0, 0]);
      expect(curve.at(-1)?.slice(1)).toEqual([1, 1]);
      for (const [i, [distance, val, far]] of curve.entries()) {
        const [before, valBefore, farBefore] = curve[i - 1] ?? [-1, 0, 0];
        expect(distance).toBeGreaterThan(before);
        expect(val).toBeGreaterThanOrEqual(valBefore);
        expect(far).toBeGreaterThanOrEqual(farBefore);
      }
      expect(Math.min(...rocOf(preset).map(({ far }) => far * counted.different))).toBeGreaterThanOrEqual(10);
      expect(densities(preset).reduce((sum, { same }) => sum + same, 0)).toBeCloseTo(1, 6);
      expect(accuracy.mean).toBeGreaterThan(0.95);
      expect(ece).toBeLessThan(0.05);
    },
  );

  test('the curve of the default preset matches the thresholds of the manifest', () => {
    const [name, preset] = measuredPresets[0] ?? [];
    expect(name).toBe('balanced');
    const manifest = JSON.parse(readFileSync(new URL('../../../public/models/manifest.json', import.meta.url), 'utf8'));
    const { calibration } = manifest.presets.find((each: { name: string }) => each.name === name);
    for (const { far, distance } of calibration.thresholds as { far: number; distance: number }[]) {
      if (!preset || far < 1e-4) continue;
      const after = preset.curve.find(([d]) => d >= distance)?.[2] as number;
      const before = preset.curve.findLast(([d]) => d <= distance)?.[2] as number;
      expect(after, `FAR ${far}`).toBeGreaterThan(far * 0.9);
      expect(before, `FAR ${far}`).toBeLessThan(far * 1.1);
    }
    expect(valWithin(0, preset as never)).toBe(0);
    expect(valWithin(9, preset as never)).toBe(1);
  });

  test('probabilityOfSame equals the library’s probability', () => {
    const logOdds: [number, number] = [26.95, -63.47];
    for (const d of [0.2, 0.42, 0.6]) {
      expect(probabilityOfSame(d, logOdds)).toBeCloseTo(probabilityAt(d, { logOdds, thresholds: [] }), 12);
    }
  });
});

describe('reference times', () => {
  test('parses all stages of the default preset in docs/performance.md', () => {
    const stages = referenceTimes('balanced');
    expect(Object.keys(stages).sort()).toEqual(
      ['alignment', 'detection', 'detectionUpright', 'embedding', 'fromLandmarks', 'landmarks'].sort(),
    );
    for (const { median, min, max } of Object.values(stages)) {
      expect(min).toBeLessThanOrEqual(median);
      expect(median).toBeLessThanOrEqual(max);
    }
    expect(referenceTimes('balanced', '- **balanced**: landmarks 26 (23–264), alignment 5.0 (4.7–15.6)')).toEqual({
      landmarks: { median: 26, min: 23, max: 264 },
      alignment: { median: 5, min: 4.7, max: 15.6 },
    });
    expect(referenceTimes('none')).toEqual({});
  });

  test('timeSpread averages the two middle values of an even number of times', () => {
    expect(timeSpread([4, 1, 2, 10])).toEqual({ median: 3, min: 1, max: 10 });
    expect(timeSpread([5])).toEqual({ median: 5, min: 5, max: 5 });
  });
});

describe('evaluation of a folder in LFW’s layout', () => {
  const pairs = '2\t1\nAda\t1\t2\nAda\t1\tBob\t1\nBob\t1\t2\nBob\t2\tCleo\t1\n';
  const file = (name: string, content = '') => new File([content], name);

  test('finds photos by file name, skips pairs without their photos and reports them', async () => {
    const folder = await readFolder(
      [
        file('pairs.txt', pairs),
        file('Ada_0001.jpg'),
        file('Ada_0002.jpg'),
        file('Bob_0001.jpg'),
        file('Bob_0002.jpg'),
      ],
      Number.POSITIVE_INFINITY,
    );
    if ('kind' in folder) throw new Error(folder.kind);
    expect(folder.pairs).toHaveLength(3);
    expect([...folder.photos.keys()]).toContain('Ada/Ada_0001.jpg');
    expect(folder.missing).toEqual(['Cleo/Cleo_0001.jpg']);
  });

  test('reports why a folder cannot be evaluated', async () => {
    expect(await readFolder([file('Ada_0001.jpg')], 50)).toEqual({ kind: 'no-pairs' });
    expect(await readFolder([file('pairs.txt', 'nonsense')], 50)).toMatchObject({ kind: 'pairs-invalid' });
    expect(await readFolder([file('pairs.txt', pairs)], 50)).toEqual({ kind: 'no-photos' });
  });

  test('limits the pairs of each fold, half of them genuine', () => {
    const pair = (fold: number, same: boolean) => ({
      fold,
      same,
      a: { name: 'A', number: 1 },
      b: { name: 'A', number: 2 },
    });
    const all = [1, 2].flatMap((fold) => [true, true, true, false, false, false].map((same) => pair(fold, same)));
    const few = firstOfEachFold(all, 4);
    expect(few).toHaveLength(8);
    expect(few.filter(({ same }) => same)).toHaveLength(4);
  });

  test('cross-validates over folds, and gives no standard error with a single fold', () => {
    const scored = [1, 2].flatMap((fold) => [
      ...[0.1, 0.2, 0.3].map((distance) => ({ fold, same: true, distance })),
      ...[0.7, 0.8, 0.9].map((distance) => ({ fold, same: false, distance })),
    ]);
    expect(accuracyOf(scored)).toMatchObject({ pairs: 12, folds: 2, accuracy: { mean: 1 }, auc: 1, eer: 0 });
    const single = accuracyOf(scored.filter(({ fold }) => fold === 1));
    expect(single).toMatchObject({ folds: 1, accuracy: { mean: 1, se: Number.NaN } });
  });

  test('computes VAL among all different-person pairs of the photos, each photo once', () => {
    // 150 people, 10 apart on a line. The second photos of three people are at 1, 2 and 30 from their first.
    const first = Array.from({ length: 150 }, (_, i) => ({ name: `P${i}`, number: 1 }));
    const second = [1, 2, 30].map((offset, i) => ({ photo: { name: `P${40 * i}`, number: 2 }, x: 400 * i + offset }));
    const embeddings = new Map([
      ...first.map((photo, i): [string, Float32Array] => [photoPath(photo), Float32Array.of(10 * i)]),
      ...second.map(({ photo, x }): [string, Float32Array] => [photoPath(photo), Float32Array.of(x)]),
    ]);
    const pairs = [
      ...second.map(({ photo }) => ({ fold: 1, same: true, a: { ...photo, number: 1 }, b: photo })),
      ...first.slice(1).map((photo, i) => ({ fold: 1, same: false, a: first[i] as typeof photo, b: photo })),
    ];
    const { impostorPairs, val } = allPairsOf(pairs, embeddings, euclideanDistance);
    expect(impostorPairs).toBe((153 * 152) / 2 - 3);
    expect(val['1e-3'].val).toBeCloseTo(2 / 3, 12);
    expect(val['1e-4'].val).toBeNaN();
  });
});

describe('a folder of people', () => {
  const file = (path: string, content = '') => {
    const name = path.slice(path.lastIndexOf('/') + 1);
    return Object.defineProperty(new File([content], name), 'webkitRelativePath', { value: path });
  };
  const photos = ['set/Ada/1.jpg', 'set/Ada/2.png', 'set/Bob/1.webp'].map((path) => file(path));

  test('is read with the cohorts of its people and photos', async () => {
    const files = [...photos, file('set/Ada/notes.txt'), file('set/cohorts.csv', 'Ada,a\nAda/2.png,b')];
    expect(await readPeople(files)).toMatchObject([
      { person: 'Ada', name: '1.jpg', cohort: 'a' },
      { person: 'Ada', name: '2.png', cohort: 'b' },
      { person: 'Bob', name: '1.webp', cohort: undefined },
    ]);
  });

  test('is measured with the quality of its faces, which decides about their pairs', async () => {
    const [photo] = (await readPeople(photos)) as PersonPhoto[];
    const quality = { overall: 0.4, strangerSimilarity: 0.5, strangerModel: 'of this preset' };
    const found = { embedding: Float32Array.of(1), quality };
    expect(evaluatedFace(photo as PersonPhoto, found)).toEqual({
      ...{ person: 'Ada', photo: 'Ada/1.jpg', cohort: undefined, ...found },
    });
  });

  test('is measured without the photos that cannot be read, which are named', async () => {
    vi.stubGlobal('createImageBitmap', async (each: object) => {
      if (each instanceof File && (await each.text()) === 'broken')
        throw new DOMException('The source image could not be decoded.');
      return { width: 10, height: 10, close: () => {} };
    });
    const files = ['Ada/1.jpg', 'Ada/2.jpg', 'Bob/1.jpg'].map((path) => file(`set/${path}`, 'photo'));
    const people = (await readPeople([...files, file('set/Bob/2#.jpg', 'broken')])) as PersonPhoto[];
    const [noFace, photo] = [file('set/Bob/3.jpg', 'photo'), people[0] as PersonPhoto];
    const calibration = { logOdds: [8, -8], thresholds: [{ far: 0.001, distance: 0.7 }] };
    const box = { x: 0, y: 0, width: 10, height: 10 };
    let detections = 0;
    const facenet = {
      rule: { model: 'm', metric: 'euclidean', dimension: 1, calibration },
      detect: async () => (++detections > 3 ? [] : [{ box }]),
      embed: async () => ({ embedding: Float32Array.of(detections) }),
      embedCrop: async () => ({ embedding: Float32Array.of(0) }),
    } as unknown as FaceNet;
    const progress: number[] = [];
    const all = [...people, { ...photo, person: 'Bob', name: '3.jpg', file: noFace }];
    const result = await measureFolder(facenet, all, (done) => progress.push(done), new AbortController().signal);
    vi.unstubAllGlobals();
    expect(result).toMatchObject({ notFound: 1, unreadable: ['Bob/2#.jpg'], report: { photos: 3 } });
    expect(progress).toEqual([1, 2, 3, 4, 5]);
  });

  test('is not measured after another error than that of a picture, such as code that cannot be loaded', async () => {
    vi.stubGlobal('createImageBitmap', async () => ({ width: 10, height: 10, close: () => {} }));
    const [photo] = (await readPeople(photos)) as PersonPhoto[];
    const slice = () => {
      throw new Error('The code is missing.');
    };
    const failing = { ...(photo as PersonPhoto), file: Object.assign(file('set/Ada/1.jpg', 'photo'), { slice }) };
    const measured = measureFolder({} as FaceNet, [failing], () => {}, new AbortController().signal);
    await expect(measured).rejects.toThrow('The code is missing.');
    vi.unstubAllGlobals();
  });

  test('is refused with entries of the cohorts file that match no photo', async () => {
    const cohorts = file('set/cohorts.csv', 'Ada,a\nAdda,a\nBob/2.jpg,b');
    expect(await readPeople([...photos, cohorts])).toEqual({ kind: 'cohorts-unmatched', names: ['Adda', 'Bob/2.jpg'] });
  });

  test('is refused with one person, without two photos of somebody, and with a malformed cohorts file', async () => {
    expect(await readPeople(photos.slice(0, 2))).toEqual({ kind: 'too-few' });
    expect(await readPeople(photos.slice(1))).toEqual({ kind: 'too-few' });
    expect(await readPeople([...photos, file('set/cohorts.csv', 'Ada')])).toMatchObject({ kind: 'cohorts-invalid' });
  });
});

describe('the reasons of the library in Korean', () => {
  const rejectedHere = async () => (await hardwareBackends()).rejected.map(({ reason }) => koreanRejection(reason));

  test('has a text for each backend that a machine without graphics lacks', async () => {
    expect(await rejectedHere()).toEqual([expect.stringContaining('WebGPU'), expect.stringContaining('WebGL 2')]);
    const info = { vendor: 'google', architecture: 'swiftshader', description: '' };
    vi.stubGlobal('navigator', { gpu: { requestAdapter: async () => ({ info }) } });
    const [emulated] = await rejectedHere();
    vi.unstubAllGlobals();
    expect(emulated).toContain('에뮬레이션');
    expect(koreanRejection('something unexpected')).toBeUndefined();
  });

  test('names how the backend was chosen, what was measured, and the threads', () => {
    const choice: BackendChoice = { name: 'wasm', reason: '', rejected: [], threads: 1 };
    const texts = [
      koreanChoice(choice, 'auto'),
      koreanChoice(choice, 'wasm'),
      koreanChoice({ ...choice, measured: [{ name: 'wasm', milliseconds: 27.13 }] }, 'fastest'),
    ];
    expect(new Set(texts).size).toBe(3);
    expect(texts[2]).toContain('wasm 27.1 ms');
    expect(koreanChoice({ ...choice, threads: 4 }, 'auto')).toMatch(/ 4개/);
  });
});
