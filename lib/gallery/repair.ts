import { yieldToEventLoop } from '../core/cancellation.ts';
import { FaceNetError } from '../core/errors.ts';
import type { Contents } from './contents.ts';
import type { StoredCrop } from './records.ts';
import type { DamagedRecord } from './storage/store.ts';

/** Collects the damaged records of a gallery that is opened for repair. */
export type DamageList = DamagedRecord[];

/**
 * Opens a record. If it is damaged and the gallery is opened for repair, the record is listed instead.
 *
 * @param damage undefined: damage is thrown.
 * @returns undefined for a damaged record.
 */
export async function openOrList<T>(
  open: () => Promise<T>,
  record: DamagedRecord,
  damage: DamageList | undefined,
): Promise<T | undefined> {
  try {
    return await open();
  } catch (error) {
    if (!damage || !isDamage(error)) throw error;
    damage.push(record);
    return undefined;
  }
}

/**
 * Takes the records out of a gallery's contents that cannot be used: templates without a person, and crops that do not
 * open or have no template.
 */
export async function removeUnusable(
  contents: Contents,
  readCrop: (template: string) => Promise<StoredCrop>,
  damage: DamageList,
  signal: AbortSignal | undefined,
): Promise<void> {
  const orphans = [...contents.templates.values()].filter(({ person }) => !contents.people.has(person));
  damage.push(...orphans.map(({ id, person }): DamagedRecord => ({ kind: 'face', id, person })));
  const personOf = new Map([...contents.templates.values()].map(({ id, person }) => [id, person]));
  for (const record of damage) if (record.kind === 'face' && record.person) personOf.set(record.id, record.person);
  const crops = [...contents.crops];
  await contents.apply({ removeTemplates: orphans.map(({ id }) => id) });
  for (const id of crops) {
    await yieldToEventLoop(signal);
    const person = personOf.get(id);
    const record: DamagedRecord = { kind: 'crop', id, ...(person !== undefined && { person }) };
    const crop = await openOrList(() => readCrop(id), record, damage);
    if (crop && contents.templates.has(id)) continue;
    contents.crops.delete(id);
    // A crop without a template opens, but nothing shows it.
    if (crop) damage.push(record);
  }
}

/** A record that was set aside, with its present kind: earlier releases called an enrolled face a template. */
export function withKind(record: DamagedRecord): DamagedRecord {
  return (record.kind as string) === 'template' ? { ...record, kind: 'face' } : record;
}

/** Whether an error states that stored data is damaged. */
export function isDamage(error: unknown): boolean {
  return error instanceof FaceNetError && error.code === 'gallery-corrupt';
}
