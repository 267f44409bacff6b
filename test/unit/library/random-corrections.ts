import fc from 'fast-check';
import { expect } from 'vitest';
import { flag } from '../../../lib/library/people/columns.ts';
import {
  chooseCover,
  confirmPerson,
  hidePerson,
  leaveUndecided,
  mergePeople,
  moveFaces,
  namePerson,
  refuseFace,
  refuseName,
  rejectFaces,
  separatePeople,
  splitFaces,
} from '../../../lib/library/people/corrections.ts';
import type { Edit } from '../../../lib/library/people/edit.ts';
import type { PeopleState } from '../../../lib/library/people/state.ts';

/** What a correction is about. */
interface Chosen {
  face: number;
  /** The person of the face. */
  a: number;
  /** The person of another face. */
  b: number;
  name: string;
}

interface Plan {
  make: (edit: Edit, chosen: Chosen) => unknown;
  /** The people that it needs: two are different ones. */
  needs: readonly ('a' | 'b')[];
  /** The people whose faces it keeps. Default: those that it needs. */
  keeps?: readonly ('a' | 'b')[];
}

/** Each correction of a library. */
const plans = {
  merge: { make: (edit, { a, b }) => mergePeople(edit, [a, b]), needs: ['a', 'b'] },
  split: { make: (edit, { face }) => splitFaces(edit, [face]), needs: [], keeps: ['a'] },
  separate: { make: (edit, { a, b }) => separatePeople(edit, a, b), needs: ['a', 'b'] },
  refuseFace: { make: (edit, { face, b }) => refuseFace(edit, face, b), needs: ['b'] },
  reject: { make: (edit, { face }) => rejectFaces(edit, [face]), needs: [] },
  move: { make: (edit, { face, b }) => moveFaces(edit, [face], b), needs: ['b'], keeps: ['a', 'b'] },
  name: { make: (edit, { a, name }) => namePerson(edit, a, `${edit.state.details(a).name}${name}`), needs: ['a'] },
  cover: { make: (edit, { face, a }) => chooseCover(edit, a, face), needs: ['a'] },
  confirm: { make: (edit, { a }) => confirmPerson(edit, a), needs: ['a'] },
  hide: { make: (edit, { a }) => hidePerson(edit, a, !edit.state.details(a).hidden), needs: ['a'] },
  refuseName: { make: (edit, { a, name }) => refuseName(edit, a, name), needs: ['a'] },
  unsure: { make: (edit, { a, b }) => leaveUndecided(edit, a, b), needs: ['a', 'b'] },
} satisfies Record<string, Plan>;

export type CorrectionKind = keyof typeof plans;

/** Kinds of corrections at random. */
export const correctionKind = fc.constantFrom(...(Object.keys(plans) as CorrectionKind[]));

/** The pairs of a face and a person of whom corrections state that the face is not: of the face, or of the person that keeps it. */
function denials({ columns, constraints }: PeopleState): [face: number, person: number][] {
  const kept = (person: number) => columns.facesOf(person).filter((face) => columns.has(face, flag.kept));
  const pairs = (of: number, other: number) => kept(of).map((face): [number, number] => [face, other]);
  return [...constraints.values()].flatMap(({ kind, a, b }) => {
    if (kind === 'unsure') return [];
    return kind === 'not-person' ? [[a, b]] : [...pairs(a, b), ...pairs(b, a)];
  });
}

/** The corrections that may contradict what was stated of a face. */
const contradicting: readonly string[] = ['merge', 'move', 'reject'];

/**
 * Notes of whom each face is not.
 *
 * @returns a check that this still holds after a correction of the first face, unless the correction contradicts it. A face that is
 *   split off its person is not of this person from then on.
 */
export function denialsHold(state: PeopleState, kind: CorrectionKind, face: number): () => void {
  const before = denials(state);
  if (kind === 'split') before.push([face, state.columns.person[face] as number]);
  return () => {
    if (contradicting.includes(kind)) return;
    const after = new Set(denials(state).map(String));
    const left = before.filter(([, person]) => person !== 0 && state.columns.facesOf(person).length > 0);
    for (const pair of left) expect(after).toContain(String(pair));
  };
}

/**
 * Makes a correction that a user could make of two faces, unless their people do not suit it.
 *
 * @returns the people whose faces it keeps.
 */
export function planCorrection(edit: Edit, kind: CorrectionKind, [face, other]: [number, number]): number[] {
  const { columns } = edit.state;
  const chosen = { a: columns.person[face] as number, b: columns.person[other] as number };
  const { make, needs, keeps = needs }: Plan = plans[kind];
  if (needs.some((key) => chosen[key] === 0)) return [];
  if (needs.length === 2 && chosen.a === chosen.b) return [];
  make(edit, { ...chosen, face, name: `name ${other}` });
  return keeps.map((key) => chosen[key]).filter((person) => person !== 0);
}
