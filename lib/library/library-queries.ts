import type { LabelledEmbedding } from '../comparison/compare.ts';
import { FaceNetError } from '../core/errors.ts';
import type { Abortable } from '../core/types.ts';
import type {
  LibraryFace,
  LibraryFile,
  LibraryPerson,
  LibraryPhoto,
  NameSuggestion,
  Page,
  PageOptions,
  PhotoQuery,
  Question,
} from './model/types.ts';
import { flag } from './people/columns.ts';
import { rankQuestions } from './people/questions.ts';
import {
  listPeople,
  listPhotos,
  pageOf,
  pageOfTable,
  photosWith,
  similarFaces,
  toFace,
  toPhoto,
} from './session/search.ts';
import type { LibrarySession } from './session/session.ts';
import { type IdentifyingGallery, suggestNames } from './session/suggestions.ts';
import { type FileState, handleOf, type PhotoRow } from './storage/tables.ts';

/** What a library answers without changing anything. {@link Library} extends it. */
export class LibraryQueries {
  /** @internal */
  protected readonly session: LibrarySession;

  /** @internal */
  protected constructor(session: LibrarySession) {
    this.session = session;
  }

  /** The number of photos, of faces, and of files that wait. */
  async counts(): Promise<{ photos: number; faces: number; files: number; waiting: number; failed: number }> {
    const { store, state } = this.session;
    this.session.requireOpen();
    const count = (state: FileState) => store.count('files', { by: 'state', from: state, to: state });
    const [photos, files, waiting, changed, failed] = await Promise.all([
      store.count('photos'),
      store.count('files'),
      count('waiting'),
      count('changed'),
      count('failed'),
    ]);
    return { photos, faces: state.columns.size, files, waiting: waiting + changed, failed };
  }

  /** Files by their state. */
  async files(state: FileState, options: PageOptions = {}): Promise<Page<LibraryFile>> {
    const page = await pageOfTable(this.session.store, 'files', { by: 'state', from: state, to: state }, options);
    const photos = await this.session.store.getAll(
      'photos',
      page.items.map(({ photo = 0 }) => photo),
    );
    const items = page.items.map(({ path, size, state, attempts, reason }, i) => {
      const { id } = photos[i] ?? {};
      return { path, size, state, attempts, ...(reason && { reason }), ...(id && { photo: id }) };
    });
    return { ...page, items };
  }

  /** The people, those with the most faces first. @param options `hidden`: the hidden people instead. */
  people(options: PageOptions & { hidden?: boolean } = {}): Page<LibraryPerson> {
    this.session.requireOpen();
    return pageOf(listPeople(this.session.state, { hidden: options.hidden ?? false }), options);
  }

  /** A person. */
  person(number: number): LibraryPerson {
    this.session.state.requireFaces(number);
    const { hidden } = this.session.state.details(number);
    return listPeople(this.session.state, { hidden }).find((person) => person.number === number) as LibraryPerson;
  }

