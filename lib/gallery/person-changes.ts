import { FaceNetError } from '../core/errors.ts';
import type { Contents } from './contents.ts';
import type { StoredPerson } from './records.ts';
import type { ChangePlan, GalleryState } from './state.ts';
import type { Person } from './types.ts';

/** Looks up a person. @throws {FaceNetError} `person-unknown` */
export function requirePerson(contents: Contents, id: string): StoredPerson {
  const person = contents.people.get(id);
  if (person) return person;
  throw new FaceNetError('person-unknown', 'The gallery has no person with this id: use an id from list().');
}

/** Plans another name for a person. */
export async function planRename({ contents }: GalleryState, id: string, name: string): Promise<ChangePlan<Person>> {
  const person = { ...requirePerson(contents, id), name };
  return { change: { people: [person] }, result: ({ contents }) => contents.describe(person) };
}

/** Plans the removal of a person with all templates, or of one template. */
export async function planRemoval(
  { contents }: GalleryState,
  id: string,
  template: string | undefined,
): Promise<ChangePlan<void>> {
  const templates = contents.templatesOf(requirePerson(contents, id).id).map(({ id }) => id);
  const result = () => undefined;
  if (template === undefined) return { change: { removePeople: [id], removeTemplates: templates }, result };
  if (templates.includes(template)) return { change: { removeTemplates: [template] }, result };
  throw new FaceNetError('person-unknown', 'The person has no enrolled face with this id: use an id from list().');
}

/** Plans the merge of two people. The first keeps its name, and its metadata if both have the same key. */
export async function planMerge({ contents }: GalleryState, into: string, from: string): Promise<ChangePlan<Person>> {
  const [target, source] = [requirePerson(contents, into), requirePerson(contents, from)];
  const person = { ...target, metadata: { ...source.metadata, ...target.metadata } };
  const templates = contents.templatesOf(from).map((template) => ({ ...template, person: into }));
  return {
    change: { people: [person], templates, removePeople: [from] },
    result: ({ contents }) => contents.describe(person),
  };
}
