import type { ComparisonRule } from '../comparison/compare.ts';
import { FaceNetError } from '../core/errors.ts';
import { sealDigest } from './completeness.ts';
import { equalBytes } from './crypto/bytes.ts';
import type { TemplateKey } from './crypto/rotation.ts';
import {
  type Cipher,
  createVault,
  noCipher,
  openAndRenewVault,
  type Sealed,
  type VaultHeader,
} from './crypto/vault.ts';
import { intactFields, isMeta, parseMeta } from './meta.ts';
import type { ErasureReceipt } from './receipt.ts';
import type { ChangePlan, GalleryState } from './state.ts';
import { indexedDBStore } from './storage/indexeddb.ts';
import { memoryStore } from './storage/memory.ts';
import type { Meta, Snapshot, Store, StoreEvents } from './storage/store.ts';
import { revisionOf } from './storage/transactions.ts';

/** Options of a gallery session. */
export interface SessionOptions {
  name: string;
  storage: 'indexeddb' | 'memory';
  /** The rule to use. Default: the stored one. */
  rule: ComparisonRule | undefined;
  passphrase: string | undefined;
  templateKey: TemplateKey | undefined;
  /** Milliseconds without a call after which the gallery is locked. */
  lockAfter: number | undefined;
  /** Whether the gallery keeps a log from now on. One that has a log keeps it in any case. */
  log: boolean;
  /** Milliseconds without being seen after which people are removed. */
  removeUnseenAfter: number | undefined;
  /** Called with the receipts of people who were removed because their time had passed. */
  onExpire: ((receipts: ErasureReceipt[]) => void) | undefined;
  /** Called when another tab has changed or erased the gallery. */
  onChange: (() => void) | undefined;
  /** Called if another tab keeps an older version of the database open, replaces it, or does not answer. */
  onBlocked: (() => void) | undefined;
  /** Whether damaged records are set aside instead of thrown. */
  repair: boolean;
  /** The gallery's own record, if the stored one is lost or damaged and is to be repaired. */
  repairedMeta?: Omit<Meta, 'revision'> | undefined;
  signal: AbortSignal | undefined;
}

/** Opens the store of a gallery. */
export async function openStore(options: SessionOptions, events: StoreEvents): Promise<Store> {
  return options.storage === 'memory' ? memoryStore() : indexedDBStore(options.name, options, events);
}

/** The part of the options that decides who can open a gallery, how it compares faces, and what it records. */
type Credentials = Pick<SessionOptions, 'rule' | 'passphrase' | 'templateKey' | 'repair' | 'repairedMeta'>;

/** The cipher of a gallery, and the vault that it is of. */
export interface OpenedVault {
  cipher: Cipher;
  vault: VaultHeader | undefined;
  /** The vault that replaces one of release 0.1.0. */
  renewed?: VaultHeader | undefined;
}

/** Opens a vault with its passphrase. Throws like {@link openAndRenewVault}. */
export async function openWithPassphrase(
  vault: VaultHeader,
  passphrase: string,
): Promise<OpenedVault & { vault: VaultHeader }> {
  return { vault, ...(await openAndRenewVault(vault, passphrase)) };
}

/**
 * Creates the gallery if the store is empty, plans the repair of its own record, checks the keys against its record and opens its vault.
 *
 * @returns undefined if the gallery has a passphrase and none is given.
 * @throws {FaceNetError} `key-wrong`, `option-invalid` or `gallery-corrupt`.
 */
export async function openGallery(store: Store, credentials: Credentials): Promise<OpenedVault | undefined> {
  const { passphrase, templateKey, repair } = credentials;
  if (repair) credentials.repairedMeta = await repairedMeta(store, credentials);
  if (!credentials.repairedMeta && (await store.revision()) === 0) await createGallery(store, credentials);
  const meta = metaOf(await store.read(), credentials);
  checkTemplateKey(meta, templateKey);
  const { vault } = meta;
  if (vault) return passphrase === undefined ? undefined : openWithPassphrase(vault, passphrase);
  if (passphrase !== undefined) {
    throw new FaceNetError(
      'option-invalid',
      'The gallery has no passphrase: open it without one, then call protect(passphrase).',
    );
  }
  return { cipher: noCipher, vault };
}

