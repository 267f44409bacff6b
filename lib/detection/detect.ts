import { boxAround, boxCentre } from '../core/math.ts';
import type { Face, Keypoints, Pixels } from '../core/types.ts';
import { type Affine, apply, rotationOf, scaleOf, square, wrapped } from '../image/affine.ts';
import { type PixelSource, warp } from '../image/warp.ts';
import type { Detector } from './detector.ts';
import { byScore, intersectionOverSmaller, intersectionOverUnion, suppress } from './suppression.ts';
import { furtherViews, tileViews, turnedViews, uprightView, upsideDownViews } from './views.ts';

/** What a caller may ask of detection. */
export interface DetectionLimits {
  /** The lowest score that a face may have, 0 to 1. */
  minScore: number;
  /** The most faces to return. */
  maxFaces: number;
  /** Whether to look for rolled heads even where upright ones were found, and for heads upside down where none were. */
  thorough: boolean;
  /** The side of the smallest face to look for: the larger of so many source pixels and a share of the longer side. */
  minSize: { pixels: number; share: number };
}

/**
 * What is worth a second look: at first glance a face that is small or rolled can score low. Where no witness is heard, more
 * must speak for it.
 */
const candidateScore = 0.12;
const unwitnessedScore = 0.3;

/** Up to this score the landmarker is asked too, and from the next one on it is worth asking. */
const sureScore = 0.75;
const doubtfulScore = 0.35;

/** From this score on another look at the same place could say no more. */
const clearScore = 0.85;

/** The side of the second look, in sides of the face's box: then the face fills the share that detectors know best. */
const closeUpScale = 3;

/** How often a candidate is looked at from close up, if its roll was misjudged. */
const mostLooks = 3;

/** The roll by which two findings at one place may differ and still be one face seen alike, in radians. */
const alikeRoll = Math.PI / 4;

/** A head that is rolled by more, in radians, may be one of several in a photo that is rolled itself. */
const uprightRoll = Math.PI / 12;

/** Tells of each face how likely it is that there is one, 0 to 1: a network that knows faces otherwise than the detector. */
export type Witness = (picture: PixelSource, faces: readonly Face[], signal?: AbortSignal) => Promise<number[]>;

/** The networks that find faces together. */
export interface Detectors {
  /** Searches the whole picture and parts of it. */
  detector: Detector;
  /**
   * Looks again at each candidate, from close up and turned upright, and once at the whole picture for large heads however
   * they are rolled. There is none where the detector's first word is its last.
   */
  closeUp: Detector | undefined;
  /** Is heard about doubtful faces, where there is one. */
  witness: Witness | undefined;
}

/** What is searched, with what, and for what. */
interface Search extends Detectors {
  picture: PixelSource;
  /** The lowest score that a face may have. */
  minScore: number;
  signal: AbortSignal | undefined;
}

/**
 * Finds the faces in a picture: large ones in views of the whole of it, then small ones in parts of it; looks again at each
 * candidate, and asks the witness where that leaves a doubt.
 *
 * @param known faces of this picture that need not be found.
 * @returns the others, strongest first, in source pixels.
 */
