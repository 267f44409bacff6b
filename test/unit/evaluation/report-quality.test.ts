import fc from 'fast-check';
import { parseHTML } from 'linkedom';
import { describe, expect, test } from 'vitest';
import { type ComparisonRule, compareEmbeddings } from '../../../lib/comparison/compare.ts';
import { pairSimilarity } from '../../../lib/comparison/conditional.ts';
import { euclideanDistance } from '../../../lib/comparison/distance.ts';
import type { Calibration } from '../../../lib/core/types.ts';
import {
  compareFaces,
  type EvaluatedFace,
  errorsByQuality,
  expectedCalibrationError,
  failureCases,
  identificationErrors,
  performanceReport,
  reliability,
  reportPage,
  verificationErrors,
} from '../../../lib/evaluation/index.ts';
import { identifyRated } from '../../../lib/gallery/open-set.ts';
import { ExactIndex } from '../../../lib/gallery/search/exact.ts';

/** Strangers are 1.0 ± 0.1 apart in clear photos, and 0.5 ± 0.05 in the poorest. */
const calibration: Calibration = {
  logOdds: [16, -20],
  thresholds: [
    { far: 0.01, distance: 0.8 },
    { far: 0.001, distance: 0.7 },
  ],
  conditional: {
    reference: { mean: 1, deviation: 0.1 },
    points: [
      { similarity: 0.3, mean: 1.1, deviation: 0.1, logOdds: [16, -20] },
      { similarity: 0.5, mean: 0.8, deviation: 0.1, logOdds: [12, -20] },
      { similarity: 0.8, mean: 0.5, deviation: 0.05, logOdds: [8, -20] },
    ],
    limit: 0.7,
    strangerModel: 'first',
  },
};
const rule: ComparisonRule = { model: 'm', dimension: 2, metric: 'euclidean', calibration };
const threshold = 0.7;

/** Faces on a circle: those of a person are near each other. Some are of unknown quality, or of that of another model. */
const faces: fc.Arbitrary<EvaluatedFace[]> = fc
  .array(
    fc.record({
      person: fc.integer({ min: 0, max: 3 }),
      offset: fc.double({ min: -0.5, max: 0.5, noNaN: true }),
      cohort: fc.constantFrom('x', 'y'),
      strangerSimilarity: fc.option(fc.double({ min: 0.2, max: 0.9, noNaN: true }), { nil: undefined }),
      strangerModel: fc.constantFrom('first', 'first', 'first', 'second'),
    }),
    { minLength: 4, maxLength: 20 },
  )
  .map((drawn) =>
    drawn.map(({ person, offset, cohort, strangerSimilarity, strangerModel }) => ({
      ...faceAt(`p${person}`, 0.6 * person + offset, strangerSimilarity, strangerModel),
      cohort,
    })),
  );

/** A face at an angle, in radians: the distance of two faces is about the difference of their angles. */
function faceAt(person: string, angle: number, strangerSimilarity?: number, strangerModel = 'first'): EvaluatedFace {
  const known = strangerSimilarity === undefined ? {} : { strangerSimilarity, strangerModel };
  return {
    person,
    embedding: Float32Array.of(Math.cos(angle), Math.sin(angle)),
    quality: { overall: 1 - (strangerSimilarity ?? 0.5), ...known },
  };
}

/** Every pair with the verdict of `compare`. */
function verdictsOf(given: readonly EvaluatedFace[]) {
  return given.flatMap((a, i) =>
    given.slice(i + 1).map((b) => {
      const verdict = compareEmbeddings({ ...a, model: 'm' }, { ...b, model: 'm' }, rule);
      return { ...verdict, genuine: a.person === b.person };
    }),
  );
}

const compared = (given: readonly EvaluatedFace[]) => compareFaces(given, euclideanDistance, calibration);

