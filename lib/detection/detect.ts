import { type Affine, apply, rotationOf, scaleOf, square, wrapped } from '../image/affine.ts';
import { type PixelSource, warp } from '../image/warp.ts';
import type { Face, Keypoints, Pixels, Point } from '../types.ts';
import type { Detector } from './detector.ts';
import { byScore, intersectionOverSmaller, intersectionOverUnion, suppress } from './suppression.ts';
import { furtherViews, tileViews, uprightView, upsideDownViews } from './views.ts';

/** What a caller may ask of detection. */
export interface DetectionLimits {
  /** The lowest score that a face may have, 0 to 1. */
  minScore: number;
  /** The most faces to return. */
  maxFaces: number;
  /** Whether to look for rolled heads even where upright ones were found, and for heads upside down where none were. */
  thorough: boolean;
  /** The side of the smallest face to look for in a picture of this longer side, in source pixels. */
  minSize: (longerSide: number) => number;
  signal: AbortSignal | undefined;
}

/** What is worth a second look: at first glance a face that is small or rolled can score low. */
const candidateScore = 0.3;

/** Up to this score the landmarker is asked too, and from this one on it is worth asking. */
const sureScore = 0.75;
const doubtfulScore = 0.35;

/** The side of the second look, in sides of the face's box: then the face fills the share that detectors know best. */
const closeUpScale = 3;

/** The roll by which two findings at one place may differ and still be one face seen alike, in radians. */
const alikeRoll = Math.PI / 4;

/** Tells of each face how likely it is that there is one, 0 to 1: a network that knows faces otherwise than the detector. */
export type Witness = (picture: PixelSource, faces: readonly Face[], signal?: AbortSignal) => Promise<number[]>;

/** What is searched, with what, and for what. */
interface Search {
  picture: PixelSource;
  detector: Detector;
  /** The lowest score that a face may have before the witness is heard. */
  leastScore: number;
  signal: AbortSignal | undefined;
}

/**
 * Finds the faces in a picture: large ones in views of the whole of it, turned ones among them where they are asked for,
 * then small ones in parts of it; has the detector look again at each candidate; and asks the witness about those that are
 * still doubtful.
 *
 * @param witness where there is one.
 * @returns the faces, strongest first, in source pixels.
 */
export async function detectFaces(
  picture: PixelSource,
  detector: Detector,
  witness: Witness | undefined,
  { minScore, maxFaces, minSize, thorough, signal }: DetectionLimits,
): Promise<Face[]> {
  const size = detector.inputSize;
  const leastScore = witness ? Math.min(doubtfulScore, minScore) : minScore;
  const search: Search = { picture, detector, leastScore, signal };

  const seen = await candidatesIn(search, [uprightView(picture, size)]);
  if (thorough || !seen.some(({ score }) => score >= minScore)) {
    seen.push(...(await candidatesIn(search, furtherViews(picture, size))));
  }
  let large = await confirmed(search, seen, mean);
  if (thorough && !large.some(({ score }) => score >= minScore)) {
    large = await confirmed(search, [...large, ...(await candidatesIn(search, upsideDownViews(picture, size)))], mean);
  }

  const tiles = tileViews(picture, minSize(Math.max(picture.width, picture.height)), size);
  const smaller = (await candidatesIn(search, tiles)).filter((face) => !large.some((known) => overlap(face, known)));
  // Many small parts show more of what only looks like a face than the whole does: where no witness is heard, both looks
  // must be convinced.
  const small = await confirmed(search, smaller, witness ? mean : Math.min);

  const faces = suppress([...large, ...small], overlap);
  const certain = witness ? await hear(witness, search, faces) : faces;
  return byScore(certain.filter(({ score }) => score >= minScore)).slice(0, maxFaces);
}

/** What views show that is worth a second look or, with a detector that takes none, good enough. */
async function candidatesIn(search: Search, views: readonly Affine[]): Promise<Face[]> {
  const { detector, leastScore } = search;
  const least = detector.looksTwice ? Math.min(candidateScore, leastScore) : leastScore;
  return (await look(search, views)).flat().filter(({ score }) => score >= least);
}

/**
 * Looks at each candidate close up and turned upright, which places the box and the keypoints well, and tells faces from
 * what only looked like one.
 *
 * @param scoreOf a face's score, from that of the first look and that of the second.
 */
async function confirmed(
  search: Search,
  seen: readonly Face[],
  scoreOf: (first: number, second: number) => number,
): Promise<Face[]> {
  const { detector, leastScore } = search;
  const candidates = suppress(seen, (a, b) => overlap(a, b) && rollBetween(a, b) < alikeRoll);
  if (!detector.looksTwice) return candidates;
  const views = candidates.map((face) => {
    const side = closeUpScale * Math.max(face.box.width, face.box.height);
    return square(centre(face), side, face.roll, detector.inputSize);
  });
  const closeUps = await look(search, views);
  const faces = candidates.flatMap((candidate, i) => {
    const face = sameFace(candidate, closeUps[i] as Face[]);
    return face ? [{ ...face, score: scoreOf(candidate.score, face.score) }] : [];
  });
  return suppress(
    faces.filter(({ score }) => score >= leastScore),
    overlap,
  );
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
async function look({ picture, detector, signal }: Search, views: readonly Affine[]): Promise<Face[][]> {
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
  const { x, y } = apply(view, { x: box.x + box.width / 2, y: box.y + box.height / 2 });
  const width = box.width * scale;
  const height = box.height * scale;
  const face = {
    score,
    box: { x: x - width / 2, y: y - height / 2, width, height },
    roll: wrapped(roll + rotationOf(view)),
  };
  if (!keypoints) return face;
  const points = Object.entries(keypoints).map(([name, point]) => [name, apply(view, point)]);
  return { ...face, keypoints: Object.fromEntries(points) as Keypoints };
}

/** The candidate as the second look shows it; nothing when that shows no face there. */
function sameFace(candidate: Face, closeUp: readonly Face[]): Face | undefined {
  const from = centre(candidate);
  const reach = Math.max(candidate.box.width, candidate.box.height) / 2;
  return closeUp
    .filter((found) => Math.hypot(centre(found).x - from.x, centre(found).y - from.y) < reach)
    .filter((found) => rollBetween(found, candidate) < alikeRoll)
    .sort((a, b) => b.score - a.score)[0];
}

function overlap({ box: a }: Face, { box: b }: Face): boolean {
  return intersectionOverUnion(a, b) > 0.3 || intersectionOverSmaller(a, b) > 0.6;
}

function centre({ box }: Face): Point {
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** The angle between two faces' rolls, 0 to π. */
function rollBetween(a: Face, b: Face): number {
  return Math.abs(wrapped(a.roll - b.roll));
}