export async function detectFaces(
  picture: PixelSource,
  detectors: Detectors,
  { minScore, maxFaces, minSize, thorough }: DetectionLimits,
  signal?: AbortSignal,
  known: readonly Face[] = [],
): Promise<Face[]> {
  const { detector, closeUp, witness } = detectors;
  const size = detector.inputSize;
  const search: Search = { ...detectors, picture, minScore, signal };

  const seen = await candidatesIn(search, detector, [uprightView(picture, size)]);
  if (thorough && closeUp && closeUp !== detector) {
    const size = closeUp.inputSize;
    const views = [uprightView(picture, size), ...turnedViews(picture, [Math.PI], size)];
    seen.push(...(await candidatesIn(search, closeUp, views)));
  }
  let large = await confirmed(search, seen, mean, known);
  const lookFurther = async (views: readonly Affine[]) => {
    if (views.length > 0) large = await confirmed(search, await candidatesIn(search, detector, views), mean, large);
  };
  if (large.length === 0 || (thorough && !closeUp)) await lookFurther(furtherViews(picture, size));
  // Where one head is rolled, smaller ones may be too.
  else if (thorough) await lookFurther(turnedViews(picture, rollsOf(large), size));
  if (thorough && large.length === 0) await lookFurther(upsideDownViews(picture, size));

  const smallest = Math.max(minSize.pixels, minSize.share * Math.max(picture.width, picture.height));
  const tiles = tileViews(picture, smallest, size);
  // Many small parts show more of what only looks like a face than the whole does: where no witness is heard, both looks
  // must be convinced.
  const faces = await confirmed(search, await candidatesIn(search, detector, tiles), witness ? mean : Math.min, large);

  return byScore(faces.filter((face) => !known.includes(face))).slice(0, maxFaces);
}

/** What views show that is worth a second look or, where there is none, worth hearing the witness about. */
async function candidatesIn(search: Search, detector: Detector, views: readonly Affine[]): Promise<Face[]> {
  const { closeUp, witness } = search;
  const worthIt = witness ? candidateScore : unwitnessedScore;
  const least = closeUp ? Math.min(worthIt, leastScore(search)) : leastScore(search);
  return (await look(search, detector, views)).flat().filter(({ score }) => score >= least);
}

/** The lowest score that a face may have before the witness is heard. */
function leastScore({ minScore, witness }: Search): number {
  return witness ? Math.min(doubtfulScore, minScore) : minScore;
}

/**
 * Looks at each candidate close up and turned upright, which places the box and the keypoints well, and tells faces from
 * what only looked like one; and asks the witness about those that are still doubtful.
 *
 * @param scoreOf a face's score, from that of the first look and that of the second.
 * @param known the faces that were found before.
 * @returns the known faces and those that are new.
 */
async function confirmed(
  search: Search,
  seen: readonly Face[],
  scoreOf: (first: number, second: number) => number,
  known: readonly Face[] = [],
): Promise<Face[]> {
  const unknown = seen.filter((face) => !known.some((other) => overlap(face, other)));
  const candidates = suppress(unknown, alike);
  const { closeUp, witness, minScore } = search;
  const shown = closeUp ? await seenAgain(search, closeUp, candidates, scoreOf) : candidates;
  // Of one head that was taken for two which are rolled otherwise, the witness knows the right one.
  const faces = suppress(
    shown.filter(({ score }) => score >= leastScore(search)),
    alike,
  );
  const certain = witness ? await hear(witness, search, faces) : faces;
  return suppress([...known, ...certain.filter(({ score }) => score >= minScore)], overlap);
}

/**
 * Looks at the strongest candidate of each place. Another one there, rolled otherwise, is nearly always the same head: it is
 * looked at too unless the strongest is clearly a face, though it could be placed a little better.
 *
 * @param candidates strongest first.
 */
async function seenAgain(
  search: Search,
  closeUp: Detector,
  candidates: readonly Face[],
  scoreOf: (first: number, second: number) => number,
): Promise<Face[]> {
  const isRival = (face: Face, i: number) => candidates.slice(0, i).some((stronger) => overlap(stronger, face));
  const strongest = candidates.filter((face, i) => !isRival(face, i));
  const faces = await lookAgain(search, closeUp, strongest, scoreOf);
  const clear = faces.filter(({ score }) => score >= clearScore);
  const rivals = candidates.filter((face, i) => isRival(face, i) && !clear.some((other) => overlap(other, face)));
  return [...faces, ...(await lookAgain(search, closeUp, rivals, scoreOf))];
}

