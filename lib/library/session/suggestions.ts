import type { LabelledEmbedding } from '../../comparison/compare.ts';
import { yieldToEventLoop } from '../../core/cancellation.ts';
import type { Abortable } from '../../core/types.ts';
import type { NameSuggestion } from '../model/types.ts';
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

/** The number of faces of a person that are identified: the best ones decide. */
const identifiedFaces = 3;

/** Asks a gallery who people without a name may be. Each name is suggested at most once for a photo, for the most probable person. */
export async function suggestNames(
  session: LibrarySession,
  gallery: IdentifyingGallery,
  { signal }: Abortable,
): Promise<NameSuggestion[]> {
  const { state, store } = session;
  const found: NameSuggestion[] = [];
  for (const { number, name } of listPeople(state, { hidden: false })) {
    if (name !== '') continue;
    await yieldToEventLoop(signal);
    const rows = (await store.getAll('faces', state.columns.facesOf(number))).filter((row) => row !== undefined);
    const best = rows.sort((a, b) => b.quality - a.quality).slice(0, identifiedFaces);
    for (const { number: face, embedding, model, quality, strangerSimilarity } of best) {
      const similarity = strangerSimilarity === undefined ? {} : { strangerSimilarity };
      const probe = { embedding, model, quality: { overall: quality, ...similarity } };
      const { candidates } = await gallery.identify(probe, { signal });
      for (const { person, probability } of candidates) {
        found.push({ person: number, name: person.name, galleryPerson: person.id, face, probability });
      }
    }
  }
  return oncePerPhoto(session, found);
}

/** The most probable suggestion for each person, unless its name is taken by somebody in the same photo or was refused. */
function oncePerPhoto({ state }: LibrarySession, found: readonly NameSuggestion[]): NameSuggestion[] {
  const { columns } = state;
  const photosOf = (person: number) => state.columns.facesOf(person).map((face) => columns.photo[face] as number);
  const taken = new Map<string, Set<number>>();
  for (const { number, name } of listPeople(state, { hidden: false })) {
    if (name !== '') taken.set(name, new Set([...(taken.get(name) ?? []), ...photosOf(number)]));
  }
  const suggested = new Map<number, NameSuggestion>();
  for (const suggestion of [...found].sort((a, b) => b.probability - a.probability)) {
    const { person, name } = suggestion;
    if (suggested.has(person) || state.details(person).refused.includes(name)) continue;
    const photos = photosOf(person);
    const others = taken.get(name) ?? new Set();
    if (photos.some((photo) => others.has(photo))) continue;
    for (const photo of photos) others.add(photo);
    taken.set(name, others);
    suggested.set(person, suggestion);
  }
  return [...suggested.values()];
}
