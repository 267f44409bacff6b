import { describe, expect, test } from 'vitest';
import type { Candidate } from '../../../lib/gallery/types.ts';
import { decideIdentity, type Identity, type Vote } from '../../../lib/video/identity-votes.ts';

const candidate = (id: string, probability = 0.9): Candidate => ({
  person: { id, name: id, metadata: {} },
  face: `${id} 1`,
  distance: 0.3,
  probability,
  threshold: 0.4,
  basis: 'distance',
});
const vote = (id: string | undefined, weight = 0.5, probability = 0.9): Vote => ({
  match: id === undefined ? undefined : candidate(id, probability),
  weight,
});
const undecided: Identity = { status: 'undecided' };
const ada: Identity = { status: 'known', person: candidate('Ada').person, probability: 0.9 };

describe('the identity of a tracked face', () => {
  test('is undecided after one vote and known after two that agree', () => {
    expect(decideIdentity([], undecided)).toEqual(undecided);
    expect(decideIdentity([vote('Ada')], undecided)).toEqual(undecided);
    const known = decideIdentity([vote('Ada', 0.2, 0.8), vote('Ada', 0.6, 1)], undecided);
    expect(known).toMatchObject({ status: 'known', person: { id: 'Ada' } });
    expect(known).toHaveProperty('probability', expect.closeTo((0.2 * 0.8 + 0.6) / 0.8, 9));
  });

  test('is unknown after two votes without a match and undecided when votes are split', () => {
    expect(decideIdentity([vote(undefined)], undecided)).toEqual(undecided);
    expect(decideIdentity([vote(undefined), vote(undefined)], undecided)).toEqual({ status: 'unknown' });
    expect(decideIdentity([vote('Ada'), vote('Bob')], undecided)).toEqual(undecided);
    expect(decideIdentity([vote('Ada'), vote('Ada'), vote('Bob'), vote('Bob')], undecided)).toEqual(undecided);
  });

  test('weights votes by quality', () => {
    const votes = [vote('Ada', 0.9), vote('Ada', 0.9), vote(undefined, 0.05), vote(undefined, 0.05), vote('Bob', 0.1)];
    expect(decideIdentity(votes, undecided)).toMatchObject({ status: 'known', person: { id: 'Ada' } });
  });

  test('keeps a name with fewer votes than a new name needs', () => {
    const split = [vote('Ada'), vote('Ada'), vote(undefined), vote(undefined)];
    expect(decideIdentity(split, undecided)).toEqual(undecided);
    expect(decideIdentity(split, ada)).toMatchObject({ status: 'known', person: { id: 'Ada' } });
  });

  test('loses a name when its share is too low or another name wins', () => {
    expect(decideIdentity([vote('Ada'), vote(undefined), vote(undefined)], ada)).toEqual({ status: 'unknown' });
    const bobWins = [vote('Ada'), vote('Ada'), vote('Bob'), vote('Bob'), vote('Bob')];
    expect(decideIdentity(bobWins, ada)).toMatchObject({ status: 'known', person: { id: 'Bob' } });
  });

  test('is decided from votes of quality 0 too', () => {
    expect(decideIdentity([vote('Ada', 0), vote('Ada', 0)], undecided)).toMatchObject({ status: 'known' });
  });
});
