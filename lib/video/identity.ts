import type { Candidate } from '../gallery/types.ts';

/** Who a face in a video is: not decided yet, nobody in the gallery, or a person. */
export type Identity =
  | { status: 'undecided' }
  | { status: 'unknown' }
  | {
      status: 'known';
      person: Candidate['person'];
      /** The probability that the face and the person's nearest template are of one person, 0 to 1: the mean over the frames that say so. */
      probability: number;
    };

/** What one frame of a face says about who it is. */
export interface Vote {
  /** Whom the gallery takes it for, if for anybody. */
  match: Candidate | undefined;
  /** How much the vote counts: the quality of the face in that frame, 0 to 1. */
  weight: number;
}

/** No name, and no "unknown", is given on the word of fewer frames. */
const fewestVotes = 2;

/** The share of the votes that gives a name, and the share that suffices to keep it: between them a name does not flicker. */
const shareToName = 0.6;
const shareToKeep = 0.35;

/** No quality is nothing: of many poor frames a decision can be made too. */
const leastWeight = 0.01;

/**
 * Decides who a face is by the votes of its frames, weighted by their quality. A name once given is kept until the votes for
 * it are few, or another has won.
 */
export function elect(votes: readonly Vote[], before: Identity): Identity {
  const total = weightOf(votes);
  const shareOf = (some: readonly Vote[]) => weightOf(some) / total;
  const votesFor = (id: string | undefined) => votes.filter(({ match }) => match?.person.id === id);
  const people = new Set(votes.flatMap(({ match }) => (match ? [match.person.id] : [])));

  const winner = [...people].map(votesFor).find((own) => own.length >= fewestVotes && shareOf(own) >= shareToName);
  const former = before.status === 'known' ? votesFor(before.person.id) : [];
  const named = winner ?? (shareOf(former) >= shareToKeep ? former : undefined);
  if (named) return known(named as (Vote & { match: Candidate })[]);
  // Of a tie between two people, or between somebody and nobody, more frames will tell.
  const nobody = votesFor(undefined);
  return { status: nobody.length >= fewestVotes && shareOf(nobody) >= shareToName ? 'unknown' : 'undecided' };
}

function known(votes: readonly (Vote & { match: Candidate })[]): Identity {
  const sum = votes.reduce((sum, vote) => sum + vote.match.probability * weightOf([vote]), 0);
  const { person } = (votes.at(-1) as { match: Candidate }).match;
  return { status: 'known', person, probability: sum / weightOf(votes) };
}

function weightOf(votes: readonly Vote[]): number {
  return votes.reduce((total, { weight }) => total + Math.max(weight, leastWeight), 0);
}
