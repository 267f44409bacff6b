import * as v from 'valibot';
import type { ComparisonRule } from '../comparison/compare.ts';
import { yieldToEventLoop } from '../core/cancellation.ts';
import { FaceNetError } from '../core/errors.ts';
import { type Bytes, fromBase64, toBase64 } from './crypto/bytes.ts';
import { createVault, openVault, type Sealed, type VaultHeader } from './crypto/vault.ts';
import { iterationsSchema, ruleSchema } from './meta.ts';
import {
  decodeJson,
  encodeJson,
  personBody,
  personToJson,
  type StoredPerson,
  type StoredTemplate,
  templateBody,
  templateToJson,
} from './records.ts';

/** The version of the export format that this library writes; docs/gallery-format.md describes it. */
export const formatVersion = 1;

/** All that an export holds. */
export interface Transfer {
  rule: ComparisonRule;
  /** Where the embeddings are rotated: the check of their template key. */
  rotation: Bytes | undefined;
  people: StoredPerson[];
  templates: StoredTemplate[];
  /** Crops, by their template's id. */
  crops: { id: string; crop: Blob }[];
}

const bytes = v.pipe(
  v.string(),
  v.base64(),
  v.transform((base64) => fromBase64(base64)),
);
const id = v.pipe(v.string(), v.uuid());
const head = { format: v.literal('facenet-gallery'), version: v.literal(formatVersion) };
const sealed = v.object({ iv: bytes, data: bytes });

const plainFile = v.object({
  ...head,
  rule: ruleSchema,
  rotation: v.exactOptional(bytes),
  people: v.array(
    v.object({
      id,
      ...personBody.entries,
      templates: v.array(
        v.object({
          id,
          ...templateBody.entries,
          crop: v.exactOptional(v.object({ type: v.pipe(v.string(), v.maxLength(100)), data: bytes })),
        }),
      ),
    }),
  ),
});

const sealedFile = v.object({
  ...head,
  vault: v.object({ iterations: iterationsSchema, salt: bytes, check: bytes, dataKey: sealed, digest: bytes }),
  content: sealed,
});

/** What tells one kind of file from another, and from what is none. */
const anyFile = v.looseObject({
  format: v.literal('facenet-gallery'),
  version: v.pipe(v.number(), v.integer(), v.minValue(1)),
  vault: v.optional(v.unknown()),
});

const place = 'export';

/** Writes an export, sealed by a passphrase where there is one. */
export async function writeTransfer(transfer: Transfer, passphrase?: string, signal?: AbortSignal): Promise<Blob> {
  const { rule, rotation, people, templates, crops } = transfer;
  const cropOf = new Map(crops.map(({ id, crop }) => [id, crop]));
  const entries = new Map(
    people.map((person) => [person.id, { id: person.id, ...personToJson(person), templates: [] as unknown[] }]),
  );
  for (const [i, template] of templates.entries()) {
    if (i % 500 === 499) await yieldToEventLoop(signal);
    const crop = cropOf.get(template.id);
    entries.get(template.person)?.templates.push({
      id: template.id,
      ...templateToJson(template),
      ...(crop && { crop: { type: crop.type, data: toBase64(new Uint8Array(await crop.arrayBuffer())) } }),
    });
  }
  const file = {
    format: 'facenet-gallery',
    version: formatVersion,
    rule,
    ...(rotation && { rotation: toBase64(rotation) }),
    people: [...entries.values()],
  };
  const json = encodeJson(file);
  const written = passphrase === undefined ? json : encodeJson(await sealFile(json, passphrase));
  signal?.throwIfAborted();
  return new Blob([written], { type: 'application/json' });
}

/**
 * Reads an export.
 *
 * @throws {FaceNetError} `gallery-corrupt` for what is no export or a damaged one, `gallery-version` for one of a newer
 *   release, `key-wrong` for a wrong passphrase or a missing one.
 */
export async function readTransfer(file: Blob, passphrase?: string, signal?: AbortSignal): Promise<Transfer> {
  const raw = new Uint8Array(await file.arrayBuffer());
  const { version, vault } = decodeJson(raw, anyFile, 'The export');
  signal?.throwIfAborted();
  if (version > formatVersion) {
    throw new FaceNetError(
      'gallery-version',
      `The export has version ${version}, and this release reads ${formatVersion}: update facenet-web to import it.`,
    );
  }
  const json = vault === undefined ? raw : await openFile(raw, passphrase);
  signal?.throwIfAborted();
  return flat(decodeJson(json, plainFile, 'The export'));
}

async function sealFile(json: Bytes, passphrase: string) {
  const { header, cipher } = await createVault(passphrase);
  return {
    format: 'facenet-gallery',
    version: formatVersion,
    vault: { ...header, ...inBase64(header), dataKey: inBase64(header.dataKey) },
    content: inBase64(await cipher.seal(json, place)),
  };
}

async function openFile(raw: Bytes, passphrase: string | undefined): Promise<Bytes> {
  const { vault, content } = decodeJson(raw, sealedFile, 'The export');
  if (passphrase === undefined) {
    throw new FaceNetError('key-wrong', 'The export is sealed by a passphrase: import it with { passphrase }.');
  }
  return (await openVault(vault, passphrase)).open(content, place);
}

/** All bytes of an object in base64. */
function inBase64<T extends VaultHeader | Sealed>(value: T): Record<string, string> {
  const entries = Object.entries(value).filter((entry): entry is [string, Bytes] => entry[1] instanceof Uint8Array);
  return Object.fromEntries(entries.map(([name, bytes]) => [name, toBase64(bytes)]));
}

/** The people, templates and crops side by side, as the gallery holds them. */
function flat({ rule, rotation, people }: v.InferOutput<typeof plainFile>): Transfer {
  const transfer: Transfer = { rule, rotation, people: [], templates: [], crops: [] };
  for (const { templates, ...person } of people) {
    transfer.people.push(person);
    for (const { crop, quality, ...template } of templates) {
      transfer.templates.push({ ...template, quality, person: person.id });
      if (crop) transfer.crops.push({ id: template.id, crop: new Blob([crop.data], { type: crop.type }) });
    }
  }
  for (const list of [transfer.people, transfer.templates]) {
    if (new Set(list.map(({ id }) => id)).size < list.length) {
      throw new FaceNetError('gallery-corrupt', 'The export is damaged: two records have one id.');
    }
  }
  return transfer;
}
