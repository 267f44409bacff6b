import { abortable } from '../../core/cancellation.ts';
import { FaceNetError } from '../../core/errors.ts';
import type { IndexOptions } from '../model/types.ts';
import { isOfPhoto, isWorkerLost } from '../photos/analyse.ts';
import { decodingBudget } from '../photos/decoding-budget.ts';
import { betweenPhotos, photosAtOnceOf, restAfter } from '../photos/pace.ts';
import { permissionMissing } from '../photos/permission.ts';
import { PhotoGate } from '../photos/photo-gate.ts';
import { RemainingTime } from '../photos/remaining-time.ts';
import { discardWornGraph } from '../session/discard-graph.ts';
import { unplacedFaces } from '../session/schedule.ts';
import type { LibrarySession } from '../session/session.ts';
import type { FileRow } from '../storage/tables.ts';
import { isReadAgain, lastAttemptError, storeAttempt, storeFailure, takeBackAttempt } from './attempts.ts';
import { countFiles, nextFiles } from './file-queue.ts';
import { isQueued } from './file-version.ts';
import { indexFile } from './index-file.ts';
import { openStored } from './open-stored.ts';
import { retireOrphans } from './orphans.ts';

/** The number of new photos between two groupings. */
const photosPerGrouping = 25;

/** Up to this number of faces are placed after an abort, so that those of the last photos have people. Other changes wait meanwhile. */
const maxPlacedAfterAbort = 500;

/** Indexes the waiting files of a library, until none is left. */
export class IndexJob {
  readonly #session: LibrarySession;
  readonly #opened: Map<number, File>;
  /** Its signal is that of {@link #stopping}. */
  readonly #options: IndexOptions & { signal: AbortSignal };
  /** The signal of the caller. */
  readonly #signal: AbortSignal | undefined;
  readonly #stopping = new AbortController();
  readonly #budget = decodingBudget(globalThis.navigator);
  readonly #gate = new PhotoGate(this.#budget.pixels);
  readonly #remaining: RemainingTime;
  #counts = { done: 0, failed: 0, total: 0, photos: 0, faces: 0 };
  #photosSinceGrouping = 0;
  #hasUnplacedFaces = false;
  /** How long the last photo took, in milliseconds. */
  #lastDuration = 0;
  #hasEnded = false;
  /** The numbers of the files that wait for a permission of the user. */
  readonly #withheld = new Set<number>();
  /** Whether files may have been added since the queue was read. */
  #mayHaveNew = true;
  /** Whether the job still looks for waiting files. */
  #takesFiles = true;

  constructor(session: LibrarySession, opened: Map<number, File>, options: IndexOptions) {
    this.#session = session;
    this.#opened = opened;
    this.#options = { ...options, signal: this.#stopping.signal };
    this.#signal = options.signal;
    this.#remaining = new RemainingTime(photosAtOnceOf(options, this.#budget));
  }

  /** Whether the job indexes files that are registered from now on, unless it is aborted. One that was aborted or fails does not. */
  get takesFiles(): boolean {
    return this.#takesFiles && !this.#options.signal.aborted;
  }

  /** Ends the job as its signal does, with an error that {@link run} throws. */
  stop(error: unknown): void {
    this.#stopping.abort(error);
  }

