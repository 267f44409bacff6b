import type { Verdict } from '../comparison/compare.ts';
import type { LogEvent } from './log-events.ts';
import { isSightingDue, planSighting } from './retention.ts';
import type { GallerySession } from './session.ts';
import type { GalleryState } from './state.ts';
import type { Candidate, Identification } from './types.ts';

/** What the log records about an identification, with the threshold that decided it. */
export function identifiedEvent({ match, threshold, reason, far, faces }: Identification<Candidate>): LogEvent {
  return {
    event: 'identified',
    ...(match && { person: match.person.id, face: match.face, distance: match.distance, basis: match.basis }),
    threshold: match?.threshold ?? threshold,
    ...(reason && { reason }),
    far,
    faces,
  };
}

/** What the log records about a verification. */
export function verifiedEvent(
  person: string,
  { template, verdict: { same, distance, threshold, basis, reason } }: { template: string; verdict: Verdict },
  far: number,
): LogEvent {
  return {
    ...{ event: 'verified', person, face: template, same, distance, threshold, basis },
    ...(reason && { reason }),
    far,
  };
}

/** A recognition to record. */
interface Recognition {
  event: LogEvent;
  /** The id of the person who was recognised; undefined for nobody. */
  person: string | undefined;
  signal: AbortSignal | undefined;
}

/**
 * Records a recognition in the log, and the time at which the person was seen if it decides about the person's expiry.
 *
 * @param read the state in which the face was searched.
 */
export async function recordRecognition(
  session: GallerySession,
  read: GalleryState,
  { event, person, signal }: Recognition,
): Promise<void> {
  const seenAt = new Date();
  const unseen = session.removeUnseenAfter;
  const stored = person === undefined ? undefined : read.contents.people.get(person);
  if (!stored || unseen === undefined || !isSightingDue(stored, unseen, seenAt.getTime())) {
    return session.record(read, [event], signal);
  }
  // One change: if it fails, the recognition is not in the log either.
  return session.change((state) => planSighting(state, stored.id, seenAt, event), signal, true);
}
