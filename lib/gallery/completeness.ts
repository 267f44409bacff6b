import { yieldToEventLoop } from '../core/cancellation.ts';
import { FaceNetError } from '../core/errors.ts';
import { equalBytes, toBase64, utf8 } from './crypto/bytes.ts';
import { damageAdvice } from './crypto/damage-advice.ts';
import type { Cipher } from './crypto/vault.ts';
import { parseMeta, parseSealed } from './meta.ts';
import type { Change, Meta, Snapshot } from './storage/store.ts';

/**
 * The version of each record, by its kind and id. The version is the nonce of its encryption, which is new at every
 * write; a template's includes its person. Crops are never overwritten with the same key, so that their ids suffice.
 */
export type RecordVersions = ReadonlyMap<string, string>;

const additionalData = 'gallery digest';

/** The versions of all stored records. */
export function versionsOf({ people, templates, crops }: Snapshot): Map<string, string> {
  const versions = new Map<string, string>();
  for (const id of crops) versions.set(`crop ${id}`, '');
  addVersions(versions, { people, templates });
  return versions;
}

/** The versions after a change. */
export function versionsAfter(versions: RecordVersions, change: Omit<Change, 'meta'>): RecordVersions {
  const after = new Map(versions);
  for (const id of change.removePeople ?? []) after.delete(`person ${id}`);
  for (const id of change.removeTemplates ?? []) {
    after.delete(`template ${id}`);
    after.delete(`crop ${id}`);
  }
  // In the digest, which is stored, an enrolled face is a template.
  for (const { kind, id } of change.setAside ?? []) after.delete(`${kind === 'face' ? 'template' : kind} ${id}`);
  for (const { id } of change.crops ?? []) after.set(`crop ${id}`, '');
  addVersions(after, change);
  return after;
}

function addVersions(
  versions: Map<string, string>,
  { people = [], templates = [] }: Pick<Change, 'people' | 'templates'>,
): void {
  for (const { id, body } of people) versions.set(`person ${id}`, versionOf(body));
  for (const { id, person, body } of templates) versions.set(`template ${id}`, `${person} ${versionOf(body)}`);
}

/** A damaged record has no version: it does not open either. */
function versionOf(body: unknown): string {
  const iv = (body as { iv?: unknown } | undefined)?.iv;
  return iv instanceof Uint8Array ? toBase64(iv) : '';
}

/**
 * Seals a digest of a gallery's own record and of the versions of all others, so that records which are dropped, or
 * replaced by earlier ones, are noticed when the gallery is opened.
 */
export async function sealDigest(cipher: Cipher, meta: Meta, versions: RecordVersions): Promise<Meta['digest']> {
  return cipher.seal(await digestOf(meta, versions), additionalData);
}

/**
 * Checks the digest of a gallery. Galleries of earlier releases have none until their first change; encrypted ones
 * are changed when they are first opened with their passphrase.
 *
 * @throws {FaceNetError} `gallery-corrupt`
 */
export async function checkDigest(cipher: Cipher, meta: Meta, versions: RecordVersions): Promise<void> {
  // Vaults that name their key derivation are of releases that write a digest: it cannot be removed unnoticed.
  if (!meta.digest && !meta.vault?.kdf) return;
  const stored = await cipher.open(parseSealed(meta.digest, additionalData), additionalData);
  if (equalBytes(stored, await digestOf(meta, versions))) return;
  throw new FaceNetError(
    'gallery-corrupt',
    `Records of the gallery are missing, or were replaced by earlier ones: ${damageAdvice.record}.`,
  );
}

/** Whether a cipher is the one of a gallery's data key. */
export async function isCipherOf(cipher: Cipher, { digest }: Meta): Promise<boolean> {
  if (!digest) return true;
  try {
    await cipher.open(parseSealed(digest, additionalData), additionalData);
    return true;
  } catch {
    return false;
  }
}

async function digestOf(meta: Meta, versions: RecordVersions) {
  await yieldToEventLoop(undefined);
  // Parsed, because the order of the rule's properties may be another after it was stored.
  const { id, revision, rule, vault, rotation, log, unseenFrom } = parseMeta(meta);
  const own: unknown[] = [revision, rule, vault && toBase64(vault.digest), rotation && toBase64(rotation), log];
  // Only if they are set: galleries without them keep the digest that they have.
  if (unseenFrom !== undefined || id !== undefined) own.push(unseenFrom);
  if (id !== undefined) own.push(id);
  const records = [...versions].map(([record, version]) => `${record} ${version}`).sort();
  return new Uint8Array(await crypto.subtle.digest('SHA-256', utf8([JSON.stringify(own), ...records].join('\n'))));
}