async function lookAgain(
  search: Search,
  closeUp: Detector,
  candidates: readonly Face[],
  scoreOf: (first: number, second: number) => number,
): Promise<Face[]> {
  const faces: Face[] = [];
  let waiting = candidates;
  for (let looks = 0; looks < mostLooks && waiting.length > 0; looks++) {
    const views = waiting.map((face) => {
      const side = closeUpScale * Math.max(face.box.width, face.box.height);
      return square(boxCentre(face.box), side, face.roll, closeUp.inputSize);
    });
    const shown = await look(search, closeUp, views);
    const misjudged: Face[] = [];
    for (const [i, candidate] of waiting.entries()) {
      const face = atSamePlace(candidate, shown[i] as Face[]);
      if (!face) {
      } else if (rollBetween(face, candidate) < alikeRoll)
        faces.push({ ...face, score: scoreOf(candidate.score, face.score) });
      // It is rolled otherwise than it seemed from afar, so that it was not upright in the close-up.
      else misjudged.push(face);
    }
    waiting = misjudged;
  }
  return faces;
}

/** Asks the witness about doubtful faces: their score becomes the mean of the detector's and the witness's. */
async function hear(witness: Witness, { picture, signal }: Search, faces: readonly Face[]): Promise<Face[]> {
  const doubtful = faces.filter(({ score }) => score < sureScore);
  const answers = await witness(picture, doubtful, signal);
  const heard = doubtful.map((face, i) => ({ ...face, score: (face.score + (answers[i] as number)) / 2 }));
  return [...faces.filter(({ score }) => score >= sureScore), ...heard];
}

function mean(a: number, b: number): number {
  return (a + b) / 2;
}

/** Shows views of the picture to the detector; the faces of each view, in source pixels. */
async function look({ picture, signal }: Search, detector: Detector, views: readonly Affine[]): Promise<Face[][]> {
  if (views.length === 0) return [];
  signal?.throwIfAborted();
  const found = await detector.find(shown(picture, detector.inputSize, views), signal);
  return views.map((view, i) => (found[i] as Face[]).map((face) => toSourcePixels(face, view)));
}

/** What each view shows, made when the detector is ready for it. */
function* shown(picture: PixelSource, size: number, views: readonly Affine[]): Generator<Pixels> {
  for (const view of views) yield warp(picture, view, size, size);
}

/** A face of a view in source pixels. Its box stays upright: its centre and its size are what the view turns and scales. */
function toSourcePixels({ box, score, roll, keypoints }: Face, view: Affine): Face {
  const scale = scaleOf(view);
  const face = {
    score,
    box: boxAround(apply(view, boxCentre(box)), box.width * scale, box.height * scale),
    roll: wrapped(roll + rotationOf(view)),
  };
  if (!keypoints) return face;
  const points = Object.entries(keypoints).map(([name, point]) => [name, apply(view, point)]);
  return { ...face, keypoints: Object.fromEntries(points) as Keypoints };
}

/** The candidate as a close-up shows it; nothing when that shows no face there. */
function atSamePlace(candidate: Face, closeUp: readonly Face[]): Face | undefined {
  const from = boxCentre(candidate.box);
  const reach = Math.max(candidate.box.width, candidate.box.height) / 2;
  return closeUp
    .filter(({ box }) => Math.hypot(boxCentre(box).x - from.x, boxCentre(box).y - from.y) < reach)
    .sort((a, b) => b.score - a.score)[0];
}

/** The rolls of heads that are not upright. */
function rollsOf(faces: readonly Face[]): number[] {
  return faces.map(({ roll }) => roll).filter((roll) => Math.abs(roll) > uprightRoll);
}

function overlap({ box: a }: Face, { box: b }: Face): boolean {
  return intersectionOverUnion(a, b) > 0.3 || intersectionOverSmaller(a, b) > 0.6;
}

/** Whether two findings are of one head, seen alike. */
function alike(a: Face, b: Face): boolean {
  return overlap(a, b) && rollBetween(a, b) < alikeRoll;
}

/** The angle between two faces' rolls, 0 to π. */
function rollBetween(a: Face, b: Face): number {
  return Math.abs(wrapped(a.roll - b.roll));
}
