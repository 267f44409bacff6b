import * as v from 'valibot';
import type { ComparisonRule } from '../comparison/compare.ts';
import { conditionalSchema, descendingThresholds } from '../core/calibration-schema.ts';
import { FaceNetError } from '../core/errors.ts';
import { isTypedArray } from '../core/typed-arrays.ts';
import type { Bytes } from './crypto/bytes.ts';
import { damageAdvice } from './crypto/damage-advice.ts';
import type { Sealed } from './crypto/vault.ts';
import { maxDimension } from './limits.ts';
import type { Meta } from './storage/store.ts';
import { vaultSchema } from './vault-schema.ts';

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const share = v.pipe(v.number(), v.gtValue(0), v.ltValue(1));
const finite = v.pipe(v.number(), v.finite());

/** The schema of a comparison rule, in the database and in exports. */
export const ruleSchema: v.GenericSchema<unknown, ComparisonRule> = v.object({
  model: v.pipe(v.string(), v.minLength(1)),
  dimension: v.pipe(count, v.maxValue(maxDimension)),
  metric: v.picklist(['euclidean', 'cosine']),
  calibration: v.pipe(
    v.object({
      logOdds: v.strictTuple([finite, finite]),
      thresholds: v.pipe(v.array(v.object({ far: share, distance: finite })), v.minLength(1)),
      conditional: v.exactOptional(conditionalSchema),
    }),
    descendingThresholds,
  ),
});

const anyBytes = v.custom<Bytes>((value) => isTypedArray(value, 'Uint8Array'), 'must be bytes');

/** The schema of an encrypted record in the database. */
const sealedSchema: v.GenericSchema<unknown, Sealed> = v.object({ iv: anyBytes, data: anyBytes });

/** The fields of a gallery's own record that a repair keeps. */
const kept = {
  id: v.pipe(v.string(), v.uuid()),
  rule: ruleSchema,
  vault: vaultSchema(anyBytes, sealedSchema),
  rotation: anyBytes,
  log: v.literal(true),
  unseenFrom: count,
};

const metaSchema: v.GenericSchema<unknown, Meta> = v.object({
  id: v.exactOptional(kept.id),
  revision: count,
  rule: kept.rule,
  vault: v.exactOptional(kept.vault),
  rotation: v.exactOptional(kept.rotation),
  log: v.exactOptional(kept.log),
  unseenFrom: v.exactOptional(kept.unseenFrom),
  digest: v.exactOptional(sealedSchema),
});

/** Validates a gallery's own record. @throws {FaceNetError} `gallery-corrupt` */
export function parseMeta(value: unknown): Meta {
  const { success, output, issues } = v.safeParse(metaSchema, value, { abortEarly: true });
  if (success) return output;
  const path = v.getDotPath(issues[0]) ?? 'its root';
  const lost = intactFields(value).vault
    ? ''
    : ' If it has a passphrase, its key is lost: erase it and import an export.';
  throw new FaceNetError(
    'gallery-corrupt',
    `The gallery's own record is damaged (at ${path}: ${issues[0].message}): open the gallery with { facenet, repair: true }.${lost}`,
  );
}

/** The intact fields of a gallery's own record that is damaged. Not its digest, which covers the damaged fields too. */
export function intactFields(value: unknown): Partial<Pick<Meta, keyof typeof kept>> {
  const stored = (value ?? {}) as Record<string, unknown>;
  const intact: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(kept)) {
    const { success, output } = v.safeParse(schema, stored[name]);
    if (success) intact[name] = output;
  }
  return intact;
}

/** Whether a value is a gallery's own record. */
export function isMeta(value: unknown): boolean {
  return v.is(metaSchema, value);
}

/**
 * Validates an encrypted record.
 *
 * @param name the record's name in the error.
 * @throws {FaceNetError} `gallery-corrupt`
 */
export function parseSealed(value: unknown, name: string): Sealed {
  const { success, output } = v.safeParse(sealedSchema, value);
  if (success) return output;
  throw new FaceNetError('gallery-corrupt', `The record "${name}" is damaged: ${damageAdvice.record}.`);
}
