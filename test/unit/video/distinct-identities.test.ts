import { expect, test } from 'vitest';
import { distinctIdentities } from '../../../lib/video/distinct-identities.ts';
import type { Identity } from '../../../lib/video/identity-votes.ts';

function known(id: string, probability: number): Identity {
  return { status: 'known', person: { id, name: id }, probability } as Identity;
}

test('one face of a frame has the name of a person: the most probable one', () => {
  const identities = [known('ada', 0.94), known('bob', 0.9), known('ada', 0.99), known('ada', 0.97)];
  expect(distinctIdentities(identities)).toEqual([
    { status: 'undecided' },
    identities[1],
    identities[2],
    { status: 'undecided' },
  ]);
});

test('of equally probable faces the first keeps the name, and other identities stay as they are', () => {
  const identities: Identity[] = [{ status: 'unknown' }, known('ada', 0.9), { status: 'undecided' }, known('ada', 0.9)];
  expect(distinctIdentities(identities)).toEqual([...identities.slice(0, 3), { status: 'undecided' }]);
});
