import { abortable } from '../../core/cancellation.ts';
import { FaceNetError } from '../../core/errors.ts';
import type { IndexOptions } from '../model/types.ts';
import { analysePhoto, isOfPhoto, readPhoto } from '../photos/analyse.ts';
import { isCurrent } from '../photos/index-key.ts';
import { betweenPhotos, photosAtOnceOf, restAfter } from '../photos/pace.ts';
import { RemainingTime } from '../photos/remaining-time.ts';
import { unplacedFaces } from '../session/schedule.ts';
import type { LibrarySession } from '../session/session.ts';
import type { FileRow, PhotoRow } from '../storage/tables.ts';
import { lastAttemptError, storeAttempt, storeFailure, storeFile } from './attempts.ts';
import { countFiles, nextFiles } from './file-queue.ts';
import { openStored } from './open-stored.ts';
import { storeDuplicate, storePhoto } from './store-photo.ts';

/** The number of new photos between two groupings. */
const photosPerGrouping = 25;

/** Indexes the waiting files of a library, until none is left. */
export class IndexJob {
  readonly #session: LibrarySession;
  readonly #opened: Map<number, File>;
  readonly #options: IndexOptions;
  readonly #remaining: RemainingTime;
  #counts = { done: 0, failed: 0, total: 0, photos: 0, faces: 0 };
  #ungrouped: number[];
  #photosSinceGrouping = 0;
  /** How long the last photo took, in milliseconds. */
  #lastDuration = 0;
  #hasEnded = false;
  #takesFiles = true;

  constructor(session: LibrarySession, opened: Map<number, File>, options: IndexOptions) {
    this.#session = session;
    this.#opened = opened;
    this.#options = options;
    this.#remaining = new RemainingTime(photosAtOnceOf(options));
    // Those that a page left when it ended.
    this.#ungrouped = unplacedFaces(session.state);
  }

  /** Whether the job indexes files that are registered from now on, unless it is aborted. */
  get takesFiles(): boolean {
    return this.#takesFiles;
  }

  /** Whether the job is about to end, because it was aborted. */
  get isAborted(): boolean {
    return this.#options.signal?.aborted === true;
  }

  /**
   * Indexes waiting files.
   *
   * @param registered resolves when no more files are added, by this call or earlier ones.
   * @throws `signal.reason` when aborted: what is indexed is stored.
   */
  async run(registered: Promise<unknown>): Promise<void> {
    try {
      await this.#run(registered);
    } catch (error) {
      // Also if something else failed since, as storing does in a library that was closed.
      this.#options.signal?.throwIfAborted();
      throw error;
    } finally {
      this.#hasEnded = true;
    }
  }

  /** Counts the files again, after some were added. An error of the database is left to the next step of the job. */
  recount(): void {
    this.#count().catch(() => {});
  }

