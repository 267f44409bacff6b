import * as v from 'valibot';
import type { ComparisonRule } from '../comparison/compare.ts';
import type { Bytes } from './crypto/bytes.ts';
import { maxRecords } from './limits.ts';
import { ruleSchema } from './meta.ts';
import {
  base64Bytes,
  personBody,
  type StoredCrop,
  type StoredPerson,
  type StoredTemplate,
  templateBody,
} from './records.ts';
import { vaultSchema } from './vault-schema.ts';

/** The version of the export format, described in docs/gallery-format.md. Version 1 is still read. */
export const formatVersion = 2;

/** The contents of an export. */
export interface Transfer {
  rule: ComparisonRule;
  /** The check value of the template key that rotates the embeddings; undefined if they are not rotated. */
  rotation: Bytes | undefined;
  people: StoredPerson[];
  templates: StoredTemplate[];
  /** Crops, by their template's id. */
  crops: { id: string; crop: StoredCrop }[];
}

const id = v.pipe(v.string(), v.uuid());
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(maxRecords));
/** Only the entries about one person are exported, so that the numbers can exceed that of the records. */
const logNumber = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const crop = v.object({ type: v.pipe(v.string(), v.maxLength(100)), data: base64Bytes });
const template = { id, ...templateBody.entries, crop: v.exactOptional(crop) };
const person = { id, ...personBody.entries };
const gallery = { rule: ruleSchema, rotation: v.exactOptional(base64Bytes) };

/** The fields that identify an export, its version and whether it is encrypted. */
export const anyFile = v.looseObject({
  format: v.literal('facenet-gallery'),
  version: v.pipe(v.number(), v.integer(), v.minValue(1)),
  vault: v.optional(v.unknown()),
});

/** An encrypted part of an export. */
export const sealedPart = v.object({ iv: base64Bytes, data: base64Bytes });

/** The vault of an encrypted export. */
export const vaultPart = vaultSchema(base64Bytes, sealedPart);

/** Version 1: one JSON value, decrypted. */
export const fileOfVersion1 = v.object({
  ...gallery,
  people: v.array(v.object({ ...person, templates: v.array(v.object(template)) })),
});

/** Version 1, encrypted: the whole file as one part. */
export const sealedFileOfVersion1 = v.object({ vault: vaultPart, content: sealedPart });

/** Version 2 as one JSON value, for files whose line breaks were changed. */
export const fileOfVersion2 = v.object({ records: v.array(v.unknown()) });

/** A record of version 2, decrypted: it has exactly one of the keys. */
export const recordSchema = v.pipe(
  v.object({
    gallery: v.exactOptional(v.object({ ...gallery, people: count, templates: count })),
    person: v.exactOptional(v.object(person)),
    template: v.exactOptional(v.object({ ...template, person: id })),
    log: v.exactOptional(v.looseObject({ number: logNumber, event: v.string() })),
  }),
  v.check(
    (record) => Object.keys(record).length === 1,
    'must be a gallery, a person, a template or an entry of the log',
  ),
);

/** The end of the first line of version 2. One record a line follows, then a line with {@link lastLine}. */
export const firstLineEnd = '"records":[';
/** The last line of version 2. */
export const lastLine = ']}';

/** What AES-GCM authenticates with a record: its position, so that records cannot be removed or reordered. */
export function additionalDataOf(position: number): string {
  return `export record ${position}`;
}
