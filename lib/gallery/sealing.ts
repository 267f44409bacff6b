import type { ComparisonRule } from '../comparison/compare.ts';
import { yieldToEventLoop } from '../core/cancellation.ts';
import { FaceNetError } from '../core/errors.ts';
import { Contents, type PlainChange } from './contents.ts';
import { damageAdvice } from './crypto/damage-advice.ts';
import type { Cipher } from './crypto/vault.ts';
import { parseSealed } from './meta.ts';
import {
  decodeCrop,
  decodeJson,
  encodeCrop,
  encodeJson,
  personBody,
  personToJson,
  type StoredCrop,
  type StoredPerson,
  type StoredTemplate,
  templateBody,
  templateToJson,
} from './records.ts';
import { type DamageList, openOrList } from './repair.ts';
import type { Change, PersonRow, Snapshot, Store, TemplateRow } from './storage/store.ts';

/**
 * The additional data that AES-GCM authenticates with each record. It binds a record to its ids, so a record that is
 * copied to another id does not open.
 */
const additionalDataOf = {
  person: (id: string) => `person ${id}`,
  template: (id: string, person: string) => `template ${id} of ${person}`,
  crop: (id: string) => `crop ${id}`,
};

/** The number of records to encrypt or decrypt before yielding to the event loop. */
const batchSize = 500;

/** Encrypts the records of a change. The ids stay readable. */
export async function sealChange(
  cipher: Cipher,
  change: PlainChange,
  signal?: AbortSignal,
): Promise<Omit<Change, 'meta'>> {
  const { removePeople = [], removeTemplates = [] } = change;
  return {
    people: await mapInBatches(change.people ?? [], signal, async (person: StoredPerson) => ({
      id: person.id,
      body: await cipher.seal(encodeJson(personToJson(person)), additionalDataOf.person(person.id)),
    })),
    templates: await mapInBatches(change.templates ?? [], signal, async (template: StoredTemplate) => ({
      id: template.id,
      person: template.person,
      body: await cipher.seal(
        encodeJson(templateToJson(template)),
        additionalDataOf.template(template.id, template.person),
      ),
    })),
    crops: await mapInBatches(change.crops ?? [], signal, async ({ id, crop }) => ({
      id,
      body: await cipher.seal(encodeCrop(crop), additionalDataOf.crop(id)),
    })),
    removePeople,
    removeTemplates,
  };
}

/**
 * Decrypts all people and templates of a store.
 *
 * @param damage receives the damaged records; undefined: the first one is thrown.
 * @throws {FaceNetError} `gallery-corrupt` for a damaged record.
 */
export async function openContents(
  cipher: Cipher,
  snapshot: Snapshot,
  rule: ComparisonRule,
  damage: DamageList | undefined,
  signal?: AbortSignal,
): Promise<Contents> {
  const people = await mapInBatches(snapshot.people, signal, (row) =>
    openOrList(() => openPerson(cipher, row), { kind: 'person', id: row.id, person: row.id }, damage),
  );
  const templates = await mapInBatches(snapshot.templates, signal, (row) =>
    openOrList(() => openTemplate(cipher, row), { kind: 'face', id: row.id, person: row.person }, damage),
  );
  const contents = new Contents(rule, templates.length);
  const isOpen = <T>(record: T | undefined) => record !== undefined;
  await contents.apply({ people: people.filter(isOpen), templates: templates.filter(isOpen) });
  for (const id of snapshot.crops) contents.crops.add(id);
  return contents;
}

async function openPerson(cipher: Cipher, { id, body }: PersonRow): Promise<StoredPerson> {
  const bytes = await openBody(cipher, body, additionalDataOf.person(id));
  return { id, ...decodeJson(bytes, personBody, `The record of the person ${id}`, damageAdvice.record) };
}

async function openTemplate(cipher: Cipher, row: TemplateRow): Promise<StoredTemplate> {
  const { id, person, body } = row;
  const bytes = await openBody(cipher, body, additionalDataOf.template(id, person));
  const name = `The record of the enrolled face ${id}`;
  const { quality, ...rest } = decodeJson(bytes, templateBody, name, damageAdvice.record);
  return { id, person, quality, ...rest };
}

/** Reads and decrypts a template's crop. @throws {FaceNetError} `gallery-corrupt` if it is missing or damaged. */
export async function openCrop(cipher: Cipher, store: Store, template: string): Promise<StoredCrop> {
  const row = await store.crop(template);
  if (row) return decodeCrop(await openBody(cipher, row.body, additionalDataOf.crop(template)));
  throw new FaceNetError(
    'gallery-corrupt',
    `The crop of the enrolled face ${template} is missing: ${damageAdvice.record}.`,
  );
}

async function openBody(cipher: Cipher, body: unknown, additionalData: string) {
  return cipher.open(parseSealed(body, additionalData), additionalData);
}

async function mapInBatches<From, To>(
  items: readonly From[],
  signal: AbortSignal | undefined,
  map: (item: From) => Promise<To>,
): Promise<To[]> {
  const results: To[] = [];
  for (let i = 0; i < items.length; i += batchSize) {
    if (i > 0) await yieldToEventLoop(signal);
    results.push(...(await Promise.all(items.slice(i, i + batchSize).map(map))));
  }
  return results;
}
