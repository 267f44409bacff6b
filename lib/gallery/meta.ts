import * as v from 'valibot';
import type { ComparisonRule } from '../comparison/compare.ts';
import { FaceNetError } from '../core/errors.ts';
import type { Bytes } from './crypto/bytes.ts';
import type { Sealed, VaultHeader } from './crypto/vault.ts';
import type { Meta } from './storage/store.ts';

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const share = v.pipe(v.number(), v.gtValue(0), v.ltValue(1));
const finite = v.pipe(v.number(), v.finite());

/** What made the embeddings and how they are compared. */
export const ruleSchema: v.GenericSchema<unknown, ComparisonRule> = v.object({
  model: v.pipe(v.string(), v.minLength(1)),
  dimension: v.pipe(count, v.maxValue(1 << 16)),
  metric: v.picklist(['euclidean', 'cosine']),
  calibration: v.object({
    logOdds: v.strictTuple([finite, finite]),
    thresholds: v.pipe(v.array(v.object({ far: share, distance: finite })), v.minLength(1)),
  }),
});

const anyBytes = v.custom<Bytes>((value) => value instanceof Uint8Array, 'must be bytes');

/** PBKDF2's rounds: no fewer than the library makes, and no more than a page can wait for. */
export const iterationsSchema = v.pipe(count, v.minValue(600_000), v.maxValue(10_000_000));

/** Something sealed, as the database has it. */
export const sealedSchema: v.GenericSchema<unknown, Sealed> = v.object({ iv: anyBytes, data: anyBytes });

const vault: v.GenericSchema<unknown, VaultHeader> = v.object({
  iterations: iterationsSchema,
  salt: anyBytes,
  check: anyBytes,
  dataKey: sealedSchema,
  digest: anyBytes,
});

const schema: v.GenericSchema<unknown, Meta> = v.object({
  revision: count,
  rule: ruleSchema,
  vault: v.exactOptional(vault),
  rotation: v.exactOptional(anyBytes),
});

/** What a database tells of its gallery. @throws {FaceNetError} `gallery-corrupt` when that is damaged. */
export function parseMeta(value: unknown): Meta {
  const { success, output, issues } = v.safeParse(schema, value, { abortEarly: true });
  if (success) return output;
  const place = v.getDotPath(issues[0]) ?? 'its root';
  throw new FaceNetError(
    'gallery-corrupt',
    `The gallery's own record is damaged (at ${place}: ${issues[0].message}): erase it and import an export.`,
  );
}

/** Something sealed that a database gave. @throws {FaceNetError} `gallery-corrupt` when it is none. */
export function parseSealed(value: unknown, place: string): Sealed {
  const { success, output } = v.safeParse(sealedSchema, value);
  if (success) return output;
  throw new FaceNetError(
    'gallery-corrupt',
    `The record at ${place} is damaged: erase the gallery and import an export.`,
  );
}
