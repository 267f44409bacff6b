import fc from 'fast-check';
import { parseHTML } from 'linkedom';
import { describe, expect, test } from 'vitest';
import type { ComparisonRule } from '../../../lib/comparison/compare.ts';
import { euclideanDistance } from '../../../lib/comparison/distance.ts';
import { seeded } from '../../../lib/core/random.ts';
import {
  cohortOf,
  compareFaces,
  detCurve,
  type EvaluatedFace,
  errorsByQuality,
  expectedCalibrationError,
  failureCases,
  fnmrAtFmr,
  identificationErrors,
  type MeasuredRate,
  parseCohorts,
  performanceReport,
  reliability,
  reportPage,
  ruleOfThree,
  selectFaces,
  supportOf,
  unmatchedCohorts,
  verificationErrors,
  worstToBest,
} from '../../../lib/evaluation/index.ts';

type Face = EvaluatedFace<number>;
const distance = (a: number, b: number) => Math.abs(a - b);

/** Faces on a line: those of a person are near each other. */
const faces: fc.Arbitrary<Face[]> = fc.array(
  fc.record({
    person: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    embedding: fc.integer({ min: 0, max: 40 }),
    cohort: fc.option(fc.constantFrom('x', 'y'), { nil: undefined }),
    quality: fc.option(
      fc.integer({ min: 0, max: 10 }).map((tenths) => ({ overall: tenths / 10 })),
      { nil: undefined },
    ),
  }),
  { minLength: 2, maxLength: 25 },
);

/** Every pair, written without the library. */
function pairsOf(given: readonly Face[]) {
  return given.flatMap((a, i) =>
    given
      .slice(i + 1)
      .map((b) => ({ a, b, same: a.person === b.person, distance: distance(a.embedding, b.embedding) })),
  );
}
const share = <T>(all: readonly T[], condition: (each: T) => boolean) => all.filter(condition).length / all.length;

/** Faces of many people in a plane, reproducible. Those of one person are near each other. */
function population(people: number, photos: number, seed = 1) {
  const random = seeded(seed);
  return Array.from({ length: people }, (_, person) => {
    const centre = Array.from({ length: 8 }, () => random());
    return Array.from({ length: photos }, (_, photo): EvaluatedFace => {
      const vector = centre.map((value) => value - 0.5 + 0.25 * (random() - 0.5));
      const length = Math.hypot(...vector);
      return {
        person: `p${person}`,
        photo: `p${person}/p${person}_${photo}.jpg`,
        embedding: Float32Array.from(vector, (value) => value / length),
        cohort: person % 2 ? 'odd' : 'even',
        quality: { overall: random() },
      };
    });
  }).flat();
}
const rule: ComparisonRule = {
  model: 'test',
  dimension: 8,
  metric: 'euclidean',
  calibration: {
    logOdds: [6, -12],
    thresholds: [
      { far: 0.1, distance: 0.7 },
      { far: 0.001, distance: 0.4 },
    ],
  },
};

