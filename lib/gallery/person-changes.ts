import { FaceNetError } from '../core/errors.ts';
import { checkedMetadata } from './checked-input.ts';
import type { Contents } from './contents.ts';
import { type ErasureReceipt, erasureReceipt } from './receipt.ts';
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
  return {
    change: { people: [person] },
    events: [{ event: 'changed', change: 'renamed', people: [id] }],
    result: ({ contents }) => contents.describe(person),
  };
}

/** Plans the removal of a person with all templates, or of one template. */
export async function planRemoval(
  { contents }: GalleryState,
  id: string,
  template: string | undefined,
): Promise<ChangePlan<ErasureReceipt>> {
  const all = recordsOf(contents, requirePerson(contents, id).id);
  if (template !== undefined && !all.faces.includes(template)) {
    throw new FaceNetError('person-unknown', 'The person has no enrolled face with this id: use an id from list().');
  }
  const one = { people: [], faces: [template as string], crops: contents.crops.has(template as string) ? 1 : 0 };
  const removed = template === undefined ? all : one;
  const receipt = await erasureReceipt({ reason: 'removed', erasedAt: new Date(), ...removed });
  return {
    change: { removePeople: removed.people, removeTemplates: removed.faces },
    events: [{ event: 'erased', ...(template !== undefined && { person: id }), ...erasureOf(receipt) }],
    result: () => receipt,
  };
}

/** The ids of a person's records, and the number of the crops. */
export function recordsOf(contents: Contents, person: string): Pick<ErasureReceipt, 'people' | 'faces' | 'crops'> {
  const templates = contents.templatesOf(person).map(({ id }) => id);
  return { people: [person], faces: templates, crops: templates.filter((id) => contents.crops.has(id)).length };
}

/** What the log keeps of a receipt. */
export function erasureOf({ reason, people, faces, crops, digest }: ErasureReceipt) {
  return { reason, people, faces, crops, receipt: digest };
}

/**
 * Plans the merge of two people. The first keeps its name and consent, and its metadata if both have the same key. The
 * earliest end applies: of both expiries, and of the consent that is dropped.
 *
 * @throws {FaceNetError} `option-invalid` if their metadata together are too long.
 */
export async function planMerge({ contents }: GalleryState, into: string, from: string): Promise<ChangePlan<Person>> {
  const [target, source] = [requirePerson(contents, into), requirePerson(contents, from)];
  const seen = [target, source].flatMap(({ lastSeenAt }) => lastSeenAt?.getTime() ?? []);
  const consent = target.consent ?? source.consent;
  // The end of the consent that is kept applies in any case; that of the other one would be lost with it.
  const dropped = target.consent && source.consent?.until;
  const ends = [target.expiresAt, source.expiresAt, dropped].flatMap((end) => end?.getTime() ?? []);
  const person = {
    ...target,
    metadata: checkedMetadata({ ...source.metadata, ...target.metadata }),
    ...(consent && { consent }),
    ...(ends.length > 0 && { expiresAt: new Date(Math.min(...ends)) }),
    ...(seen.length > 0 && { lastSeenAt: new Date(Math.max(...seen)) }),
  };
  const templates = contents.templatesOf(from).map((template) => ({ ...template, person: into }));
  return {
    change: { people: [person], templates, removePeople: [from] },
    events: [{ event: 'changed', change: 'merged', people: [into, from], faces: templates.length }],
    result: ({ contents }) => contents.describe(person),
  };
}