describe('faces of known quality are judged as compare() does', () => {
  test('in FMR, FNMR and the shares of refused pairs', () => {
    fc.assert(
      fc.property(faces, (given) => {
        const verdicts = verdictsOf(given);
        const { fmr, fnmr, refused, rated } = verificationErrors(compared(given), threshold, 3);
        const counted = (genuine: boolean, condition: (pair: (typeof verdicts)[number]) => boolean) => {
          const pairs = verdicts.filter((pair) => pair.genuine === genuine);
          return { errors: pairs.filter(condition).length, trials: pairs.length };
        };
        expect(fmr).toMatchObject(counted(false, ({ same }) => same));
        expect(fnmr).toMatchObject(counted(true, ({ same }) => !same));
        expect(refused.genuine).toMatchObject(counted(true, ({ reason }) => reason === 'quality'));
        expect(refused.impostors).toMatchObject(counted(false, ({ reason }) => reason === 'quality'));
        const known = given.filter(({ quality }) => quality?.strangerModel === 'first').length;
        expect(rated).toBe(known);
      }),
    );
  });

  test('in the failures and the groups of quality', () => {
    fc.assert(
      fc.property(faces, (given) => {
        const wrong = verdictsOf(given).filter(({ same, genuine }) => same !== genuine);
        const found = failureCases(compared(given), threshold, 1000);
        const described = (each: { distance: number; threshold: number; reason?: 'quality' }) =>
          `${each.distance.toFixed(5)} ${each.threshold.toFixed(5)} ${each.reason}`;
        expect(found.map(described).sort()).toEqual(wrong.map(described).sort());
        const errors = errorsByQuality(compared(given), threshold).reduce((sum, { fnmr }) => sum + fnmr.errors, 0);
        expect(errors).toBe(wrong.filter(({ genuine }) => genuine).length);
      }),
    );
  });

  test('in the report, whose calibration is that of the stated probabilities', async () => {
    await fc.assert(
      fc.asyncProperty(faces, async (given) => {
        const verdicts = verdictsOf(given);
        const [genuine, impostors] = [
          verdicts.filter((pair) => pair.genuine),
          verdicts.filter((pair) => !pair.genuine),
        ];
        fc.pre(genuine.length > 0 && impostors.length > 0);
        const report = await performanceReport(given, rule, { galleryThreshold: () => 0.7, replicates: 2 });
        const { verification, reliability: measured } = report.all;
        expect(verification.fnmr.errors).toBe(genuine.filter(({ same }) => !same).length);
        expect(verification.fmr.errors).toBe(impostors.filter(({ same }) => same).length);
        const pairs = [...impostors.flatMap(() => genuine), ...genuine.flatMap(() => impostors)];
        const balanced = pairs.map((pair) => ({ same: pair.genuine, probability: pair.probability }));
        expect(measured.error).toBeCloseTo(expectedCalibrationError(balanced, 10), 6);
        // Without its calibration by quality, a model judges by distance alone.
        const { conditional: _, ...plain } = calibration;
        const byDistance = await performanceReport(
          given,
          { ...rule, calibration: plain },
          { galleryThreshold: () => 0.7, replicates: 2 },
        );
        expect(byDistance.all.verification).toEqual({
          ...verificationErrors(compareFaces(given, euclideanDistance), threshold, 2),
        });
        expect(byDistance.all.reliability).toEqual(
          reliability(compareFaces(given, euclideanDistance), (each) => 1 / (1 + Math.exp(-16 + 20 * each))),
        );
      }),
      { numRuns: 50 },
    );
  });
});

