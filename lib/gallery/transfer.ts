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

/** The version of the export format, described in docs/gallery-format.md. */
const formatVersion = 1;

/** The contents of an export. */
export interface Transfer {
  rule: ComparisonRule;
  /** The check value of the template key that rotates the embeddings; undefined if they are not rotated. */
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
const header = { format: v.literal('facenet-gallery'), version: v.literal(formatVersion) };
const sealed = v.object({ iv: bytes, data: bytes });

const plainFile = v.object({
  ...header,
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
  ...header,
  vault: v.object({ iterations: iterationsSchema, salt: bytes, check: bytes, dataKey: sealed, digest: bytes }),
  content: sealed,
});

/** The fields that identify an export, its version and whether it is encrypted. */
const anyFile = v.looseObject({
  format: v.literal('facenet-gallery'),
  version: v.pipe(v.number(), v.integer(), v.minValue(1)),
  vault: v.optional(v.unknown()),
});

const additionalData = 'export';

/** Writes an export, encrypted if a passphrase is given. */
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
  const contents = passphrase === undefined ? json : encodeJson(await sealFile(json, passphrase));
  signal?.throwIfAborted();
  return new Blob([contents], { type: 'application/json' });
}

/**
 * Reads an export.
 *
 * @throws {FaceNetError} `gallery-corrupt` for a damaged file or one that is not an export, `gallery-version` for an
 *   export of a newer release, `key-wrong` for a wrong or missing passphrase.
 */
export async function readTransfer(file: Blob, passphrase?: string, signal?: AbortSignal): Promise<Transfer> {
  const raw = new Uint8Array(await file.arrayBuffer());
  const { version, vault } = decodeJson(raw, anyFile, 'The export');
  signal?.throwIfAborted();
  if (version > formatVersion) {
    throw new FaceNetError(
      'gallery-version',
      `The export has version ${version}, this release reads version ${formatVersion}: update facenet-web to import it.`,
    );
  }
  const json = vault === undefined ? raw : await openFile(raw, passphrase);
  signal?.throwIfAborted();
  return toTransfer(decodeJson(json, plainFile, 'The export'));
}

async function sealFile(json: Bytes, passphrase: string) {
  const { header, cipher } = await createVault(passphrase);
  return {
    format: 'facenet-gallery',
    version: formatVersion,
    vault: { ...header, ...encodeBytes(header), dataKey: encodeBytes(header.dataKey) },
    content: encodeBytes(await cipher.seal(json, additionalData)),
  };
}

async function openFile(raw: Bytes, passphrase: string | undefined): Promise<Bytes> {
  const { vault, content } = decodeJson(raw, sealedFile, 'The export');
  if (passphrase === undefined) {
    throw new FaceNetError('key-wrong', 'The export is encrypted: import it with { passphrase }.');
  }
  return (await openVault(vault, passphrase)).open(content, additionalData);
}

/** The byte-array properties of an object, encoded as base64. */
function encodeBytes<T extends VaultHeader | Sealed>(value: T): Record<string, string> {
  const entries = Object.entries(value).filter((entry): entry is [string, Bytes] => entry[1] instanceof Uint8Array);
  return Object.fromEntries(entries.map(([name, bytes]) => [name, toBase64(bytes)]));
}

/** Flattens the nested file into lists of people, templates and crops. */
function toTransfer({ rule, rotation, people }: v.InferOutput<typeof plainFile>): Transfer {
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
      throw new FaceNetError('gallery-corrupt', 'The export is damaged: two records have the same id.');
    }
  }
  return transfer;
}
