import type { Candidate } from '../gallery/types.ts';

/** The identity of a face in a video: undecided, not in the gallery, or a person of the gallery. */
export type Identity =
  | { status: 'undecided' }
  | { status: 'unknown' }
  | {
      status: 'known';
      person: Candidate['person'];
      /**
       * The probability that the face and the person's nearest enrolled face show the same person, 0 to 1: the mean over the frames that
       * matched this person, weighted by their quality.
       */
      probability: number;
    };

/** The vote of one frame about the identity of a face. */
export interface Vote {
  /** The gallery's match; undefined if the gallery has no person that is near enough. */
  match: Candidate | undefined;
  /** The weight of the vote: the quality of the face in that frame, 0 to 1. */
  weight: number;
}

/** The minimum number of frames for a name and for "unknown". */
const minVotes = 2;

/** The share of the weight that gives a name, and the share that keeps it. The gap between them keeps names from flickering. */
const minShareToName = 0.6;
const minShareToKeep = 0.35;

/** The minimum weight of a vote, so that frames of quality 0 can decide too. */
const minWeight = 0.01;

/**
 * Decides the identity of a face by a weighted vote of its frames. A name that was given is kept until its share of the votes drops
 * below a lower threshold, or another name wins.
 *
 * @param votes the votes of the face's frames, oldest first.
 * @param previous the identity before these votes.
 */
export function decideIdentity(votes: readonly Vote[], previous: Identity): Identity {
  const total = totalWeight(votes);
  const shareOf = (some: readonly Vote[]) => totalWeight(some) / total;
  const votesFor = (id: string | undefined) => votes.filter(({ match }) => match?.person.id === id);
  const people = new Set(votes.flatMap(({ match }) => (match ? [match.person.id] : [])));

  const winner = [...people].map(votesFor).find((own) => own.length >= minVotes && shareOf(own) >= minShareToName);
  const current = previous.status === 'known' ? votesFor(previous.person.id) : [];
  const named = winner ?? (shareOf(current) >= minShareToKeep ? current : undefined);
  if (named) return knownIdentity(named as (Vote & { match: Candidate })[]);
  // Without a majority the identity stays undecided until further frames give one.
  const unmatched = votesFor(undefined);
  return { status: unmatched.length >= minVotes && shareOf(unmatched) >= minShareToName ? 'unknown' : 'undecided' };
}

function knownIdentity(votes: readonly (Vote & { match: Candidate })[]): Identity {
  const sum = votes.reduce((sum, vote) => sum + vote.match.probability * totalWeight([vote]), 0);
  const { person } = (votes.at(-1) as { match: Candidate }).match;
  return { status: 'known', person, probability: sum / totalWeight(votes) };
}

function totalWeight(votes: readonly Vote[]): number {
  return votes.reduce((total, { weight }) => total + Math.max(weight, minWeight), 0);
}
