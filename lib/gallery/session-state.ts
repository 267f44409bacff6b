import type { ComparisonRule } from '../comparison/compare.ts';
import { checkDigest, versionsOf } from './completeness.ts';
import type { TemplateKey } from './crypto/rotation.ts';
import type { Cipher } from './crypto/vault.ts';
import { type DamageList, openOrList, removeUnusable } from './repair.ts';
import { openContents, openCrop } from './sealing.ts';
import type { ChangePlan, GalleryState } from './state.ts';
import type { Meta, Snapshot, Store } from './storage/store.ts';

/** The keys and the rule of a session. */
interface Opened {
  meta: Meta;
  rule: ComparisonRule;
  cipher: Cipher;
  templateKey: TemplateKey | undefined;
}

/**
 * Decrypts a snapshot.
 *
 * @param damage receives the damaged records, which the state leaves out; undefined: the first one is thrown.
 * @throws {FaceNetError} `gallery-corrupt` for a damaged, missing or replaced record.
 */
export async function loadState(
  store: Store,
  snapshot: Snapshot,
  opened: Opened,
  { damage, signal }: { damage: DamageList | undefined; signal: AbortSignal | undefined },
): Promise<GalleryState> {
  const versions = versionsOf(snapshot);
  const readCrop = (template: string) => openCrop(opened.cipher, store, template);
  const contents = await openContents(opened.cipher, snapshot, opened.rule, damage, signal);
  // A repaired record has no digest, and is reported already.
  if (!damage?.some(({ kind }) => kind === 'gallery')) {
    const check = () => checkDigest(opened.cipher, opened.meta, versions);
    await openOrList(check, { kind: 'gallery', id: 'gallery' }, damage);
  }
  if (damage) await removeUnusable(contents, readCrop, damage, signal);
  return { ...opened, contents, versions, readCrop };
}

/**
 * The state after a planned change. It is a new one if the change replaces the rule or a key, because running calls still
 * use the old one; otherwise the same, to which the change is applied after it is stored.
 */
export async function plannedState(
  store: Store,
  state: GalleryState,
  planned: ChangePlan<unknown>,
): Promise<GalleryState> {
  const { change = {}, meta, cipher = state.cipher, templateKey = state.templateKey } = planned;
  if (!meta) return state;
  const rule = meta.rule ?? state.rule;
  const contents = await state.contents.changed(change, rule);
  const readCrop = (template: string) => openCrop(cipher, store, template);
  return { ...state, rule, cipher, templateKey, contents, readCrop };
}