  async #run(registered: Promise<unknown>): Promise<void> {
    let isRegistered = false;
    // If it fails, what was registered before is indexed first.
    const end = registered
      .catch(() => {})
      .finally(() => {
        isRegistered = true;
      });
    await this.#count();
    try {
      for (;;) {
        this.#options.signal?.throwIfAborted();
        const wasRegistered = isRegistered;
        const waiting = await nextFiles(this.#session.store);
        if (waiting.length > 0) await this.#indexAll(waiting);
        else if (wasRegistered && (await this.#isLast())) break;
        else await Promise.race([end, new Promise((resolve) => setTimeout(resolve, 20))]);
      }
      await registered;
    } finally {
      await this.#group();
    }
    const { signal } = this.#options;
    const group = this.#session.exclusively(async () => {
      if (this.#session.isGroupingDue) await this.#session.regroup(signal);
    });
    await abortable(group, signal);
    await this.#count();
  }

  async #count(): Promise<void> {
    const counts = await countFiles(this.#session.store);
    // An aborted job does not report the files that are registered after it.
    if (this.#hasEnded) return;
    this.#counts = { ...counts, faces: this.#session.state.columns.size };
    this.#report();
  }

  /** Whether no file waits. A file that is registered after this finds {@link takesFiles} false, because changes are serial. */
  #isLast(): Promise<boolean> {
    const { signal } = this.#options;
    const isLast = this.#session.exclusively(async () => {
      signal?.throwIfAborted();
      this.#takesFiles = (await nextFiles(this.#session.store)).length > 0;
      return !this.#takesFiles;
    });
    return abortable(isLast, signal);
  }

  /** Indexes some files, as many at once as the pace allows. After an error that is not a file's own no other file is begun. */
  async #indexAll(files: readonly FileRow[]): Promise<void> {
    const queue = [...files];
    const worker = async () => {
      try {
        for (let file = queue.shift(); file; file = queue.shift()) await this.#indexNext(file);
      } catch (error) {
        queue.length = 0;
        throw error;
      }
    };
    const results = await Promise.allSettled(Array.from({ length: photosAtOnceOf(this.#options) }, worker));
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }

  async #indexNext(file: FileRow): Promise<void> {
    const rest = restAfter(this.#options, this.#lastDuration);
    await betweenPhotos(this.#options, rest);
    const start = performance.now();
    await this.#index(file);
    if (this.#photosSinceGrouping >= photosPerGrouping) await this.#group();
    this.#lastDuration = performance.now() - start;
    this.#remaining.add(rest + this.#lastDuration);
    this.#report();
  }

  async #index(file: FileRow): Promise<void> {
    const { signal } = this.#options;
    const lost = lastAttemptError(file);
    if (lost) return this.#fail(file, lost);
    try {
      await this.#analyse(await storeAttempt(this.#session, file));
    } catch (error) {
      // Takes back the attempt.
      if (signal?.aborted) await storeFile(this.#session, file);
      signal?.throwIfAborted();
      // The picture was transferred to the worker that died: the file waits, and its attempt counts.
      if (error instanceof FaceNetError && error.code === 'worker-lost') return;
      if (!(error instanceof FaceNetError) || !isOfPhoto(error)) throw error;
      await this.#fail(file, error);
    }
  }

  async #analyse(file: FileRow): Promise<void> {
    const session = this.#session;
    const { facenet, detect, previews: preview } = session.options;
    const source = this.#opened.get(file.number) ?? (await openStored(file));
    const { bytes, id } = await readPhoto(source);
    if (!(await this.#storeIfKnown(file, id))) {
      const { signal } = this.#options;
      const analysed = await analysePhoto(facenet, bytes, source.type, { detect, preview, signal });
      const faces = await session.exclusively(async () => {
        // The same photo may be stored by now.
        const known = await this.#photoOf(id);
        if (!known || !isCurrent(known, facenet)) return storePhoto(session, file, { id, analysed, known });
        await storeDuplicate(session, file, known);
        return [];
      });
      this.#ungrouped.push(...faces);
      this.#counts.faces += faces.length;
      this.#counts.photos++;
      this.#photosSinceGrouping++;
    }
    this.#opened.delete(file.number);
    this.#counts.done++;
  }

  /** Stores that a file has the bytes of a photo. @returns whether the library has the photo, and need not index it again. */
  async #storeIfKnown(file: FileRow, id: string): Promise<boolean> {
    const session = this.#session;
    const isCurrentPhoto = (photo: PhotoRow | undefined) => photo && isCurrent(photo, session.options.facenet);
    if (!isCurrentPhoto(await this.#photoOf(id))) return false;
    return session.exclusively(async () => {
      // Another file may have been its last one, and replaced it meanwhile.
      const known = await this.#photoOf(id);
      if (!known || !isCurrentPhoto(known)) return false;
      await storeDuplicate(session, file, known);
      return true;
    });
  }

  async #photoOf(id: string): Promise<PhotoRow | undefined> {
    const [photo] = await this.#session.store.list('photos', { by: 'id', from: id, to: id, limit: 1 });
    return photo;
  }

  async #fail(file: FileRow, error: FaceNetError): Promise<void> {
    await storeFailure(this.#session, file, error);
    this.#opened.delete(file.number);
    this.#counts.failed++;
  }

  async #group(): Promise<void> {
    const faces = this.#ungrouped;
    this.#ungrouped = [];
    this.#photosSinceGrouping = 0;
    if (faces.length > 0) await this.#session.exclusively(() => this.#session.place(faces));
  }

  #report(): void {
    const { done, failed, total } = this.#counts;
    this.#options.onProgress?.({ ...this.#counts, timeLeft: this.#remaining.estimate(total - done - failed) });
  }
}
