import { strangerSimilarityOf } from '../comparison/conditional.ts';
import { FaceNetError } from '../core/errors.ts';
import { type CheckedEnrollee, hasValidLength } from './checked-input.ts';
import { probeEmbedding, search, withPerson } from './identification.ts';
import type { IndexCandidate } from './open-set.ts';
import { requirePerson } from './person-changes.ts';
import type { StoredCrop, StoredPerson } from './records.ts';
import type { ChangePlan, GalleryState } from './state.ts';
import type { Enrolment, EnrolmentIssue, EnrolOptions, GalleryFace } from './types.ts';

/** The checked limits of an enrolment. */
export interface EnrolmentLimits {
  /** The issues that only cause a warning. */
  allow: ReadonlySet<EnrolmentIssue['kind']>;
  minQuality: number;
  far: number;
}

/** The input of {@link planEnrolment}. */
export interface EnrolmentInput {
  enrollee: CheckedEnrollee;
  /** The faces of one picture. */
  faces: readonly GalleryFace[];
  limits: EnrolmentLimits;
  /** The crop to store with the embedding. */
  crop: StoredCrop | undefined;
}

/** The limits of an enrolment. @throws {FaceNetError} `option-invalid` for a value out of range. */
export function enrolmentLimits({ allow = [], minQuality = 0.1, far = 1e-3 }: EnrolOptions): EnrolmentLimits {
  if (!(minQuality >= 0 && minQuality <= 1)) {
    throw new FaceNetError('option-invalid', `minQuality is ${minQuality}: use a number from 0 to 1.`);
  }
  const known = ['several-faces', 'low-quality', 'other-person'];
  if (!Array.isArray(allow)) {
    throw new FaceNetError('option-invalid', `allow is not an array: list any of "${known.join('", "')}".`);
  }
  for (const kind of allow) {
    if (!known.includes(kind)) {
      throw new FaceNetError('option-invalid', `allow names "${kind}": use "${known.join('", "')}".`);
    }
  }
  return { allow: new Set<EnrolmentIssue['kind']>(allow), minQuality, far };
}

/** Plans the enrolment of the largest face for a new or known person. Nothing is written if an issue is not allowed. */
export async function planEnrolment(state: GalleryState, input: EnrolmentInput): Promise<ChangePlan<Enrolment>> {
  const { enrollee, faces, limits, crop } = input;
  const known = 'id' in enrollee ? requirePerson(state.contents, enrollee.id) : undefined;
  const face = largestFace(faces);
  const probe = face && (await probeEmbedding(face, state));
  if (probe && !hasValidLength(probe, state.rule.metric)) {
    throw new FaceNetError(
      'option-invalid',
      'The embedding does not have the length 1: pass that of embed() unchanged.',
    );
  }
  const issues = await enrolmentIssues(state, input, probe, known?.id);
  const reasons = issues.filter(({ kind }) => !limits.allow.has(kind));
  if (!face || !probe || reasons.length > 0) return { result: () => ({ enrolled: false, reasons }) };
  const addedAt = new Date();
  const person = known ?? newPerson(enrollee, addedAt);
  const template = {
    id: crypto.randomUUID(),
    person: person.id,
    embedding: probe,
    quality: face.quality?.overall,
    strangerSimilarity: strangerSimilarityOf(face),
    model: state.rule.model,
    addedAt,
  };
  return {
    change: {
      people: known ? [] : [person],
      templates: [template],
      crops: crop ? [{ id: template.id, crop }] : [],
    },
    result: ({ contents }) => ({
      enrolled: true,
      person: contents.describe(person),
      face: contents.info(template),
      warnings: issues,
    }),
  };
}

function newPerson(enrollee: CheckedEnrollee, createdAt: Date): StoredPerson {
  return { ...(enrollee as Exclude<CheckedEnrollee, { id: string }>), id: crypto.randomUUID(), createdAt };
}

/** The face with the largest box, or the first if no face has a box. */
function largestFace(faces: readonly GalleryFace[]): GalleryFace | undefined {
  const area = ({ box }: GalleryFace) => (box ? box.width * box.height : 0);
  return [...faces].sort((a, b) => area(b) - area(a))[0];
}

/**
 * The issues that speak against enrolling the faces of one picture as a person.
 *
 * @param probe the rotated embedding of the largest face; undefined if there is no face.
 * @param person the id of the person; undefined for a new one.
 */
async function enrolmentIssues(
  state: GalleryState,
  { faces, limits: { minQuality, far } }: EnrolmentInput,
  probe: Float32Array | undefined,
  person: string | undefined,
): Promise<EnrolmentIssue[]> {
  const { contents, rule } = state;
  if (!probe) return [{ kind: 'no-face' }];
  const issues: EnrolmentIssue[] = [];
  if (faces.length > 1) issues.push({ kind: 'several-faces', faces: faces.length });
  const face = largestFace(faces) as GalleryFace;
  const quality = face.quality?.overall;
  if (quality !== undefined && !(quality >= minQuality)) {
    issues.push({ kind: 'low-quality', quality, minimum: minQuality });
  }
  const strangerSimilarity = strangerSimilarityOf(face);
  const { limit } = rule.calibration.conditional ?? {};
  if (strangerSimilarity !== undefined && limit !== undefined && strangerSimilarity > limit) {
    issues.push({ kind: 'too-poor', strangerSimilarity, limit });
  }
  const { candidates } = await search(state, probe, face, { far });
  const others = candidates.filter((candidate) => candidate.person !== person);
  const [other] = others.length > 0 ? await withoutNearerFaces(others, state, faces, far) : [];
  if (other) issues.push({ kind: 'other-person', candidate: withPerson(contents, other) });
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
