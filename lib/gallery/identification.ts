import {
  type CompareOptions,
  compareEmbeddings,
  embeddingOf,
  type LabelledEmbedding,
  rated,
  type Verdict,
} from '../comparison/compare.ts';
import { pairSimilarity, type RatedFace, strangerRating } from '../comparison/conditional.ts';
import { FaceNetError } from '../core/errors.ts';
import { isTypedArray } from '../core/typed-arrays.ts';
import type { Contents } from './contents.ts';
import { rotateEmbedding } from './crypto/rotation.ts';
import { requireModel } from './model-counts.ts';
import { type IndexCandidate, identifyRated } from './open-set.ts';
import { requirePerson } from './person-changes.ts';
import type { StoredTemplate } from './records.ts';
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
    requireModel(model, contents.models(), rule.model);
  return rotateEmbedding(embeddingOf(face, rule), templateKey);
}

/** Open-set identification of a face in a gallery. */
export async function identify(
  state: GalleryState,
  face: LabelledEmbedding | Float32Array,
  options: IdentifyOptions,
): Promise<Identification<Candidate>> {
  const { contents } = state;
  const found = await search(state, await probeEmbedding(face, state), rated(face), options);
  const candidates = found.candidates.map((candidate) => withPerson(contents, candidate));
  return { ...found, match: candidates[0], candidates };
}

/**
 * The people whose templates match a probe.
 *
 * @param probe the embedding of the face, rotated like the templates.
 */
export function search(
  { contents, rule }: GalleryState,
  probe: Float32Array,
  face: RatedFace,
  options: IdentifyOptions,
): Promise<Identification<IndexCandidate>> {
  const similarityTo = (id: string) =>
    pairSimilarity(face, ratedTemplate(contents.templates.get(id)), rule.calibration);
  return identifyRated(contents.index, { embedding: probe, similarityTo }, rule, options);
}

/** A template's quality as that of a face. */
function ratedTemplate(template: StoredTemplate | undefined): RatedFace {
  return { quality: strangerRating({ quality: template }) };
}

/**
 * Verification of a face against the nearest template of a person: the nearest that matches, if one does.
 *
 * @returns the verdict, and the id of the template.
 */
export async function verify(
  state: GalleryState,
  person: string,
  face: LabelledEmbedding | Float32Array,
  options: CompareOptions,
): Promise<{ verdict: Verdict; template: string }> {
  const { id } = requirePerson(state.contents, person);
  const probe = await probeEmbedding(face, state);
  const nearest = nearestVerdict(state, id, { probe, face: rated(face) }, options);
  if (nearest) return nearest;
  throw new FaceNetError('person-unknown', 'The person has no enrolled face to compare with: enrol one first.');
}

/**
 * The verdict on a face and the nearest template of a person, with the template's id: the nearest that matches, if one
 * does.
 *
 * @param face.probe the embedding of the face, rotated like the templates.
 * @returns undefined if the person has no template.
 */
export function nearestVerdict(
  { contents, rule }: GalleryState,
  person: string,
  { probe, face }: { probe: Float32Array; face: RatedFace },
  options: CompareOptions,
): { verdict: Verdict; template: string } | undefined {
  const rotated = { ...face, embedding: probe, model: rule.model };
  const results = contents.templatesOf(person).map((template) => ({
    template: template.id,
    verdict: compareEmbeddings(
      rotated,
      { ...ratedTemplate(template), embedding: template.embedding, model: template.model },
      rule,
      options,
    ),
  }));
  return results.sort(
    ({ verdict: a }, { verdict: b }) => Number(b.same) - Number(a.same) || a.distance - b.distance,
  )[0];
}

/** A candidate with the person's name and a copy of the metadata. */
export function withPerson(contents: Contents, candidate: IndexCandidate): Candidate {
  const { id = candidate.person, name = '', metadata = {} } = contents.people.get(candidate.person) ?? {};
  return { ...candidate, person: { id, name, metadata: structuredClone(metadata) } };
}
