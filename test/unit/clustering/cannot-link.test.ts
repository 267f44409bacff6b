import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cannotLinkSets } from '../../../lib/clustering/cannot-link.ts';
import { type Cluster, type ClusterFace, clusterFaces } from '../../../lib/clustering/cluster.ts';
import { labelByAllPairs } from '../../../lib/clustering/label.ts';
import { rule as rule128, Synthetic } from '../../support/synthetic.ts';

const rule = { ...rule128, dimension: 2 };
const facenet = { rule };
const methods = ['chinese-whispers', 'agglomerative'] as const;

const faceAt = (x: number, y = 0, photo?: unknown): ClusterFace => ({
  embedding: new Float32Array([x, y]),
  model: rule.model,
  photo,
});
const membersOf = (clusters: readonly Cluster[]) => clusters.map(({ members }) => members);
const clusterOf = (clusters: readonly Cluster[], face: number) =>
  clusters.find(({ members }) => members.includes(face));

const file = new File([], 'a');

/** Faces in a plane, about half of whose pairs are within the threshold. Two of three have a photo, of at most six. */
const faceList = fc.array(
  fc
    .record({
      x: fc.double({ min: 0, max: 1, noNaN: true }),
      y: fc.double({ min: 0, max: 1, noNaN: true }),
      photo: fc.oneof(fc.constant(undefined), fc.integer({ min: 0, max: 2 }), fc.constantFrom('0', 'a', file)),
    })
    .map(({ x, y, photo }) => faceAt(x, y, photo)),
  { minLength: 2, maxLength: 24 },
);

/** Pairs of two different faces of a list. */
const pairList = (count: number) =>
  fc.array(
    fc.tuple(fc.nat(count - 1), fc.nat(count - 2)).map(([a, b]): [number, number] => [a, b < a ? b : b + 1]),
    { maxLength: 8 },
  );

const constrained = faceList.chain((faces) =>
  fc.record({ faces: fc.constant(faces), cannotLink: pairList(faces.length), seed: fc.nat(1000) }),
);

/** The pairs of faces that are in one cluster against a constraint. */
function violations(clusters: readonly Cluster[], faces: readonly ClusterFace[], pairs: readonly [number, number][]) {
  const samePhoto = clusters.flatMap(({ members }) =>
    members.flatMap((a) =>
      members
        .filter((b) => b < a && faces[a]?.photo !== undefined && faces[a]?.photo === faces[b]?.photo)
        .map((b) => [b, a]),
    ),
  );
  return [...samePhoto, ...pairs.filter(([a, b]) => clusterOf(clusters, a) === clusterOf(clusters, b))];
}

