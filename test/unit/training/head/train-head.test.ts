import { describe, expect, test } from 'vitest';
import { validate } from '../../../../lib/training/head/validation.ts';
import { type HeadEpoch, type HeadExample, trainHead } from '../../../../lib/training/index.ts';
import { codeOf, noisyPeople } from './noisy-people.ts';

describe('trainHead', () => {
  const examples = noisyPeople(30, 5);

  test.each(['triplet', 'contrastive', 'large-margin-cosine'] as const)(
    'separates people outside the training set: %s',
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
      // People who were neither trained on nor held out.
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

  test('reports fewer active triplets over the epochs, and plots every face', async () => {
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
    // The plot changes a little between epochs.
    const moved = Math.hypot(...(epochs[2]?.plot ?? []).map((value, i) => value - (epochs[1]?.plot?.[i] as number)));
    const size = Math.hypot(...(epochs[1]?.plot ?? []));
    expect(moved).toBeGreaterThan(0);
    expect(moved).toBeLessThan(size);
  });

  test('gives the same head for the same seed', async () => {
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

  test('stops early and returns the best epoch', async () => {
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

  test('rejects invalid examples and options with an error code', async () => {
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

  test('stops when aborted, and rejects with an error that onEpoch throws', async () => {
    const controller = new AbortController();
    const onEpoch = ({ epoch }: HeadEpoch) => {
      if (epoch === 2) controller.abort('enough');
    };
    await expect(trainHead(examples, { onEpoch, signal: controller.signal })).rejects.toBe('enough');
    await expect(trainHead(examples, { signal: AbortSignal.abort('never') })).rejects.toBe('never');
    const broken = new Error('broken');
    const throwing = () => {
      throw broken;
    };
    await expect(trainHead(examples, { onEpoch: throwing })).rejects.toBe(broken);
  });
});