describe('identification of faces of known quality', () => {
  const errorsOf = (given: readonly EvaluatedFace[], size: number) => {
    const [errors] = identificationErrors(compared(given), {
      sizes: [size],
      thresholdFor: () => threshold,
      galleries: 40,
    });
    return { fpir: errors?.fpir.rate, fnir: errors?.fnir.rate };
  };
  /** Two photos of each of three people, who are `step` apart. */
  const people = (step: number, similarity: number) =>
    [0, 1, 2].flatMap((i) => [faceAt(`p${i}`, i * step, similarity), faceAt(`p${i}`, i * step + 0.01, similarity)]);

  test('misses people whose photos are too poor, and matches no stranger in them', () => {
    expect(errorsOf(people(0.05, 0.75), 2)).toEqual({ fpir: 0, fnir: 1 });
    expect(errorsOf(people(0.05, 0.3), 2)).toEqual({ fpir: 1, fnir: 0 });
  });

  test('uses the threshold of each pair, also where it is larger than that of unknown quality', () => {
    // The threshold of clear pairs is 0.8, that of the second point 0.5.
    const unknown = people(0.75, 0.3).map(({ quality: _, ...face }) => face);
    expect(errorsOf(people(0.75, 0.3), 2)).toEqual({ fpir: 1, fnir: 0 });
    expect(errorsOf(unknown, 2)).toEqual({ fpir: 0, fnir: 0 });
    expect(errorsOf(people(0.55, 0.5), 2)).toEqual({ fpir: 0, fnir: 0 });
  });

  test('agrees with the search of a gallery', async () => {
    await fc.assert(
      fc.asyncProperty(faces, async (given) => {
        // Whichever of two equal photos is drawn for the gallery, the result is the same. The last person is the stranger.
        const [stranger, ...people] = new Map(given.map((face) => [face.person, face])).values();
        fc.pre(stranger !== undefined && people.length > 0);
        const index = new ExactIndex(2, 'euclidean');
        await index.add(people.map(({ person, embedding }) => ({ id: person, person, embedding })));
        const find = async (probe: EvaluatedFace) => {
          const similarityTo = (id: string) =>
            pairSimilarity(probe, people.find(({ person }) => person === id) ?? {}, calibration);
          const rated = { embedding: probe.embedding, similarityTo };
          return (await identifyRated(index, rated, rule, { far: 0.001 })).match?.person;
        };
        const found = await Promise.all(people.map(find));
        const [errors] = identificationErrors(compared([...people, ...people, stranger as EvaluatedFace]), {
          ...{ sizes: [people.length], thresholdFor: () => threshold, galleries: 3 },
        });
        expect(errors?.fnir.errors).toBe(people.filter(({ person }, i) => found[i] !== person).length);
        expect(errors?.fpir.rate).toBe((await find(stranger as EvaluatedFace)) === undefined ? 0 : 1);
      }),
    );
  });
});

describe('the page of a report', () => {
  const options = { galleryThreshold: () => 0.7, replicates: 5, sizes: [2] };
  const text = async (given: readonly EvaluatedFace[], used = rule) => {
    const html = reportPage(await performanceReport(given, used, options), { title: 'x' });
    expect(html).not.toMatch(/NaN|undefined|Infinity/);
    return parseHTML(html).document.body.textContent ?? '';
  };
  const given = (similarity?: number, model?: string) =>
    Array.from({ length: 12 }, (_, i) => faceAt(`p${i % 4}`, 0.7 * (i % 4) + 0.01 * i, similarity, model));

  test('states the refused pairs and that quality decides', async () => {
    const poor = await text(given(0.75));
    expect(poor).toContain('two photos that are too poor are not compared');
    expect(poor).toContain('Refused genuine pairs100 %');
    expect(poor).toContain('refused: both photos are too poor');
    expect(await text([...given(0.75), ...given()])).toContain('The quality of 12 of 24 photos is not known');
  });

  test('says that distance alone decides', async () => {
    const unknown = 'by distance alone: the quality of the photos is not known';
    for (const faces of [given(), given(0.75, 'second')]) {
      const page = await text(faces);
      expect(page).toContain(unknown);
      expect(page).not.toContain('Refused genuine pairs');
    }
    const { conditional: _, ...plain } = calibration;
    expect(await text(given(0.75), { ...rule, calibration: plain })).toContain('no calibration by quality');
  });
});