describe.each(methods)('%s with constraints', (method) => {
  test('never joins faces of one photo or of a cannot-link pair', async () => {
    await fc.assert(
      fc.asyncProperty(constrained, async ({ faces, cannotLink, seed }) => {
        const clusters = await clusterFaces(faces, facenet, { method, cannotLink, seed });
        expect(violations(clusters, faces, cannotLink)).toEqual([]);
        expect(
          membersOf(clusters)
            .flat()
            .sort((a, b) => a - b),
        ).toEqual(faces.map((_, i) => i));
      }),
      { numRuns: 300 },
    );
  });

  test('returns the unconstrained clusters if every face has a photo of its own', async () => {
    await fc.assert(
      fc.asyncProperty(faceList, async (faces) => {
        const free = faces.map((face) => ({ ...face, photo: undefined }));
        const apart = faces.map((face, photo) => ({ ...face, photo }));
        expect(await clusterFaces(apart, facenet, { method })).toEqual(await clusterFaces(free, facenet, { method }));
      }),
      { numRuns: 100 },
    );
  });

  test('treats a photo and the list of all pairs of its faces as the same constraint', async () => {
    await fc.assert(
      fc.asyncProperty(faceList, async (faces) => {
        const cannotLink = faces.flatMap(({ photo }, a) =>
          faces.flatMap((other, b): [number, number][] =>
            b < a && photo !== undefined && photo === other.photo ? [[a, b]] : [],
          ),
        );
        const free = faces.map((face) => ({ ...face, photo: undefined }));
        expect(await clusterFaces(free, facenet, { method, cannotLink })).toEqual(
          await clusterFaces(faces, facenet, { method }),
        );
      }),
      { numRuns: 100 },
    );
  });

  test('joins a face with the nearer of two faces of another photo, in any order', async () => {
    const faces = [faceAt(0, 0, 'a'), faceAt(0.1, 0, 'b'), faceAt(0.25, 0, 'b')];
    for (const order of [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0],
    ]) {
      for (const seed of [1, 2, 3, 4, 5]) {
        const clusters = await clusterFaces(
          order.map((i) => faces[i] as ClusterFace),
          facenet,
          { method, seed },
        );
        expect(membersOf(clusters).map((members) => members.map((member) => order[member]).sort())).toEqual([
          [0, 1],
          [2],
        ]);
      }
    }
  });

  test('is invariant to the order of the faces for separated people and photos of several people', async () => {
    const synthetic = new Synthetic(7);
    const people = Array.from({ length: 6 }, () => synthetic.person());
    // Photo i shows all people but person i.
    const faces = people.flatMap((_, photo) =>
      people.flatMap((centre, person) =>
        person === photo ? [] : [{ person, photo, embedding: synthetic.near(centre, 0.2), model: rule128.model }],
      ),
    );
    const sorted = (clusters: Cluster[], order: number[]) =>
      membersOf(clusters)
        .map((members) => members.map((i) => order[i]).sort())
        .sort();
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(
          faces.map((_, i) => i),
          { minLength: faces.length },
        ),
        async (order) => {
          const shuffled = order.map((i) => faces[i] as (typeof faces)[0]);
          const clusters = await clusterFaces(shuffled, { rule: rule128 }, { method });
          expect(sorted(clusters, order)).toEqual(
            sorted(
              await clusterFaces(faces, { rule: rule128 }, { method }),
              faces.map((_, i) => i),
            ),
          );
        },
      ),
      { numRuns: 20 },
    );
  });

  test('rejects pairs that are not valid', async () => {
    const faces = [faceAt(0), faceAt(1)];
    for (const pair of [[0, 0], [0, 2], [-1, 0], [0, 0.5], [0], [0, 1, 0], ['0', '1'], [0, Number.NaN], null, 1]) {
      const options = { method, cannotLink: [pair] as never };
      await expect(clusterFaces(faces, facenet, options)).rejects.toMatchObject({ code: 'option-invalid' });
    }
    for (const cannotLink of [null, 1, { 0: [0, 1] }] as never[]) {
      await expect(clusterFaces(faces, facenet, { method, cannotLink })).rejects.toMatchObject({
        code: 'option-invalid',
      });
    }
  });
});

// In quadratic time these take ten seconds each.
describe('the constraints of a face', { timeout: 2000 }, () => {
  const count = 40_000;

  test('are listed in linear time if it is in many pairs', () => {
    const pairs = Array.from({ length: count }, (_, i): [number, number] => [0, i + 1]);
    const sets = cannotLinkSets(
      Array.from({ length: count + 1 }, () => undefined),
      pairs,
    );
    expect(sets[0]).toEqual(pairs);
    expect(sets.slice(1).every(([pair, ...others], i) => pair === pairs[i] && others.length === 0)).toBe(true);
  });

  test('are listed in linear time if it is in a photo of many faces', () => {
    const sets = cannotLinkSets(
      Array.from({ length: count }, () => 'a'),
      [],
    );
    expect(sets[0]).toEqual([Array.from({ length: count }, (_, i) => i)]);
    expect(sets.every((own) => own === sets[0])).toBe(true);
  });

  test('do not add its pairs to those of the other faces of its photo', () => {
    const pairs = Array.from({ length: 40 }, (_, i): [number, number] => [0, i + 2]);
    const sets = cannotLinkSets(
      Array.from({ length: 42 }, (_, i) => (i < 2 ? 'a' : undefined)),
      pairs,
    );
    expect(sets[0]).toEqual([[0, 1], ...pairs]);
    expect(sets[1]).toEqual([[0, 1]]);
  });
});

