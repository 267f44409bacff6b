import fc from 'fast-check';
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
