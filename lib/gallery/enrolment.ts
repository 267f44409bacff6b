import type { ComparisonRule } from '../comparison/compare.ts';
import { FaceNetError } from '../core/errors.ts';
import type { Contents } from './contents.ts';
import { identifyIn } from './open-set.ts';
import type { Candidate, Enrollee, EnrolmentIssue, EnrolOptions, GalleryFace, Metadata } from './types.ts';

/** What an enrolment goes by. */
export interface EnrolmentLimits {
  /** The issues that are only warned of. */
  allow: ReadonlySet<EnrolmentIssue['kind']>;
  minQuality: number;
  far: number;
}

/** The limits of an enrolment, checked. @throws {FaceNetError} `option-invalid` for a value that none can have. */
export function enrolmentLimits({ allow = [], minQuality = 0.1, far = 1e-3 }: EnrolOptions): EnrolmentLimits {
  if (!(minQuality >= 0 && minQuality <= 1)) {
    throw new FaceNetError('option-invalid', `minQuality is ${minQuality}: use a number from 0 to 1.`);
  }
  const known = ['several-faces', 'low-quality', 'other-person'];
  if (!Array.isArray(allow)) {
    throw new FaceNetError('option-invalid', `allow is no list: use one of "${known.join('", "')}".`);
  }
  for (const kind of allow) {
    if (!known.includes(kind)) {
      throw new FaceNetError('option-invalid', `allow names "${kind}": use "${known.join('", "')}".`);
    }
  }
  return { allow: new Set<EnrolmentIssue['kind']>(allow), minQuality, far };
}

/** The face of a picture that is meant: of several the largest, or the first where no boxes are told. */
export function meantFace(faces: readonly GalleryFace[]): GalleryFace | undefined {
  const area = ({ box }: GalleryFace) => (box ? box.width * box.height : 0);
  return [...faces].sort((a, b) => area(b) - area(a))[0];
}

/**
 * What speaks against enrolling the faces of one picture as templates of a person.
 *
 * @param probe the embedding of the meant face, rotated as the gallery's are; undefined when there is no face.
 * @param own the id of the person to enrol, undefined for somebody new.
 */
export async function enrolmentIssues(
  contents: Contents,
  rule: ComparisonRule,
  faces: readonly GalleryFace[],
  probe: Float32Array | undefined,
  own: string | undefined,
  { minQuality, far }: EnrolmentLimits,
): Promise<EnrolmentIssue[]> {
  if (!probe) return [{ kind: 'no-face' }];
  const issues: EnrolmentIssue[] = [];
  if (faces.length > 1) issues.push({ kind: 'several-faces', faces: faces.length });
  const quality = meantFace(faces)?.quality?.overall;
  if (quality !== undefined && !(quality >= minQuality)) {
    issues.push({ kind: 'low-quality', quality, minimum: minQuality });
  }
  const { candidates } = await identifyIn(contents.index, probe, rule, { far });
  const other = candidates.find(({ person }) => person !== own);
  if (other) issues.push({ kind: 'other-person', candidate: named(contents, other) });
  return issues;
}

/** A candidate of the index with the person's name. */
export function named(contents: Contents, candidate: Omit<Candidate, 'person'> & { person: string }): Candidate {
  const person = contents.people.get(candidate.person);
  const { id = candidate.person, name = '', metadata = {} } = person ?? {};
  return { ...candidate, person: { id, name, metadata: structuredClone(metadata) } };
}

/** A name that can be one. @throws {FaceNetError} `option-invalid` */
export function checkedName(name: unknown): string {
  if (typeof name === 'string' && name.trim() !== '') return name;
  throw new FaceNetError('option-invalid', `The name is ${JSON.stringify(name)}: use a string that is not empty.`);
}

/** Metadata as JSON has it. @throws {FaceNetError} `option-invalid` for what JSON cannot hold. */
export function checkedMetadata(metadata: unknown): Metadata {
  try {
    const copy: unknown = JSON.parse(JSON.stringify(metadata));
    if (typeof copy === 'object' && copy !== null && !Array.isArray(copy)) return copy as Metadata;
  } catch (cause) {
    throw new FaceNetError('option-invalid', 'metadata cannot be written as JSON: use plain values.', { cause });
  }
  throw new FaceNetError('option-invalid', 'metadata must be an object.');
}

/** Whether somebody is enrolled by id or anew. @throws {FaceNetError} `option-invalid` for neither. */
export function checkedEnrollee(enrollee: Enrollee): { id: string } | { name: string; metadata: Metadata } {
  if (typeof enrollee !== 'object' || enrollee === null) {
    throw new FaceNetError('option-invalid', 'Say who is enrolled: { name } for somebody new, or a person of list().');
  }
  if ('id' in enrollee) return { id: String(enrollee.id) };
  return { name: checkedName(enrollee.name), metadata: checkedMetadata(enrollee.metadata ?? {}) };
}
