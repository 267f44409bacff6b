import type { ComparisonRule } from '../comparison/compare.ts';
import { yieldToEventLoop } from '../core/cancellation.ts';
import { Contents, type PlainChange } from './contents.ts';
import type { Cipher } from './crypto/vault.ts';
import { parseSealed } from './meta.ts';
import {
  decodeCrop,
  decodeJson,
  encodeCrop,
  encodeJson,
  personBody,
  personToJson,
  type StoredPerson,
  type StoredTemplate,
  templateBody,
  templateToJson,
} from './records.ts';
import type { Change, CropRow, Snapshot } from './storage/store.ts';

/** What is authenticated with each sealed body: a record that is moved to another place or person does not open there. */
export const places = {
  person: (id: string) => `person ${id}`,
  template: (id: string, person: string) => `template ${id} of ${person}`,
  crop: (id: string) => `crop ${id}`,
};

/** How many records are opened or sealed between two moments in which the page may do something else. */
const atOnce = 500;

/** A change as a store keeps it: everything but the ids sealed. */
export async function sealChange(
  cipher: Cipher,
  change: PlainChange,
  signal?: AbortSignal,
): Promise<Omit<Change, 'meta'>> {
  const { removePeople = [], removeTemplates = [] } = change;
  return {
    people: await inPieces(change.people ?? [], signal, async (person: StoredPerson) => ({
      id: person.id,
      body: await cipher.seal(encodeJson(personToJson(person)), places.person(person.id)),
    })),
    templates: await inPieces(change.templates ?? [], signal, async (template: StoredTemplate) => ({
      id: template.id,
      person: template.person,
      body: await cipher.seal(encodeJson(templateToJson(template)), places.template(template.id, template.person)),
    })),
    crops: await inPieces(change.crops ?? [], signal, async ({ id, crop }) => ({
      id,
      body: await cipher.seal(await encodeCrop(crop), places.crop(id)),
    })),
    removePeople,
    removeTemplates,
  };
}

/** Opens all that a store holds. @throws {FaceNetError} `gallery-corrupt` for the first record that is damaged. */
export async function openContents(
  cipher: Cipher,
  snapshot: Snapshot,
  rule: ComparisonRule,
  signal?: AbortSignal,
): Promise<Contents> {
  const people = await inPieces(snapshot.people, signal, async ({ id, body }) => {
    const bytes = await cipher.open(parseSealed(body, places.person(id)), places.person(id));
    return { id, ...decodeJson(bytes, personBody, `The record of the person ${id}`) };
  });
  const templates = await inPieces(snapshot.templates, signal, async ({ id, person, body }) => {
    const bytes = await cipher.open(parseSealed(body, places.template(id, person)), places.template(id, person));
    const { quality, ...rest } = decodeJson(bytes, templateBody, `The record of the template ${id}`);
    return { id, person, quality, ...rest };
  });
  const contents = new Contents(rule, templates.length);
  await contents.apply({ people, templates });
  for (const id of snapshot.crops) contents.crops.add(id);
  return contents;
}

/** Opens a kept crop. @throws {FaceNetError} `gallery-corrupt` when it is damaged. */
export async function openCrop(cipher: Cipher, { id, body }: CropRow): Promise<Blob> {
  return decodeCrop(await cipher.open(parseSealed(body, places.crop(id)), places.crop(id)));
}

async function inPieces<From, To>(
  list: readonly From[],
  signal: AbortSignal | undefined,
  work: (item: From) => Promise<To>,
): Promise<To[]> {
  const done: To[] = [];
  for (let i = 0; i < list.length; i += atOnce) {
    if (i > 0) await yieldToEventLoop(signal);
    done.push(...(await Promise.all(list.slice(i, i + atOnce).map(work))));
  }
  return done;
}
