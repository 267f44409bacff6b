import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Cluster, clusterFaces } from '../../../lib/clustering/cluster.ts';
import { representative } from '../../../lib/clustering/representative.ts';
import { seeded as random } from '../../../lib/core/random.ts';
import { bCubedScore, pairwiseScore } from '../../../lib/evaluation/clustering.ts';
import { rule, Synthetic } from '../../support/synthetic.ts';

const facenet = { rule };
const methods = ['chinese-whispers', 'agglomerative'] as const;

/** Faces of people, some alone, in no order, with who each is. */
function pile(people: number, seed = 5) {
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

describe.each(methods)('%s', (method) => {
  test('finds the people', async () => {
    const faces = pile(60);
    const clusters = await clusterFaces(faces, facenet, { method });
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

  test('is the same in every run, and does not care how the space is turned', async () => {
    const faces = pile(20);
    const once = await clusterFaces(faces, facenet, { method });
    expect(await clusterFaces(faces, facenet, { method })).toEqual(once);
    const mirrored = faces.map((face) => ({ ...face, embedding: face.embedding.map((value) => -value).reverse() }));
    expect((await clusterFaces(mirrored, facenet, { method })).map(({ members }) => members)).toEqual(
      once.map(({ members }) => members),
    );
  });

  test('gives the same people, whatever the order of the faces and of the space’s axes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 1, max: 10 }), async (seed, people) => {
        const faces = pile(people, seed);
        const draw = random(seed);
        const order = faces.map((_, i) => ({ i, at: draw() })).sort((a, b) => a.at - b.at);
        const axes = Array.from({ length: 128 }, (_, i) => ({ i, at: draw(), sign: draw() < 0.5 ? -1 : 1 }));
        axes.sort((a, b) => a.at - b.at);
        const turned = order.map(({ i }) => {
          const face = faces[i] as (typeof faces)[0];
          return {
            ...face,
            embedding: Float32Array.from(axes, (axis) => axis.sign * (face.embedding[axis.i] as number)),
          };
        });
        const before = labelsOf(await clusterFaces(faces, facenet, { method }), faces.length);
        const after = labelsOf(await clusterFaces(turned, facenet, { method }), faces.length);
        const back = Array<number>(faces.length);
        order.forEach(({ i }, place) => {
          back[i] = after[place] as number;
        });
        expect(pairwiseScore(back, before).f).toBe(1);
      }),
      { numRuns: 30 },
    );
  });

  test('puts the same face twice together, and every face into one cluster', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1e6 }), fc.nat(1000), async (seed, which) => {
        const faces = pile(6, seed);
        const twin = which % faces.length;
        const clusters = await clusterFaces([...faces, faces[twin] as (typeof faces)[0]], facenet, { method });
        const labels = labelsOf(clusters, faces.length + 1);
        expect(labels[faces.length]).toBe(labels[twin]);
        expect(clusters.flatMap(({ members }) => members).sort((a, b) => a - b)).toEqual(labels.map((_, i) => i));
      }),
      { numRuns: 30 },
    );
  });

  test('takes nothing and one face, and gives up on a signal', async () => {
    expect(await clusterFaces([], facenet, { method })).toEqual([]);
    expect(await clusterFaces(pile(1).slice(0, 1), facenet, { method })).toEqual([{ members: [0], representative: 0 }]);
    await expect(clusterFaces(pile(3), facenet, { method, signal: AbortSignal.abort('no') })).rejects.toBe('no');
  });
});

describe('agglomerative', () => {
  test('joins by the mean distance, as joining step by step does', async () => {
    const { agglomerative } = await import('../../../lib/clustering/agglomerative.ts');
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 0, max: 10_000 }), { minLength: 2, maxLength: 12 }),
        fc.integer({ min: 1, max: 5000 }),
        async (places, within) => {
          // A little of the square keeps mean distances apart, which on whole numbers could be equal.
          const points = places.map((place) => new Float32Array([place + Math.sin(place)]));
          const labels = await agglomerative(points, within, 'euclidean');
          expect(pairwiseScore(labels, stepByStep(points, within)).f).toBe(1);
        },
      ),
      { numRuns: 200 },
    );
  });
});