  /**
   * Indexes waiting files.
   *
   * @param registered resolves when no more files are added, by this call or earlier ones.
   * @throws `signal.reason` when aborted, or the error of {@link stop}: what is indexed is stored. {FaceNetError} `permission-missing`
   *   after all other files, if some may not be read.
   */
  async run(registered: Promise<unknown>): Promise<void> {
    const abort = () => this.stop(this.#signal?.reason);
    this.#signal?.addEventListener('abort', abort, { once: true });
    if (this.#signal?.aborted) abort();
    try {
      await this.#run(registered);
    } catch (error) {
      // Also if something else failed since, as storing does in a library that was closed.
      this.#options.signal.throwIfAborted();
      throw error;
    } finally {
      this.#signal?.removeEventListener('abort', abort);
      this.#takesFiles = false;
      this.#hasEnded = true;
    }
  }

  /** Tries the files again that waited for a permission of the user, who may have given it. */
  retryWithheld(): void {
    this.#withheld.clear();
    this.#mayHaveNew = true;
  }

  /** Counts the files again, after some were added. An error of the database is left to the next step of the job. */
  recount(): void {
    this.#mayHaveNew = true;
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
    await this.#findUnplacedFaces();
    try {
      for (;;) {
        this.#options.signal.throwIfAborted();
        const wasRegistered = isRegistered;
        const isDue = wasRegistered || this.#mayHaveNew;
        this.#mayHaveNew = false;
        const waiting = isDue ? await this.#nextFiles() : [];
        if (waiting.length > 0) {
          await this.#indexAll(waiting);
          this.#mayHaveNew = true;
        } else if (wasRegistered && (await this.#isLast())) break;
        else await this.#wait(end);
      }
      await registered;
    } finally {
      this.#takesFiles = false;
      await this.#group();
    }
    const { signal } = this.#options;
    const group = this.#withGraph(async () => {
      // Some embeddings are of another embedder. The update groups all faces when it ends.
      if (this.#session.meta.updating || this.#session.isGrouped) return true;
      if (!this.#session.isGraphLoaded) return false;
      if (this.#session.isGroupingDue) await this.#session.regroup(signal);
      // An import can have added faces meanwhile.
      else await this.#placeFaces();
      return true;
    });
    await abortable(group, signal);
    await this.#count();
    await this.#requirePermissions();
  }

  /** Waits for the end of all additions, and a little at most. The faces that are indexed by then get people, as more files may come late. */
  async #wait(end: Promise<unknown>): Promise<void> {
    await this.#group();
    await Promise.race([end, new Promise((resolve) => setTimeout(resolve, 20))]);
  }

  /** The next files to index. Those that wait for a permission are left out, unless they were added again. */
  #nextFiles(): Promise<FileRow[]> {
    for (const number of this.#withheld) if (this.#opened.has(number)) this.#withheld.delete(number);
    return nextFiles(this.#session.store, this.#withheld);
  }

  /** @throws {FaceNetError} `permission-missing` if files still wait for a permission. */
  async #requirePermissions(): Promise<void> {
    const rows = await this.#session.store.getAll('files', [...this.#withheld]);
    const [first, ...others] = rows.filter((row) => row && isQueued(row));
    if (!first) return;
    const more = `${others.length} more ${others.length === 1 ? 'file' : 'files'}`;
    throw permissionMissing(others.length > 0 ? `${first.path} and ${more}` : first.path, 'resume()');
  }

  async #count(): Promise<void> {
    const counts = await countFiles(this.#session.store);
    // An aborted job does not report the files that are registered after it.
    if (this.#hasEnded) return;
    this.#counts = { ...counts, faces: this.#session.state.columns.present };
    this.#report();
  }

  /** Whether no file waits but for a permission. If none waits at all, the photos that no file has are removed. A file that is registered after this finds {@link takesFiles} false, because changes are serial. */
  #isLast(): Promise<boolean> {
    const { signal } = this.#options;
    const isLast = this.#session.exclusively(async () => {
      signal.throwIfAborted();
      this.#takesFiles = (await this.#nextFiles()).length > 0;
      if (this.#takesFiles) return false;
      const isEmpty = (await nextFiles(this.#session.store)).length === 0;
      if (isEmpty) await retireOrphans(this.#session, { signal });
      await discardWornGraph(this.#session);
      return true;
    });
    return abortable(isLast, signal);
  }

  /** Indexes some files. One that may have ended the page or the worker, or could not be read, is indexed alone: its attempt counts for no other, and most memory is free. */
  async #indexAll(files: readonly FileRow[]): Promise<void> {
    const tried = files.filter(({ attempts }) => attempts > 0).sort((a, b) => a.attempts - b.attempts);
    await this.#indexAtOnce(
      files.filter(({ attempts }) => attempts === 0),
      photosAtOnceOf(this.#options, this.#budget),
    );
    await this.#indexAtOnce(tried, 1);
  }

  /** After an error that is not a file's own no other file is begun. */
  async #indexAtOnce(files: readonly FileRow[], atOnce: number): Promise<void> {
    const queue = [...files];
    const worker = async () => {
      try {
        for (let file = queue.shift(); file; file = queue.shift()) await this.#indexNext(file);
      } catch (error) {
        queue.length = 0;
        this.#takesFiles = false;
        throw error;
      }
    };
    const results = await Promise.allSettled(Array.from({ length: atOnce }, worker));
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
    const attempted = await storeAttempt(this.#session, file);
    if (!attempted) return this.#forget(file);
    try {
      await this.#analyse(attempted);
    } catch (error) {
      if (!signal.aborted && isOfPhoto(error)) {
        if (!isReadAgain(attempted, error)) await this.#fail(attempted, error);
        return;
      }
      if (signal.aborted || !isWorkerLost(error)) await takeBackAttempt(this.#session, attempted);
      signal.throwIfAborted();
      if (error instanceof FaceNetError && error.code === 'permission-missing') {
        this.#withheld.add(file.number);
        return;
      }
      // The file waits for its next attempt. Without another worker the others cannot be indexed either.
      if (error instanceof FaceNetError && error.code === 'worker-lost') return;
      throw error;
    }
  }

  async #analyse(file: FileRow): Promise<void> {
    const { signal } = this.#options;
    const source = this.#opened.get(file.number) ?? (await abortable(openStored(file), signal));
    const faces = await indexFile(this.#session, file, source, { gate: this.#gate, signal });
    if (await this.#leavesQueue(file)) this.#counts.done++;
    if (!faces) return;
    this.#hasUnplacedFaces ||= faces.length > 0;
    this.#counts.faces = this.#session.state.columns.present;
    this.#counts.photos++;
    this.#photosSinceGrouping++;
  }

  async #fail(file: FileRow, error: FaceNetError): Promise<void> {
    await storeFailure(this.#session, file, error);
    if (await this.#leavesQueue(file)) this.#counts.failed++;
  }

  /**
   * Drops a file of this page that waits no longer. One that was added again meanwhile is still needed, if its contents changed.
   *
   * @returns whether it is indexed or failed, and was not removed.
   */
  #leavesQueue(file: FileRow): Promise<boolean> {
    return this.#session.exclusively(async () => {
      const row = await this.#session.store.get('files', file.number);
      if (row && isQueued(row)) return false;
      this.#forget(file);
      return row !== undefined;
    });
  }

  #forget({ number }: FileRow): void {
    this.#opened.delete(number);
  }

  async #group(): Promise<void> {
    this.#photosSinceGrouping = 0;
    if (!this.#hasUnplacedFaces) return;
    const { signal } = this.#options;
    // Read before, so that no correction waits for it, and an abort ends it.
    if (!signal.aborted) await this.#session.graph(signal);
    await this.#withGraph(async () => {
      // After an abort, the next job places the faces if that would take long.
      if (!this.#session.isGraphLoaded) return signal.aborted;
      await this.#placeFaces();
      this.#hasUnplacedFaces = false;
      return true;
    });
  }

  /** Makes a change that needs the graph, see {@link LibrarySession.untilGraphIsLoaded}: a removal that waits before it may drop the graph. */
  #withGraph(change: () => Promise<boolean>): Promise<void> {
    return this.#session.untilGraphIsLoaded(() => this.#session.exclusively(change), this.#options.signal);
  }

  /** Finds out whether a page that ended, or an import, left faces that are of no person. */
  #findUnplacedFaces(): Promise<void> {
    const finding = this.#session.exclusively(async () => {
      this.#hasUnplacedFaces = unplacedFaces(this.#session.state).length > 0;
    });
    return abortable(finding, this.#options.signal);
  }

  /** Places the faces that are of no person yet. After an abort, the next job does if they are many. Call it in `exclusively`. */
  async #placeFaces(): Promise<void> {
    const { signal } = this.#options;
    const faces = unplacedFaces(this.#session.state);
    if (!signal.aborted) await this.#session.place(faces, signal);
    else if (faces.length <= maxPlacedAfterAbort) await this.#session.place(faces);
  }

  #report(): void {
    const { done, failed, total } = this.#counts;
    this.#options.onProgress?.({ ...this.#counts, timeLeft: this.#remaining.estimate(total - done - failed) });
  }
}
