import { bootstrapIntervals } from '../../lib/evaluation/bootstrap.ts';
import type { FoldedPair, Interval } from '../../lib/evaluation/index.ts';
import { personOf } from '../kit/lfw/all-pairs.ts';
import type { Distance } from '../kit/lfw/calibration.ts';
import type { ImageResult } from '../kit/lfw/embed-images.ts';
import type { ComparedPair } from '../kit/lfw/summary.ts';
import { ratedPairs } from './conditional.ts';
import { type HeldOutPart, verdictsOf } from './degraded.ts';
import type { PersonFace } from './strangers.ts';

/** The VAL of genuine pairs at 0.1 %, each judged by a calibration that was fitted to other people. Fractions. */
export interface GenuineRates {
  pairs: number;
  plain: number;
  conditional: number;
  /** The 95 % interval of `plain` less `conditional`, by the bootstrap over people. */
  loss: Interval;
}

/** The rates of the listed genuine pairs, and of all that the photos form. */
export interface GenuineReport {
  listed: GenuineRates;
  all: GenuineRates;
}

/** A genuine pair of unaltered photos. */
export type GenuinePair = readonly [a: PersonFace, b: PersonFace];

/** The number of replicates of the bootstrap. */
const replicates = 2000;

/** The listed genuine pairs with both faces found. */
export function listedGenuine(
  listed: readonly (ComparedPair & FoldedPair)[],
  results: ReadonlyMap<string, ImageResult>,
): GenuinePair[] {
  return listed.flatMap(({ same, a, b }) => {
    const [x, y] = [faceOf(a, results), faceOf(b, results)];
    return same && x && y ? [[x, y] as const] : [];
  });
}

/** All pairs of photos of the same person with both faces found. */
export function allGenuine(results: ReadonlyMap<string, ImageResult>): GenuinePair[] {
  const faces = new Map<string, PersonFace[]>();
  for (const path of results.keys()) {
    const face = faceOf(path, results);
    if (face) faces.set(face.person, [...(faces.get(face.person) ?? []), face]);
  }
  return [...faces.values()].flatMap((own) => own.flatMap((a, i) => own.slice(i + 1).map((b) => [a, b] as const)));
}

/** Measures what the calibration by quality costs unaltered photos. @param parts of `heldOutParts()`. */
export function heldOutGenuine(
  pairs: readonly GenuinePair[],
  parts: readonly HeldOutPart[],
  distance: Distance,
): GenuineRates {
  const judged = parts.flatMap(({ people, strangers, calibration }) =>
    pairs
      .filter(([{ person }]) => people.has(person))
      .flatMap((pair) =>
        ratedPairs(pair, strangers, distance).map((rated) => ({
          person: pair[0].person,
          verdicts: verdictsOf(rated, calibration),
        })),
      ),
  );
  const people = [...new Set(judged.map(({ person }) => person))];
  const indexOf = new Map(people.map((person, i) => [person, i]));
  /** The VAL of both calibrations. @param times how often each person counts. */
  const valOf = (times: (person: number) => number) => {
    const total = { pairs: 0, plain: 0, conditional: 0 };
    for (const { person, verdicts } of judged) {
      const weight = times(indexOf.get(person) as number);
      total.pairs += weight;
      if (verdicts.plain['1e-3']) total.plain += weight;
      if (verdicts.conditional['1e-3']) total.conditional += weight;
    }
    return { plain: total.plain / total.pairs, conditional: total.conditional / total.pairs };
  };
  const lossOf = ([drawn]: readonly Float64Array[]) => {
    const { plain, conditional } = valOf((person) => drawn?.[person] ?? 0);
    return [plain - conditional];
  };
  const [loss] = bootstrapIntervals([people.length], lossOf, replicates) as [Interval];
  return { pairs: judged.length, ...valOf(() => 1), loss };
}

function faceOf(path: string, results: ReadonlyMap<string, ImageResult>): PersonFace | undefined {
  const { embedding, quality } = results.get(path) ?? {};
  if (!embedding || !quality) return undefined;
  return { person: personOf(path), embedding: Float32Array.from(embedding), quality };
}
