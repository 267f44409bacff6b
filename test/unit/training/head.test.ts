import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { compareEmbeddings } from '../../../lib/comparison/compare.ts';
import type { FaceNetError } from '../../../lib/core/errors.ts';
import { seeded } from '../../../lib/core/random.ts';
import { Gallery } from '../../../lib/gallery/index.ts';
import {
  type ComputeObjective,
  contrastiveObjective,
  cosineObjective,
  tripletObjective,
} from '../../../lib/training/head/objectives.ts';
import { principalDirections } from '../../../lib/training/head/principal.ts';
import {
  countNumbers,
  initialProjection,
  project,
  projectionGradient,
  projectionOf,
} from '../../../lib/training/head/projection.ts';
import { splitPeople } from '../../../lib/training/head/split.ts';
import { validate } from '../../../lib/training/head/validation.ts';
import { Head, type HeadEpoch, type HeadExample, selectTriplets, trainHead } from '../../../lib/training/index.ts';
import { contrastiveLoss, largeMarginCosineLoss, tripletLoss } from '../../../lib/training/triplets/losses.ts';

beforeAll(() => tf.setBackend('cpu'));

const normal = (random: () => number) => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

function unitVector(values: number[]): Float32Array {
  const length = Math.hypot(...values);
  return Float32Array.from(values, (value) => value / length);
}

/**
 * People who differ in the first numbers of their embeddings, while the last are noise that is as loud: an embedder that is not made
 * for these photos, and what a head can mend.
 */
function noisyPeople(people: number, faces: number, seed = 5, dimension = 24): HeadExample[] {
  const random = seeded(seed);
  return Array.from({ length: people }, (_, person) => {
    const self = Array.from({ length: dimension / 3 }, () => normal(random));
    return Array.from({ length: faces }, () => ({
      person: `person ${person}`,
      model: 'base',
      embedding: unitVector(
        Array.from({ length: dimension }, (_, i) => (self[i] ?? 0) + (i < self.length ? 0.2 : 1) * normal(random)),
      ),
    }));
  }).flat();
}

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'none',
    (error: FaceNetError) => error.code,
  );

