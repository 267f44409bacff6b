import * as v from 'valibot';
import { FaceNetError } from '../core/errors.ts';
import type { Consent, RetentionOptions } from './consent.ts';

const isoDate = v.pipe(
  v.string(),
  v.transform((iso) => new Date(iso)),
  v.date('must be a date'),
);
const text = (maximum: number) => v.pipe(v.string(), v.regex(/\S/, 'must not be blank'), v.maxLength(maximum));
const texts = { purpose: text(500), text: text(20_000), version: text(100) };

/** A valid Date, also one of an iframe, which is no instance of this page's Date. */
const anyDate = v.custom<Date>(
  (value) => Object.prototype.toString.call(value) === '[object Date]' && !Number.isNaN(Number(value)),
  'must be a date',
);

/** The JSON of a consent in the database and in exports. */
export const consentBody = v.object({ ...texts, at: isoDate, until: v.exactOptional(isoDate) });

const consentSchema = v.object({ ...texts, at: anyDate, until: v.optional(anyDate) });

/** Converts a consent to JSON, the inverse of {@link consentBody}. */
export function consentToJson({ at, until, ...rest }: Consent) {
  return { ...rest, at: at.toISOString(), ...(until && { until: until.toISOString() }) };
}

/**
 * Checks and copies a consent and an expiry.
 *
 * @throws {FaceNetError} `option-invalid` for a missing or too long text, a date that is none, a consent in the future,
 *   and an end that has passed.
 */
export function checkedRetention({ consent, expiresAt }: RetentionOptions, now: Date): RetentionOptions {
  if (expiresAt !== undefined) requireFuture(expiresAt, 'expiresAt', now);
  return {
    ...(consent !== undefined && { consent: checkedConsent(consent, now) }),
    ...(expiresAt && { expiresAt: new Date(expiresAt) }),
  };
}

function checkedConsent(consent: Consent, now: Date): Consent {
  const { success, output, issues } = v.safeParse(consentSchema, consent, { abortEarly: true });
  if (!success) {
    const path = v.getDotPath(issues[0]);
    throw new FaceNetError(
      'option-invalid',
      `${path ? `consent.${path}` : 'consent'} is invalid (${issues[0].message}): pass { purpose, text, version, at } with texts of at most 500, 20,000 and 100 characters, and a Date.`,
    );
  }
  const { at, until, ...rest } = output;
  if (at > now) throw new FaceNetError('option-invalid', 'consent.at is in the future: pass when the person agreed.');
  if (until) requireFuture(until, 'consent.until', now);
  return { ...rest, at: new Date(at), ...(until && { until: new Date(until) }) };
}

function requireFuture(date: unknown, name: string, now: Date): void {
  if (v.is(anyDate, date) && date > now) return;
  throw new FaceNetError('option-invalid', `${name} is not a Date in the future: pass one, or call remove(person).`);
}
