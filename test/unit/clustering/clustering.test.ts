import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Cluster, clusterFaces } from '../../../lib/clustering/cluster.ts';
import { labelByAllPairs } from '../../../lib/clustering/label.ts';
import { representative } from '../../../lib/clustering/representative.ts';
import { seeded as random } from '../../../lib/core/random.ts';
import { bCubedScore, pairwiseScore } from '../../../lib/evaluation/clustering.ts';
import { rule, Synthetic } from '../../support/synthetic.ts';

const facenet = { rule };
const methods = ['chinese-whispers', 'agglomerative'] as const;
const searches = ['exact', 'approximate'] as const;

/** Faces of a number of people in random order, 1 to 12 each, with the person of each face. */
function randomFaces(people: number, seed = 5) {
  const synthetic = new Synthetic(seed);
  const draw = random(seed);
  const faces = Array.from({ length: people }, (_, person) => {
    const centre = synthetic.person();
    const count = 1 + Math.floor(draw() ** 2 * 12);
    return Array.from({ length: count }, () => ({
      person,
      order: draw(),
      embedding: synthetic.near(centre, 0.2),
      model: rule.model,
    }));
  }).flat();
  return faces.sort((a, b) => a.order - b.order);
}

const labelsOf = (clusters: readonly Cluster[], count: number) => {
  const labels = Array<number>(count).fill(-1);
  clusters.forEach(({ members }, label) => {
    for (const member of members) labels[member] = label;
  });
  return labels;
};

describe.each(methods.flatMap((method) => searches.map((neighbours) => ({ method, neighbours }))))(
  '$method with $neighbours neighbours',
  (given) => {
    test('finds the people and sorts the clusters by size', async () => {
      const faces = randomFaces(60);
      const clusters = await clusterFaces(faces, facenet, given);
      const labels = labelsOf(clusters, faces.length);
      const truth = faces.map(({ person }) => person);
      expect(labels).not.toContain(-1);
      expect(pairwiseScore(labels, truth).f).toBeGreaterThan(0.98);
      expect(bCubedScore(labels, truth).f).toBeGreaterThan(0.98);
      expect(clusters.map(({ members }) => members.length)).toEqual(
        clusters.map(({ members }) => members.length).sort((a, b) => b - a),
      );
      for (const { members, representative } of clusters) expect(members).toContain(representative);
    });

    test('is deterministic and invariant to a rotation of the embedding space', async () => {
      const faces = randomFaces(20);
      const first = await clusterFaces(faces, facenet, given);
      expect(await clusterFaces(faces, facenet, given)).toEqual(first);
      const mirrored = faces.map((face) => ({ ...face, embedding: face.embedding.map((value) => -value).reverse() }));
      expect((await clusterFaces(mirrored, facenet, given)).map(({ members }) => members)).toEqual(
        first.map(({ members }) => members),
      );
    });

    test('is invariant to the order of the faces and to signed permutations of the axes', async () => {
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 1, max: 10 }), async (seed, people) => {
          const faces = randomFaces(people, seed);
          const draw = random(seed);
          const order = faces.map((_, i) => ({ i, key: draw() })).sort((a, b) => a.key - b.key);
          const axes = Array.from({ length: 128 }, (_, i) => ({ i, key: draw(), sign: draw() < 0.5 ? -1 : 1 }));
          axes.sort((a, b) => a.key - b.key);
          const permuted = order.map(({ i }) => {
            const face = faces[i] as (typeof faces)[0];
            return {
              ...face,
              embedding: Float32Array.from(axes, (axis) => axis.sign * (face.embedding[axis.i] as number)),
            };
          });
          const before = labelsOf(await clusterFaces(faces, facenet, given), faces.length);
          const after = labelsOf(await clusterFaces(permuted, facenet, given), faces.length);
          const restored = Array<number>(faces.length);
          order.forEach(({ i }, position) => {
            restored[i] = after[position] as number;
          });
          expect(pairwiseScore(restored, before).f).toBe(1);
        }),
        { numRuns: 30 },
      );
    });

    test('clusters duplicates together and assigns every face to exactly one cluster', async () => {
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 1, max: 1e6 }), fc.nat(1000), async (seed, which) => {
          const faces = randomFaces(6, seed);
          const twin = which % faces.length;
          const clusters = await clusterFaces([...faces, faces[twin] as (typeof faces)[0]], facenet, given);
          const labels = labelsOf(clusters, faces.length + 1);
          expect(labels[faces.length]).toBe(labels[twin]);
          expect(clusters.flatMap(({ members }) => members).sort((a, b) => a - b)).toEqual(labels.map((_, i) => i));
        }),
        { numRuns: 30 },
      );
    });

    test('accepts empty and single inputs and rejects when aborted', async () => {
      expect(await clusterFaces([], facenet, given)).toEqual([]);
      expect(await clusterFaces(randomFaces(1).slice(0, 1), facenet, given)).toEqual([
        { members: [0], representative: 0 },
      ]);
      await expect(clusterFaces(randomFaces(3), facenet, { ...given, signal: AbortSignal.abort('no') })).rejects.toBe(
        'no',
      );
    });
  },
);

