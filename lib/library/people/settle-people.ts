import { flag } from './columns.ts';
import type { Edit } from './edit.ts';
import { type PeopleState, peopleOf } from './state.ts';

/**
 * Adjusts what is known of people after faces were taken from them. People without a face are removed, with their constraints.
 * A cover that is no longer of the person is removed. If none of the faces that corrections kept is left, the others are kept:
 * only a kept face carries the person's name and constraints through the next grouping.
 *
 * @param members the present faces of every person. Default: they are searched for each person.
 */
export function settlePeople(
  edit: Edit,
  people: Iterable<number>,
  members?: ReadonlyMap<number, readonly number[]>,
): void {
  const { columns } = edit.state;
  for (const person of people) {
    if (person === 0) continue;
    const faces = members ? (members.get(person) ?? []) : columns.facesOf(person);
    if (faces.length === 0) {
      removePerson(edit, person);
      continue;
    }
    const { cover } = edit.state.details(person);
    if (cover !== undefined && columns.person[cover] !== person) edit.setPerson(person, { cover: undefined });
    const isKept = faces.some((face) => columns.has(face, flag.kept));
    if (!isKept && isDecided(edit.state, person)) for (const face of faces) edit.keep(face, person);
  }
}

function removePerson(edit: Edit, person: number): void {
  edit.removePerson(person);
  for (const row of [...edit.state.constraints.values()]) if (peopleOf(row).includes(person)) edit.remove(row);
}

/** Whether a correction states something about a person that has to outlast a grouping. */
function isDecided({ people, constraints }: PeopleState, person: number): boolean {
  if (people.has(person)) return true;
  for (const row of constraints.values()) if (peopleOf(row).includes(person)) return true;
  return false;
}
