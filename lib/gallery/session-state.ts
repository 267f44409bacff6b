import type { ComparisonRule } from '../comparison/compare.ts';
import { checkDigest, versionsOf } from './completeness.ts';
import type { TemplateKey } from './crypto/rotation.ts';
import type { Cipher } from './crypto/vault.ts';
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

/** Decrypts a snapshot. @throws {FaceNetError} `gallery-corrupt` for a damaged, missing or replaced record. */
export async function loadState(
  store: Store,
  snapshot: Snapshot,
  opened: Opened,
  signal: AbortSignal | undefined,
): Promise<GalleryState> {
  const versions = versionsOf(snapshot);
  const contents = await openContents(opened.cipher, snapshot, opened.rule, signal);
  await checkDigest(opened.cipher, opened.meta, versions);
  return { ...opened, contents, versions, readCrop: (template) => openCrop(opened.cipher, store, template) };
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
