import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { writeCalibration } from '../../../scripts/evaluate/calibrations.ts';
import { calibrationTable, presetsTable, readmeTable } from '../../../scripts/evaluate/documents.ts';
import { peerReport, presetReport, type Results } from '../../../scripts/evaluate/figures.ts';
import type { Subject } from '../../../scripts/evaluate/options.ts';
import { type Report, reportText } from '../../../scripts/evaluate/report.ts';
import { summariseAllPairs, summariseHeldOutPairs } from '../../../scripts/kit/lfw/all-pairs.ts';
import { impostorPairs } from '../../../scripts/kit/lfw/calibration.ts';
import { chooseRecipe } from '../../../scripts/kit/lfw/recipe.ts';
import { metricOf, readManifest } from '../../../scripts/kit/manifest.ts';

const path = (person: number, number: number) => `P${person}/P${person}_000${number}.jpg`;
const distance = (a: ArrayLike<number>, b: ArrayLike<number>) => Math.abs((a[0] as number) - (b[0] as number));

/**
 * 150 people on a line, 10 apart. Four of them have a second photo, at these distances from the first. Of the 11,777
 * impostor pairs, four are nearer than 10, and 151 are at 10: at a false-accept rate of 10⁻³, which permits 11.777 of them,
 * the threshold is 10.
 */
const second = new Map([
  [20, 0.5],
  [40, 40],
  [60, 0.25],
  [80, 9.75],
]);

function resultsWithout(missing: string[] = []): Results {
  const positions = Array.from({ length: 150 }, (_, person): [string, number] => [path(person, 1), 10 * person]);
  const others = [...second].map(([person, offset]): [string, number] => [path(person, 2), 10 * person + offset]);
  return new Map(
    [...positions, ...others].map(([key, position]) => {
      const detected = !missing.includes(key);
      return [key, { embedding: detected ? [position, 0] : null, detected, milliseconds: 7 }];
    }),
  );
}

const genuine = (fold: number, person: number) => ({ fold, same: true, a: path(person, 1), b: path(person, 2) });
const impostor = (fold: number, a: number, b: number) => ({ fold, same: false, a: path(a, 1), b: path(b, 1) });
const pairs = [
  genuine(1, 20),
  genuine(1, 40),
  impostor(1, 20, 21),
  impostor(1, 40, 42),
  genuine(2, 60),
  genuine(2, 80),
  impostor(2, 60, 61),
  impostor(2, 80, 83),
];

const subject: Subject = {
  recipe: {
    name: 'balanced',
    preset: 'balanced',
    model: 'line',
    metric: 'euclidean',
    dimension: 192,
    template: 'arcface',
    calibration: undefined,
    identity: 0,
  },
  protocol: 'detector',
};

function exampleReport(): Report {
  const protocol = { pairs, hasPeople: true };
  const peer = { name: 'human', distance, threshold: 5 };
  return {
    dataset: 'Line',
    pairs: pairs.length,
    images: 154,
    presets: [presetReport(subject, protocol, resultsWithout()).report],
    peers: [peerReport(peer, protocol, resultsWithout([path(60, 2)]))],
  };
}

