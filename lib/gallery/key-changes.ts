import { FaceNetError } from '../core/errors.ts';
import type { PlainChange } from './contents.ts';
import { storedCrops } from './crops.ts';
import { rotateEmbedding, type TemplateKey, unrotateEmbedding } from './crypto/rotation.ts';
import { changePassphrase, createVault } from './crypto/vault.ts';
import type { ChangePlan, GalleryState } from './state.ts';

/** Plans the encryption of an unencrypted gallery: every record is written to a new database. */
export async function planProtection(
  state: GalleryState,
  passphrase: string,
  signal: AbortSignal | undefined,
): Promise<ChangePlan<void>> {
  if (state.meta.vault) {
    throw new FaceNetError('option-invalid', 'The gallery already has a passphrase: use changePassphrase().');
  }
  return planNewVault(state, passphrase, 'protected', signal);
}

/** Plans another data key and passphrase: every record is written to a new database. */
export async function planRekeying(
  state: GalleryState,
  passphrase: string,
  signal: AbortSignal | undefined,
): Promise<ChangePlan<void>> {
  if (!state.meta.vault) throw new FaceNetError('option-invalid', 'The gallery has no passphrase: use protect().');
  return planNewVault(state, passphrase, 'rekeyed', signal);
}

/** Plans another passphrase. The data key stays the same, but the former vault must not stay on the disk. */
export async function planPassphraseChange(
  state: GalleryState,
  { current, next }: { current: string; next: string },
  signal: AbortSignal | undefined,
): Promise<ChangePlan<void>> {
  const { vault } = state.meta;
  if (!vault) throw new FaceNetError('option-invalid', 'The gallery has no passphrase: use protect().');
  return {
    change: await everyRecord(state, signal),
    events: [{ event: 'changed', change: 'passphrase-changed' }],
    meta: { vault: await changePassphrase(vault, current, next) },
    replaces: true,
    result: () => undefined,
  };
}

/** Plans the rotation of all embeddings by another template key, or by a first one. */
export async function planReissue(
  state: GalleryState,
  next: TemplateKey,
  signal: AbortSignal | undefined,
): Promise<ChangePlan<void>> {
  const templates = await Promise.all(
    [...state.contents.templates.values()].map(async (template) => {
      const plain = await unrotateEmbedding(template.embedding, state.templateKey);
      return { ...template, embedding: await rotateEmbedding(plain, next) };
    }),
  );
  return {
    change: { ...(await everyRecord(state, signal)), templates },
    events: [{ event: 'changed', change: 'reissued', faces: templates.length }],
    meta: { rotation: next.check },
    templateKey: next,
    replaces: true,
    result: () => undefined,
  };
}

async function planNewVault(
  state: GalleryState,
  passphrase: string,
  change: 'protected' | 'rekeyed',
  signal: AbortSignal | undefined,
): Promise<ChangePlan<void>> {
  const { header, cipher } = await createVault(passphrase);
  return {
    change: await everyRecord(state, signal),
    events: [{ event: 'changed', change }],
    meta: { vault: header },
    cipher,
    replaces: true,
    result: () => undefined,
  };
}

async function everyRecord(state: GalleryState, signal: AbortSignal | undefined): Promise<PlainChange> {
  const { people, templates } = state.contents;
  const crops = await storedCrops(state, signal);
  return { people: [...people.values()], templates: [...templates.values()], crops };
}