describe('error rates', () => {
  test('at a threshold are the shares of all pairs, for all faces and for a cohort', () => {
    fc.assert(
      fc.property(faces, fc.integer({ min: 0, max: 40 }), (given, threshold) => {
        const compared = compareFaces(given, distance);
        for (const cohort of [undefined, 'x']) {
          const selected = cohort ? selectFaces(compared, (face) => face.cohort === cohort) : compared;
          const pairs = pairsOf(given.filter((face) => !cohort || face.cohort === cohort));
          const [genuine, impostors] = [pairs.filter(({ same }) => same), pairs.filter(({ same }) => !same)];
          const { fmr, fnmr } = verificationErrors(selected, threshold, 5);
          expect(fmr.rate).toEqual(share(impostors, (pair) => pair.distance <= threshold));
          expect(fnmr.rate).toEqual(share(genuine, (pair) => pair.distance > threshold));
          expect([fmr.trials, fnmr.trials]).toEqual([impostors.length, genuine.length]);
        }
      }),
    );
  });

  test('of the DET curve are those at its thresholds', () => {
    fc.assert(
      fc.property(faces, (given) => {
        const pairs = pairsOf(given);
        const [genuine, impostors] = [pairs.filter(({ same }) => same), pairs.filter(({ same }) => !same)];
        const curve = detCurve(compareFaces(given, distance));
        expect(curve.length > 0).toBe(genuine.length > 0 && impostors.length > 0);
        for (const { threshold, fmr, fnmr, supported } of curve) {
          expect(fmr).toBe(share(impostors, (pair) => pair.distance <= threshold));
          expect(fnmr).toBe(share(genuine, (pair) => pair.distance > threshold));
          const errors = [
            impostors.filter((pair) => pair.distance <= threshold).length,
            genuine.filter((pair) => pair.distance > threshold).length,
          ];
          expect(supported).toBe(Math.min(...errors) >= 30);
        }
        if (curve.length > 0) expect(curve.at(-1)?.fmr).toBe(1);
      }),
    );
  });

  test('at a false match rate use a threshold that keeps this rate, with an interval around FNMR', () => {
    const given = population(60, 3);
    const compared = compareFaces(given, (a, b) => Math.hypot(...a.map((value, i) => value - (b[i] as number))));
    const [loose, strict, tooStrict] = fnmrAtFmr(compared, [0.05, 0.005, 1e-6], 200) as [
      ...ReturnType<typeof fnmrAtFmr>,
    ];
    for (const point of [loose, strict]) {
      const { fmr, fnmr } = verificationErrors(compared, point?.threshold as number, 2);
      expect(fmr.rate).toBeLessThanOrEqual(point?.fmr as number);
      expect(fmr.rate).toBeGreaterThan((point?.fmr as number) - 2 / fmr.trials);
      expect(point?.fnmr.rate).toBeCloseTo(fnmr.rate, 6);
      expect(point?.fnmr.low).toBeLessThanOrEqual(fnmr.rate);
      expect(point?.fnmr.high).toBeGreaterThanOrEqual(fnmr.rate);
    }
    expect(tooStrict).toMatchObject({ fmrSupport: 'no-errors', fnmr: { rate: Number.NaN } });
  });
});

describe('what the data supports', () => {
  test('follows the rule of 30 and the rule of 3', () => {
    expect([supportOf(30, 31), supportOf(29, 1000), supportOf(0, 1000), supportOf(0, 0)]).toEqual([
      ...['supported', 'few-errors', 'no-errors', 'no-trials'],
    ]);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), (trials) => {
        const bound = ruleOfThree(trials);
        // At the bound, a run of trials without an error has a probability of 5 %.
        expect((1 - bound) ** trials).toBeCloseTo(0.05, 6);
        if (trials > 100) expect(bound * trials).toBeCloseTo(3, 0);
      }),
    );
    expect(ruleOfThree(0)).toBe(1);
  });

  test('decides whether a worst-to-best ratio is supported', () => {
    const rate = (errors: number, trials: number): MeasuredRate => ({
      ...{ rate: errors / trials, low: 0, high: 1, errors, trials, support: supportOf(errors, trials) },
    });
    const ratio = (...rates: MeasuredRate[]) => worstToBest(new Map(rates.map((each, i) => [`c${i}`, each])));
    expect(ratio(rate(40, 1000), rate(80, 1000))).toEqual({ ratio: 2, worst: 'c1', best: 'c0', supported: true });
    expect(ratio(rate(40, 1000), rate(8, 1000))?.supported).toBe(false);
    expect(ratio(rate(40, 1000), rate(0, 1000))?.ratio).toBeNaN();
    expect(ratio(rate(40, 1000), rate(0, 0))).toBeUndefined();
    expect(ratio(rate(40, 1000), rate(80, 1000), rate(0, 0))).toEqual({
      ...{ ratio: 2, worst: 'c1', best: 'c0', supported: false },
    });
  });
});

