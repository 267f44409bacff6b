import {
  type CompareOptions,
  compareEmbeddings,
  embeddingOf,
  type LabelledEmbedding,
  type Verdict,
} from '../comparison/compare.ts';
import { FaceNetError } from '../core/errors.ts';
import { isTypedArray } from '../core/typed-arrays.ts';
import type { Contents } from './contents.ts';
import { rotateEmbedding } from './crypto/rotation.ts';
import { requireModel } from './model-counts.ts';
import { type IndexCandidate, identifyIn } from './open-set.ts';
import { requirePerson } from './person-changes.ts';
import type { GalleryState } from './state.ts';
import type { Candidate, Identification, IdentifyOptions } from './types.ts';

/**
 * The embedding of a face, rotated like the templates.
 *
 * @throws {FaceNetError} `model-mismatch` if the face or any template is of another model; `option-invalid` for a value
 *   that is no embedding.
 */
export async function probeEmbedding(
  face: LabelledEmbedding | Float32Array,
  { contents, rule, templateKey }: GalleryState,
): Promise<Float32Array> {
  const model = isTypedArray(face, 'Float32Array') ? rule.model : face?.model;
  if (typeof model === 'string' && !(model === rule.model && contents.searchable))
    requireModel(model, contents.models());
  return rotateEmbedding(embeddingOf(face, rule), templateKey);
}

/** Open-set identification of a face in a gallery. */
export async function identify(
  state: GalleryState,
  face: LabelledEmbedding | Float32Array,
  options: IdentifyOptions,
): Promise<Identification<Candidate>> {
  const { contents, rule } = state;
  const found = await identifyIn(contents.index, await probeEmbedding(face, state), rule, options);
  const candidates = found.candidates.map((candidate) => withPerson(contents, candidate));
  return { ...found, match: candidates[0], candidates };
}

/** Verification of a face against the nearest template of a person. */
export async function verify(
  state: GalleryState,
  person: string,
  face: LabelledEmbedding | Float32Array,
  options: CompareOptions,
): Promise<Verdict> {
  const { contents, rule } = state;
  const templates = contents.templatesOf(requirePerson(contents, person).id);
  const probe = await probeEmbedding(face, state);
  const verdicts = templates.map((template) => compareEmbeddings(probe, template, rule, options));
  const [nearest] = verdicts.sort((a, b) => a.distance - b.distance);
  if (nearest) return nearest;
  throw new FaceNetError('person-unknown', 'The person has no template to verify against: enrol a face first.');
}

/** A candidate with the person's name and a copy of the metadata. */
export function withPerson(contents: Contents, candidate: IndexCandidate): Candidate {
  const { id = candidate.person, name = '', metadata = {} } = contents.people.get(candidate.person) ?? {};
  return { ...candidate, person: { id, name, metadata: structuredClone(metadata) } };
}
