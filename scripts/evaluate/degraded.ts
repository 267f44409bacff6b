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

/** The maximum number of unaltered photos: their pairs are a tenth of all. */
const maxUnaltered = 800;

/** The minimum number of faces in a set: fewer have too few strangers to fit to. */
const minFaces = 5;

/** The faces of unaltered photos, evenly sampled, and of degraded ones. */
export function collectFaces(
  unaltered: ReadonlyMap<string, ImageResult>,
  degraded: ReadonlyMap<string, DegradedPhoto>,
): DegradedFaces {
  const faceOf = (path: string, face: { embedding: number[] | null; quality?: Quality } | null | undefined) =>
    face?.embedding && face.quality
      ? [{ person: personOf(path), embedding: Float32Array.from(face.embedding), quality: face.quality }]
      : [];
  const step = Math.max(1, unaltered.size / maxUnaltered);
  const sampled = [...unaltered].filter((_, i) => Math.floor(i / step) !== Math.floor((i - 1) / step));
  return new Map(
    [...degradations, ...mixedDegradations].map(({ name }) => [
      name,
      name === 'none'
        ? sampled.flatMap(([path, result]) => faceOf(path, result))
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
export function heldOutDegraded(parts: readonly HeldOutPart[], { distance }: FitOptions): DegradedReport[] {
  return reportDegraded(parts, distance, degradations);
}

/** The figures of each fitted family of degradations, if it is left out of the fit. People are held out as well. */
export function leftOutDegraded(faces: DegradedFaces, options: FitOptions): DegradedReport[] {
  return fittedFamilies.flatMap((family) => {
    const fitted = fittedDegradations.filter((degradation) => !belongsTo(degradation, family));
    const measured = degradations.filter((each) => each.family === family);
    return reportDegraded(heldOutParts(faces, options, fitted), options.distance, measured);
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

/** Half of the people, with the calibration that is fitted to the other half. */
export interface HeldOutPart {
  people: ReadonlySet<string>;
  /** The faces of these people. */
  held: DegradedFaces;
  strangers: StrangerModel;
  calibration: Calibration;
}

/** Both halves of the people, each with the calibration that is fitted to the other half. */
export function heldOutParts(
  faces: DegradedFaces,
  options: FitOptions,
  fitted: readonly Degradation[] = fittedDegradations,
): HeldOutPart[] {
  const halves = halvesOf(faces);
  return halves.map(({ people, held }, half) => {
    const other = halves[1 - half] as (typeof halves)[0];
    const { strangers, conditional } = fitPoorPhotos(other.held, options, fitted);
    return { people, held, strangers, calibration: { ...options.plain, conditional } };
  });
}

/** The faces of every second person, and those of the others. */
function halvesOf(faces: DegradedFaces) {
  const all = [...new Set([...faces.values()].flatMap((list) => list.map(({ person }) => person)))].sort();
  return [0, 1].map((half) => {
    const people = new Set(all.filter((_, i) => i % 2 === half));
    const held = new Map([...faces].map(([name, list]) => [name, list.filter(({ person }) => people.has(person))]));
    return { people, held };
  });
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