/** Average linkage as its definition has it, by looking at all pairs of clusters again and again. */
function stepByStep(points: readonly Float32Array[], within: number): number[] {
  let clusters = points.map((_, i) => [i]);
  const apart = (a: readonly number[], b: readonly number[]) => {
    let sum = 0;
    for (const i of a) for (const j of b) sum += Math.abs((points[i]?.[0] as number) - (points[j]?.[0] as number));
    return sum / a.length / b.length;
  };
  for (;;) {
    let best: { distance: number; a: number[]; b: number[] } | undefined;
    for (const [i, a] of clusters.entries()) {
      for (const b of clusters.slice(i + 1)) {
        const distance = apart(a, b);
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

describe('new faces', () => {
  test('join the clusters that are there, which stay as they are', async () => {
    const faces = pile(40);
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

  test('join an old one though they are nearer to each other', async () => {
    const synthetic = new Synthetic(3);
    const centres = Array.from({ length: 5 }, () => synthetic.person());
    const old = centres.map((embedding) => ({ embedding, model: rule.model }));
    const known = await clusterFaces(old, facenet);
    const shots = (centre: Float32Array) => {
      // Some new photos of one moment, all of them a little off the old one.
      const moment = synthetic.near(centre, 0.2);
      return Array.from({ length: 3 }, () => ({ embedding: synthetic.near(moment, 0.02), model: rule.model }));
    };
    const faces = [...old, ...centres.flatMap(shots)];
    for (const seed of [1, 2, 3]) {
      const grown = await clusterFaces(faces, facenet, { known, seed });
      const labels = labelsOf(grown, faces.length);
      expect(grown.map(({ members }) => members.length)).toEqual(Array(5).fill(4));
      faces.slice(5).forEach((_, i) => {
        expect(labels[5 + i]).toBe(labels[Math.floor(i / 3)]);
      });
    }
  });

  test('need known clusters of the first faces, and Chinese Whispers', async () => {
    const faces = pile(3);
    const wrong: Cluster[] = [{ members: [1], representative: 1 }];
    for (const options of [{ known: wrong }, { known: wrong, method: 'agglomerative' as const }]) {
      await expect(clusterFaces(faces, facenet, options)).rejects.toMatchObject({ code: 'option-invalid' });
    }
    const other = [{ embedding: new Float32Array(128), model: 'other' }];
    await expect(clusterFaces(other, facenet)).rejects.toMatchObject({ code: 'model-mismatch' });
    await expect(clusterFaces([], facenet, { method: 'k-means' as never })).rejects.toMatchObject({
      code: 'option-invalid',
    });
  });
});

describe('a representative', () => {
  test('is in the middle, and rather of good quality', () => {
    const at = [0, 1, 2, 3, 4].map((x) => new Float32Array([x, 0]));
    const members = [0, 1, 2, 3, 4];
    expect(representative(members, at, () => 1, 'euclidean')).toBe(2);
    expect(representative(members, at, (member) => (member === 2 ? 0.1 : 1), 'euclidean')).not.toBe(2);
  });
});

describe('the measures', () => {
  test('count as the papers do', () => {
    // Amigó et al., 2009, figure 10's kind of example, by hand: clusters {a a b} {b b}.
    const [labels, truth] = [
      [1, 1, 1, 2, 2],
      ['a', 'a', 'b', 'b', 'b'],
    ];
    expect(pairwiseScore(labels, truth)).toEqual({ precision: 2 / 4, recall: 2 / 4, f: 0.5 });
    const { precision, recall } = bCubedScore(labels, truth);
    expect(precision).toBeCloseTo((2 / 3 + 2 / 3 + 1 / 3 + 1 + 1) / 5, 12);
    expect(recall).toBeCloseTo((1 + 1 + 1 / 3 + 2 / 3 + 2 / 3) / 5, 12);
  });

  test('lie from 0 to 1, are 1 for the truth, and do not care for names', () => {
    const labels = fc.array(fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 4 })), { minLength: 1 });
    fc.assert(
      fc.property(labels, (pairs) => {
        const [a, b] = [pairs.map(([x]) => x), pairs.map(([, y]) => y)];
        for (const score of [pairwiseScore, bCubedScore]) {
          const { precision, recall, f } = score(a, b);
          for (const value of [precision, recall, f]) {
            expect(value).toBeGreaterThanOrEqual(0);
            expect(value).toBeLessThanOrEqual(1 + 1e-12);
          }
          expect(score(a, a).f).toBeCloseTo(1, 12);
          expect(
            score(
              a.map((x) => `n${x}`),
              b,
            ),
          ).toEqual({ precision, recall, f });
          expect(score(b, a).precision).toBeCloseTo(recall, 12);
        }
      }),
    );
  });
});
