import * as v from 'valibot';
import { FaceNetError } from '../core/errors.ts';
import { type Bytes, fromBase64, text, toBase64, utf8 } from './crypto/bytes.ts';
import type { Metadata } from './types.ts';

/** A person without the templates, in plain. */
export interface StoredPerson {
  id: string;
  name: string;
  metadata: Metadata;
  createdAt: Date;
}

/** A template in plain; the embedding is rotated where the gallery has a template key. */
export interface StoredTemplate {
  id: string;
  /** The person's id. */
  person: string;
  embedding: Float32Array;
  quality: number | undefined;
  model: string;
  addedAt: Date;
}

/** A date in ISO 8601. */
const date = v.pipe(
  v.string(),
  v.transform((iso) => new Date(iso)),
  v.date('must be a date'),
);

/** Float32 numbers, little-endian, in base64: at least one, and none infinite. */
const embedding = v.pipe(
  v.string(),
  v.base64(),
  v.transform((base64) => fromBase64(base64)),
  v.check(({ length }) => length > 0 && length % 4 === 0, 'must hold float32 numbers'),
  v.transform((bytes) => new Float32Array(bytes.buffer)),
  v.check((numbers) => numbers.every(Number.isFinite), 'must hold finite numbers'),
);

/** What is kept and exported of a person: JSON. */
export const personBody = v.object({
  name: v.pipe(v.string(), v.minLength(1)),
  metadata: v.record(v.string(), v.unknown()),
  createdAt: date,
});

/** What is kept and exported of a template: JSON. */
export const templateBody = v.object({
  embedding,
  quality: v.exactOptional(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
  model: v.pipe(v.string(), v.minLength(1)),
  addedAt: date,
});

/** A person as JSON has it. */
export function personToJson({ name, metadata, createdAt }: StoredPerson) {
  return { name, metadata, createdAt: createdAt.toISOString() };
}

/** A template as JSON has it. */
export function templateToJson({ embedding, quality, model, addedAt }: StoredTemplate) {
  const { buffer, byteOffset, byteLength } = embedding;
  return {
    embedding: toBase64(new Uint8Array(buffer, byteOffset, byteLength)),
    ...(quality !== undefined && { quality }),
    model,
    addedAt: addedAt.toISOString(),
  };
}

/** JSON as bytes, to be sealed. */
export function encodeJson(value: unknown): Bytes {
  return utf8(JSON.stringify(value));
}

/**
 * Reads JSON and holds it to a schema.
 *
 * @param what what this is, for the message.
 * @throws {FaceNetError} `gallery-corrupt` when it is not JSON, or not what the schema says.
 */
export function decodeJson<Output>(bytes: Uint8Array, schema: v.GenericSchema<unknown, Output>, what: string): Output {
  let json: unknown;
  try {
    json = JSON.parse(text(bytes));
  } catch (cause) {
    throw new FaceNetError('gallery-corrupt', `${what} is damaged: it is no JSON. Restore an export.`, { cause });
  }
  const { success, output, issues } = v.safeParse(schema, json, { abortEarly: true });
  if (success) return output;
  const place = v.getDotPath(issues[0]) ?? 'its root';
  throw new FaceNetError(
    'gallery-corrupt',
    `${what} is damaged (at ${place}: ${issues[0].message}): restore an export.`,
  );
}

/** A picture file as bytes, to be sealed: the length of its MIME type, the type, and the file. */
export async function encodeCrop(crop: Blob): Promise<Bytes> {
  const type = utf8(crop.type.slice(0, 100));
  return new Uint8Array(await new Blob([new Uint8Array([type.length]), type, crop]).arrayBuffer());
}

/** @throws {FaceNetError} `gallery-corrupt` for what {@link encodeCrop} did not make. */
export function decodeCrop(bytes: Bytes): Blob {
  const start = 1 + (bytes[0] ?? Number.POSITIVE_INFINITY);
  if (start > bytes.length) throw new FaceNetError('gallery-corrupt', 'A kept crop is damaged: restore an export.');
  return new Blob([bytes.subarray(start)], { type: String.fromCharCode(...bytes.subarray(1, start)) });
}
