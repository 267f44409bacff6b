import type { LabelledEmbedding } from '../comparison/compare.ts';
import { strangerRating } from '../comparison/conditional.ts';
import { checkedNames, checkedOptions } from '../core/checked-options.ts';
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
import { checkedLimit } from './session/options.ts';
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
import { isEmbedded, isEmbeddedBy } from './storage/embedder.ts';
import type { FaceRow } from './storage/tables.ts';
import { type FileState, handleOf, type PhotoRow } from './storage/tables.ts';

/**
 * What a library answers without changing anything. {@link Library} extends it.
 *
 * @example
 * for (const { number, name, cover } of library.people({ limit: 20 }).items) {
 *   const photos = await library.photosOf(number, { from: new Date('2026-01-01') });
 *   show(name || 'Unnamed', await library.crop(cover), photos.total);
 * }
 */
export class LibraryQueries {
  /** @internal */
  protected readonly session: LibrarySession;

  /** @internal */
  protected constructor(session: LibrarySession) {
    this.session = session;
  }

  /** The session. Every query gets it from here. @throws {FaceNetError} `disposed` */
  get #opened(): LibrarySession {
    this.session.requireOpen();
    return this.session;
  }

  /**
   * The numbers of photos, of faces, of all files, and of the files that wait for indexing or failed.
   *
   * @example
   * const { photos, faces, waiting, failed } = await library.counts();
   * show(photos, faces, waiting, failed);
   */
  async counts(): Promise<{ photos: number; faces: number; files: number; waiting: number; failed: number }> {
    const { store, state } = this.#opened;
    const count = (state: FileState) => store.count('files', { by: 'state', from: state, to: state });
    const [photos, files, waiting, changed, failed] = await Promise.all([
      store.count('photos'),
      store.count('files'),
      count('waiting'),
      count('changed'),
      count('failed'),
    ]);
    return { photos, faces: state.columns.present, files, waiting: waiting + changed, failed };
  }

  /**
   * Files by their state, in the order in which they were added.
   *
   * @param state `waiting`: not indexed yet; `changed`: changed since it was indexed; `done`: indexed; `failed`: could not be read or
   *   indexed.
   * @param options the part of the list.
   *
   * @example
   * for (const { path, reason } of (await library.files('failed')).items) show(path, reason);
   */
  async files(state: FileState, options: PageOptions = {}): Promise<Page<LibraryFile>> {
    const { store } = this.#opened;
    if (!['waiting', 'changed', 'done', 'failed'].includes(state)) {
      throw new FaceNetError(
        'option-invalid',
        `The state is "${state}": use "waiting", "changed", "done" or "failed".`,
      );
    }
    const range = { by: 'state', from: state, to: state };
    const page = await pageOfTable(store, 'files', range, checkedPage(options));
    const photos = await store.getAll(
      'photos',
      page.items.map(({ photo = 0 }) => photo),
    );
    const items = page.items.map(({ number, path, size, state, attempts, reason, source }, i) => {
      const [{ id } = {}, handle] = [photos[i], handleOf(source)];
      const file = { number, path, size, state, attempts };
      return { ...file, ...(reason && { reason }), ...(handle && { handle }), ...(id && { photo: id }) };
    });
    return { ...page, items };
  }

  /**
   * The people, those with the most faces first.
   *
   * @param options the part of the list. `hidden: true` lists the hidden people instead of the others.
   *
   * @example
   * for (const { number, name, photos } of library.people({ limit: 20 }).items) show(number, name, photos);
   */
  people(options: PageOptions & { hidden?: boolean } = {}): Page<LibraryPerson> {
    const { state } = this.#opened;
    const checked = checkedNames(options, { limit: true, after: true, hidden: true });
    return pageOf(listPeople(state, { hidden: checked.hidden ?? false }), checked);
  }

  /**
   * A person, hidden or not.
   *
   * @param number the person's number.
   *
   * @example
   * const [first] = library.people().items;
   * show(library.person(first.number).faces);
   */
  person(number: number): LibraryPerson {
    const { state } = this.#opened;
    state.requireFaces(number);
    const { hidden } = state.details(number);
    return listPeople(state, { hidden }).find((person) => person.number === number) as LibraryPerson;
  }

  /**
   * A photo.
   *
   * @param id the SHA-256 of the file, as 64 hexadecimal digits.
   *
   * @example
   * const [{ photo }] = await library.faces([0]);
   * const { path, width, height } = await library.photo(photo);
   * show(path, width, height);
   */
  async photo(id: string): Promise<LibraryPhoto> {
    return toPhoto(await this.#photoRow(id));
  }

  /**
   * All photos, the earliest first.
   *
   * @param query the range of time, and the part of the list.
   *
   * @example
   * const { items, total } = await library.photos({ from: new Date('2026-01-01'), limit: 50 });
   * show(items, total);
   */
  async photos(query: PhotoQuery = {}): Promise<Page<LibraryPhoto>> {
    return listPhotos(this.#opened, checkedQuery(query));
  }

  /**
   * The photos of a person, the earliest first.
   *
   * @param person the number of the person.
   * @param query the range of time, and the part of the list.
   *
   * @example
   * const [first] = library.people().items;
   * for (const { path } of (await library.photosOf(first.number)).items) show(path);
   */
  async photosOf(person: number, query: PhotoQuery = {}): Promise<Page<LibraryPhoto>> {
    return photosWith(this.#opened, [person], checkedQuery(query));
  }

  /**
   * The photos that show all of the people, the earliest first.
   *
   * @param people the numbers of at least one person.
   * @param query the range of time, and the part of the list.
   *
   * @example
   * const [first, second] = library.people().items;
   * show((await library.photosWith([first.number, second.number])).total);
   */
  async photosWith(people: readonly number[], query: PhotoQuery = {}): Promise<Page<LibraryPhoto>> {
    return photosWith(this.#opened, people, checkedQuery(query));
  }

  /**
   * The numbers of a person's faces, ascending.
   *
   * @param person the number of the person.
   *
   * @example
   * const [first] = library.people().items;
   * show(library.facesOf(first.number));
   */
  facesOf(person: number): number[] {
    return this.#opened.state.requireFaces(person);
  }

  /**
   * The number of a face's person. It takes the same time in a library of any size.
   *
   * @param face the number of the face.
   * @returns undefined if the face is of nobody or no longer in the library.
   *
   * @example
   * const [first] = library.people().items;
   * show(library.personOf(first.cover) === first.number); // true
   */
  personOf(face: number): number | undefined {
    const { columns } = this.#opened.state;
    const isKnown = Number.isInteger(face) && face >= 0 && face < columns.size;
    return isKnown ? (columns.person[face] as number) || undefined : undefined;
  }

  /**
   * Faces by their numbers.
   *
   * @param numbers the numbers of the faces, from 0.
   * @returns the faces in the same order.
   *
   * @example
   * const [first] = library.people().items;
   * for (const { box, quality } of await library.faces(library.facesOf(first.number))) show(box, quality);
   */
  async faces(numbers: readonly number[]): Promise<LibraryFace[]> {
    const { store, state } = this.#opened;
    const rows = await this.#faceRows(numbers);
    const photos = await store.getAll(
      'photos',
      rows.map(({ photo }) => photo),
    );
    return rows.map((row, i) => toFace(state, row, photos[i]?.id ?? ''));
  }

  /**
   * The faces that belong to no person: of poor quality, or marked as no faces.
   *
   * @param options the part of the list.
   * @returns the numbers of the faces, ascending.
   *
   * @example
   * for (const face of library.ungrouped({ limit: 20 }).items) show(await library.crop(face));
   */
  ungrouped(options: PageOptions = {}): Page<number> {
    const { columns } = this.#opened.state;
    const all = Array.from({ length: columns.size }, (_, face) => face);
    return pageOf(
      all.filter((face) => columns.person[face] === 0 && !columns.has(face, flag.removed)),
      checkedPage(options),
    );
  }

  /**
   * The faces most similar to one, nearest first, of the same person and of others. The search is approximate. The first one reads all
   * embeddings, which stay in memory.
   *
   * @param face the number of the face.
   * @param options `limit`, the maximum number of faces (default 20), and a signal that cancels the call. There are no further pages:
   *   pass a higher limit for more.
   * @returns the numbers of the faces, and their distances in the metric of the library's model. Empty for a face without an embedding;
   *   such faces are not listed either.
   *
   * @example
   * for (const { face, distance } of await library.similar(0, { limit: 10 })) show(face, distance);
   */
  async similar(
    face: number,
    options: { limit?: number } & Abortable = {},
  ): Promise<{ face: number; distance: number }[]> {
    const { limit = 20, signal } = checkedOptions(options, { limit: true });
    return similarFaces(this.#opened, face, checkedLimit(limit), signal);
  }

  /**
   * The embeddings of faces, for comparisons of your own.
   *
   * @param numbers the numbers of the faces, from 0.
   * @returns the embeddings in the same order, with the model and the quality that `compare()` needs.
   * @throws {FaceNetError} `library-unknown` for a face without an embedding, because `update()` had no crop of it; `model-mismatch`
   *   for a face that an update has reached which has not ended.
   *
   * @example
   * const [a, b] = await library.embeddings([0, 1]);
   * show(facenet.compare(a, b));
   */
  async embeddings(numbers: readonly number[]): Promise<LabelledEmbedding[]> {
    const rows = await this.#faceRows(numbers);
    const other = rows.find((row) => !isEmbeddedBy(this.#opened.generation, row));
    if (other) {
      throw new FaceNetError(
        'model-mismatch',
        `The face ${other.number} was embedded by another model than others, because an update has not ended: call update().`,
      );
    }
    return rows.map((row) => {
      const { number, embedding, model, quality } = row;
      if (isEmbedded(embedding)) {
        return { embedding, model, quality: { overall: quality, ...strangerRating({ quality: row }) } };
      }
      throw new FaceNetError(
        'library-unknown',
        `The face ${number} has no embedding, because update() had no crop of it: add the file of its photo.`,
      );
    });
  }

  /**
   * The picture of a face, cut out of its photo with a margin.
   *
   * @param face the number of the face.
   * @returns an encoded image. It is turned by quarter turns, so that the head is tilted by 45° at most,
   *   unless its roll is unknown.
   * @throws {FaceNetError} `library-unknown` if the face was imported without its picture.
   *
   * @example
   * const [{ cover }] = library.people().items;
   * show(URL.createObjectURL(await library.crop(cover)));
   */
  async crop(face: number): Promise<Blob> {
    const { store, state } = this.#opened;
    const row = await store.get('crops', state.requireFace(face));
    if (row) return new Blob([row.data], { type: row.type });
    throw new FaceNetError('library-unknown', `The face ${face} has no crop: it was imported without one.`);
  }

  /**
   * The preview of a photo, or undefined if previews are off.
   *
   * @param photo the photo's id, as {@link LibraryPhoto.id}.
   *
   * @example
   * const [first] = (await library.photos()).items;
   * show(await library.preview(first.id));
   */
  async preview(photo: string): Promise<Blob | undefined> {
    const { number } = await this.#photoRow(photo);
    const row = await this.#opened.store.get('previews', number);
    return row && new Blob([row.data], { type: row.type });
  }

  /**
   * The file of a photo, if the browser still lets the page read it: only files that were added by handles stay readable. A file that
   * was changed since it was indexed is not returned: it is another photo.
   *
   * @param photo the photo's id, as {@link LibraryPhoto.id}.
   *
   * @example
   * const [first] = (await library.photos()).items;
   * show(await library.original(first.id));
   */
  async original(photo: string): Promise<File | undefined> {
    const { number } = await this.#photoRow(photo);
    const files = await this.#opened.store.list('files', { by: 'photo', from: number, to: number });
    for (const { state, source, size, modified } of files) {
      if (state !== 'done') continue;
      const file = await handleOf(source)
        ?.getFile()
        .catch(() => undefined);
      if (file?.size === size && file.lastModified === modified) return file;
    }
    return undefined;
  }

  /**
   * The question with the highest expected gain: whether two people are one, who have no different names. Answer it with
   * {@link LibraryCorrections.answer}.
   *
   * @param options a signal that cancels the call.
   * @returns undefined if no two people are similar enough to ask.
   *
   * @example
   * const question = await library.nextQuestion();
   * if (question) await library.answer(question, 'same');
   */
  async nextQuestion(options: Abortable = {}): Promise<Question | undefined> {
    const [question] = await this.questions({ ...checkedOptions(options), limit: 1 });
    return question;
  }

  /**
   * The questions with the highest expected gain, the best first.
   *
   * @param options `limit`, the maximum number of questions (default 10), and a signal that cancels the call.
   *
   * @example
   * for (const { people, probability } of await library.questions({ limit: 5 })) show(people, probability);
   */
  async questions(options: { limit?: number } & Abortable = {}): Promise<Question[]> {
    const { limit = 10, signal } = checkedOptions(options, { limit: true });
    checkedLimit(limit);
    const graph = await this.#opened.graph(signal);
    // The library may have been closed meanwhile.
    const { state, rule, grouping } = this.#opened;
    return rankQuestions(state, graph, rule.calibration, { limit, withinPhoto: grouping.withinPhoto, signal });
  }

  /**
   * The people of a gallery that people without a name may be, the most probable first. Each name is suggested at most once for a
   * photo, unless `samePhoto` of the library lets both faces be of one person, and not if a correction says that somebody of this name is
   * another person, or that it is unsure. Nothing is named: call {@link LibraryCorrections.name} or {@link LibraryCorrections.refuseName}.
   *
   * @param gallery an unlocked gallery of the same model, which identifies the three best of up to twelve faces of each person.
   * @param options a signal that cancels the call.
   *
   * @example
   * for (const { person, name, probability } of await library.suggestNames(gallery)) show(person, name, probability);
   */
  async suggestNames(gallery: IdentifyingGallery, options: Abortable = {}): Promise<NameSuggestion[]> {
    return suggestNames(this.#opened, gallery, checkedOptions(options));
  }

  /** @throws {FaceNetError} `option-invalid` for what is no list; `library-unknown` */
  async #faceRows(numbers: readonly number[]): Promise<FaceRow[]> {
    const { store, state } = this.#opened;
    if (!Array.isArray(numbers)) {
      throw new FaceNetError('option-invalid', `The faces are ${numbers}: pass a list of their numbers.`);
    }
    for (const number of numbers) state.requireFace(number);
    return (await store.getAll('faces', numbers)).filter((row) => row !== undefined);
  }

  async #photoRow(id: string): Promise<PhotoRow> {
    const { store } = this.#opened;
    // A range from undefined would begin with the first photo.
    const [row] = typeof id === 'string' ? await store.list('photos', { by: 'id', from: id, to: id, limit: 1 }) : [];
    if (row) return row;
    throw new FaceNetError('library-unknown', `The library has no photo "${id}": take an id from photos().`);
  }
}

function checkedPage(options: PageOptions): PageOptions {
  return checkedNames(options, { limit: true, after: true });
}

function checkedQuery(query: PhotoQuery): PhotoQuery {
  const checked = checkedNames(query, { from: true, to: true, limit: true, after: true });
  for (const name of ['from', 'to'] as const) {
    const date: Partial<Date> | undefined = checked[name];
    if (date === undefined || Number.isFinite(date?.getTime?.())) continue;
    throw new FaceNetError('option-invalid', `${name} is ${date}: pass a valid Date.`);
  }
  return checked;
}
