import type { Identity } from './identity-votes.ts';

/**
 * Leaves the name of a person to one face of a frame, the one with the highest probability: faces that are in a frame together are of
 * different people. The others become undecided.
 *
 * @param identities the identities of the frame's faces. Of equal probabilities the first counts.
 * @returns the identities in the same order.
 */
export function distinctIdentities(identities: readonly Identity[]): Identity[] {
  const nearest = new Map<string, number>();
  for (const [i, identity] of identities.entries()) {
    if (identity.status !== 'known') continue;
    const other = identities[nearest.get(identity.person.id) ?? -1];
    if (other?.status === 'known' && other.probability >= identity.probability) continue;
    nearest.set(identity.person.id, i);
  }
  return identities.map((identity, i) =>
    identity.status === 'known' && nearest.get(identity.person.id) !== i ? { status: 'undecided' } : identity,
  );
}
