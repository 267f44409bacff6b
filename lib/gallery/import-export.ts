import type { ComparisonRule } from '../comparison/compare.ts';
import { FaceNetError } from '../core/errors.ts';
import { checkedMetadata, checkedName, hasUnitLength } from './checked-input.ts';
import type { Contents } from './contents.ts';
import { storedCrops } from './crops.ts';
import { requireDimension } from './dimensions.ts';
import { requireExportable, requireReadableSize } from './export-checks.ts';
import { maxCropSize, requireAtMost } from './limits.ts';
import type { LogEvent } from './log-events.ts';
import { countModels, describeOthers } from './model-counts.ts';
import type { ExportOptions } from './options.ts';
import type { StoredPerson, StoredTemplate } from './records.ts';
import type { ChangePlan, GalleryState } from './state.ts';
import type { Transfer } from './transfer-format.ts';
import { writeTransfer } from './transfer-writing.ts';

/**
 * Writes an export of a gallery.
 *
 * @param only writes only this person, with these entries of the log.
 * @throws {FaceNetError} `option-invalid` for a gallery with a passphrase if neither `passphrase` nor `plain` is given, and for
 *   more than an import reads; `gallery-corrupt` for records that an import refuses.
 */
export async function exportGallery(
  state: GalleryState,
  { passphrase, plain = false, signal }: ExportOptions,
  only?: { person: string; log: unknown[] },
): Promise<Blob> {
  const { meta, contents } = state;
  if (meta.vault && passphrase === undefined && !plain) {
    throw new FaceNetError(
      'option-invalid',
      'The gallery is encrypted, but its export would not be: pass { passphrase }, or { plain: true } to confirm.',
    );
  }
  const templates = only ? contents.templatesOf(only.person) : [...contents.templates.values()];
  const transfer = {
    rule: meta.rule,
    rotation: meta.rotation,
    people: [...contents.people.values()].filter(({ id }) => !only || id === only.person),
    templates,
    crops: await storedCrops(state, signal, only && new Set(templates.map(({ id }) => id))),
    log: only?.log ?? [],
  };
  requireExportable(transfer);
  const file = await writeTransfer(transfer, passphrase, signal);
  requireReadableSize(file.size);
  return file;
}

/** What the log records about an export of a gallery, or of one person. */
export function exportedEvent({ contents }: GalleryState, { passphrase }: ExportOptions, person?: string): LogEvent {
  return {
    event: 'exported',
    ...(person !== undefined && { person }),
    people: person === undefined ? contents.people.size : 1,
    faces: person === undefined ? contents.templates.size : contents.templatesOf(person).length,
    encrypted: passphrase !== undefined,
  };
}

/**
 * Plans the import of the people and enrolled faces whose ids the gallery does not have. Enrolled faces of another model are
 * imported only if the gallery has none of its current model: otherwise it could no longer be searched.
 *
 * @throws {FaceNetError} `key-wrong` for another template key, `model-mismatch` for enrolled faces of another model;
 *   `option-invalid` for a name, metadata or a crop that is too large.
 */
export async function planImport(
  { contents, rule, templateKey }: GalleryState,
  transfer: Transfer,
): Promise<ChangePlan<{ people: number; faces: number }>> {
  const { rotation } = transfer;
  if (rotation ? !templateKey?.matches(rotation) : templateKey) {
    throw new FaceNetError(
      'key-wrong',
      'The export and this gallery use different template keys: import it into a gallery opened with its key.',
    );
  }
  requireDimensions(transfer, contents, rule);
  requireImportable(transfer, contents, rule);
  for (const { name, metadata } of transfer.people) {
    checkedName(name);
    checkedMetadata(metadata);
  }
  for (const { crop } of transfer.crops) requireAtMost(maxCropSize, crop.data.length, 'A crop of the export', 'bytes');
  const people = transfer.people.filter(({ id }) => !contents.people.has(id));
  const templates = transfer.templates.filter(({ id }) => !contents.templates.has(id));
  const added = new Set(templates.map(({ id }) => id));
  return {
    change: { people, templates, crops: transfer.crops.filter(({ id }) => added.has(id)) },
    events: [importedEvent(people, templates)],
    result: () => ({ people: people.length, faces: templates.length }),
  };
}

/** What the log records about an import. Also a known person can receive enrolled faces, of anybody. */
function importedEvent(people: readonly StoredPerson[], templates: readonly StoredTemplate[]): LogEvent {
  const received = new Map<string, string[]>();
  for (const { id, person } of templates) {
    const faces = received.get(person);
    if (faces) faces.push(id);
    else received.set(person, [id]);
  }
  return {
    event: 'changed',
    change: 'imported',
    people: [...new Set([...people.map(({ id }) => id), ...received.keys()])],
    faces: templates.length,
    received: [...received].map(([person, faces]) => ({ person, faces })),
  };
}

/**
 * Checks that the embeddings of each model have one number of elements: in the export, and as those in the gallery.
 *
 * @throws {FaceNetError} `model-mismatch`; `option-invalid` for more than 2^16 elements.
 */
function requireDimensions({ rule: exported, templates }: Transfer, known: Contents, rule: ComparisonRule): void {
  const dimensions = new Map([[exported.model, exported.dimension]]);
  for (const { model, embedding } of known.templates.values()) dimensions.set(model, embedding.length);
  dimensions.set(rule.model, rule.dimension);
  for (const template of templates) requireDimension(template, dimensions);
}

/**
 * Checks that the gallery can hold the enrolled faces of an export.
 *
 * @throws {FaceNetError} `gallery-corrupt` for embeddings that are not of length 1; `model-mismatch` for enrolled faces of
 *   another model if the gallery has any of its current one.
 */
function requireImportable({ templates, crops }: Transfer, { index }: Contents, rule: ComparisonRule): void {
  if (!templates.every(({ embedding }) => hasUnitLength(embedding))) {
    throw new FaceNetError(
      'gallery-corrupt',
      'The export is damaged: an embedding does not have the length 1. Restore another export.',
    );
  }
  const counts = countModels(templates, new Set(crops.map(({ id }) => id)), rule);
  const others = counts.filter(({ current }) => !current);
  if (others.length === 0 || index.size === 0) return;
  throw new FaceNetError(
    'model-mismatch',
    `In the export, ${describeOthers(others, counts, rule.model)}, and this gallery compares embeddings of "${rule.model}": import it into an empty gallery, call reembed(facenet) there, and import an export of that gallery here.`,
  );
}