describe('identification errors', () => {
  test('count searches of strangers that match, and of enrolled people that do not return them', () => {
    // a and b are near each other, c and d are alone; the second photo of c is far from the first.
    const given: Face[] = [
      ...[0, 1].map((embedding) => ({ person: 'a', embedding })),
      ...[3, 3].map((embedding) => ({ person: 'b', embedding })),
      ...[50, 80].map((embedding) => ({ person: 'c', embedding })),
      { person: 'd', embedding: 200 },
    ];
    const compared = compareFaces(given, distance);
    const options = { sizes: [1, 3, 4, 9], thresholdFor: (templates: number) => 2 + templates };
    const [one, three, ...more] = identificationErrors(compared, { ...options, galleries: 40 });
    expect(more).toEqual([]);
    expect(three).toMatchObject({ size: 3, threshold: 5, fpir: { rate: 0, trials: 1 } });
    // c is never found; a and b are found unless the other's photo is nearer, which happens to a's 1 and to none of b's.
    expect(three?.fnir.trials).toBe(3);
    expect(three?.fnir.rate).toBeGreaterThanOrEqual(1 / 3);
    expect(three?.fnir.rate).toBeLessThan(2 / 3);
    expect(one?.fpir.trials).toBe(3);
    expect(one?.fpir.low).toBe(0);
    expect(one?.fpir.high).toBeCloseTo(1 / 3);
    expect(identificationErrors(compared, options)).toEqual(identificationErrors(compared, options));
  });
});

describe('reliability', () => {
  test('agrees with the expected calibration error if there are as many genuine as impostor pairs', () => {
    fc.assert(
      fc.property(faces, (given) => {
        const probabilityOf = (each: number) => 1 - each / 41;
        const pairs = pairsOf(given).map(({ same, distance }) => ({ same, probability: probabilityOf(distance) }));
        const [genuine, impostors] = [pairs.filter(({ same }) => same), pairs.filter(({ same }) => !same)];
        fc.pre(genuine.length > 0 && impostors.length > 0);
        // Repeating each kind as often as there are pairs of the other balances them.
        const balanced = [...impostors.flatMap(() => genuine), ...genuine.flatMap(() => impostors)];
        const result = reliability(compareFaces(given, distance), probabilityOf, 15);
        expect(result.error).toBeCloseTo(expectedCalibrationError(balanced, 15), 9);
        for (const { observed, low, high } of result.bins) {
          expect(observed >= 0 && observed <= 1).toBe(true);
          if (!Number.isNaN(low)) expect(low < observed && observed < high).toBe(true);
        }
      }),
    );
  });

  test.each([
    ['no-pairs', 1, 40],
    ['no-pairs', 40, 1],
    ['few-pairs', 2, 9],
    ['few-pairs', 100, 2],
    ['supported', 100, 3],
  ] as const)('is %s of %i people with %i photos', (support, people, photos) => {
    const compared = compareFaces(population(people, photos), euclideanDistance);
    const result = reliability(compared, (each) => Math.max(0, 1 - each / 2));
    const genuine = (people * photos * (photos - 1)) / 2;
    expect(result).toMatchObject({
      support,
      genuine,
      impostors: (people * photos * (people * photos - 1)) / 2 - genuine,
    });
    expect(Number.isNaN(result.error)).toBe(support === 'no-pairs');
  });
});

describe('failures', () => {
  test('are all pairs that are judged wrongly, the clearest first', () => {
    fc.assert(
      fc.property(faces, fc.integer({ min: 0, max: 40 }), (given, threshold) => {
        const found = failureCases(compareFaces(given, distance), threshold, 1000);
        const wrong = pairsOf(given).filter((pair) => pair.same !== pair.distance <= threshold);
        expect(found).toHaveLength(wrong.length);
        const missed = found.filter(({ kind }) => kind === 'false-non-match').map((each) => each.distance);
        const matched = found.filter(({ kind }) => kind === 'false-match').map((each) => each.distance);
        expect(missed).toEqual([...missed].sort((a, b) => b - a));
        expect(matched).toEqual([...matched].sort((a, b) => a - b));
      }),
    );
  });

  test('are counted in groups of equal size by the quality of the poorer photo', () => {
    fc.assert(
      fc.property(faces, fc.integer({ min: 0, max: 40 }), (given, threshold) => {
        const groups = errorsByQuality(compareFaces(given, distance), threshold, 3);
        const rated = pairsOf(given).filter(
          ({ same, a, b }) => same && a.quality !== undefined && b.quality !== undefined,
        );
        const sum = (key: 'errors' | 'trials') => groups.reduce((total, { fnmr }) => total + fnmr[key], 0);
        expect(sum('trials')).toBe(rated.length);
        expect(sum('errors')).toBe(rated.filter((pair) => pair.distance > threshold).length);
        const sizes = groups.map(({ fnmr }) => fnmr.trials);
        if (sizes.length === 3) expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        groups.forEach(({ from }, i) => {
          if (i > 0) expect(from).toBeGreaterThanOrEqual(groups[i - 1]?.to as number);
        });
      }),
    );
  });
});

