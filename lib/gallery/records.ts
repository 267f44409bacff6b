import * as v from 'valibot';
import { FaceNetError } from '../core/errors.ts';
import type { Consent } from './consent.ts';
import { consentBody, consentToJson } from './consent-schema.ts';
import { type Bytes, decodeUtf8, fromBase64, toBase64, utf8 } from './crypto/bytes.ts';
import { damageAdvice } from './crypto/damage-advice.ts';
import type { Metadata } from './types.ts';

/** A decrypted person, without the templates. */
export interface StoredPerson {
  id: string;
  name: string;
  metadata: Metadata;
  createdAt: Date;
  consent?: Consent;
  /** When the person is removed, if the consent does not end earlier. */
  expiresAt?: Date;
  /** When the person was last recognised. Only kept by sessions that remove people who are not seen. */
  lastSeenAt?: Date;
}

/** A decrypted template. */
export interface StoredTemplate {
  id: string;
  /** The person's id. */
  person: string;
  /** Rotated if the gallery has a template key. */
  embedding: Float32Array;
  quality: number | undefined;
  /** The face's `quality.strangerSimilarity`; absent if unknown, as in templates of release 0.1.0. */
  strangerSimilarity?: number;
  /** The model that computed it, as `quality.strangerModel`. Without it the similarity is not used: its scale is unknown. */
  strangerModel?: string;
  model: string;
  addedAt: Date;
}

/** A decrypted crop. It is no Blob, because browsers limit the memory of Blobs and free it late. */
export interface StoredCrop {
  /** The MIME type. */
  type: string;
  /** The file. */
  data: Bytes;
}

/** A date in ISO 8601. */
const date = v.pipe(
  v.string(),
  v.transform((iso) => new Date(iso)),
  v.date('must be a date'),
);

/** Bytes in base64. valibot's base64() is not used, because its regular expression overflows the stack at some MB. */
export const base64Bytes: v.GenericSchema<unknown, Bytes> = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    try {
      return fromBase64(dataset.value);
    } catch {
      addIssue({ message: 'must be base64' });
      return NEVER;
    }
  }),
);

/** One or more finite float32 numbers, little-endian, in base64. */
const embedding = v.pipe(
  base64Bytes,
  v.check(({ length }) => length > 0 && length % 4 === 0, 'must hold float32 numbers'),
  v.transform((bytes) => new Float32Array(bytes.buffer)),
  v.check((numbers) => numbers.every(Number.isFinite), 'must hold finite numbers'),
);

/** The JSON of a person in the database and in exports, except the ids. */
export const personBody = v.object({
  name: v.pipe(v.string(), v.minLength(1)),
  metadata: v.record(v.string(), v.unknown()),
  createdAt: date,
  consent: v.exactOptional(consentBody),
  expiresAt: v.exactOptional(date),
  lastSeenAt: v.exactOptional(date),
});

/** The JSON of a template in the database and in exports, except the ids. */
export const templateBody = v.object({
  embedding,
  quality: v.exactOptional(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
  strangerSimilarity: v.exactOptional(v.pipe(v.number(), v.finite())),
  strangerModel: v.exactOptional(v.pipe(v.string(), v.minLength(1))),
  model: v.pipe(v.string(), v.minLength(1)),
  addedAt: date,
});

/** Converts a person to JSON, the inverse of {@link personBody}. */
export function personToJson({ name, metadata, createdAt, consent, expiresAt, lastSeenAt }: StoredPerson) {
  return {
    name,
    metadata,
    createdAt: createdAt.toISOString(),
    ...(consent && { consent: consentToJson(consent) }),
    ...(expiresAt && { expiresAt: expiresAt.toISOString() }),
    ...(lastSeenAt && { lastSeenAt: lastSeenAt.toISOString() }),
  };
}

/** Converts a template to JSON, the inverse of {@link templateBody}. */
export function templateToJson(template: StoredTemplate) {
  const { embedding, quality, strangerSimilarity, strangerModel, model, addedAt } = template;
  const { buffer, byteOffset, byteLength } = embedding;
  return {
    embedding: toBase64(new Uint8Array(buffer, byteOffset, byteLength)),
    ...(quality !== undefined && { quality }),
    ...(strangerSimilarity !== undefined && { strangerSimilarity }),
    ...(strangerModel !== undefined && { strangerModel }),
    model,
    addedAt: addedAt.toISOString(),
  };
}

/** Encodes a value as JSON in UTF-8. */
export function encodeJson(value: unknown): Bytes {
  return utf8(JSON.stringify(value));
}

/**
 * Parses JSON in UTF-8 and validates it.
 *
 * @param name the subject of the error message.
 * @param advice what the error advises. Default: that for an exported file.
 * @throws {FaceNetError} `gallery-corrupt` if it is not JSON or does not match the schema.
 */
export function decodeJson<Output>(
  bytes: Uint8Array,
  schema: v.GenericSchema<unknown, Output>,
  name: string,
  advice: string = damageAdvice.export,
): Output {
  return validated(parseJson(bytes, name, advice), schema, name, advice);
}

/** Parses JSON, in UTF-8 or as text. @throws {FaceNetError} `gallery-corrupt` if it is not JSON. */
export function parseJson(json: Uint8Array | string, name: string, advice: string = damageAdvice.export): unknown {
  try {
    return JSON.parse(typeof json === 'string' ? json : decodeUtf8(json));
  } catch (cause) {
    throw new FaceNetError('gallery-corrupt', `${name} is damaged (it is not JSON): ${advice}.`, { cause });
  }
}

/** Validates parsed JSON. @throws {FaceNetError} `gallery-corrupt` if it does not match the schema. */
export function validated<Output>(
  json: unknown,
  schema: v.GenericSchema<unknown, Output>,
  name: string,
  advice: string = damageAdvice.export,
): Output {
  const { success, output, issues } = v.safeParse(schema, json, { abortEarly: true });
  if (success) return output;
  const path = v.getDotPath(issues[0]) ?? 'its root';
  throw new FaceNetError('gallery-corrupt', `${name} is damaged (at ${path}: ${issues[0].message}): ${advice}.`);
}

/** The types of crops. Not SVG, which can run scripts if a page opens it. */
const imageTypes = ['image/png', 'image/jpeg', 'image/webp', 'image/avif', 'image/gif', 'image/bmp'];

/** An image type unchanged. Any other type becomes that of arbitrary bytes, which no browser shows as a page. */
export function safeImageType(type: string): string {
  return imageTypes.includes(type) ? type : 'application/octet-stream';
}

/** Encodes an image file: one byte with the length of its MIME type, the type, then the file. */
export function encodeCrop({ type, data }: StoredCrop): Bytes {
  const name = utf8(safeImageType(type));
  const bytes = new Uint8Array(1 + name.length + data.length);
  bytes.set([name.length]);
  bytes.set(name, 1);
  bytes.set(data, 1 + name.length);
  return bytes;
}

/** The inverse of {@link encodeCrop}. @throws {FaceNetError} `gallery-corrupt` for malformed bytes. */
export function decodeCrop(bytes: Bytes): StoredCrop {
  const start = 1 + (bytes[0] ?? Number.POSITIVE_INFINITY);
  if (start > bytes.length) {
    throw new FaceNetError('gallery-corrupt', `A stored crop is damaged: ${damageAdvice.record}.`);
  }
  return { type: safeImageType(String.fromCharCode(...bytes.subarray(1, start))), data: bytes.subarray(start) };
}
