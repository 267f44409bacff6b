import { yieldToEventLoop } from '../../core/cancellation.ts';
import { FaceNetError } from '../../core/errors.ts';
import { keepOrphan } from '../indexing/orphans.ts';
import { orderOf } from '../indexing/store-photo.ts';
import { corrected, flag } from '../people/columns.ts';
import { Edit } from '../people/edit.ts';
import { facesByPerson } from '../people/members.ts';
import { isPoor } from '../people/poor-faces.ts';
import { settlePeople } from '../people/settle-people.ts';
import type { LibrarySession } from '../session/session.ts';
import type { FaceRow, PhotoRow } from '../storage/tables.ts';
import type { ExchangeRecord } from './format.ts';
import { knownFaces } from './known-faces.ts';
import { damaged, readExport } from './read-export.ts';

type PhotoRecord = NonNullable<ExchangeRecord['photo']>;

/** What an import added. */
export interface ImportResult {
  /** The number of photos that were added. */
  photos: number;
  /** The number of their faces. */
  faces: number;
}

/**
 * Adds the photos of an export that the library does not have, with their people and constraints. People of the export become new
 * people, but one whose confirmed faces are confirmed faces of one person of the library is that person. The faces of other photos
 * that no correction of the library concerns take over the corrections of the export. Nothing is added if the export is damaged.
 *
 * @throws {FaceNetError} as `readExport`; `model-mismatch` for embeddings of another model.
 */
export async function importLibrary(
  session: LibrarySession,
  file: Blob,
  { passphrase, signal }: { passphrase?: string | undefined; signal?: AbortSignal | undefined },
): Promise<ImportResult> {
  const records: ExchangeRecord[] = [];
  for await (const record of readExport(file, passphrase, signal)) records.push(record);
  requireComplete(session, records);
  const importing = new Importing(session);
  for (const { photo } of records) {
    if (!photo) continue;
    await yieldToEventLoop(signal);
    await importing.findPhoto(photo);
  }
  importing.adoptPeople();
  for (const { photo } of records) {
    if (!photo) continue;
    await yieldToEventLoop(signal);
    importing.addPhoto(photo);
  }
  for (const { person, constraint } of records) {
    if (person) importing.addPerson(person);
    if (constraint) importing.addConstraint(constraint);
  }
  return importing.finish(signal);
}

function requireComplete({ rule, meta }: LibrarySession, [first, ...rest]: readonly ExchangeRecord[]): void {
  const { library } = first ?? {};
  if (!library) throw damaged('its first record is not the library');
  const numberOf = (kind: keyof ExchangeRecord) => rest.filter((record) => record[kind]).length;
  const { photos, people = numberOf('person'), constraints = numberOf('constraint') } = library;
  if (numberOf('photo') !== photos || numberOf('person') !== people || numberOf('constraint') !== constraints) {
    throw damaged('records are missing');
  }
  const { sha256, template } = meta.identity;
  const hasSameFiles = library.sha256.join() === sha256.join() && library.template === template;
  if (library.model !== rule.model || library.dimension !== rule.dimension || !hasSameFiles) {
    throw new FaceNetError(
      'model-mismatch',
      `The export's embeddings are of "${library.model}"${library.model === rule.model ? ' with other weights or another template' : ''}, the library's of "${rule.model}": use a library with that embedder.`,
    );
  }
  const isWrong = rest.some(({ photo }) =>
    photo?.faces.some(({ embedding }) => embedding.length !== library.dimension),
  );
  if (isWrong) throw damaged('an embedding has a wrong length');
}

/** An import: rows to write in one transaction. */
class Importing {
  readonly #session: LibrarySession;
  readonly #edit: Edit;
  readonly #people = new Map<number, number>();
  /** The photos of the export that the library has, with the faces at the places of the exported ones. */
  readonly #known = new Map<string, { photo: PhotoRow; found: (number | undefined)[] }>();
  /** The people of the library to whom the confirmed faces of each person of the export belong. */
  readonly #candidates = new Map<number, Set<number>>();
  /** The numbers of the faces of each photo; undefined for one that keeps what the library states of it. */
  readonly #facesOf = new Map<string, (number | undefined)[]>();
  /** The faces of which the library states whose they are not. */
  readonly #refused: ReadonlySet<number>;
  /** The people from whom the export took faces. */
  readonly #former = new Set<number>();
  #moved = 0;
  readonly #photos: PhotoRow[] = [];
  readonly #faces: FaceRow[] = [];

  constructor(session: LibrarySession) {
    this.#session = session;
    this.#edit = new Edit(session.state);
    const refusals = [...session.state.constraints.values()].filter(({ kind }) => kind === 'not-person');
    this.#refused = new Set(refusals.map(({ a }) => a));
  }