describe('a cohorts file', () => {
  test('is CSV with quotes, comments and a header, or JSON; a photo wins over its person', () => {
    const csv =
      'person,cohort\r\n# comment\r\n\r\nAda,"under 40, indoors"\r\n"Ada/2.jpg",outdoors\r\nBob , over 40\r\n';
    const json = JSON.stringify({ Ada: 'under 40, indoors', 'Ada/2.jpg': 'outdoors', Bob: 'over 40' });
    for (const cohorts of [parseCohorts(csv), parseCohorts(`\uFEFF${json}`)]) {
      expect(cohortOf(cohorts, 'Ada', '1.jpg')).toBe('under 40, indoors');
      expect(cohortOf(cohorts, 'Ada', '2.jpg')).toBe('outdoors');
      expect(cohortOf(cohorts, 'Bob', '1.jpg')).toBe('over 40');
      expect(cohortOf(cohorts, 'Cleo', '1.jpg')).toBeUndefined();
    }
  });

  test.each([
    ['one column', 'Ada'],
    ['three columns', 'Ada,x,y'],
    ['an empty cohort', 'Ada,'],
    ['two cohorts of a person', 'Ada,x\nAda,y'],
    ['an open quote', 'Ada,"x'],
    ['JSON with a number', '{"Ada":1}'],
    ['broken JSON', '{"Ada"'],
  ])('with %s is a SyntaxError', (_, text) => {
    expect(() => parseCohorts(text)).toThrow(SyntaxError);
  });

  test('names its entries that match no photo', () => {
    const photos = [
      { person: 'Ada', file: '1.jpg' },
      { person: 'Bob', file: '1.jpg' },
    ];
    const cohorts = parseCohorts('Ada,a\nBob/1.jpg,b\nBbo,b\nAda/2.jpg,a\nBob/,b\n1.jpg,a');
    expect(unmatchedCohorts(cohorts, photos)).toEqual(['Bbo', 'Ada/2.jpg', 'Bob/', '1.jpg']);
    expect(unmatchedCohorts(new Map(), photos)).toEqual([]);
  });

  test('restores any names', () => {
    const name = fc.stringMatching(/^[^\r\n#{\uFEFF ]([^\r\n]*[^\r\n\s])?$/).filter((each) => each.trim() === each);
    fc.assert(
      fc.property(fc.dictionary(name, name, { maxKeys: 5 }), (entries) => {
        const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
        const csv = Object.entries(entries).map(([key, value]) => `${quoted(key)},${quoted(value)}`);
        expect(Object.fromEntries(parseCohorts(['person,cohort', ...csv].join('\n')))).toEqual({ ...entries });
      }),
    );
  });
});

describe('the report', () => {
  const options = { galleryThreshold: () => 0.4, sizes: [5, 20], fmrs: [0.05], far: 0.1, replicates: 50 };

  test('measures all faces and each cohort', async () => {
    const report = await performanceReport(population(60, 2), rule, options);
    expect(report).toMatchObject({ people: 60, photos: 120, genuine: 60, impostors: (120 * 118) / 2, threshold: 0.7 });
    expect([...report.cohorts.keys()]).toEqual(['even', 'odd']);
    const { even, odd } = Object.fromEntries(report.cohorts) as Record<'even' | 'odd', typeof report.all>;
    expect(even.verification.people + odd.verification.people).toBe(60);
    const rates = [even.verification.fmr.rate, odd.verification.fmr.rate];
    expect(report.ratios.fmr?.ratio).toBeCloseTo(Math.max(...rates) / Math.min(...rates), 9);
    expect(report.identificationRatios.map(({ size }) => size)).toEqual([5, 20]);
    const errors = [even.reliability.error, odd.reliability.error];
    expect(report.ratios.calibration?.ratio).toBeCloseTo(Math.max(...errors) / Math.min(...errors), 9);
  });

  test('marks what a cohort has too few pairs for', async () => {
    const few = population(2, 2, 2).map((face) => ({ ...face, person: `few ${face.person}`, cohort: 'few' }));
    const report = await performanceReport([...population(64, 5), ...few], rule, options);
    expect(report.cohorts.get('few')?.reliability.support).toBe('few-pairs');
    expect(report.ratios.calibration?.supported).toBe(false);
    const { document } = parseHTML(reportPage(report, { title: 'x' }));
    const tables = [...document.querySelectorAll('table')];
    const rows = tables.find((each) => each.textContent?.includes('calibration error'))?.querySelectorAll('tr') ?? [];
    const calibrationError = (name: string) =>
      [...rows].find((row) => row.children[0]?.textContent === name)?.lastElementChild?.textContent;
    expect(calibrationError('few')).toContain('few pairs');
    expect(calibrationError('even')).toMatch(/^[\d.]+ %\s*$/);
    expect(calibrationError('worst to best')).toMatch(/ × not supported/);
    const legends = [...document.querySelectorAll('.legend li')].map(({ textContent }) => textContent);
    expect(legends).toEqual(expect.arrayContaining(['few (few errors)', 'few (few pairs)', 'even']));
  });

  test('is a page without scripts, requests and unescaped names', async () => {
    const faces = population(30, 2).map((face) => ({ ...face, cohort: `<b>${face.cohort}</b>` }));
    const html = reportPage(await performanceReport(faces, rule, options), { title: 'A <i>test</i>', notFound: 3 });
    const { document } = parseHTML(html);
    expect(document.querySelectorAll('script, img, link, iframe, object, b, i')).toHaveLength(0);
    expect(html).not.toMatch(/https?:|url\(|@import/);
    expect(html).not.toMatch(/NaN|undefined|Infinity/);
    for (const head of document.querySelectorAll('th')) expect(head.textContent).not.toBe('');
    expect(document.querySelector('h1')?.textContent).toBe('A <i>test</i>');
    expect(document.querySelectorAll('svg').length).toBeGreaterThanOrEqual(4);
    expect(document.body.textContent).toContain('no face found in 3 others');
  });

  test('warns if there are no cohorts', async () => {
    const faces = population(30, 2).map(({ cohort: _, ...face }) => face);
    const html = reportPage(await performanceReport(faces, rule, options), { title: 'x' });
    expect(html).toContain('None of these photos has a cohort');
    expect(html).not.toContain('have no cohort');
  });

  test('states how many photos of how many people have no cohort', async () => {
    const all = await performanceReport(population(30, 2), rule, options);
    expect(all.withoutCohort).toEqual({ photos: 0, people: 0 });
    expect(reportPage(all, { title: 'x' })).not.toContain('no cohort');
    const faces = population(30, 2).map((face, i) => (i < 3 ? { ...face, cohort: undefined } : face));
    const some = await performanceReport(faces, rule, options);
    expect(some.withoutCohort).toEqual({ photos: 3, people: 2 });
    expect(reportPage(some, { title: 'x' })).toContain('3 photos of 2 people have no cohort');
    const one = await performanceReport(
      [...population(30, 2), { ...faces[0], person: 'x' } as (typeof faces)[0]],
      rule,
      options,
    );
    expect(reportPage(one, { title: 'x' })).toContain('1 photo of 1 person has no cohort');
  });

  test('names the photos that could not be read', async () => {
    const report = await performanceReport(population(30, 2), rule, options);
    const page = (unreadable: string[]) => reportPage(report, { title: 'x', notFound: 0, unreadable });
    expect(page([])).not.toContain('could not be read');
    const { document } = parseHTML(page(['Ada/<1>.jpg', 'Bob/2.jpg']));
    const warning = [...document.querySelectorAll('.warning')].find((each) => each.textContent?.includes('read'));
    expect(warning?.textContent).toBe(
      '2 photos could not be read and are left out of all figures:Ada/<1>.jpgBob/2.jpg',
    );
    expect(page(['Ada/1.jpg'])).toContain('1 photo could not be read and is left out');
  });

  test('needs a genuine and an impostor pair, and can be aborted', async () => {
    await expect(performanceReport(population(1, 4), rule, options)).rejects.toThrow(RangeError);
    await expect(performanceReport(population(4, 1), rule, options)).rejects.toThrow(RangeError);
    const signal = AbortSignal.abort('stop');
    await expect(performanceReport(population(9, 2), rule, { ...options, signal })).rejects.toBe('stop');
  });
});