  /** Photos by their id. */
  async photo(id: string): Promise<LibraryPhoto> {
    return toPhoto(await this.#photoRow(id));
  }

  /** All photos, the earliest first. */
  photos(query: PhotoQuery = {}): Promise<Page<LibraryPhoto>> {
    return listPhotos(this.session, query);
  }

  /** The photos of a person, the earliest first. */
  photosOf(person: number, query: PhotoQuery = {}): Promise<Page<LibraryPhoto>> {
    return photosWith(this.session, [person], query);
  }

  /** The photos that show all of the people, the earliest first. */
  photosWith(people: readonly number[], query: PhotoQuery = {}): Promise<Page<LibraryPhoto>> {
    return photosWith(this.session, people, query);
  }

  /** The numbers of a person's faces, ascending. */
  facesOf(person: number): number[] {
    return this.session.state.requireFaces(person);
  }

  /** Faces by their numbers. */
  async faces(numbers: readonly number[]): Promise<LibraryFace[]> {
    const { store, state } = this.session;
    for (const number of numbers) state.requireFace(number);
    const rows = (await store.getAll('faces', numbers)).filter((row) => row !== undefined);
    const photos = await store.getAll(
      'photos',
      rows.map(({ photo }) => photo),
    );
    return rows.map((row, i) => toFace(state, row, photos[i]?.id ?? ''));
  }

  /** The faces that belong to no person: of poor quality, or marked as no faces. */
  ungrouped(options: PageOptions = {}): Page<number> {
    const { columns } = this.session.state;
    const all = Array.from({ length: columns.size }, (_, face) => face);
    return pageOf(
      all.filter((face) => columns.person[face] === 0 && !columns.has(face, flag.removed)),
      options,
    );
  }

  /** The faces most similar to one, nearest first. */
  similar(face: number, { limit = 20 }: { limit?: number } = {}): Promise<{ face: number; distance: number }[]> {
    return similarFaces(this.session, face, limit);
  }

  /** The embeddings of faces, for comparisons of your own. */
  async embeddings(numbers: readonly number[]): Promise<LabelledEmbedding[]> {
    for (const number of numbers) this.session.state.requireFace(number);
    const rows = (await this.session.store.getAll('faces', numbers)).filter((row) => row !== undefined);
    return rows.map(({ embedding, model, quality }) => ({ embedding, model, quality: { overall: quality } }));
  }

  /** The picture of a face, cut out of its photo with a margin. */
  async crop(face: number): Promise<Blob> {
    const row = await this.session.store.get('crops', this.session.state.requireFace(face));
    if (row) return new Blob([row.data], { type: row.type });
    throw new FaceNetError('library-unknown', `The face ${face} has no crop: it was imported without one.`);
  }

  /** The preview of a photo, or undefined if previews are off. */
  async preview(photo: string): Promise<Blob | undefined> {
    const { number } = await this.#photoRow(photo);
    const row = await this.session.store.get('previews', number);
    return row && new Blob([row.data], { type: row.type });
  }

  /** The file of a photo, if the browser still lets the page read it: only files that were added by handles stay readable. */
  async original(photo: string): Promise<File | undefined> {
    const { number } = await this.#photoRow(photo);
    const files = await this.session.store.list('files', { by: 'photo', from: number, to: number });
    const handle = files.map(({ source }) => handleOf(source)).find((each) => each !== undefined);
    return handle?.getFile().catch(() => undefined);
  }

  /**
   * The question with the highest expected gain: whether two people are one. Answer it with {@link LibraryCorrections.answer}.
   *
   * @returns undefined if no two people are similar enough to ask.
   */
  async nextQuestion(options: Abortable = {}): Promise<Question | undefined> {
    const [question] = await this.questions({ ...options, limit: 1 });
    return question;
  }

  /** The questions with the highest expected gain, the best first. */
  async questions({ limit = 10, signal }: { limit?: number } & Abortable = {}): Promise<Question[]> {
    const graph = await this.session.graph(signal);
    const { state, rule } = this.session;
    return (await rankQuestions(state, graph, rule.calibration, signal)).slice(0, limit);
  }

  /**
   * The people of a gallery that people without a name may be, the most probable first. Each name is suggested at most once for a
   * photo. Nothing is named: call {@link LibraryCorrections.name} or {@link LibraryCorrections.refuseName}.
   */
  suggestNames(gallery: IdentifyingGallery, options: Abortable = {}): Promise<NameSuggestion[]> {
    return suggestNames(this.session, gallery, options);
  }

  async #photoRow(id: string): Promise<PhotoRow> {
    const [row] = await this.session.store.list('photos', { by: 'id', from: id, to: id, limit: 1 });
    if (row) return row;
    throw new FaceNetError('library-unknown', `The library has no photo "${id}": take an id from photos().`);
  }
}