/** Reads the gallery's own record. @throws {FaceNetError} `gallery-corrupt` if it is damaged and not repaired. */
export async function readMeta(store: Store, options: Pick<SessionOptions, 'repairedMeta'>): Promise<Meta> {
  return metaOf(await store.read(), options);
}

/**
 * Checks that a template key is the gallery's.
 *
 * @throws {FaceNetError} `key-wrong` for a missing or another key; `option-invalid` if the gallery has none.
 */
export function checkTemplateKey({ rotation }: Meta, templateKey: TemplateKey | undefined): void {
  if (rotation && !templateKey) {
    throw new FaceNetError('key-wrong', 'The gallery has a template key: open it with { templateKey }.');
  }
  if (!rotation && templateKey) {
    throw new FaceNetError(
      'option-invalid',
      'The gallery has no template key: open it without one, then call reissue(templateKey).',
    );
  }
  if (rotation && !templateKey?.matches(rotation)) {
    throw new FaceNetError('key-wrong', 'The template key is wrong: use the key that the gallery was created with.');
  }
}

async function createGallery(store: Store, { rule, passphrase, templateKey }: Credentials): Promise<void> {
  const { meta: stored, people, templates } = await store.read();
  // A damaged record, or records without one, because it was lost: report the damage, do not overwrite it.
  if (stored !== undefined || people.length + templates.length > 0) parseMeta(stored);
  if (!rule) {
    throw new FaceNetError('option-invalid', 'The gallery does not exist yet: pass { facenet } to create it.');
  }
  const { header: vault, cipher = noCipher } = passphrase === undefined ? {} : await createVault(passphrase);
  const rotation = templateKey?.check;
  const meta = { id: crypto.randomUUID(), rule, ...(vault && { vault }), ...(rotation && { rotation }) };
  const digest = await sealDigest(cipher, { ...meta, revision: 1 }, new Map());
  // The commit fails if another tab has created the gallery in between. The caller then reads that tab's record.
  await store.commit(0, { meta: { ...meta, ...(digest && { digest }) } });
}

/**
 * A new record of a gallery whose own one is lost or damaged, with the fields that are intact. That needs a FaceNet, and the
 * vault of records that are encrypted: it has their key. It is stored when the damage is set aside.
 */
async function repairedMeta(
  store: Store,
  { rule, templateKey }: Credentials,
): Promise<Omit<Meta, 'revision'> | undefined> {
  const { meta, people, templates } = await store.read();
  if (isMeta(meta) || !rule) return undefined;
  const intact = intactFields(meta);
  const records = [...people, ...templates];
  const isEncrypted = records.some(({ body }) => (body as Partial<Sealed> | undefined)?.iv?.length);
  if (!intact.vault && (isEncrypted || records.length === 0)) return undefined;
  const rotation = templateKey?.check;
  const log = (await store.logHead()) && { log: true as const };
  return { rule, ...(rotation && { rotation }), ...log, ...intact };
}

/** The gallery's own record, or its repaired one. @throws {FaceNetError} `gallery-corrupt` */
export function metaOf({ meta }: Snapshot, { repairedMeta }: Pick<SessionOptions, 'repairedMeta'>): Meta {
  return repairedMeta && !isMeta(meta) ? { ...repairedMeta, revision: revisionOf(meta) } : parseMeta(meta);
}

/** Plans the storing of a model's newer calibration, so that it also applies when the gallery is opened without a FaceNet. */
export async function planRuleUpdate({ meta }: GalleryState, rule: ComparisonRule): Promise<ChangePlan<void>> {
  const result = () => undefined;
  const stored = parseMeta({ ...meta, rule });
  if (rule.model !== meta.rule.model || JSON.stringify(stored.rule) === JSON.stringify(meta.rule)) return { result };
  return { change: {}, meta: { rule }, result };
}

/** Plans the replacement of a vault of release 0.1.0, unless another tab has replaced it. */
export async function planVaultRenewal(
  { meta }: GalleryState,
  { vault, renewed }: Pick<OpenedVault, 'vault' | 'renewed'>,
): Promise<ChangePlan<void>> {
  const result = () => undefined;
  const current = meta.vault && vault && equalBytes(meta.vault.digest, vault.digest);
  return renewed && current ? { change: {}, meta: { vault: renewed }, result } : { result };
}
