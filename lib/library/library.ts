/// <reference lib="esnext.disposable" preserve="true" />
import { isInstance } from '../core/brand.ts';
import { abortable, abortableUntilCommit, withAnySignal } from '../core/cancellation.ts';
import { checkedOptions } from '../core/checked-options.ts';
import { FaceNetError } from '../core/errors.ts';
import type { Abortable } from '../core/types.ts';
import { type ImportResult, importLibrary } from './exchange/import.ts';
import { writeExport } from './exchange/write-export.ts';
import { writeRegions } from './exchange/xmp.ts';
import { forgetFiles } from './indexing/forget-files.ts';
import { IndexJob } from './indexing/index-job.ts';
import { outdatedFiles, outdatedPhotos } from './indexing/outdated-photos.ts';
import { registerFiles } from './indexing/registration.ts';
import { removePhotos } from './indexing/remove-photos.ts';
import { updateEmbeddings } from './indexing/update.ts';
import { LibraryCorrections } from './library-corrections.ts';
import { acquireLock } from './lock.ts';
import type { IndexOptions, PhotoSources, ResumeOptions } from './model/types.ts';
import { requireSources } from './photos/sources.ts';
import { closedError } from './session/closed-error.ts';
import {
  checkCallback,
  checkedIndexOptions,
  checkedLibraryOptions,
  checkedResumeOptions,
  checkName,
  type LibraryOptions,
} from './session/options.ts';
import { requireModel, requireOneEmbedder } from './session/require-model.ts';
import { LibrarySession } from './session/session.ts';
import { eraseDatabase, indexedDBStore } from './storage/indexeddb.ts';
import { memoryStore } from './storage/memory.ts';
import type { Store } from './storage/store.ts';

/**
 * Photos and the people in them, stored in the browser. Indexing survives reloads and crashes, and corrections stay.
 *
 * Every method may throw a {@link FaceNetError}: `disposed` after {@link close}, `library-unknown` for a number or id that is not
 * in the library, `option-invalid`, `storage-unavailable` or `storage-full`. An aborted call rejects with `signal.reason`. Every
 * change is atomic: one that could not be stored leaves the library as it is stored.
 *
 * @example
 * await using library = await Library.open({ name: 'holidays', facenet });
 * await library.add([file], { onProgress: ({ done, total }) => console.log(`${done} of ${total}`) });
 * for (const { number, photos } of library.people().items) console.log(number, photos);
 * await library.name(1, 'Ada');
 */
export class Library extends LibraryCorrections {
  readonly #release: () => void;
  /** The files of this page that wait, by the number of their row. */
  readonly #opened = new Map<number, File>();
  #job: IndexJob | undefined;
  /** Resolves when the last job has ended. */
  #ended = Promise.resolve();
  /** Resolves when the sources of all calls are registered, those of aborted ones too. */
  #registered = Promise.resolve();
  /** Its signal stops sequences of files and updates. */
  readonly #closing = new AbortController();

  private constructor(session: LibrarySession, release: () => void) {
    super(session);
    this.#release = release;
  }

  /**
   * Opens a library and creates it if it does not exist. Reads who is who, but no embedding, box or image. One tab at a time can
   * have it open. {@link erase} in another tab closes it.
   *
   * @param options the library's name, the FaceNet that finds and embeds faces, and how photos are stored and grouped.
   * @throws {FaceNetError} `library-open` if another tab has it open; `library-version` if a newer release wrote it;
   *   `not-calibrated`; `storage-unavailable` or `storage-full`.
   *
   * @example
   * const weddings = await Library.open({ name: 'weddings', facenet });
   * show(await weddings.counts());
   * await weddings.close();
   */
  static async open(options: LibraryOptions): Promise<Library> {
    const checked = checkedLibraryOptions(options);
    const { name, signal, storage } = checked;
    const release = storage === 'memory' ? () => {} : await acquireLock(name, signal);
    let store: Store | undefined;
    let session: LibrarySession | undefined;
    let library: Library | undefined;
    let closedBy: string | undefined;
    const onClose = (reason: string) => {
      closedBy = reason;
      session?.closeNow(reason);
      release();
      if (!library) return;
      library.#closing.abort(closedError(reason));
      library.#job?.stop(closedError(reason));
      checked.onClose?.(closedError(reason));
    };
    try {
      store = storage === 'memory' ? memoryStore() : await indexedDBStore(name, checked, onClose);
      session = await abortable(LibrarySession.open(store, checked), signal);
      // The store may have been closed while it was read.
      if (closedBy !== undefined) throw closedError(closedBy);
      library = new Library(session, release);
      return library;
    } catch (error) {
      store?.close();
      release();
      throw error;
    }
  }

