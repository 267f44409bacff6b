import { type Affine, apply, rotationOf, scaleOf, square, wrapped } from '../image/affine.ts';
import { type PixelSource, warp } from '../image/warp.ts';
import type { Face, Keypoints, Pixels, Point } from '../types.ts';
import type { Detector } from './detector.ts';
import { intersectionOverSmaller, intersectionOverUnion, suppress } from './suppression.ts';
import { furtherViews, tileViews, uprightView } from './views.ts';

/** What a caller may ask of detection. */
export interface DetectionLimits {
  /** The lowest score that a face may have, 0 to 1. */
  minScore: number;
  /** The most faces to return. */
  maxFaces: number;
  /** Whether to look for rolled heads even where upright ones were found. */
  thorough: boolean;
  /** Whether to look at parts of the picture from closer by, for faces that are small in the whole of it. */
  tiles: boolean;
  signal: AbortSignal | undefined;
}

/** What is worth a second look: at first glance a face that is small or rolled can score low. */
const candidateScore = 0.3;

/** The side of the second look, in sides of the face's box: then the face fills the share that detectors know best. */
const closeUpScale = 3;

/** The roll by which two findings at one place may differ and still be one face seen alike, in radians. */
const alikeRoll = Math.PI / 4;

/**
 * Finds the faces in a picture: looks at the whole of it, at parts of it and at turned views as far as they are asked for,
 * brings together what they show, and has the detector look again at each candidate.
 *
 * @returns the faces, strongest first, in source pixels.
 */
export async function detectFaces(
  picture: PixelSource,
  detector: Detector,
  { minScore, maxFaces, thorough, tiles, signal }: DetectionLimits,
): Promise<Face[]> {
  const size = detector.inputSize;
  const upright = [uprightView(picture, size), ...(tiles ? tileViews(picture, size) : [])];
  let seen = await look(picture, detector, upright, signal);
  if (thorough || !seen.flat().some(({ score }) => score >= minScore)) {
    seen = [...seen, ...(await look(picture, detector, furtherViews(picture, size), signal))];
  }
  const leastScore = detector.looksTwice ? Math.min(candidateScore, minScore) : minScore;
  const candidates = suppress(
    seen.flat().filter(({ score }) => score >= leastScore),
    (a, b) => overlap(a, b) && rollBetween(a, b) < alikeRoll,
  );
  const faces = detector.looksTwice ? await lookAgain(picture, detector, candidates, signal) : candidates;
  return suppress(
    faces.filter(({ score }) => score >= minScore),
    overlap,
  ).slice(0, maxFaces);
}

/**
 * Looks at each candidate close up and turned upright, which places the box and the keypoints well, and tells faces from
 * what only looked like one. A face's score becomes the mean of both looks.
 */
async function lookAgain(
  picture: PixelSource,
  detector: Detector,
  candidates: readonly Face[],
  signal: AbortSignal | undefined,
): Promise<Face[]> {
  const closeUps = await look(
    picture,
    detector,
    candidates.map((face) => {
      const side = closeUpScale * Math.max(face.box.width, face.box.height);
      return square(centre(face), side, face.roll, detector.inputSize);
    }),
    signal,
  );
  return candidates.flatMap((candidate, i) => confirmed(candidate, closeUps[i] as Face[]) ?? []);
}

/** Shows views of the picture to the detector; the faces of each view, in source pixels. */
async function look(
  picture: PixelSource,
  detector: Detector,
  views: readonly Affine[],
  signal: AbortSignal | undefined,
): Promise<Face[][]> {
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

/** What the second look shows of a candidate; nothing when it shows no face there. */
function confirmed(candidate: Face, closeUp: readonly Face[]): Face | undefined {
  const from = centre(candidate);
  const reach = Math.max(candidate.box.width, candidate.box.height) / 2;
  const [face] = closeUp
    .filter((found) => Math.hypot(centre(found).x - from.x, centre(found).y - from.y) < reach)
    .filter((found) => rollBetween(found, candidate) < alikeRoll)
    .sort((a, b) => b.score - a.score);
  return face && { ...face, score: (face.score + candidate.score) / 2 };
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
