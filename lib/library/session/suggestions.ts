import type { LabelledEmbedding } from '../../comparison/compare.ts';
import { strangerRating } from '../../comparison/conditional.ts';
import { distances } from '../../comparison/distance.ts';
import { yieldToEventLoop } from '../../core/cancellation.ts';
import { FaceNetError } from '../../core/errors.ts';
import { evenly } from '../../core/evenly.ts';
import type { Abortable } from '../../core/types.ts';
import type { NameSuggestion } from '../model/types.ts';
import { facesByPerson } from '../people/members.ts';
import { isEmbeddedBy } from '../storage/embedder.ts';
import type { FaceRow } from '../storage/tables.ts';
import { listPeople } from './search.ts';
import type { LibrarySession } from './session.ts';

/** Identifies faces. A `Gallery` satisfies it. */
export interface IdentifyingGallery {
  /**
   * Finds the people that a face may be of.
   *
   * @param face an embedding with its model and quality.
   * @param options a signal that cancels the call.
   * @returns candidates with the probability, 0 to 1, that the face is of the person.
   */
  identify(
    face: LabelledEmbedding,
    options?: Abortable,
  ): Promise<{ candidates: { person: { id: string; name: string }; probability: number }[] }>;
}

/** The number of faces of a person that are read, evenly distributed, and how many of them, the best ones, are identified. */
const readFaces = 12;
const identifiedFaces = 3;

/** The number of people whose faces are read at once. */
const peoplePerRead = 50;

/** The faces of every person. */
type Members = ReadonlyMap<number, readonly number[]>;

/**
 * Asks a gallery who people without a name may be. Each name is suggested at most once for a photo, for the most probable person,
 * unless both faces may be of one person there.
 */
export async function suggestNames(
  session: LibrarySession,
  gallery: IdentifyingGallery,
  { signal }: Abortable,
): Promise<NameSuggestion[]> {
  if (typeof gallery?.identify !== 'function') {
    throw new FaceNetError('option-invalid', 'There is no gallery: pass one of Gallery.open().');
  }
  const unnamed = listPeople(session.state, { hidden: false }).filter(({ name }) => name === '');
  await yieldToEventLoop(signal);
  const members = facesByPerson(session.state.columns);
  const found: NameSuggestion[] = [];
  for (let start = 0; start < unnamed.length; start += peoplePerRead) {
    const batch = unnamed.slice(start, start + peoplePerRead);
    const read = batch.map(({ number }) => evenly(members.get(number) ?? [], readFaces));
    const rows = await session.store.getAll('faces', read.flat());
    let from = 0;
    for (const [i, { number }] of batch.entries()) {
      const end = from + (read[i] as number[]).length;
      const best = rows.slice(from, end).filter((row) => row !== undefined);
      from = end;
      best.sort((a, b) => b.quality - a.quality);
      for (const face of best.slice(0, identifiedFaces)) {
        await yieldToEventLoop(signal);
        found.push(...(await identify(gallery, number, face, signal)));
      }
    }
  }
  return oncePerPhoto(session, members, found, signal);
}

async function identify(
  gallery: IdentifyingGallery,
  person: number,
  { number: face, embedding, model, quality, ...rating }: FaceRow,
  signal: AbortSignal | undefined,
): Promise<NameSuggestion[]> {
  const probe = { embedding, model, quality: { overall: quality, ...strangerRating({ quality: rating }) } };
  const { candidates } = await gallery.identify(probe, { signal });
  return candidates.map(({ person: { id, name }, probability }) => ({
    ...{ person, name, galleryPerson: id, face, probability },
  }));
}

/**
 * The most probable suggestion for each person, unless a correction says otherwise: its name was refused, or somebody of this name is in
 * the same photo, or may not be this person.
 */
async function oncePerPhoto(
  session: LibrarySession,
  members: Members,
  found: readonly NameSuggestion[],
  signal: AbortSignal | undefined,
): Promise<NameSuggestion[]> {
  const { state } = session;
  const taken = new Map<string, Bearers>();
  const take = (name: string, person: number) => {
    const { people, faces } = taken.get(name) ?? { people: [], faces: new Map<number, number[]>() };
    people.push(person);
    for (const face of members.get(person) ?? []) {
      const photo = state.columns.photo[face] as number;
      faces.set(photo, [...(faces.get(photo) ?? []), face]);
    }
    taken.set(name, { people, faces });
  };
  // Hidden people, too.
  for (const { number, name } of [...state.people.values()]) {
    await yieldToEventLoop(signal);
    if (name !== '') take(name, number);
  }
  const answered = state.constrainedPairs();
  const suggested = new Map<number, NameSuggestion>();
  for (const suggestion of [...found].sort((a, b) => b.probability - a.probability)) {
    await yieldToEventLoop(signal);
    const { person, name } = suggestion;
    if (suggested.has(person) || state.details(person).refused.includes(name)) continue;
    const { people, faces } = taken.get(name) ?? { people: [], faces: undefined };
    if (people.some((other) => answered.has(person, other))) continue;
    if (faces && (await isBesides(session, members.get(person) ?? [], faces, signal))) continue;
    take(name, person);
    suggested.set(person, suggestion);
  }
  return [...suggested.values()];
}

/** The people of a name, also those that it is suggested for, and their faces. */
interface Bearers {
  people: number[];
  faces: FacesByPhoto;
}

/** The numbers of faces, by the number of their photo. */
type FacesByPhoto = Map<number, number[]>;

/** Whether one of some faces is in a photo with another one that cannot be of the same person there. */
async function isBesides(
  { state, store, rule, generation, grouping }: LibrarySession,
  faces: readonly number[],
  others: FacesByPhoto,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const { withinPhoto } = grouping;
  if (withinPhoto === Number.POSITIVE_INFINITY) return false;
  for (const face of faces) {
    const besides = others.get(state.columns.photo[face] as number);
    if (!besides) continue;
    if (withinPhoto < 0) return true;
    await yieldToEventLoop(signal);
    const rows = await store.getAll('faces', [face, ...besides]);
    // A face that could not be embedded has zeros.
    const isComparable = (row: FaceRow) => isEmbeddedBy(generation, row) && row.embedding.some((value) => value !== 0);
    const [own, ...rest] = rows.map((row) => (row && isComparable(row) ? row.embedding : undefined));
    if (rest.some((other) => !own || !other || distances[rule.metric](own, other) > withinPhoto)) return true;
  }
  return false;
}
