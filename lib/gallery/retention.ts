import type { RetentionOptions } from './consent.ts';
import type { LogEvent } from './log-events.ts';
import { erasureOf, recordsOf, requirePerson } from './person-changes.ts';
import { type ErasureReceipt, erasureReceipt } from './receipt.ts';
import type { StoredPerson } from './records.ts';
import type { ChangePlan, GalleryState } from './state.ts';
import type { Meta } from './storage/store.ts';
import type { Person } from './types.ts';

/** How long a person may stay without being seen. */
export interface UnseenLimit {
  /** The maximum time, in milliseconds. */
  after: number;
  /** The earliest time from which it counts, in milliseconds since 1970: before it no recognitions were kept. */
  from: number;
}

/** The limit of a gallery. @returns undefined without the option, and until the time from which it counts is stored. */
export function unseenLimitOf({ unseenFrom: from }: Meta, after: number | undefined): UnseenLimit | undefined {
  return after === undefined || from === undefined ? undefined : { after, from };
}

/**
 * When a person must be removed, in milliseconds since 1970: at the earliest of `expiresAt`, the end of the consent, and
 * the end of the time without being seen. That counts from when the person was last seen or, if never, enrolled.
 *
 * @returns Infinity for a person without an end.
 */
export function expiryOf({ consent, expiresAt, lastSeenAt, createdAt }: StoredPerson, unseen?: UnseenLimit): number {
  const ends = [expiresAt?.getTime(), consent?.until?.getTime()];
  if (unseen) ends.push(Math.max((lastSeenAt ?? createdAt).getTime(), unseen.from) + unseen.after);
  return Math.min(...ends.map((end) => end ?? Number.POSITIVE_INFINITY));
}

/** The earliest {@link expiryOf} of all people; Infinity if nobody has one. */
export function nextExpiry({ contents, meta }: GalleryState, unseenAfter: number | undefined): number {
  const unseen = unseenLimitOf(meta, unseenAfter);
  let next = Number.POSITIVE_INFINITY;
  for (const person of contents.people.values()) next = Math.min(next, expiryOf(person, unseen));
  return next;
}

/** Plans the removal of all people whose time has passed. @returns a receipt for each. */
export async function planExpiry(
  { contents, meta }: GalleryState,
  unseenAfter: number | undefined,
): Promise<ChangePlan<ErasureReceipt[]>> {
  const erasedAt = new Date();
  const unseen = unseenLimitOf(meta, unseenAfter);
  const expired = [...contents.people.values()].filter((person) => expiryOf(person, unseen) <= erasedAt.getTime());
  if (expired.length === 0) return { result: () => [] };
  const receipts = await Promise.all(
    expired.map(({ id }) => erasureReceipt({ reason: 'expired', erasedAt, ...recordsOf(contents, id) })),
  );
  return {
    change: {
      removePeople: receipts.flatMap(({ people }) => people),
      removeTemplates: receipts.flatMap(({ faces }) => faces),
    },
    events: receipts.map((receipt) => ({ event: 'erased', ...erasureOf(receipt) })),
    result: () => receipts,
  };
}

/**
 * Plans the storing of the time from which `removeUnseenAfter` counts, when the option is first used: recognitions before
 * it were not kept.
 */
export async function planUnseenStart({ meta }: GalleryState): Promise<ChangePlan<void>> {
  const result = () => undefined;
  return meta.unseenFrom === undefined ? { change: {}, meta: { unseenFrom: Date.now() }, result } : { result };
}

/** Plans another consent or expiry of a known person. @param retention checked. @throws {FaceNetError} `person-unknown` */
export async function planRetention(
  { contents }: GalleryState,
  id: string,
  retention: RetentionOptions,
): Promise<ChangePlan<Person>> {
  const person = { ...requirePerson(contents, id), ...retention };
  return {
    change: { people: [person] },
    events: [{ event: 'changed', change: 'retention', people: [id], consent: person.consent?.version }],
    result: ({ contents }) => contents.describe(person),
  };
}

/**
 * Whether a person's `lastSeenAt` is to be written again. It is written at most a hundred times per period, so that a
 * person who stands before the camera does not cause a write per frame.
 */
export function isSightingDue({ lastSeenAt, createdAt }: StoredPerson, unseen: number, now: number): boolean {
  return now - (lastSeenAt ?? createdAt).getTime() >= unseen / 100;
}

/**
 * Plans the time at which a person was seen. If the person was removed meanwhile, only the event is recorded.
 *
 * @param event what the log records.
 */
export async function planSighting(
  { contents }: GalleryState,
  id: string,
  seenAt: Date,
  event: LogEvent,
): Promise<ChangePlan<void>> {
  const person = contents.people.get(id);
  const people = person ? [{ ...person, lastSeenAt: seenAt }] : [];
  return { change: { people }, events: [event], result: () => undefined };
}
