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
  const { columns, constraints } = edit.state;
  // A change may concern thousands of people, most of whom have none: not all constraints are searched for each.
  let constrained: Set<number> | undefined;
  const mayHaveConstraints = (person: number) => {
    constrained ??= new Set([...constraints.values()].flatMap(peopleOf));
    return constrained.has(person);
  };
  for (const person of people) {
    if (person === 0) continue;
    const faces = members ? (members.get(person) ?? []) : columns.facesOf(person);
    if (faces.length === 0) {
      edit.removePerson(person);
      if (mayHaveConstraints(person)) removeConstraints(edit, person);
      continue;
    }
    const { cover } = edit.state.details(person);
    if (cover !== undefined && columns.person[cover] !== person) edit.setPerson(person, { cover: undefined });
    const isKept = faces.some((face) => columns.has(face, flag.kept));
    if (isKept) continue;
    const isDecided =
      edit.state.people.has(person) || (mayHaveConstraints(person) && hasConstraint(edit.state, person));
    // What a correction states about a person has to outlast a grouping.
    if (isDecided) for (const face of faces) edit.keep(face, person);
  }
}

function removeConstraints(edit: Edit, person: number): void {
  for (const row of [...edit.state.constraints.values()]) if (peopleOf(row).includes(person)) edit.remove(row);
}

function hasConstraint({ constraints }: PeopleState, person: number): boolean {
  for (const row of constraints.values()) if (peopleOf(row).includes(person)) return true;
  return false;
}
