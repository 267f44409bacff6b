import { FaceNetError } from '../core/errors.ts';
import { storedCrops } from './crops.ts';
import { rotateEmbedding, type TemplateKey, unrotateEmbedding } from './crypto/rotation.ts';
import { changePassphrase, createVault } from './crypto/vault.ts';
import type { ChangePlan, GalleryState } from './state.ts';

/** Plans the encryption of an unencrypted gallery: every record is written again. */
export async function planProtection(
  state: GalleryState,
  passphrase: string,
  signal: AbortSignal | undefined,
): Promise<ChangePlan<void>> {
  if (state.meta.vault) {
    throw new FaceNetError('option-invalid', 'The gallery already has a passphrase: use changePassphrase().');
  }
  const { header, cipher } = await createVault(passphrase);
  const { people, templates } = state.contents;
  const crops = await storedCrops(state, signal);
  return {
    change: { people: [...people.values()], templates: [...templates.values()], crops },
    events: [{ event: 'changed', change: 'protected' }],
    meta: { vault: header },
    cipher,
    result: () => undefined,
  };
}

/** Plans another passphrase. The data key stays the same, so only the vault header is written. */
export async function planPassphraseChange(
  { meta: { vault } }: GalleryState,
  current: string,
  next: string,
): Promise<ChangePlan<void>> {
  if (!vault) throw new FaceNetError('option-invalid', 'The gallery has no passphrase: use protect().');
  return {
    change: {},
    events: [{ event: 'changed', change: 'passphrase-changed' }],
    meta: { vault: await changePassphrase(vault, current, next) },
    result: () => undefined,
  };
}

/** Plans the rotation of all embeddings by another template key, or by a first one. */
export async function planReissue(state: GalleryState, next: TemplateKey): Promise<ChangePlan<void>> {
  const templates = await Promise.all(
    [...state.contents.templates.values()].map(async (template) => {
      const plain = await unrotateEmbedding(template.embedding, state.templateKey);
      return { ...template, embedding: await rotateEmbedding(plain, next) };
    }),
  );
  return {
    change: { templates },
    events: [{ event: 'changed', change: 'reissued', templates: templates.length }],
    meta: { rotation: next.check },
    templateKey: next,
    result: () => undefined,
  };
}