describe('a head’s gradient', () => {
  const labels = [0, 0, 0, 1, 1, 2, 2, 3];
  const shapes = [
    { inputs: 6, outputs: 6, hidden: 0 },
    { inputs: 6, outputs: 3, hidden: 4 },
    { inputs: 4, outputs: 7, hidden: 5 },
  ];
  /** A head in the middle of its training: every number is used. */
  const anyProjection = (shape: (typeof shapes)[number], random: () => number) =>
    projectionOf(
      shape,
      Float64Array.from({ length: countNumbers(shape) }, () => normal(random)),
    );
  const vectorsOf = (inputs: number, random: () => number) =>
    labels.map(() => unitVector(Array.from({ length: inputs }, () => normal(random))));

  const objectives: [string, (units: Float64Array[]) => ComputeObjective][] = [
    ['triplet, hardest', () => tripletObjective({ mining: { negatives: 'hardest' }, margin: 0.5 }, seeded(1))],
    ['triplet, random', () => tripletObjective({ mining: { negatives: 'random' }, margin: 2 }, () => 0)],
    ['contrastive', () => contrastiveObjective(1.7)],
    ['large-margin cosine', (units) => cosineObjective(units, labels, 0.3).compute],
  ];

  test.each(objectives)('agrees with finite differences: %s', (_, make) => {
    for (const shape of shapes) {
      const random = seeded(9);
      const projection = anyProjection(shape, random);
      const vectors = vectorsOf(shape.inputs, random);
      const compute = make(project(projection, vectors).units);
      const lossAt = (numbers: Float64Array) =>
        compute(project(projectionOf(shape, numbers), vectors).units, labels).loss;
      const projected = project(projection, vectors);
      const { loss, slopes } = compute(projected.units, labels);
      expect(loss).toBeGreaterThan(0);
      const gradient = projectionGradient(projection, vectors, projected, slopes);
      const step = 1e-6;
      gradient.forEach((slope, i) => {
        const [up, down] = [projection.numbers.slice(), projection.numbers.slice()];
        up[i] = (up[i] as number) + step;
        down[i] = (down[i] as number) - step;
        expect(slope).toBeCloseTo((lossAt(up) - lossAt(down)) / (2 * step), 5);
      });
    }
  });

  test('of the people’s directions agrees with finite differences', () => {
    const random = seeded(4);
    const units = vectorsOf(5, random).map((vector) => Float64Array.from(vector));
    const { compute, directions } = cosineObjective(units, labels, 0.3);
    for (const { numbers } of directions) for (let i = 0; i < 5; i++) numbers[i] = normal(random);
    compute(units, labels);
    const slopes = directions.map(({ slope }) => slope.slice());
    directions.forEach(({ numbers }, person) => {
      for (let i = 0; i < 5; i++) {
        const at = numbers[i] as number;
        const [up, down] = [1e-6, -1e-6].map((step) => {
          numbers[i] = at + step;
          return compute(units, labels).loss;
        }) as [number, number];
        numbers[i] = at;
        expect(slopes[person]?.[i]).toBeCloseTo((up - down) / 2e-6, 5);
      }
    });
  });

  test('the losses are those of the TensorFlow.js ones', async () => {
    const random = seeded(2);
    const vectors = vectorsOf(6, random);
    const units = vectors.map((vector) => Float64Array.from(vector));
    const rows = tf.tensor2d(vectors.map((vector) => [...vector]));
    const number = async (loss: { data(): Promise<ArrayLike<number>> }) => (await loss.data())[0] as number;

    const triplets = selectTriplets(vectors, labels, { negatives: 'hardest', margin: 0.4 });
    const triplet = tripletObjective({ mining: { negatives: 'hardest' }, margin: 0.4 }, random)(units, labels);
    expect(triplet.loss).toBeCloseTo(
      (await number(tripletLoss(tf, rows, triplets, { margin: 0.4 }))) / triplets.length,
      5,
    );

    // With a face of each of two people in excess there are as few pairs of two people as of one.
    const [two, twoLabels] = [units.slice(0, 3), [0, 0, 1]];
    const pairs = [{ a: 0, b: 1, same: true }, [0, 2], [1, 2]] as const;
    const near = [pairs[1], pairs[2]].sort(
      (x, y) => distance(two[x[0]], two[x[1]]) - distance(two[y[0]], two[y[1]]),
    )[0] as readonly [number, number];
    const contrastive = contrastiveLoss(tf, rows, [pairs[0], { a: near[0], b: near[1], same: false }]);
    expect(contrastiveObjective()(two, twoLabels).loss).toBeCloseTo((await number(contrastive)) / 2, 5);

    const { compute, directions } = cosineObjective(units, labels, 0.35);
    const people = tf.transpose(tf.tensor2d(directions.map(({ numbers }) => [...numbers])));
    const cosine = largeMarginCosineLoss(tf, rows, people as tf.Tensor2D, labels, { scale: 16, margin: 0.35 });
    expect(compute(units, labels).loss).toBeCloseTo(await number(cosine), 4);
  });
});

const distance = (a: ArrayLike<number> = [], b: ArrayLike<number> = []) =>
  Math.hypot(...Array.from(a, (value, i) => value - (b[i] as number)));

describe('a head that has not learned yet', () => {
  const vectors = noisyPeople(6, 4).map(({ embedding }) => embedding);

  test('changes nothing, with a hidden layer or without, to as many dimensions or more', () => {
    for (const [outputs, hidden] of [
      [24, 0],
      [24, 8],
      [30, 8],
    ] as const) {
      const projection = initialProjection({ inputs: 24, outputs, hidden }, vectors, seeded(1));
      for (const [i, unit] of project(projection, vectors).units.entries()) {
        expect(unit).toHaveLength(outputs);
        expect(distance(unit.subarray(0, 24), vectors[i])).toBeCloseTo(0, 6);
        expect(unit.subarray(24).every((value) => value === 0)).toBe(true);
      }
    }
  });

  test('keeps distances to fewer dimensions, when that is all there is', () => {
    const flat = vectors.map((vector) => unitVector(Array.from(vector, (value, i) => (i < 5 ? value : 0))));
    const projection = initialProjection({ inputs: 24, outputs: 6, hidden: 0 }, flat, seeded(1));
    const { units } = project(projection, flat);
    expect(distance(units[0], units[9])).toBeCloseTo(
      Math.hypot(...(flat[0] as Float32Array).map((value, i) => value - (flat[9]?.[i] as number))),
      4,
    );
  });

  test('always makes vectors of length 1', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 8, maxLength: 8 }), (values) => {
        const random = seeded(3);
        const shape = { inputs: 8, outputs: 5, hidden: 3 };
        const projection = projectionOf(
          shape,
          Float64Array.from({ length: countNumbers(shape) }, () => normal(random)),
        );
        const [unit] = project(projection, [values]).units;
        expect(Math.hypot(...(unit as Float64Array))).toBeCloseTo(1, 9);
      }),
    );
  });
});