describe('agglomerative', () => {
  test('matches a naive implementation of average linkage', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 0, max: 10_000 }), { minLength: 2, maxLength: 12 }),
        fc.integer({ min: 1, max: 5000 }),
        async (positions, within) => {
          // The sine avoids equal mean distances, which are common among integers.
          const points = positions.map((x) => new Float32Array([x + Math.sin(x)]));
          const clustering = { rule, method: 'agglomerative', within, known: [], cannotLink: [], seed: 1 } as const;
          const labels = await labelByAllPairs(points, clustering);
          expect(pairwiseScore(labels, naiveAverageLinkage(points, within)).f).toBe(1);
        },
      ),
      { numRuns: 200 },
    );
  });
});

/** An independent reference: average linkage by its definition, comparing all pairs of clusters in every step. */
function naiveAverageLinkage(points: readonly Float32Array[], within: number): number[] {
  let clusters = points.map((_, i) => [i]);
  const meanDistance = (a: readonly number[], b: readonly number[]) => {
    let sum = 0;
    for (const i of a) for (const j of b) sum += Math.abs((points[i]?.[0] as number) - (points[j]?.[0] as number));
    return sum / a.length / b.length;
  };
  for (;;) {
    let best: { distance: number; a: number[]; b: number[] } | undefined;
    for (const [i, a] of clusters.entries()) {
      for (const b of clusters.slice(i + 1)) {
        const distance = meanDistance(a, b);
        if (distance <= within && distance < (best?.distance ?? Number.POSITIVE_INFINITY)) best = { distance, a, b };
      }
    }
    if (!best) break;
    const { a, b } = best;
    clusters = [...clusters.filter((cluster) => cluster !== a && cluster !== b), [...a, ...b]];
  }
  const labels: number[] = [];
  clusters.forEach((members, label) => {
    for (const member of members) labels[member] = label;
  });
  return labels;
}

