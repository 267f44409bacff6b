import { thresholdFor } from '../../lib/comparison/calibration.ts';
import { judge } from '../../lib/comparison/conditional.ts';
import type { Calibration, ConditionalCalibration, Quality, StrangerModel } from '../../lib/core/types.ts';
import { personOf } from '../kit/lfw/all-pairs.ts';
import type { Distance } from '../kit/lfw/calibration.ts';
import {
  type Degradation,
  type DegradationName,
  degradations,
  fittedDegradations,
  fittedFamilies,
  weightOf,
} from '../kit/lfw/degradations.ts';
import type { DegradedPhoto } from '../kit/lfw/degraded-photos.ts';
import type { ImageResult } from '../kit/lfw/embed-images.ts';
import { fitConditional, type RatedPair, ratedPairs } from './conditional.ts';
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
    degradations.map(({ name }) => [
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
  const sets = kinds.map((degradation) => {
    const weight = weightOf(degradation);
    const isUnaltered = degradation.name === 'none';
    return {
      faces: faces.get(degradation.name) ?? [],
      weight: isUnaltered ? (weight * Math.max(...counts)) / unaltered.length : weight,
    };
  });
  const strangers = fitStrangers(sets);
  const conditional = fitConditional(unaltered, sets, { model: strangers, plain, distance });
  return { strangers, conditional };
}

/** The figures of all degradations: fitted to half of the people and measured on the other half, and vice versa. */
export function heldOutDegraded(faces: DegradedFaces, options: FitOptions): DegradedReport[] {
  return reportDegraded(faces, options, { fitted: fittedDegradations, measured: degradations });
}

/** The figures of each fitted family of degradations, if it is left out of the fit. People are held out as well. */
export function leftOutDegraded(faces: DegradedFaces, options: FitOptions): DegradedReport[] {
  return fittedFamilies.flatMap((family) => {
    const isLeftOut = (degradation: Degradation) => degradation.family === family;
    const fitted = fittedDegradations.filter((degradation) => !isLeftOut(degradation));
    return reportDegraded(faces, options, { fitted, measured: fittedDegradations.filter(isLeftOut) });
  });
}

function reportDegraded(
  faces: DegradedFaces,
  options: FitOptions,
  { fitted, measured }: { fitted: readonly Degradation[]; measured: readonly Degradation[] },
): DegradedReport[] {
  const halves = halvesOf(faces);
  const parts = halves.map((held, half) => {
    const { strangers, conditional } = fitPoorPhotos(halves[1 - half] as DegradedFaces, options, fitted);
    return { held, strangers, calibration: { ...options.plain, conditional } };
  });
  return measured.map(({ name, label, heldOut }) => {
    const judged = parts.flatMap(({ held, strangers, calibration }) =>
      ratedPairs(held.get(name) ?? [], strangers, options.distance).map((pair) => verdictsOf(pair, calibration)),
    );
    return { label, ...(heldOut && { heldOut }), ...summary(judged) };
  });
}

/** The faces of every second person, and those of the others. */
function halvesOf(faces: DegradedFaces): DegradedFaces[] {
  const people = [...new Set([...faces.values()].flatMap((list) => list.map(({ person }) => person)))].sort();
  return [0, 1].map((half) => {
    const own = new Set(people.filter((_, i) => i % 2 === half));
    return new Map([...faces].map(([name, list]) => [name, list.filter(({ person }) => own.has(person))]));
  });
}

type Verdicts = ReturnType<typeof verdictsOf>;

function verdictsOf({ same, distance, similarity }: RatedPair, calibration: Calibration) {
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

function summary(judged: readonly Verdicts[]): Omit<DegradedReport, 'label' | 'heldOut'> {
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