describe('principal directions', () => {
  test('are the axes along which vectors spread, the widest first', () => {
    const random = seeded(8);
    const vectors = Array.from({ length: 300 }, () => [normal(random), 9 * normal(random), 3 * normal(random), 5]);
    const [first, second] = principalDirections(vectors, 2, random) as [Float64Array, Float64Array];
    expect(Math.abs(first[1] as number)).toBeGreaterThan(0.99);
    expect(Math.abs(second[2] as number)).toBeGreaterThan(0.99);
    expect(first[3]).toBeCloseTo(0, 9);
  });

  test('exist even where vectors do not spread', () => {
    const directions = principalDirections([[1, 2, 3]], 3, seeded(1));
    expect(directions.map((direction) => Math.round(Math.hypot(...direction)))).toEqual([1, 1, 1]);
  });
});

describe('holding people out', () => {
  const labels = ['a', 'a', 'b', 'b', 'b', 'c', 'c', 'd', 'd', 'e', 'f', 'g', 'h'];

  test('takes people whole, and of those with one face as large a share', () => {
    const { learned, heldOut } = splitPeople(labels, 0.5, seeded(1));
    expect([...learned, ...heldOut].sort((x, y) => x - y)).toEqual(labels.map((_, i) => i));
    const [a, b] = [learned, heldOut].map((places) => new Set(places.map((place) => labels[place])));
    expect([...(a as Set<string>)].filter((label) => b?.has(label))).toEqual([]);
    expect([a?.size, b?.size]).toEqual([4, 4]);
  });

  test('needs two people with two faces on each side, or on one', () => {
    expect(() => splitPeople(['a', 'a', 'b', 'b', 'c', 'c', 'd'], 0.2, seeded(1))).toThrow(
      expect.objectContaining({ code: 'examples-too-few' }),
    );
    expect(splitPeople(['a', 'a', 'b', 'b', 'c'], 0, seeded(1))).toMatchObject({ heldOut: [] });
  });
});

test('the decidability index is that of two normal distributions', () => {
  const pairs = [1, 2, 3].flatMap((distance) => [
    { same: true, distance },
    { same: false, distance: distance + 5 },
  ]);
  expect(validate(pairs).decidability).toBeCloseTo(5 / Math.sqrt(2 / 3), 9);
  expect(validate(pairs).equalErrorRate).toBe(0);
});