describe('report of an evaluation', () => {
  const report = exampleReport();
  const [preset] = report.presets as [Report['presets'][0]];
  const [peer] = report.peers as [Report['peers'][0]];

  test('has VAL among all impostor pairs: three of the four genuine pairs are nearer than 10', () => {
    expect(preset.allPairs).toMatchObject({ impostorPairs: 11_777, val: { '1e-3': { val: 3 / 4, thresholds: [10] } } });
    expect(preset.allPairs?.val['1e-4'].val).toBeNaN();
  });

  test('has the figures of View 2: each fold rejects one genuine pair with the threshold of the other', () => {
    // The best thresholds are 5.25 (fold 1) and 9.875 (fold 2). For VAL, both folds have one just below 10.
    expect(preset.accuracy).toEqual({ mean: 0.75, se: 0 });
    expect(preset.val['1e-3']).toBe(0.75);
  });

  test('counts a photo without a face as a rejected genuine pair', () => {
    // Without the photo there are 153 fewer pairs, one of them genuine.
    expect(peer.allPairs).toMatchObject({ impostorPairs: 11_777 - 152, val: { '1e-3': { val: 2 / 4 } } });
    expect(peer.undetected).toBe(1);
    expect(peer.withoutUndetected.allPairs?.val['1e-3'].val).toBe(2 / 3);
    // Of the seven pairs with faces, those at 40 and at 9.75 are on the wrong side of 5.
    expect(peer.ownThreshold).toBe(5 / 7);
  });

  test('prints both VALs with their names', () => {
    const lines = reportText(report).split('\n');
    expect(lines[0]).toBe('Line: 8 pairs, 154 images; all in %, [95 % interval]');
    expect(lines[1]).toContain('among 11777 impostor pairs');
    const [header, balanced] = [lines[2] as string, lines[3] as string];
    const [allPairs, viewTwo] = ['VAL@1e-3 of all pairs', 'View 2: VAL@1e-3'].map((head) => header.indexOf(head));
    expect(balanced).toMatch(/^balanced +75\.00 ± 0\.00 +75\.0 \[\d+\.\d, 100\.0\] +– +75\.0 /);
    expect(balanced.indexOf('75.0 [')).toBeGreaterThan((allPairs as number) - 12);
    expect(balanced.indexOf('75.0 [')).toBeLessThan(viewTwo as number);
  });

  test('has a row for each system in the tables, and a second one for a peer that missed faces', () => {
    const rows = presetsTable(report)
      .split('\n')
      .filter((line) => /^\| \S/.test(line))
      .map((line) => line.split('|').map((cell) => cell.trim()));
    expect(rows.map(([, name]) => name)).toEqual(['`balanced` (default)', 'Human', 'Human, pairs with faces only']);
    expect(rows[0]?.slice(2, 6)).toEqual([
      '75.00 ± 0.00',
      expect.stringMatching(/^75\.0 \[.*, 100\.0\]$/),
      '–',
      '75.0',
    ]);
    expect(rows.map((cells) => cells[8])).toEqual(['0', '1', '']);
    expect(presetsTable(report)).toContain('8 pairs of 154 images, which form 11,777 impostor pairs.');
    expect(readmeTable(report)).toContain('| Human | ');
    expect(calibrationTable(report)).toMatch(/^\| `balanced` \| [\d.–]+ \| /m);
  });

  test('has no VAL among all impostor pairs if the people are not known', () => {
    const { report: unnamed } = presetReport(subject, { pairs, hasPeople: false }, resultsWithout());
    expect(unnamed.allPairs).toBeUndefined();
    expect(unnamed.realisedFarAmongAll).toBeUndefined();
    expect(unnamed.accuracy.mean).toBe(0.75);
    expect(reportText({ ...report, presets: [unnamed], peers: [] })).toContain('The people are not known');
  });
});

describe('VAL among all impostor pairs of the kit', () => {
  const embeddings = new Map([...resultsWithout()].map(([key, { embedding }]) => [key, embedding]));

  test('has the impostor pairs that the calibration is fitted to', () => {
    const vectors = new Map([...embeddings].map(([key, values]) => [key, values && Float32Array.from(values)]));
    expect(summariseAllPairs(pairs, embeddings, distance).impostorPairs).toBe(impostorPairs(vectors, distance).length);
  });

  test('of held-out folds uses the distance and the photos of each fold', () => {
    // Each fold has 4 + 2 photos, too few for a rate of 10⁻³.
    const folds: number[] = [];
    const { impostorPairs: count, val } = summariseHeldOutPairs(pairs, embeddings, (fold) => {
      folds.push(fold);
      return (a, b) => fold * distance(a, b);
    });
    expect(folds).toEqual([1, 2]);
    expect(count).toBe(2 * (15 - 2));
    expect(val['1e-3'].val).toBeNaN();
  });
});

test.each(readManifest().presets ?? [])('preset $name can be evaluated with its network or fusion', (preset) => {
  const recipe = chooseRecipe(preset.name);
  expect(recipe.model).toBe(preset.embedder);
  expect(recipe.metric).toBe(metricOf(readManifest(), preset.embedder));
});

describe("a manifest with two embedders of one's own", () => {
  const folder = mkdtempSync(join(tmpdir(), 'facenet-web-own-'));
  const file = join(folder, 'manifest.json');
  afterAll(() => rmSync(folder, { recursive: true }));

  beforeEach(() => {
    const { models, ...rest } = readManifest();
    const embedder = models.find(({ task }) => task === 'embedding');
    const own = ['first', 'second'].map((name) => ({ ...embedder, name, calibration: undefined }));
    writeFileSync(file, JSON.stringify({ ...rest, models: own, fusions: [] }));
  });

  test('a name selects one of them, whose calibration is written into that manifest', () => {
    const recipe = chooseRecipe('balanced', 'second', [file]);
    expect(recipe).toMatchObject({ model: 'second', embedder: 'second', manifest: file, folder });
    writeCalibration(recipe, { logOdds: [10, -20], thresholds: [{ far: 1e-3, distance: 0.5 }] });
    expect(readManifest(file).models).toMatchObject([
      { name: 'first' },
      { name: 'second', calibration: { thresholds: [{ far: 1e-3, distance: 0.5 }] } },
    ]);
    expect(readManifest(file).models[0]).not.toHaveProperty('calibration');
  });

  test('its path alone is refused, with the names', () => {
    expect(() => chooseRecipe('balanced', file)).toThrow(
      `has the embedders first, second: use --models ${folder} --embedder NAME`,
    );
  });
});