  /**
   * Deletes a library without reading it. Close it first. Other tabs that have it open close it. After an abort the browser still
   * deletes it as soon as no suspended tab keeps it open.
   *
   * @param name the name that {@link open} was called with. A library that does not exist is not an error.
   * @param options `onBlocked`, called if another tab keeps the library open or does not answer for five seconds, as a suspended tab,
   *   so that the call waits for it; and a signal that cancels the call.
   *
   * @example
   * await Library.erase('weddings');
   */
  static async erase(name: string, options: { onBlocked?: () => void } & Abortable = {}): Promise<void> {
    const checked = checkedOptions(options, { onBlocked: true });
    checkName(name);
    checkCallback('onBlocked', checked.onBlocked);
    checked.signal?.throwIfAborted();
    await eraseDatabase(name, checked);
  }

  /**
   * Adds photos and indexes all files that wait. A file that was indexed is skipped, and one that changed or failed is indexed
   * again, unless it failed because it ended the page or the worker five times. A file is the same as before by its handle or its
   * path in a folder; by a name alone only if its size and time are the same. A file that cannot be opened counts as failed. Aborting
   * keeps what is done: {@link resume} or another call continues, also with sources of a list that were not reached yet. An
   * asynchronous sequence is left where it is.
   *
   * While a call runs, another one adds its files to the running one, whose options count, and resolves when they are registered.
   * Aborting it rejects it, but does not pause the running one. If the running call was aborted or fails, the other one waits for its
   * end, and indexes all files that wait.
   *
   * @param sources files, or handles of files and folders. Folders are searched with their subfolders.
   * @param options progress, pace, and a signal that cancels the call.
   * @throws {FaceNetError} `option-invalid` for what is no list of sources; `model-mismatch` if the library's embeddings are of another model, or the FaceNet changes to another model meanwhile:
   *   call {@link update} first;
   *   `image-unreadable` if a folder cannot be listed, and `permission-missing` if files wait for a permission of the user, as
   *   {@link resume} says, after the other files are indexed.
   *
   * @example
   * await library.add([file], { onProgress: ({ done, total }) => show(done, total) });
   */
  async add(sources: PhotoSources, options: IndexOptions = {}): Promise<void> {
    const { signal } = checkedIndexOptions(options);
    requireSources(sources);
    this.session.requireOpen();
    this.#closing.signal.throwIfAborted();
    requireModel(this.session);
    signal?.throwIfAborted();
    const before = this.#registered;
    const register = () => {
      const registering = withAnySignal([signal, this.#closing.signal], (stop) =>
        registerFiles(this.session, sources, this.#opened, () => this.#job?.recount(), stop),
      );
      // Not the results, which would keep those of all earlier calls.
      this.#registered = Promise.allSettled([before, registering]).then(() => {});
      return registering;
    };
    const running = this.#job;
    if (running) {
      const ended = this.#ended;
      await abortable(register(), signal);
      running.retryWithheld();
      if (running.takesFiles) return;
      await abortable(ended, signal);
      return this.resume(options);
    }
    const job = new IndexJob(this.session, this.#opened, options);
    this.#job = job;
    const run = job.run(Promise.all([register(), before])).finally(() => {
      this.#job = undefined;
    });
    this.#ended = run.catch(() => {});
    await run;
  }

  /**
   * Indexes the files that wait and groups the faces that are not grouped, for example after a reload. After a reload the browser may
   * ask the user again before handles can be read. Without that, their files keep waiting.
   *
   * @param options progress, pace, a signal that cancels the call, and `reindex`, which also indexes outdated photos again.
   * @throws {FaceNetError} `permission-missing` if files wait for a permission, or outdated photos can only be read with one, after the
   *   others are indexed: call `requestPermission()` of {@link LibraryFile.handle}, or of the handle of the folder, when the user clicks,
   *   and then this again.
   *
   * @example
   * const { waiting } = await library.counts();
   * if (waiting > 0 || !library.grouped) await library.resume({ pace: 'background' });
   */
  async resume(options: ResumeOptions = {}): Promise<void> {
    const { reindex, ...others } = checkedResumeOptions(options);
    await this.add(reindex ? outdatedFiles(this.session) : [], others);
  }

  /**
   * The number of photos that are indexed again when their files are added: those of another detector, landmarker, analysis or other
   * options `detect`, and imported ones. {@link resume} with `reindex` indexes those again that can be read by handles. All photos are
   * outdated until {@link update} has embedded the faces of another embedder. Reads all photos, but no pictures.
   *
   * @param options a signal that cancels the call.
   *
   * @example
   * if ((await library.outdatedPhotos()) > 0) await library.resume({ reindex: true });
   */
  async outdatedPhotos(options: Abortable = {}): Promise<number> {
    const { signal } = checkedOptions(options);
    this.session.requireOpen();
    let count = 0;
    for await (const _ of outdatedPhotos(this.session, signal)) count++;
    return count;
  }

  /**
   * Removes photos for good, for example because somebody in them asks for it: with their faces and embeddings, pictures, files and
   * stored copies, and with the corrections that concern only them. It cannot be undone. Adding a file again indexes it again. The
   * neighbour graph is deleted, too, and built again at its next use (docs/library.md).
   *
   * @param photos the ids of the photos, as {@link LibraryPhoto.id}. Those that are not in the library are ignored.
   * @param options a signal that cancels the call: nothing is removed then.
   * @returns the number of photos that were removed.
   *
   * @example
   * const [first] = library.people().items;
   * const { items } = await library.photosOf(first.number);
   * show(await library.remove(items.map(({ id }) => id)));
   */
  async remove(photos: readonly string[], options: Abortable = {}): Promise<number> {
    const { signal } = checkedOptions(options);
    const removed = await this.session.exclusively(() => removePhotos(this.session, photos, signal));
    for (const file of removed.files) this.#opened.delete(file);
    this.#job?.recount();
    return removed.photos;
  }

  /**
   * Removes files that failed or wait, with their stored copies: they are neither listed nor indexed any more, unless they are added
   * again. A photo that a changed file had before stays, until {@link remove}.
   *
   * @param files the numbers of the files, as {@link LibraryFile.number}. Those that are indexed or not in the library are ignored.
   * @param options a signal that cancels the call: nothing is removed then.
   * @returns the number of files that were removed.
   *
   * @example
   * const { items } = await library.files('failed');
   * show(await library.forget(items.map(({ number }) => number)));
   */
  async forget(files: readonly number[], options: Abortable = {}): Promise<number> {
    const { signal } = checkedOptions(options);
    const forgotten = await this.session.exclusively(() => forgetFiles(this.session, files, signal));
    for (const file of forgotten) this.#opened.delete(file);
    this.#job?.recount();
    return forgotten.length;
  }

  /**
   * Whether {@link update} is needed: the library's embeddings are of another model than the FaceNet's, or of other files of it, or an
   * update has not ended.
   *
   * @example
   * if (library.outdated) await library.update();
   */
  get outdated(): boolean {
    this.session.requireOpen();
    return this.session.outdated;
  }

  /**
   * Whether all faces are grouped and replaced photos removed. If not, {@link resume} does so: the page ended while photos were indexed
   * or embedded again, or many faces were imported.
   *
   * @example
   * if (!library.grouped) await library.resume();
   */
  get grouped(): boolean {
    this.session.requireOpen();
    return this.session.isGrouped;
  }

  /**
   * Embeds all faces again with the FaceNet's model, from the stored crops. People, names and constraints stay. Faces without a crop,
   * which were imported, are not grouped until their files are added, but stay in people whose faces are confirmed.
   *
   * Corrections, {@link undo} and {@link remove} may be called meanwhile. {@link export}, {@link import}, {@link regroup} and another
   * update wait for its end, and {@link add} throws `model-mismatch`. {@link close} stops it: it rejects with `disposed`.
   *
   * @param options a signal that cancels the call, and `onProgress`, called with the number of faces that were visited and the number
   *   of all faces. The next call goes on where a cancelled one stopped.
   * @returns the number of faces that were embedded again.
   * @throws {FaceNetError} `image-unreadable` if the crops of three faces in a row cannot be read, for example because memory is short.
   *   The next call goes on where this one stopped.
   *
   * @example
   * if (library.outdated) show(await library.update({ onProgress: (done, total) => show(done, total) }));
   */
  async update(options: Abortable & { onProgress?: (done: number, total: number) => void } = {}): Promise<number> {
    const { signal, onProgress } = checkedOptions(options, { onProgress: true });
    checkCallback('onProgress', onProgress);
    return withAnySignal([signal, this.#closing.signal], (stop) =>
      // An abort also ends the wait for an import, an export or another update.
      abortableUntilCommit(
        (onStart) =>
          this.session.updates.run(() => {
            onStart();
            return updateEmbeddings(this.session, onProgress, stop);
          }),
        stop,
      ),
    );
  }

  /**
   * Groups all faces again, except confirmed ones. Indexing does so when it ends if the library has up to 2,000 faces or a twentieth of
   * them are new. Other new faces have joined the people near them. Waits for an update that runs. {@link close} stops it: it rejects
   * with `disposed`, and the people are as before.
   *
   * @param options a signal that cancels the call.
   * @throws {FaceNetError} `model-mismatch` if an update was stopped: call `update()`, which groups all faces at its end.
   *
   * @example
   * await library.regroup();
   */
  async regroup(options: Abortable = {}): Promise<void> {
    const { signal } = checkedOptions(options);
    const { session } = this;
    await withAnySignal([signal, this.#closing.signal], (stop) => {
      const group = async (onStart: () => void) => {
        stop.throwIfAborted();
        requireOneEmbedder(session);
        if (!session.isGraphLoaded) return false;
        onStart();
        await session.regroup(stop);
        return true;
      };
      const wait = (onStart: () => void) =>
        session.updates.run(() => session.untilGraphIsLoaded(() => session.exclusively(() => group(onStart)), stop));
      // An abort also ends the wait for an update, an import, an export or another change.
      return abortableUntilCommit(wait, stop);
    });
  }

  /**
   * Writes photos, faces with embeddings, people and constraints as JSON lines, without pictures. Embeddings are biometric data:
   * encrypt the export with a passphrase, as a gallery's.
   *
   * @param options `passphrase` encrypts the export; `plain: true` confirms that it shall not be encrypted.
   * @returns the export, for {@link import}.
   * @throws {FaceNetError} `option-invalid` unless `passphrase` or `plain: true` is given.
   *
   * @example
   * const exported = await library.export({ passphrase });
   * show(URL.createObjectURL(exported));
   */
  async export(options: { passphrase?: string; plain?: boolean } & Abortable): Promise<Blob> {
    const { passphrase, plain = false, signal } = checkedOptions(options, { passphrase: true, plain: true });
    if (passphrase === undefined && !plain) {
      throw new FaceNetError(
        'option-invalid',
        'The export would not be encrypted: pass { passphrase }, or { plain: true } to confirm.',
      );
    }
    return this.session.betweenUpdates(() => writeExport(this.session, passphrase, signal), signal);
  }

  /**
   * Adds the photos of an export that the library does not have, with their people and constraints. People of the export become new
   * people. Faces of photos that the library has take over what the export's corrections state, unless a correction of the library
   * concerns them.
   *
   * @param file what {@link export} wrote.
   * @param options the passphrase of an encrypted export.
   * @returns the numbers of photos and faces that were added. Faces of other photos that took over corrections are not counted.
   * @throws {FaceNetError} `option-invalid` for anything but a Blob, `library-corrupt`, `library-version`, `key-wrong`, `model-mismatch`.
   *
   * @example
   * const exported = await library.export({ passphrase });
   * const { photos, faces } = await library.import(exported, { passphrase });
   * show(photos, faces); // 0, 0: the library has all of these photos
   */
  async import(file: Blob, options: { passphrase?: string } & Abortable = {}): Promise<ImportResult> {
    checkedOptions(options, { passphrase: true });
    if (!isInstance(file, 'Blob'))
      throw new FaceNetError(
        'option-invalid',
        'The export is not a Blob: pass the Blob that export() returned, or a File of it.',
      );
    return this.session.betweenUpdates(() => importLibrary(this.session, file, options), options.signal);
  }

  /**
   * The XMP sidecar of a photo, with its face regions and the names of its people. Save it beside the photo as NAME.xmp.
   *
   * @param photo the photo's id, as {@link LibraryPhoto.id}.
   * @returns the text of the file.
   *
   * @example
   * const [first] = (await library.photos()).items;
   * show(await library.sidecar(first.id));
   */
  async sidecar(photo: string): Promise<string> {
    const found = await this.photo(photo);
    const faces = (await this.faces(found.faces)).filter(({ notAFace }) => !notAFace);
    const nameOf = (person: number | undefined) =>
      person === undefined ? '' : this.session.state.details(person).name;
    return writeRegions(
      found,
      faces.map(({ person, box }) => ({ name: nameOf(person), box })),
    );
  }

  /**
   * Waits for pending changes, and closes the library. A running {@link add} is stopped, and rejects with `disposed`. What it indexed
   * is stored, and the other files wait: those of lists and folders are all registered before. An asynchronous sequence is not read
   * further. A running {@link update} is stopped in the same way, and the next one goes on.
   *
   * @example
   * await library.close();
   */
  async close(): Promise<void> {
    this.#closing.abort(closedError('was closed'));
    // It stores that its files were not the reason why they were not indexed.
    while (this.#job) {
      this.#job.stop(closedError('was closed'));
      await this.#ended;
    }
    await this.#registered;
    await this.session.close();
    this.#release();
  }

  /** The same as {@link close}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