describe('agglomerative', () => {
  test('matches a naive implementation of constrained average linkage', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 0, max: 10_000 }), { minLength: 10, maxLength: 10 }),
        fc.array(fc.option(fc.nat(3), { nil: undefined }), { minLength: 10, maxLength: 10 }),
        pairList(10),
        fc.integer({ min: 1, max: 5000 }),
        async (positions, photos, pairs, within) => {
          // The sine avoids equal mean distances, which are common among integers.
          const faces = positions.map((x, i) => faceAt(x + Math.sin(x), 0, photos[i]));
          const points = faces.map(({ embedding }) => embedding);
          const cannotLink = cannotLinkSets(photos, pairs);
          const clustering = { rule, method: 'agglomerative', within, known: [], cannotLink, seed: 1 } as const;
          const labels = await labelByAllPairs(points, clustering);
          const differ = (a: number, b: number) =>
            (photos[a] !== undefined && photos[a] === photos[b]) ||
            pairs.some((pair) => pair.includes(a) && pair.includes(b));
          expect(labels).toEqual(naiveAverageLinkage(points, within, differ));
        },
      ),
      { numRuns: 300 },
    );
  });
});

/**
 * An independent reference: joins the two nearest clusters that no constraint keeps apart until none are within the
 * threshold.
 *
 * @returns for each point, the first point of its cluster.
 */
function naiveAverageLinkage(
  points: readonly Float32Array[],
  within: number,
  differ: (a: number, b: number) => boolean,
): number[] {
  let clusters = points.map((_, i) => [i]);
  const distance = (a: number, b: number) =>
    Math.hypot(...(points[a] as Float32Array).map((value, i) => value - (points[b]?.[i] as number)));
  for (;;) {
    const joins = clusters.flatMap((a, i) =>
      clusters
        .slice(i + 1)
        .filter((b) => !a.some((x) => b.some((y) => differ(x, y))))
        .map((b) => {
          const distances = a.flatMap((x) => b.map((y) => distance(x, y)));
          return { a, b, mean: distances.reduce((sum, value) => sum + value, 0) / distances.length };
        }),
    );
    const [nearest] = joins.sort((p, q) => p.mean - q.mean);
    if (!nearest || nearest.mean > within) break;
    const { a, b } = nearest;
    clusters = [...clusters.filter((cluster) => cluster !== a && cluster !== b), [...a, ...b]];
  }
  return points.map((_, i) => Math.min(...(clusters.find((cluster) => cluster.includes(i)) as number[])));
}

describe('known clusters with constraints', () => {
  test('keep their faces, and new faces never join across a constraint', async () => {
    await fc.assert(
      fc.asyncProperty(constrained, fc.nat(24), async ({ faces, cannotLink, seed }, count) => {
        const first = faces.slice(0, count);
        const known = await clusterFaces(
          first.map((face) => ({ ...face, photo: undefined })),
          facenet,
          { seed },
        );
        const grown = await clusterFaces(faces, facenet, { known, cannotLink, seed });
        for (const { members } of known) {
          expect(clusterOf(grown, members[0] as number)?.members).toEqual(expect.arrayContaining(members));
        }
        for (const [a, b] of violations(grown, faces, cannotLink) as [number, number][]) {
          expect(clusterOf(known, a)).toBe(clusterOf(known, b));
          expect(clusterOf(known, a)).toBeDefined();
        }
      }),
      { numRuns: 300 },
    );
  });

  test('accept the nearer of two new faces of the same photo', async () => {
    const faces = [faceAt(0), faceAt(0.2, 0, 'a'), faceAt(0.1, 0, 'a')];
    const known = [{ members: [0], representative: 0 }];
    expect(membersOf(await clusterFaces(faces, facenet, { known }))).toEqual([[0, 2], [1]]);
  });

  test('accept no second face of a photo', async () => {
    const faces = [faceAt(0, 0, 'a'), faceAt(0.01, 0, 'a'), faceAt(0.02, 0, 'a')];
    const known = [{ members: [0, 1], representative: 0 }];
    expect(membersOf(await clusterFaces(faces, facenet, { known }))).toEqual([[0, 1], [2]]);
  });
});
