import { thresholdFor } from '../../lib/comparison/calibration.ts';
import { judge, maxThreshold } from '../../lib/comparison/conditional.ts';
import type { Distance } from '../kit/lfw/calibration.ts';
import { type DegradationName, degradations } from '../kit/lfw/degradations.ts';
import { type RatedFace, ratedFaces } from './conditional.ts';
import type { AcceptRates, HeldOutPart } from './degraded.ts';

/** What is accepted of strangers whose photos have different defects. Fractions. */
export interface MixedRates {
  label: string;
  impostors: number;
  plain: AcceptRates['far'];
  conditional: AcceptRates['far'];
}

/** The numbers of pairs of strangers, and of those that are accepted at 1 % and at 0.1 %. */
interface Counts {
  impostors: number;
  plain: [one: number, tenth: number];
  conditional: [one: number, tenth: number];
}

/**
 * The false-accept rates of pairs with an unaltered and a poor photo, of pairs with two different defects, and of the two
 * defects with the highest rate at a stated 0.1 %. Each pair is judged by a calibration that was fitted to other people.
 *
 * @param parts of `heldOutParts()`.
 */
export function mixedKinds(parts: readonly HeldOutPart[], distance: Distance): MixedRates[] {
  const labels = new Map(degradations.map(({ name, label }) => [name, label]));
  const pairs = degradations.flatMap(({ name: a }, i) =>
    degradations.slice(i + 1).map(({ name: b }) => [a, b] as const),
  );
  const counted = pairs.map(([a, b]) => ({
    a,
    b,
    counts: sum(parts.map((part) => countPairs(part, [a, b], distance))),
  }));
  const isClear = ({ a, b }: (typeof counted)[number]) => a === 'none' || b === 'none';
  const poor = counted.filter((each) => !isClear(each));
  const [worst] = poor.toSorted(
    (p, q) => rate(q.counts, 'conditional')['1e-3'] - rate(p.counts, 'conditional')['1e-3'],
  );
  const rows: [string, Counts][] = [
    ['one photo unaltered, the other of any kind', sum(counted.filter(isClear).map(({ counts }) => counts))],
    ['photos of two kinds', sum(poor.map(({ counts }) => counts))],
  ];
  if (worst) rows.push([`the highest of them: ${labels.get(worst.a)}, and ${labels.get(worst.b)}`, worst.counts]);
  return rows.map(([label, counts]) => ({
    label,
    impostors: counts.impostors,
    plain: rate(counts, 'plain'),
    conditional: rate(counts, 'conditional'),
  }));
}

/** Counts the pairs of strangers with a photo of each of two kinds. */
function countPairs(
  { held, strangers, calibration }: HeldOutPart,
  kinds: readonly [DegradationName, DegradationName],
  distance: Distance,
): Counts {
  const [a, b] = kinds.map((kind) => ratedFaces(held.get(kind) ?? [], strangers)) as [RatedFace[], RatedFace[]];
  const limits = ([1e-2, 1e-3] as const).map((far) => {
    const plain = thresholdFor(far, calibration);
    return { plain, largest: maxThreshold(plain, calibration) };
  });
  const counts: Counts = { impostors: 0, plain: [0, 0], conditional: [0, 0] };
  for (const x of a) {
    for (const y of b) {
      if (x.person === y.person) continue;
      counts.impostors++;
      const apart = distance(x.embedding, y.embedding);
      for (const [i, { plain, largest }] of limits.entries()) {
        if (apart > largest) continue;
        if (apart <= plain) counts.plain[i as 0 | 1]++;
        const known = Math.min(x.similarity, y.similarity);
        if (judge(apart, plain, known, calibration).same) counts.conditional[i as 0 | 1]++;
      }
    }
  }
  return counts;
}

function sum(counts: readonly Counts[]): Counts {
  const total = (of: (each: Counts) => number) => counts.reduce((all, each) => all + of(each), 0);
  return {
    impostors: total(({ impostors }) => impostors),
    plain: [total(({ plain }) => plain[0]), total(({ plain }) => plain[1])],
    conditional: [total(({ conditional }) => conditional[0]), total(({ conditional }) => conditional[1])],
  };
}

function rate(counts: Counts, by: 'plain' | 'conditional'): AcceptRates['far'] {
  const [one, tenth] = counts[by];
  return { '1e-2': one / counts.impostors, '1e-3': tenth / counts.impostors };
}
