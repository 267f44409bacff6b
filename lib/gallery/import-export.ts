import { FaceNetError } from '../core/errors.ts';
import { storedCrops } from './crops.ts';
import type { ExportOptions } from './options.ts';
import type { ChangePlan, GalleryState } from './state.ts';
import { type Transfer, writeTransfer } from './transfer.ts';

/**
 * Writes an export of a gallery.
 *
 * @throws {FaceNetError} `option-invalid` for a gallery with a passphrase if neither `passphrase` nor `plain` is given.
 */
export async function exportGallery(
  state: GalleryState,
  { passphrase, plain = false, signal }: ExportOptions,
): Promise<Blob> {
  const { meta, contents } = state;
  if (meta.vault && passphrase === undefined && !plain) {
    throw new FaceNetError(
      'option-invalid',
      'The gallery is encrypted, but its export would not be: pass { passphrase }, or { plain: true } to confirm.',
    );
  }
  const transfer = {
    rule: meta.rule,
    rotation: meta.rotation,
    people: [...contents.people.values()],
    templates: [...contents.templates.values()],
    crops: await storedCrops(state, signal),
  };
  return writeTransfer(transfer, passphrase, signal);
}

/**
 * Plans the import of the people and templates whose ids the gallery does not have.
 *
 * @throws {FaceNetError} `key-wrong` for another template key, `model-mismatch` for templates of another model.
 */
export async function planImport(
  { contents, rule, templateKey }: GalleryState,
  { rotation, ...transfer }: Transfer,
): Promise<ChangePlan<{ people: number; templates: number }>> {
  if (rotation ? !templateKey?.matches(rotation) : templateKey) {
    throw new FaceNetError(
      'key-wrong',
      'The export and this gallery use different template keys: import it into a gallery opened with its key.',
    );
  }
  const foreign = transfer.templates.find(
    ({ model, embedding }) => model !== rule.model || embedding.length !== rule.dimension,
  );
  if (foreign) {
    throw new FaceNetError(
      'model-mismatch',
      `The export holds templates of "${foreign.model}", this gallery those of "${rule.model}": import it into a gallery of its own model, then call reembed().`,
    );
  }
  const people = transfer.people.filter(({ id }) => !contents.people.has(id));
  const templates = transfer.templates.filter(({ id }) => !contents.templates.has(id));
  const added = new Set(templates.map(({ id }) => id));
  return {
    change: { people, templates, crops: transfer.crops.filter(({ id }) => added.has(id)) },
    result: () => ({ people: people.length, templates: templates.length }),
  };
}