describe('trainHead', () => {
  const examples = noisyPeople(30, 5);

  test.each(['triplet', 'contrastive', 'large-margin-cosine'] as const)(
    'separates people it has never seen: %s',
    async (loss) => {
      const epochs: HeadEpoch[] = [];
      await using head = await trainHead(examples, {
        loss,
        epochs: 40,
        learningRate: 0.003,
        onEpoch: (epoch) => epochs.push(epoch),
      });
      const { before, after, bestEpoch } = head.report;
      expect(bestEpoch).toBeGreaterThan(0);
      expect(after?.decidability).toBeGreaterThan(before?.decidability as number);
      expect(after?.equalErrorRate).toBeLessThan(before?.equalErrorRate as number);
      expect(epochs.map(({ epoch }) => epoch)).toEqual(epochs.map((_, i) => i));
      expect(epochs.at(bestEpoch)?.loss).toBeLessThan(epochs[0]?.loss as number);
      // Strangers whom training knows nothing of at all.
      const strangers = noisyPeople(40, 5, 77);
      const separation = (faces: readonly HeadExample[]) => {
        const units = faces.map(({ embedding }) => embedding);
        return validate(
          units.flatMap((a, i) =>
            units.slice(i + 1).map((b, j) => ({
              same: faces[i]?.person === faces[i + 1 + j]?.person,
              distance: Math.hypot(...a.map((value, k) => value - (b[k] as number))),
            })),
          ),
        ).decidability;
      };
      expect(separation(head.apply(strangers))).toBeGreaterThan(separation(strangers));
    },
  );

  test('counts fewer active triplets as it learns, and draws every face', async () => {
    const epochs: HeadEpoch[] = [];
    await using _ = await trainHead(examples, {
      epochs: 12,
      learningRate: 0.01,
      plot: true,
      onEpoch: (epoch) => epochs.push(epoch),
    });
    const [first, last] = [epochs[0], epochs.at(-1)] as [HeadEpoch, HeadEpoch];
    expect(last.triplets.active).toBeLessThan(0.7 * first.triplets.active);
    expect(first.triplets.active).toBe(first.triplets.hard + first.triplets.semiHard);
    expect(last.triplets.valid).toBeGreaterThan(last.triplets.active);
    for (const { plot } of epochs) expect(plot).toHaveLength(2 * examples.length);
    // The plot moves, but does not jump.
    const moved = Math.hypot(...(epochs[2]?.plot ?? []).map((value, i) => value - (epochs[1]?.plot?.[i] as number)));
    const size = Math.hypot(...(epochs[1]?.plot ?? []));
    expect(moved).toBeGreaterThan(0);
    expect(moved).toBeLessThan(size);
  });

  test('is the same for the same seed', async () => {
    const options = { epochs: 3, hidden: 6, dimension: 12 };
    const [a, b, c] = [
      await trainHead(examples, options),
      await trainHead(examples, options),
      await trainHead(examples, { ...options, seed: 2 }),
    ];
    expect(a.model).toBe(b.model);
    expect(a.model).not.toBe(c.model);
    expect(a.dimension).toBe(12);
    expect(a.report).toEqual(b.report);
  });

  test('ends early, and keeps the best epoch', async () => {
    await using head = await trainHead(examples, { epochs: 500, patience: 3, learningRate: 0.02 });
    const { epochs, bestEpoch, stopped } = head.report;
    expect(stopped).toBe('patience');
    expect(epochs).toBe(bestEpoch + 3);
    await using all = await trainHead(examples, { epochs: 4, heldOut: 0 });
    expect(all.report).toMatchObject({
      epochs: 4,
      bestEpoch: 4,
      stopped: 'epochs',
      heldOut: { faces: 0 },
      after: undefined,
    });
    expect(all.calibrated).toBe(false);
  });

  test('refuses what it cannot learn from, by code', async () => {
    const [first] = examples as [HeadExample];
    expect(await codeOf(trainHead([]))).toBe('examples-too-few');
    expect(await codeOf(trainHead(examples.slice(0, 15)))).toBe('examples-too-few');
    expect(await codeOf(trainHead([...examples, { ...first, model: 'other' }]))).toBe('model-mismatch');
    expect(await codeOf(trainHead([...examples, { ...first, embedding: new Float32Array(3) }]))).toBe('model-mismatch');
    expect(await codeOf(trainHead([{ ...first, embedding: [1, 2] as never }]))).toBe('option-invalid');
    expect(await codeOf(trainHead([{ ...first, person: undefined as never }]))).toBe('option-invalid');
    expect(await codeOf(trainHead(7 as never))).toBe('option-invalid');
    for (const options of [
      { loss: 'hinge' as never },
      { margin: 0 },
      { epochs: 0 },
      { patience: 1.5 },
      { heldOut: 0.7 },
      { dimension: 1 },
      { hidden: -1 },
      { learningRate: Number.NaN },
      { mining: { negatives: 'soft' as never } },
      { worker: 'yes' as never },
      { onEpoch: 3 as never },
    ]) {
      expect(await codeOf(trainHead(examples, options)), JSON.stringify(options)).toBe('option-invalid');
    }
  });

  test('is aborted between two batches, and passes on what onEpoch throws', async () => {
    const controller = new AbortController();
    const onEpoch = ({ epoch }: HeadEpoch) => {
      if (epoch === 2) controller.abort('enough');
    };
    await expect(trainHead(examples, { onEpoch, signal: controller.signal })).rejects.toBe('enough');
    await expect(trainHead(examples, { signal: AbortSignal.abort('never') })).rejects.toBe('never');
    const broken = new Error('broken');
    const thrower = () => {
      throw broken;
    };
    await expect(trainHead(examples, { onEpoch: thrower })).rejects.toBe(broken);
  });
});

