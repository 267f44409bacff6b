import type { Verdict } from '../comparison/compare.ts';
import { strangerSimilarityOf } from '../comparison/conditional.ts';
import { nearestVerdict, probeEmbedding, search, withPerson } from './identification.ts';
import type { EnrolmentCheck } from './log-events.ts';
import type { IndexCandidate } from './open-set.ts';
import type { GalleryState } from './state.ts';
import type { EnrolmentIssue, GalleryFace } from './types.ts';

/** The checked limits of an enrolment. */
export interface EnrolmentLimits {
  /** The issues that only cause a warning. */
  allow: ReadonlySet<EnrolmentIssue['kind']>;
  minQuality: number;
  far: number;
}

/** The face with the largest box, or the first if no face has a box. */
export function largestFace(faces: readonly GalleryFace[]): GalleryFace | undefined {
  const area = ({ box }: GalleryFace) => (box ? box.width * box.height : 0);
  return [...faces].sort((a, b) => area(b) - area(a))[0];
}

/** The faces of one picture, and the person to enrol the largest of them as. */
interface Examined {
  faces: readonly GalleryFace[];
  limits: EnrolmentLimits;
  /** The rotated embedding of the largest face; undefined if there is no face. */
  probe: Float32Array | undefined;
  /** The id of the person; undefined for a new one. */
  person: string | undefined;
}

/**
 * The issues that speak against enrolling the faces of one picture as a person.
 *
 * @returns also the comparisons that were made; undefined without a face.
 */
export async function enrolmentIssues(
  state: GalleryState,
  { faces, limits, probe, person }: Examined,
): Promise<{ issues: EnrolmentIssue[]; check: EnrolmentCheck | undefined }> {
  if (!probe) return { issues: [{ kind: 'no-face' }], check: undefined };
  const issues: EnrolmentIssue[] = [];
  if (faces.length > 1) issues.push({ kind: 'several-faces', faces: faces.length });
  const face = largestFace(faces) as GalleryFace;
  issues.push(...qualityIssues(state, face, limits.minQuality));
  const { far } = limits;
  const { candidates, faces: searched } = await search(state, probe, face, { far });
  const others = candidates.filter((candidate) => candidate.person !== person);
  const [other] = others.length > 0 ? await withoutNearerFaces(others, state, faces, far) : [];
  if (other) issues.push({ kind: 'other-person', candidate: withPerson(state.contents, other) });
  const nearest = person === undefined ? undefined : nearestVerdict(state, person, { probe, face }, { far });
  const verdict = nearest?.verdict;
  // Of two photos too poor to be compared, `too-poor` tells more.
  if (verdict && !verdict.same && verdict.reason !== 'quality') {
    const { distance, threshold, probability } = verdict;
    issues.push({ kind: 'not-this-person', distance, threshold, probability });
  }
  const check = {
    ...{ far, faces: searched },
    ...(other && { other: loggedMatch(other) }),
    ...(nearest && { nearest: loggedVerdict(nearest) }),
  };
  return { issues, check };
}

/** What the log records about another person whom the face matches. */
function loggedMatch({
  person,
  face,
  distance,
  threshold,
  basis,
}: IndexCandidate): NonNullable<EnrolmentCheck['other']> {
  return { person, face, distance, threshold, basis };
}

/** What the log records about the nearest enrolled face of the person to whom the face is to be added. */
function loggedVerdict({
  template,
  verdict: { same, distance, threshold, basis, reason },
}: {
  template: string;
  verdict: Verdict;
}): NonNullable<EnrolmentCheck['nearest']> {
  return { face: template, same, distance, threshold, basis, ...(reason && { reason }) };
}

function qualityIssues({ rule }: GalleryState, face: GalleryFace, minQuality: number): EnrolmentIssue[] {
  const issues: EnrolmentIssue[] = [];
  const quality = face.quality?.overall;
  if (quality !== undefined && !(quality >= minQuality)) {
    issues.push({ kind: 'low-quality', quality, minimum: minQuality });
  }
  const strangerSimilarity = strangerSimilarityOf(face, rule.calibration);
  const { limit } = rule.calibration.conditional ?? {};
  if (strangerSimilarity !== undefined && limit !== undefined && strangerSimilarity > limit) {
    issues.push({ kind: 'too-poor', strangerSimilarity, limit });
  }
  return issues;
}

/**
 * The candidates of the largest face to whom no other face of the picture is nearer. The faces of a picture are of
 * different people, so only the nearest face can be the candidate.
 */
async function withoutNearerFaces(
  candidates: readonly IndexCandidate[],
  state: GalleryState,
  faces: readonly GalleryFace[],
  far: number,
): Promise<IndexCandidate[]> {
  const largest = largestFace(faces);
  const nearest = new Map<string, number>();
  for (const face of faces) {
    if (face === largest) continue;
    const found = await search(state, await probeEmbedding(face, state), face, { far });
    for (const { person, distance } of found.candidates) {
      nearest.set(person, Math.min(distance, nearest.get(person) ?? distance));
    }
  }
  return candidates.filter(({ person, distance }) => distance <= (nearest.get(person) ?? distance));
}
