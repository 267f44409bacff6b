import { thresholdFor } from '../../lib/comparison/calibration.ts';
import { judge } from '../../lib/comparison/conditional.ts';
import type { Calibration, ConditionalCalibration, Quality, StrangerModel } from '../../lib/core/types.ts';
import { allPairsFalseAcceptRate, type Interval } from '../../lib/evaluation/index.ts';
import { personOf } from '../kit/lfw/all-pairs.ts';
import type { Distance } from '../kit/lfw/calibration.ts';
import {
  belongsTo,
  type Degradation,
  type DegradationName,
  degradations,
  fittedDegradations,
  fittedFamilies,
  mixedDegradations,
  weightOf,
} from '../kit/lfw/degradations.ts';
import type { DegradedPhoto } from '../kit/lfw/degraded-photos.ts';
import type { ImageResult } from '../kit/lfw/embed-images.ts';
import { fitConditional, type RatedFace, type RatedPair, ratedFaces, ratedPairs } from './conditional.ts';
import { fitStrangers, type PersonFace } from './strangers.ts';

/** The faces found in the degraded photos. */
export type DegradedFaces = ReadonlyMap<DegradationName, readonly PersonFace[]>;

/** How a calibration judges pairs. Fractions. */
export interface AcceptRates {
  /** The share of strangers that is accepted at 1 % and at 0.1 %. */
  far: { '1e-2': number; '1e-3': number };
  /** The share of genuine pairs that is accepted at 0.1 %. */
  val: number;
}

/** The figures of pairs whose photos were both degraded alike. */
export interface DegradedReport extends Pick<Degradation, 'label' | 'heldOut'> {
  genuine: number;
  impostors: number;
  plain: AcceptRates;
  conditional: AcceptRates;
  /** The 95 % intervals of `conditional.far`, by the bootstrap over people. */
  intervals: Record<keyof AcceptRates['far'], Interval>;
  /** The share of the pairs that is refused for its quality. */
  refused: number;
}

/** What a preset's calibration needs for poor photos. */
export interface PoorPhotoFit {
  strangers: StrangerModel;
  conditional: ConditionalCalibration;
}

/** The minimum number of faces in a set: fewer have too few strangers to fit to. */
const minFaces = 5;

/** The faces of unaltered and of degraded photos. */
export function collectFaces(
  unaltered: ReadonlyMap<string, ImageResult>,
  degraded: ReadonlyMap<string, DegradedPhoto>,
): DegradedFaces {
  const faceOf = (path: string, face: { embedding: number[] | null; quality?: Quality } | null | undefined) =>
    face?.embedding && face.quality
      ? [{ person: personOf(path), embedding: Float32Array.from(face.embedding), quality: face.quality }]
      : [];
  return new Map(
    [...degradations, ...mixedDegradations].map(({ name }) => [
      name,
      name === 'none'
        ? [...unaltered].flatMap(([path, result]) => faceOf(path, result))
        : [...degraded].flatMap(([path, photo]) => faceOf(path, photo?.[name])),
    ]),
  );
}

/** What the calibration of poor photos is fitted with. */
export interface FitOptions {
  /** The calibration of clear photos. */
  plain: Calibration;
  distance: Distance;
}

/** Fits the calibration of poor photos. @param kinds the degradations that it is fitted to. */
export function fitPoorPhotos(
  faces: DegradedFaces,
  { plain, distance }: FitOptions,
  kinds: readonly Degradation[] = fittedDegradations,
): PoorPhotoFit {
  const unaltered = faces.get('none') ?? [];
  const counts = kinds.map(({ name }) => (name === 'none' ? 0 : (faces.get(name)?.length ?? 0)));
  const allSets = kinds.map((degradation) => {
    const own = faces.get(degradation.name) ?? [];
    // These sets have other numbers of photos. Their total weight is that of a set with the most faces.
    const isOtherNumber = degradation.name === 'none' || degradation.operations !== undefined;
    const share = isOtherNumber ? Math.max(...counts) / Math.max(1, own.length) : 1;
    return { name: degradation.name, faces: own, weight: weightOf(degradation) * share };
  });
  // The detector misses most faces of the strongest mixtures.
  const sets = allSets.filter((set) => set.faces.length >= minFaces);
  const strangers = fitStrangers(sets);
  const degraded = sets.filter(({ name }) => name !== 'none');
  const conditional = fitConditional(unaltered, degraded, { model: strangers, plain, distance });
  return { strangers, conditional };
}

/** The figures of all degradations, of people that the calibrations were not fitted to. @param parts of {@link heldOutParts}. */
export function heldOutDegraded(parts: readonly HeldOutPart[], distance: Distance): DegradedReport[] {
  return reportDegraded(parts, distance, degradations);
}

/** The figures of each fitted family of degradations, if it is left out of the fit. People are held out as well. */
export function leftOutDegraded(
  faces: DegradedFaces,
  halves: readonly [Half, Half],
  distance: Distance,
): DegradedReport[] {
  return fittedFamilies.flatMap((family) => {
    const fitted = fittedDegradations.filter((degradation) => !belongsTo(degradation, family));
    const measured = degradations.filter((each) => each.family === family);
    return reportDegraded(heldOutParts(faces, halves, distance, fitted), distance, measured);
  });
}

