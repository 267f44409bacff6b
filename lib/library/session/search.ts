import { yieldToEventLoop } from '../../core/cancellation.ts';
import { FaceNetError } from '../../core/errors.ts';
import type { LibraryFace, LibraryPerson, LibraryPhoto, Page, PageOptions, PhotoQuery } from '../model/types.ts';
import { flag } from '../people/columns.ts';
import type { PeopleState } from '../people/state.ts';
import { isEmbedded } from '../storage/embedder.ts';
import type { RowRange, Store } from '../storage/store.ts';
import type { FaceRow, PhotoRow, TableName, Tables } from '../storage/tables.ts';
import { checkedLimit } from './options.ts';
import type { LibrarySession } from './session.ts';

/** The people, those with the most faces first. */
export function listPeople(state: PeopleState, { hidden }: { hidden: boolean }): LibraryPerson[] {
  const { columns } = state;
  const counts = new Map<number, { faces: number; confirmed: number; first: number; photos: Set<number> }>();
  for (let face = 0; face < columns.size; face++) {
    const person = columns.person[face] as number;
    if (person === 0) continue;
    let count = counts.get(person);
    if (!count) {
      count = { faces: 0, confirmed: 0, first: face, photos: new Set() };
      counts.set(person, count);
    }
    count.faces++;
    count.photos.add(columns.photo[face] as number);
    if (columns.has(face, flag.kept)) count.confirmed++;
  }
  const people = [...counts].map(([number, { faces, confirmed, first, photos }]) => {
    const { name, hidden, cover = first } = state.details(number);
    return { number, name, hidden, cover, faces, confirmed, photos: photos.size };
  });
  return people.filter((person) => person.hidden === hidden).sort((a, b) => b.faces - a.faces || a.number - b.number);
}

/** The photos that show all of some people, the earliest first. Reads only the photos of the page. */
export async function photosWith(
  { state, store }: LibrarySession,
  people: readonly number[],
  query: PhotoQuery,
): Promise<Page<LibraryPhoto>> {
  const { columns } = state;
  if (!Array.isArray(people) || people.length === 0) {
    throw new FaceNetError(
      'option-invalid',
      'There are no people: pass a list with the number of at least one person.',
    );
  }
  const times = people.map(
    (person) =>
      new Map(state.requireFaces(person).map((face) => [columns.photo[face] as number, columns.time[face] as number])),
  );
  const [first, ...others] = times as [Map<number, number>, ...Map<number, number>[]];
  const [from, to] = [
    query.from?.getTime() ?? Number.NEGATIVE_INFINITY,
    query.to?.getTime() ?? Number.POSITIVE_INFINITY,
  ];
  const found = [...first].filter(
    ([photo, time]) => time >= from && time <= to && others.every((other) => other.has(photo)),
  );
  const page = pageOf(
    found.sort((a, b) => a[1] - b[1] || a[0] - b[0]),
    query,
  );
  const rows = await store.getAll(
    'photos',
    page.items.map(([photo]) => photo),
  );
  return { ...page, items: rows.filter((row) => row !== undefined).map(toPhoto) };
}

/** All photos, the earliest first. */
export async function listPhotos({ store }: LibrarySession, query: PhotoQuery): Promise<Page<LibraryPhoto>> {
  // IndexedDB refuses a range that ends before it begins.
  if (query.from && query.to && query.from > query.to) return pageOf([], query);
  const range = {
    by: 'time',
    ...(query.from && { from: query.from.getTime() }),
    ...(query.to && { to: query.to.getTime() }),
  };
  const page = await pageOfTable(store, 'photos', range, query);
  return { ...page, items: page.items.map(toPhoto) };
}

/** A page of the rows of a table. Reads only these. */
export async function pageOfTable<T extends TableName>(
  store: Store,
  table: T,
  range: RowRange,
  options: PageOptions,
): Promise<Page<Tables[T]>> {
  const { limit, after } = checkedPage(options);
  const [items, total] = await Promise.all([
    store.list(table, { ...range, skip: after, limit }),
    store.count(table, range),
  ]);
  return { items, total, next: after + items.length < total ? after + items.length : undefined };
}

/**
 * The faces most similar to one, nearest first, of any person or of none. A face without an embedding resembles none. The first search of
 * a session reads all embeddings.
 */
export async function similarFaces(
  session: LibrarySession,
  face: number,
  limit: number,
  signal: AbortSignal | undefined,
): Promise<{ face: number; distance: number }[]> {
  const { state } = session;
  state.requireFace(face);
  const graph = await session.graph(signal);
  if (!isEmbedded(graph.embedding(face))) return [];
  const isListed = (other: number) =>
    other !== face && !state.columns.has(other, flag.removed | flag.notAFace) && isEmbedded(graph.embedding(other));
  // Asks for more until enough are listed: those that were removed or are no faces are among the nearest.
  for (let asked = limit + 1; ; asked *= 2) {
    await yieldToEventLoop(signal);
    const found = graph.nearest(graph.embedding(face), asked).filter((other) => isListed(other.face));
    if (found.length >= limit || asked >= graph.size) return found.slice(0, limit);
  }
}

/** A page of a list. */
export function pageOf<Item>(items: readonly Item[], options: PageOptions): Page<Item> {
  const { limit, after } = checkedPage(options);
  const end = after + limit;
  return { items: items.slice(after, end), total: items.length, next: end < items.length ? end : undefined };
}

/** A photo as the library returns it. */
export function toPhoto({ id, path, width, height, time, taken, orientation, faces }: PhotoRow): LibraryPhoto {
  return { id, path, width, height, time: new Date(time), taken, orientation, faces: [...faces] };
}

/** A face as the library returns it. @param photo the id of its photo. */
export function toFace({ columns }: PeopleState, row: FaceRow, photo: string): LibraryFace {
  const { number, box, roll, score, quality } = row;
  const person = columns.person[number] as number;
  return {
    number,
    photo,
    box,
    ...(roll !== undefined && { roll }),
    score,
    quality,
    person: person === 0 ? undefined : person,
    confirmed: columns.has(number, flag.kept),
    notAFace: columns.has(number, flag.notAFace),
  };
}

function checkedPage({ limit = 100, after = 0 }: PageOptions): { limit: number; after: number } {
  if (!(Number.isInteger(after) && after >= 0))
    throw new FaceNetError('option-invalid', `after is ${after}: pass the value of next of the previous page.`);
  return { limit: checkedLimit(limit), after };
}