  /** Finds out whether the library has a photo, and which people of the library its faces confirm. */
  async findPhoto(record: PhotoRecord): Promise<void> {
    const { id, faces } = record;
    const { store, state } = this.#session;
    const [photo] = await store.list('photos', { by: 'id', from: id, to: id, limit: 1 });
    if (!photo) return;
    const found = await knownFaces(this.#session, photo, record);
    this.#known.set(id, { photo, found });
    for (const [i, { person, confirmed, notAFace }] of faces.entries()) {
      const face = found[i];
      if (face === undefined || person === undefined || !confirmed || notAFace) continue;
      if (!state.columns.has(face, flag.kept)) continue;
      const candidates = this.#candidates.get(person) ?? new Set();
      this.#candidates.set(person, candidates.add(state.columns.person[face] as number));
    }
  }

  /** Takes the people of the export for those of the library who have their confirmed faces. */
  adoptPeople(): void {
    for (const [person, [own, ...others]] of this.#candidates) {
      if (own !== undefined && own !== 0 && others.length === 0) this.#people.set(person, own);
    }
  }

  /** Adds a photo, or applies the corrections of the export to the faces of one that the library has. */
  addPhoto(record: PhotoRecord): void {
    const { faces, indexed, ...photo } = record;
    const { state, options, meta, rule, rating, generation } = this.#session;
    const { id } = photo;
    if (this.#facesOf.has(id)) return;
    const known = this.#known.get(id);
    if (known) {
      this.#correctPhoto(known, record);
      return;
    }
    const number = meta.next.photo;
    this.#session.meta = { ...meta, next: { ...meta.next, photo: number + 1 } };
    const numbers = faces.map(({ person, confirmed, notAFace, ...face }) => {
      const poor = isPoor(face, options.minQuality, rating) ? flag.poor : 0;
      const of = person === undefined || notAFace ? 0 : this.#personOf(person);
      // A face of no person cannot be kept, whatever the export says.
      const flags = (confirmed && of !== 0 ? flag.kept : 0) | (notAFace ? flag.notAFace : 0) | poor;
      const added = state.columns.append({ photo: number, time: photo.time, order: orderOf(id), person: of, flags });
      this.#faces.push({ number: added, photo: number, ...face, model: rule.model, generation });
      return added;
    });
    this.#facesOf.set(id, numbers);
    this.#photos.push({ number, ...photo, faces: numbers, key: indexed, isIncomplete: true });
  }

  #correctPhoto(
    { photo, found: places }: { photo: PhotoRow; found: (number | undefined)[] },
    record: PhotoRecord,
  ): void {
    keepOrphan(this.#session, photo.number);
    const { columns } = this.#session.state;
    // A correction of the library stays.
    const isDecided = (face: number) => columns.has(face, corrected) || this.#refused.has(face);
    const found = places.map((face) => (face === undefined || isDecided(face) ? undefined : face));
    record.faces.forEach(({ person, confirmed, notAFace }, i) => {
      const face = found[i];
      const isPlaced = confirmed && person !== undefined && !notAFace;
      if (face === undefined || !(isPlaced || notAFace)) return;
      this.#former.add(columns.person[face] as number);
      this.#moved++;
      if (isPlaced) this.#edit.keep(face, this.#personOf(person));
      else this.#edit.assign(face, 0, (columns.flags[face] as number) | flag.notAFace);
    });
    this.#facesOf.set(record.id, found);
  }

  addPerson({ number, name, hidden, refused, cover }: NonNullable<ExchangeRecord['person']>): void {
    const person = this.#people.get(number);
    const own = person === undefined ? undefined : this.#edit.state.people.get(person);
    // What the library states of its own people stays.
    if (person === undefined || own?.name) return;
    this.#edit.setPerson(person, {
      name: own?.refused.includes(name) ? '' : name,
      hidden: own?.hidden ?? hidden,
      refused: [...new Set([...(own?.refused ?? []), ...refused])],
      cover: own?.cover ?? (cover && this.#faceOf(cover)),
    });
  }

  addConstraint(constraint: NonNullable<ExchangeRecord['constraint']>): void {
    if (constraint.kind === 'not-person') {
      const [face, person] = [this.#faceOf(constraint.face), this.#people.get(constraint.person)];
      if (face === undefined || person === undefined) return;
      const isMember = this.#session.state.columns.person[face] === person;
      if (!isMember) this.#edit.add('not-person', face, person);
      return;
    }
    const [a, b] = constraint.people.map((person) => this.#people.get(person));
    if (a !== undefined && b !== undefined && a !== b) this.#edit.add(constraint.kind, a, b);
  }

  async finish(signal: AbortSignal | undefined): Promise<ImportResult> {
    const members = facesByPerson(this.#session.state.columns);
    for (const person of new Set([...this.#people.values(), ...this.#former])) {
      await yieldToEventLoop(signal);
      // The confirmed faces of a person may be in photos that the library has.
      settlePeople(this.#edit, [person], members);
    }
    // The groups that lost faces are grouped again at the next occasion.
    const { meta } = this.#session;
    this.#session.meta = { ...meta, grouped: Math.max(0, meta.grouped - this.#moved) };
    await this.#session.commit({ ...this.#edit.changes(), photos: { put: this.#photos }, faces: { put: this.#faces } });
    return { photos: this.#photos.length, faces: this.#faces.length };
  }

  /** The library's person for one of the export. */
  #personOf(number: number): number {
    const person = this.#people.get(number) ?? this.#edit.newPerson();
    this.#people.set(number, person);
    return person;
  }

  #faceOf([photo, index]: readonly [string, number]): number | undefined {
    return this.#facesOf.get(photo)?.[index];
  }
}