describe('known clusters', () => {
  test('stay together while new faces join them', async () => {
    const faces = randomFaces(40);
    const half = faces.length >> 1;
    const known = await clusterFaces(faces.slice(0, half), facenet);
    const grown = await clusterFaces(faces, facenet, { known });
    const before = labelsOf(known, half);
    const after = labelsOf(grown, faces.length);
    expect(pairwiseScore(after.slice(0, half), before).f).toBe(1);
    expect(
      bCubedScore(
        after,
        faces.map(({ person }) => person),
      ).f,
    ).toBeGreaterThan(0.97);
  });

  test('absorb new faces of their people that are nearer to each other than to the known face', async () => {
    const synthetic = new Synthetic(3);
    const centres = Array.from({ length: 5 }, () => synthetic.person());
    const knownFaces = centres.map((embedding) => ({ embedding, model: rule.model }));
    const known = await clusterFaces(knownFaces, facenet);
    const shots = (centre: Float32Array) => {
      // Photos taken in a burst: nearer to each other than to the known face.
      const burst = synthetic.near(centre, 0.2);
      return Array.from({ length: 3 }, () => ({ embedding: synthetic.near(burst, 0.02), model: rule.model }));
    };
    const faces = [...knownFaces, ...centres.flatMap(shots)];
    for (const seed of [1, 2, 3]) {
      const grown = await clusterFaces(faces, facenet, { known, seed });
      const labels = labelsOf(grown, faces.length);
      expect(grown.map(({ members }) => members.length)).toEqual(Array(5).fill(4));
      faces.slice(5).forEach((_, i) => {
        expect(labels[5 + i]).toBe(labels[Math.floor(i / 3)]);
      });
    }
  });

  test('must hold the first faces and require Chinese Whispers', async () => {
    const faces = randomFaces(3);
    const wrong: Cluster[] = [{ members: [1], representative: 1 }];
    for (const options of [{ known: wrong }, { known: wrong, method: 'agglomerative' as const }]) {
      await expect(clusterFaces(faces, facenet, options)).rejects.toMatchObject({ code: 'option-invalid' });
    }
    const other = [{ embedding: new Float32Array(128), model: 'other' }];
    await expect(clusterFaces(other, facenet)).rejects.toMatchObject({
      code: 'model-mismatch',
      message: expect.stringMatching(/^\d+ of \d+ faces are not of "/),
    });
    await expect(clusterFaces([], facenet, { method: 'k-means' as never })).rejects.toMatchObject({
      code: 'option-invalid',
    });
  });
});

describe('approximate neighbours', () => {
  test.each(methods)('%s: join the near-copies of one person, which fill the lists of neighbours', async (method) => {
    const synthetic = new Synthetic(7);
    const faces = Array.from({ length: 3 }, () => synthetic.person()).flatMap((centre, person) =>
      Array.from({ length: 3 }, () => synthetic.near(centre, 0.2)).flatMap((photo) =>
        Array.from({ length: 50 }, () => ({ person, embedding: synthetic.near(photo, 0.01), model: rule.model })),
      ),
    );
    const clusters = await clusterFaces(faces, facenet, { method, neighbours: 'approximate' });
    expect(clusters.map(({ members }) => members.length)).toEqual([150, 150, 150]);
    for (const { members } of clusters) expect(new Set(members.map((i) => faces[i]?.person)).size).toBe(1);
  });

  test.each(methods)('%s: keep faces of one photo apart', async (method) => {
    const synthetic = new Synthetic(8);
    const centre = synthetic.person();
    const faces = Array.from({ length: 120 }, (_, i) => ({
      embedding: synthetic.near(centre, 0.1),
      model: rule.model,
      photo: i >> 1,
    }));
    const clusters = await clusterFaces(faces, facenet, { method, neighbours: 'approximate' });
    for (const { members } of clusters) {
      const photos = members.map((i) => i >> 1);
      expect(new Set(photos).size).toBe(photos.length);
    }
    expect(clusters[0]?.members.length).toBeGreaterThan(30);
  });

  test('agglomerative: average all faces of crowded clusters, as with all pairs', async () => {
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const synthetic = new Synthetic(seed);
      const centre = synthetic.person();
      // Siblings whose mean distance is near the threshold, with more photos than a list of neighbours holds.
      const faces = [0, 1].flatMap(() => {
        const sibling = synthetic.near(centre, 0.2 + 0.01 * seed);
        return Array.from({ length: 40 }, () => ({ embedding: synthetic.near(sibling, 0.2), model: rule.model }));
      });
      const options = { method: 'agglomerative', far: 1e-3 } as const;
      const approximate = await clusterFaces(faces, facenet, { ...options, neighbours: 'approximate' });
      expect(approximate).toEqual(await clusterFaces(faces, facenet, options));
    }
  });

  test('need embeddings of length 1', async () => {
    const faces = randomFaces(3).map((face) => ({ ...face, embedding: face.embedding.map((value) => 10 * value) }));
    await expect(clusterFaces(faces, facenet, { neighbours: 'approximate' })).rejects.toMatchObject({
      code: 'model-mismatch',
    });
  });

  test('extend known clusters', async () => {
    const faces = randomFaces(40);
    const half = faces.length >> 1;
    const options = { neighbours: 'approximate' } as const;
    const known = await clusterFaces(faces.slice(0, half), facenet, options);
    const grown = await clusterFaces(faces, facenet, { ...options, known });
    expect(grown).toEqual(await clusterFaces(faces, facenet, { known }));
  });

  test('are refused if the option is unknown', async () => {
    await expect(clusterFaces([], facenet, { neighbours: 'some' as never })).rejects.toMatchObject({
      code: 'option-invalid',
      message: expect.stringContaining('"exact" or "approximate"'),
    });
  });
});

describe('representative', () => {
  test('of a large cluster is near its centre', async () => {
    const embeddings = Array.from({ length: 4001 }, (_, i) => new Float32Array([i, 0]));
    const chosen = await representative([...embeddings.keys()], embeddings, () => 1, 'euclidean');
    expect(Math.abs(chosen - 2000)).toBeLessThan(10);
  });

  test('is the medoid, unless its quality is low', async () => {
    const embeddings = [0, 1, 2, 3, 4].map((x) => new Float32Array([x, 0]));
    const members = [0, 1, 2, 3, 4];
    expect(await representative(members, embeddings, () => 1, 'euclidean')).toBe(2);
    expect(await representative(members, embeddings, (member) => (member === 2 ? 0.1 : 1), 'euclidean')).not.toBe(2);
  });
});
