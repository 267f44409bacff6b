import { strangerRating } from '../comparison/conditional.ts';
import { FaceNetError } from '../core/errors.ts';
import { type CheckedEnrollee, checkedQuality, hasUnitLength } from './checked-input.ts';
import type { RetentionOptions } from './consent.ts';
import { type EnrolmentLimits, enrolmentIssues, largestFace } from './enrolment-issues.ts';
import { probeEmbedding } from './identification.ts';
import type { EnrolmentCheck, LogEvent } from './log-events.ts';
import { requirePerson } from './person-changes.ts';
import type { StoredCrop, StoredPerson } from './records.ts';
import type { ChangePlan, GalleryState } from './state.ts';
import type { Enrolment, EnrolmentIssue, EnrolOptions, GalleryFace } from './types.ts';

/** The input of {@link planEnrolment}. */
export interface EnrolmentInput {
  enrollee: CheckedEnrollee;
  /** The faces of one picture. */
  faces: readonly GalleryFace[];
  limits: EnrolmentLimits;
  /** The crop to store with the embedding. */
  crop: StoredCrop | undefined;
  /** The checked consent and expiry. */
  retention: RetentionOptions;
}

/** The limits of an enrolment. @throws {FaceNetError} `option-invalid` for a value out of range. */
export function enrolmentLimits({ allow = [], minQuality = 0.1, far = 1e-3 }: EnrolOptions): EnrolmentLimits {
  if (!(minQuality >= 0 && minQuality <= 1)) {
    throw new FaceNetError('option-invalid', `minQuality is ${minQuality}: use a number from 0 to 1.`);
  }
  const known = ['several-faces', 'low-quality', 'other-person', 'not-this-person'];
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

/** The result of {@link planEnrolment}. */
export interface PlannedEnrolment {
  enrolment: Enrolment;
  /** What the log must record about the comparisons before the refusal is returned, and the state in which they were made. */
  refusal?: { state: GalleryState; event: LogEvent };
}

/** Plans the enrolment of the largest face for a new or known person. No record is written if an issue is not allowed. */
export async function planEnrolment(state: GalleryState, input: EnrolmentInput): Promise<ChangePlan<PlannedEnrolment>> {
  const { enrollee, faces, limits, crop, retention } = input;
  const known = 'id' in enrollee ? requirePerson(state.contents, enrollee.id) : undefined;
  const face = largestFace(faces);
  const probe = face && (await probeEmbedding(face, state));
  if (probe && !hasUnitLength(probe)) {
    throw new FaceNetError(
      'option-invalid',
      'The embedding does not have the length 1: pass that of embed() unchanged.',
    );
  }
  const quality = checkedQuality(face?.quality?.overall);
  const { issues, check } = await enrolmentIssues(state, { faces, limits, probe, person: known?.id });
  const reasons = issues.filter(({ kind }) => !limits.allow.has(kind));
  if (!face || !probe || !check || reasons.length > 0) return planRefusal(state, { reasons, check, person: known?.id });
  const addedAt = new Date();
  const person = { ...(known ?? newPerson(enrollee, addedAt)), ...retention };
  const template = {
    id: crypto.randomUUID(),
    person: person.id,
    embedding: probe,
    quality,
    ...strangerRating(face),
    model: state.rule.model,
    addedAt,
  };
  return {
    change: {
      people: known && Object.keys(retention).length === 0 ? [] : [person],
      templates: [template],
      crops: crop ? [{ id: template.id, crop }] : [],
    },
    events: [
      {
        event: 'enrolled',
        person: person.id,
        face: template.id,
        consent: person.consent?.version,
        warnings: issues.map(({ kind }) => kind),
        ...check,
      },
    ],
    result: ({ contents }) => ({
      enrolment: {
        enrolled: true,
        person: contents.describe(person),
        face: contents.info(template),
        warnings: issues,
      },
    }),
  };
}

/**
 * Plans nothing but the answer. Its entry in the log is added like that of an identification: a change would make all other tabs
 * read the gallery again.
 */
function planRefusal(
  state: GalleryState,
  {
    reasons,
    check,
    person,
  }: { reasons: EnrolmentIssue[]; check: EnrolmentCheck | undefined; person: string | undefined },
): ChangePlan<PlannedEnrolment> {
  const enrolment: Enrolment = { enrolled: false, reasons };
  // Without a face nothing was compared.
  if (!check) return { result: () => ({ enrolment }) };
  const event: LogEvent = {
    event: 'enrolment-refused',
    ...(person !== undefined && { person }),
    reasons: reasons.map(({ kind }) => kind),
    ...check,
  };
  return { result: () => ({ enrolment, refusal: { state, event } }) };
}

function newPerson(enrollee: CheckedEnrollee, createdAt: Date): StoredPerson {
  return { ...(enrollee as Exclude<CheckedEnrollee, { id: string }>), id: crypto.randomUUID(), createdAt };
}