describe('a trained head', () => {
  const examples = noisyPeople(120, 4);
  const [a, b, c] = noisyPeople(2, 2, 31) as [HeadExample, HeadExample, HeadExample];
  const train = () => trainHead(examples, { epochs: 2, heldOut: 0.4 });

  test('is an embedder of its own: its embeddings and the base’s refuse each other', async () => {
    await using head = await train();
    expect(head.model).toMatch(/^base\+head-[0-9a-f]{12}$/);
    const applied = head.apply({ ...a, box: 7 });
    expect(applied).toMatchObject({ model: head.model, person: a.person, box: 7 });
    expect(Math.hypot(...applied.embedding)).toBeCloseTo(1, 5);
    expect(head.apply([a, b])).toHaveLength(2);
    const mismatch = expect.objectContaining({ code: 'model-mismatch' });
    expect(() => head.compare(a, applied)).toThrow(mismatch);
    expect(() => head.apply(applied)).toThrow(mismatch);
    expect(() => head.on({ models: { embedder: 'other' } } as never)).toThrow(mismatch);
  });

  test('is calibrated by the people who were held out', async () => {
    await using head = await train();
    expect(head.calibrated).toBe(true);
    const [x, y, z] = head.apply([a, b, c]) as [HeadExample, HeadExample, HeadExample];
    const [same, different] = [head.compare(x, y, { far: 0.01 }), head.compare(x, z, { far: 0.01 })];
    expect(same.probability).toBeGreaterThan(different.probability);
    expect(same).toEqual(compareEmbeddings(x, y, head.rule, { far: 0.01 }));
    await using few = await trainHead(examples.slice(0, 40), { epochs: 1 });
    expect(() => few.rule).toThrow(expect.objectContaining({ code: 'not-calibrated' }));
  });

  test('is saved and loaded to the last bit; what is no head, damaged or newer is refused', async () => {
    await using head = await trainHead(examples, { epochs: 2, hidden: 5, dimension: 9, heldOut: 0.4 });
    const file = await head.save();
    await using loaded = await Head.load(file);
    expect(loaded.apply(a)).toEqual(head.apply(a));
    expect(loaded.report).toEqual(head.report);
    expect(loaded.rule).toEqual(head.rule);
    expect([loaded.base, loaded.dimension]).toEqual(['base', 9]);

    const json = JSON.parse(await file.text());
    const changed = (change: object) => codeOf(Head.load(new Blob([JSON.stringify({ ...json, ...change })])));
    expect(await codeOf(Head.load(new Blob(['no JSON'])))).toBe('head-invalid');
    expect(await changed({ format: 'facenet-gallery' })).toBe('head-invalid');
    expect(await changed({ version: 2 })).toBe('head-version');
    expect(await changed({ outputs: 10 })).toBe('head-invalid');
    expect(await changed({ numbers: json.numbers.map((value: number) => value + 1) })).toBe('head-invalid');
    expect(await changed({ calibration: { logOdds: [1] } })).toBe('head-invalid');
    expect(await codeOf(Head.load(json as never))).toBe('option-invalid');
  });

  test('forgets when disposed of', async () => {
    const head = await trainHead(examples, { epochs: 1 });
    head.dispose();
    head.dispose();
    const disposed = expect.objectContaining({ code: 'disposed' });
    expect(() => head.apply(a)).toThrow(disposed);
    expect(() => head.rule).toThrow(disposed);
    await expect(head.save()).rejects.toThrow(disposed);
  });

  test('learns from a gallery, also from one whose templates are rotated', async () => {
    const calibration = { logOdds: [5, -8] as [number, number], thresholds: [{ far: 0.1, distance: 0.5 }] };
    const rule = { model: 'base', dimension: 24, metric: 'euclidean' as const, calibration };
    const faces = noisyPeople(6, 3);
    const models: string[] = [];
    for (const templateKey of [undefined, new Uint8Array(32).fill(7)]) {
      await using gallery = await Gallery.open({
        name: `heads ${models.length}`,
        facenet: { rule },
        storage: 'memory',
        ...(templateKey && { templateKey }),
      });
      const ids = new Map<unknown, string>();
      for (const face of faces) {
        const id = ids.get(face.person);
        const enrolled = await gallery.enrol(id ? { id } : { name: String(face.person) }, face, {
          allow: ['other-person'],
          far: 0.1,
        });
        if (enrolled.enrolled) ids.set(face.person, enrolled.person.id);
      }
      const learned = await gallery.examples();
      expect(learned).toHaveLength(faces.length);
      learned.forEach(({ embedding }, i) => {
        expect(
          faces.some((face) => face.embedding.every((value, j) => Math.abs(value - (embedding[j] as number)) < 1e-5)),
          `${i}`,
        ).toBe(true);
      });
      await using head = await trainHead(gallery, { epochs: 2 });
      models.push(head.base);
    }
    expect(models).toEqual(['base', 'base']);
  });
});
