import { type Bytes, decodeUtf8 } from './crypto/bytes.ts';
import type { LogEntry } from './log-events.ts';

/**
 * The entries about a person: those that name the person, somebody who was merged into the person, or an enrolled face of
 * them, also one that was removed.
 *
 * @param records the ids of the person, and of the person's present enrolled faces.
 */
export function linesAbout(
  lines: readonly Bytes[],
  records: { people: readonly string[]; faces: readonly string[] },
): unknown[] {
  const texts = lines.map((line) => decodeUtf8(line));
  const entries = texts.map((text) => JSON.parse(text) as LogEntry);
  const people = new Set(records.people);
  // From the end: of those who were merged into each other, the last merge names the person.
  for (const entry of entries.toReversed()) {
    if (entry.event !== 'changed' || entry.change !== 'merged') continue;
    const [into, from] = entry.people ?? [];
    if (into !== undefined && from !== undefined && people.has(into)) people.add(from);
  }
  const ids = [...people, ...records.faces, ...entries.flatMap((entry) => facesIn(entry, people))];
  // Ids are random: nothing else in a line contains one.
  const unique = [...new Set(ids)];
  return entries.filter((_, i) => unique.some((id) => texts[i]?.includes(id)));
}

/** The enrolled faces that an entry names as those of one of some people. */
function facesIn(entry: LogEntry, people: ReadonlySet<string>): string[] {
  if ('damaged' in entry) return entry.damaged.flatMap(({ id, person }) => (people.has(person ?? '') ? [id] : []));
  if (entry.event === 'changed') {
    return (entry.received ?? []).flatMap(({ person, faces }) => (people.has(person) ? faces : []));
  }
  const other = 'other' in entry && entry.other && people.has(entry.other.person) ? [entry.other.face] : [];
  if (!('person' in entry) || !people.has(entry.person ?? '')) return other;
  if (entry.event === 'erased') return entry.faces;
  const nearest = 'nearest' in entry && entry.nearest ? [entry.nearest.face] : [];
  return [...other, ...nearest, ...('face' in entry && entry.face !== undefined ? [entry.face] : [])];
}