function reportDegraded(
  parts: readonly HeldOutPart[],
  distance: Distance,
  measured: readonly Degradation[],
): DegradedReport[] {
  return measured.map(({ name, label, heldOut }) => {
    const judged = parts.flatMap(({ held, strangers, calibration }) =>
      ratedPairs(held.get(name) ?? [], strangers, distance).map((pair) => verdictsOf(pair, calibration)),
    );
    const intervals = {
      '1e-2': intervalAt(1e-2, parts, name, distance),
      '1e-3': intervalAt(1e-3, parts, name, distance),
    };
    return { label, ...(heldOut && { heldOut }), ...summary(judged), intervals };
  });
}

/** The interval of the share of strangers that the calibrations by quality accept. */
function intervalAt(far: number, parts: readonly HeldOutPart[], name: DegradationName, distance: Distance): Interval {
  const sets = parts.map(({ held, strangers, calibration }) => {
    const threshold = thresholdFor(far, calibration);
    const isAccepted = (a: RatedFace, b: RatedFace) =>
      judge(distance(a.embedding, b.embedding), threshold, Math.min(a.similarity, b.similarity), calibration).same;
    return {
      faces: ratedFaces(held.get(name) ?? [], strangers).map((face) => ({ person: face.person, embedding: face })),
      // The threshold depends on the pair: the distance of an accepted pair is 0, and that of another one 1.
      distance: (a: RatedFace, b: RatedFace) => (isAccepted(a, b) ? 0 : 1),
      threshold: 0,
    };
  });
  return allPairsFalseAcceptRate(sets);
}

/** Half of the people, with the calibration of clear photos that is fitted to them. */
export interface Half {
  people: ReadonlySet<string>;
  plain: Calibration;
}

/** Every second person, and the others. @param calibrate fits the calibration of clear photos to people. */
export function halvesOf(
  people: Iterable<string>,
  calibrate: (people: ReadonlySet<string>) => Calibration,
): readonly [Half, Half] {
  const all = [...new Set(people)].sort();
  const half = (rest: number): Half => {
    const own = new Set(all.filter((_, i) => i % 2 === rest));
    return { people: own, plain: calibrate(own) };
  };
  return [half(0), half(1)];
}

/** Half of the people, with the calibrations that are fitted to the other half. */
export interface HeldOutPart {
  people: ReadonlySet<string>;
  /** The faces of these people. */
  held: DegradedFaces;
  strangers: StrangerModel;
  calibration: Calibration;
}

/** Both halves of the people, each with the calibrations that are fitted to the other half. */
export function heldOutParts(
  faces: DegradedFaces,
  [first, second]: readonly [Half, Half],
  distance: Distance,
  fitted: readonly Degradation[] = fittedDegradations,
): HeldOutPart[] {
  const facesOf = ({ people }: Half) =>
    new Map([...faces].map(([name, list]) => [name, list.filter(({ person }) => people.has(person))]));
  const part = (own: Half, other: Half): HeldOutPart => {
    const { plain } = other;
    const { strangers, conditional } = fitPoorPhotos(facesOf(other), { plain, distance }, fitted);
    return { people: own.people, held: facesOf(own), strangers, calibration: { ...plain, conditional } };
  };
  return [part(first, second), part(second, first)];
}

type Verdicts = ReturnType<typeof verdictsOf>;

/** Whether both calibrations accept a pair, at 1 % and at 0.1 %. */
export function verdictsOf({ same, distance, similarity }: RatedPair, calibration: Calibration) {
  const accepts = (far: number, known: number | undefined) =>
    judge(distance, thresholdFor(far, calibration), known, calibration);
  const [one, tenth] = [accepts(1e-2, similarity), accepts(1e-3, similarity)];
  return {
    same,
    refused: tenth.reason !== undefined,
    plain: { '1e-2': accepts(1e-2, undefined).same, '1e-3': accepts(1e-3, undefined).same },
    conditional: { '1e-2': one.same, '1e-3': tenth.same },
  };
}

function summary(judged: readonly Verdicts[]): Omit<DegradedReport, 'label' | 'heldOut' | 'intervals'> {
  const genuine = judged.filter(({ same }) => same);
  const impostors = judged.filter(({ same }) => !same);
  const share = (list: readonly Verdicts[], test: (verdicts: Verdicts) => boolean) =>
    list.filter(test).length / list.length;
  const rates = (by: 'plain' | 'conditional'): AcceptRates => ({
    far: { '1e-2': share(impostors, (v) => v[by]['1e-2']), '1e-3': share(impostors, (v) => v[by]['1e-3']) },
    val: share(genuine, (v) => v[by]['1e-3']),
  });
  return {
    genuine: genuine.length,
    impostors: impostors.length,
    plain: rates('plain'),
    conditional: rates('conditional'),
    refused: share(judged, ({ refused }) => refused),
  };
}
