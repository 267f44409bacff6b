/// <reference lib="esnext.disposable" preserve="true" />
import { type CompareOptions, defaultFar, type LabelledEmbedding, type Verdict } from '../comparison/compare.ts';
import { isInstance } from '../core/brand.ts';
import { abortable } from '../core/cancellation.ts';
import { checkedOptions } from '../core/checked-options.ts';
import { FaceNetError } from '../core/errors.ts';
import type { Abortable } from '../core/types.ts';
import { checkedEnrollee, checkedFaces, checkedName } from './checked-input.ts';
import type { RetentionOptions } from './consent.ts';
import { checkedRetention } from './consent-schema.ts';
import { cropOf, storedCrop } from './crops.ts';
import type { Bytes } from './crypto/bytes.ts';
import { TemplateKey } from './crypto/rotation.ts';
import { enrolmentLimits, planEnrolment } from './enrolment.ts';
import { examplesEvent, examplesOf } from './examples.ts';
import { identify, verify } from './identification.ts';
import { exportedEvent, exportGallery, planImport } from './import-export.ts';
import { planPassphraseChange, planProtection, planReissue, planRekeying } from './key-changes.ts';
import { entriesOf, logFile } from './log.ts';
import type { LogEntry } from './log-events.ts';
import { linesAbout } from './log-subject.ts';
import { identifyOptionNames } from './open-set.ts';
import type { EraseOptions, ExportOptions, GalleryOptions } from './options.ts';
import { planMerge, planRemoval, planRename, recordsOf, requirePerson } from './person-changes.ts';
import { type ErasureReceipt, galleryReceipt } from './receipt.ts';
import { identifiedEvent, recordRecognition, verifiedEvent } from './recognition.ts';
import { type EmbeddedCrops, planReembedding } from './reembedding.ts';
import { planRetention } from './retention.ts';
import { GallerySession } from './session.ts';
import { sessionOptions } from './session-options.ts';
import type { GalleryState } from './state.ts';
import { eraseDatabase } from './storage/indexeddb.ts';
import type { DamagedRecord } from './storage/store.ts';
import { readTransfer } from './transfer.ts';
import type {
  Candidate,
  CropEmbedder,
  Enrollee,
  Enrolment,
  EnrolOptions,
  GalleryFace,
  Identification,
  IdentifyOptions,
  ModelCounts,
  Person,
  ReadOptions,
  Reembedding,
} from './types.ts';

/**
 * People, each with a name, metadata and enrolled faces, stored in the browser and searched there. Identification is
 * open-set: it returns a person or no match, and states its error rates for the gallery's size.
 *
 * Every method may throw a {@link FaceNetError}: `disposed` after {@link close} or {@link erase}, `gallery-locked`,
 * `gallery-corrupt` for damaged data, `storage-unavailable` or `storage-full`. Methods that take a face also throw
 * `option-invalid` and `model-mismatch`, methods that take an id `person-unknown`. An aborted call rejects with
 * `signal.reason`. Every change is atomic.
 *
 * @example
 * await using gallery = await Gallery.open({ name: 'family', facenet });
 * await gallery.enrol({ name: 'Ada' }, await facenet.embed(photo));
 * const { match } = await gallery.identify(face);
 * console.log(match ? match.person.name : 'unknown person');
 */
export class Gallery {
  readonly #session: GallerySession;
  /** The enrolled faces whose crops {@link reembed} could not decode. */
  readonly #undecodable = new Set<string>();

  private constructor(session: GallerySession) {
    this.#session = session;
  }

  /**
   * Opens a gallery and creates it if it does not exist.
   *
   * @param options `name` is required; without `facenet`, an existing gallery opens with its stored rule.
   * @throws {FaceNetError} `storage-unavailable` or `storage-full`; `{ storage: 'memory' }` works even then;
   *   `key-wrong` for a wrong passphrase or template key; `gallery-corrupt`, unless `repair` is set and the vault is
   *   intact; `gallery-version` if a newer release wrote it; `gallery-locked` if another tab locks it meanwhile;
   *   `backend-unavailable` if its passphrase needs WebAssembly that cannot run here, `model-missing` if the script for
   *   it cannot be fetched; `option-invalid`.
   *
   * @example
   * const friends = await Gallery.open({ name: 'friends', facenet });
   * show(await friends.list());
   * await friends.close();
   */
  static async open(options: GalleryOptions): Promise<Gallery> {
    return new Gallery(await GallerySession.open(await sessionOptions(options)));
  }

  /**
   * Erases a stored gallery without opening it: also one that is damaged, that a newer release wrote, or whose keys are
   * lost. Does nothing if there is none. Other tabs that have it open close it.
   *
   * @param name the gallery's name.
   * @param options `onBlocked`, called while another tab delays the deletion, and a signal that cancels the call.
   * @throws {FaceNetError} `storage-unavailable`; `option-invalid`.
   *
   * @example
   * await Gallery.erase('friends');
   */
  static async erase(name: string, options: EraseOptions = {}): Promise<void> {
    const checked = checkedOptions(options, { onBlocked: true });
    checked.signal?.throwIfAborted();
    return eraseDatabase(checkedName(name), checked);
  }

  /**
   * Whether the gallery is locked; {@link unlock} opens it. Do not decide by it whether to call {@link unlock}: a gallery
   * without encryption that somebody has put in the place of an encrypted one is not locked.
   *
   * @example
   * await gallery.protect(passphrase);
   * await gallery.lock();
   * console.assert(gallery.locked);
   */
  get locked(): boolean {
    return this.#session.locked;
  }

  /**
   * All people, in the order of their enrolment.
   *
   * @param options `background`, for calls in `onChange`, and a signal that cancels the call.
   *
   * @example
   * for (const { id, name, faces } of await gallery.list()) show(id, name, faces.length);
   */
  async list(options: ReadOptions = {}): Promise<Person[]> {
    return (await this.#read(options)).contents.list();
  }

  /**
   * The number of enrolled faces of each model, the current one first. If another model made the embeddings of some, {@link reembed}
   * converts these; until then identifying, verifying and enrolling throw `model-mismatch`.
   *
   * @param options `background`, for calls in `onChange`, and a signal that cancels the call.
   *
   * @example
   * for (const { model, faces, current } of await gallery.models()) show(model, faces, current);
   */
  async models(options: ReadOptions = {}): Promise<ModelCounts[]> {
    return (await this.#read(options)).contents.models();
  }

  /**
   * Enrolment: adds a face to a person, unless an issue speaks against it. `consent` and `expiresAt` are kept with the
   * person, and replace those of a known one.
   *
   * @param enrollee `{ name, metadata }` for a new person, `{ id }` (or a person of {@link list}) for another face of a known one.
   * @param faces the faces of one picture, as `facenet.embed` returns them, or one of them. The faces of a picture are of
   *   different people: the largest face is not `other-person` if another face is nearer to that person.
   * @param options the minimum quality, the issues to allow, the crop to store, consent, expiry, and a signal that cancels the call.
   * @returns the person and the enrolled face with the warnings, or the reasons why nothing was added.
   *
   * @example
   * const result = await gallery.enrol({ name: 'Ada' }, await facenet.embed(photo), { minQuality: 0.3 });
   * if (!result.enrolled) show(result.reasons);
   */
  async enrol(
    enrollee: Enrollee,
    faces: GalleryFace | readonly GalleryFace[],
    options: EnrolOptions = {},
  ): Promise<Enrolment> {
    const { signal, crop } = checkedOptions(options, {
      ...{ allow: true, minQuality: true, far: true, crop: true, consent: true, expiresAt: true },
    });
    const limits = enrolmentLimits(options);
    const input = { limits, enrollee: checkedEnrollee(enrollee), faces: checkedFaces(faces) };
    const retention = checkedRetention(options, new Date());
    const stored = crop && (await abortable(storedCrop(crop), signal));
    const { enrolment, refusal } = await this.#session.change(
      (state) => planEnrolment(state, { ...input, crop: stored, retention }),
      signal,
    );
    if (refusal) await this.#session.record(refusal.state, [refusal.event], signal);
    return enrolment;
  }

  /**
   * Open-set identification: the people with an enrolled face that matches, or no match. By default the threshold is chosen for
   * a false-positive identification rate of 1 % at the gallery's size, as far as the calibration covers that rate. The
   * answer states the rates in effect.
   *
   * @param face a face of `facenet.embed`. A bare embedding of length 1 is compared without regard to its quality.
   * @param options one of the rates `far` and `fpir`, the maximum number of candidates, and a signal that cancels the call.
   * @returns the nearest person as `match`, undefined if nobody matches, and all candidates.
   *
   * @example
   * const { match, candidates } = await gallery.identify(face, { fpir: 0.001 });
   * show(match?.person.name, candidates);
   */
  async identify(
    face: LabelledEmbedding | Float32Array,
    options: IdentifyOptions = {},
  ): Promise<Identification<Candidate>> {
    const { signal, background } = checkedOptions(options, identifyOptionNames);
    const state = await this.#session.state(signal, background);
    const found = await identify(state, face, options);
    const person = found.match?.person.id;
    await recordRecognition(this.#session, state, { event: identifiedEvent(found), person, signal });
    return found;
  }

  /**
   * Verification: whether a face belongs to a person, by the nearest of the person's enrolled faces.
   *
   * @param person the person's id, from {@link list}.
   * @param face a face of `facenet.embed`. A bare embedding of length 1 is compared without regard to its quality.
   * @param options the false-accept rate of the decision, and a signal that cancels the call.
   *
   * @example
   * const { same, probability } = await gallery.verify(person.id, face, { far: 1e-4 });
   * show(same, probability);
   */
  async verify(
    person: string,
    face: LabelledEmbedding | Float32Array,
    options: CompareOptions & Abortable = {},
  ): Promise<Verdict> {
    const { signal, ...compareOptions } = checkedOptions(options, { far: true });
    const state = await this.#session.state(signal);
    const found = await verify(state, person, face, compareOptions);
    const event = verifiedEvent(person, found, compareOptions.far ?? defaultFar);
    const seen = found.verdict.same ? person : undefined;
    await recordRecognition(this.#session, state, { event, person: seen, signal });
    return found.verdict;
  }

  /**
   * Changes the name of a person.
   *
   * @param person the person's id, from {@link list}.
   * @param name the new name, 1 to 1,000 characters. Several people may have one name.
   * @param options a signal that cancels the call.
   *
   * @example
   * await gallery.rename(person.id, 'Ada Lovelace');
   */
  async rename(person: string, name: string, options: Abortable = {}): Promise<Person> {
    checkedName(name);
    return this.#session.change((state) => planRename(state, person, name), checkedOptions(options).signal);
  }

  /**
   * Records another consent or expiry of a known person. What is not given stays.
   *
   * @param person the person's id, from {@link list}.
   * @param options the new consent or expiry, and a signal that cancels the call.
   * @throws {FaceNetError} `option-invalid` for a value that `enrol` does not accept either.
   *
   * @example
   * const days = 24 * 60 * 60 * 1000;
   * await gallery.retain(person.id, { expiresAt: new Date(Date.now() + 30 * days) });
   */
  async retain(person: string, options: RetentionOptions & Abortable): Promise<Person> {
    const { signal } = checkedOptions(options, { consent: true, expiresAt: true });
    const retention = checkedRetention(options, new Date());
    return this.#session.change((state) => planRetention(state, person, retention), signal);
  }

  /**
   * Removes the people whose `expiresAt`, consent or time without being seen has passed. The gallery does so when it is
   * opened or unlocked, at that time while it is open, and before each call.
   *
   * @param options a signal that cancels the call.
   * @returns a receipt for each of them.
   *
   * @example
   * for (const receipt of await gallery.expire()) show(receipt.people);
   */
  async expire(options: Abortable = {}): Promise<ErasureReceipt[]> {
    return this.#session.expire(checkedOptions(options).signal);
  }

  /**
   * Removes a person with all enrolled faces and crops, or one enrolled face of a person.
   *
   * @param person the person's id, from {@link list}.
   * @param face the id of the enrolled face. Default: the whole person.
   * @param options a signal that cancels the call.
   * @returns what was deleted, as a proof for the person. In the log random ids remain.
   *
   * @example
   * const receipt = await gallery.remove(person.id);
   * show(receipt.people, receipt.faces);
   */
  async remove(person: string, face?: string, options: Abortable = {}): Promise<ErasureReceipt> {
    return this.#session.change((state) => planRemoval(state, person, face), checkedOptions(options).signal);
  }

  /**
   * Merges two people who are the same: moves all enrolled faces of `from` to `into`, removes `from` and merges its metadata. The
   * earliest end applies: of both expiries, and of the consent that is dropped if both have one.
   *
   * @param into the id of the person that remains, with its name, its consent if it has one, and its values of the metadata.
   * @param from the id of the person that is removed.
   * @param options a signal that cancels the call.
   * @returns the merged person.
   *
   * @example
   * const { name, faces } = await gallery.merge(person.id, other.id);
   * show(name, faces.length);
   */
  async merge(into: string, from: string, options: Abortable = {}): Promise<Person> {
    if (into === from) throw new FaceNetError('option-invalid', 'Both ids are the same: pass the ids of two people.');
    return this.#session.change((state) => planMerge(state, into, from), checkedOptions(options).signal);
  }

  /**
   * The embeddings of all enrolled faces of the current model, not rotated, each with the ids of its person and face: the
   * training examples of `trainHead` in facenet-web/training. The log records them as an export.
   *
   * @param options a signal that cancels the call.
   * @throws {FaceNetError} `model-mismatch` if all enrolled faces are of other models.
   *
   * @example
   * for (const { person, face, embedding } of await gallery.examples()) show(person, face, embedding);
   */
  async examples(options: Abortable = {}): Promise<(LabelledEmbedding & { person: string; face: string })[]> {
    const { signal } = checkedOptions(options);
    return this.#session.using(async () => {
      const { state, examples } = await this.#session.read(
        async (state) => ({ state, examples: await examplesOf(state) }),
        signal,
      );
      await this.#session.record(state, [examplesEvent(examples)], signal);
      return examples;
    });
  }

  /**
   * The stored crop of an enrolled face; undefined if it has none.
   *
   * @param face the id of the enrolled face, from {@link list}.
   * @param options `background`, for calls in `onChange`, and a signal that cancels the call.
   *
   * @example
   * const picture = await gallery.crop(person.faces[0].id);
   * if (picture) show(URL.createObjectURL(picture));
   */
  async crop(face: string, options: ReadOptions = {}): Promise<Blob | undefined> {
    const { signal, background } = checkedOptions(options, { background: true });
    return this.#session.read((state) => cropOf(state, face), signal, background);
  }

  /**
   * Switches the gallery to the model of a FaceNet: embeds the faces in the stored crops of all enrolled faces of other models
   * again. The landmarks are found in each crop, so that it may be aligned to the template of any model.
   *
   * @param facenet a FaceNet with the model that the gallery uses from now on.
   * @param options `removeRest`, whether the enrolled faces that cannot be embedded again are removed: those without a crop, and
   *   those in whose crop no face is found (default `false`). A crop that cannot be decoded, perhaps because memory is short, is
   *   removed only if an earlier call of this gallery could not decode it either. While any remain, identifying, verifying and
   *   enrolling throw `model-mismatch`. And a signal that cancels the call.
   *
   * @example
   * const { embedded, withoutCrop } = await gallery.reembed(facenet);
   * show(embedded, withoutCrop.length);
   */
  async reembed(facenet: CropEmbedder, options: { removeRest?: boolean } & Abortable = {}): Promise<Reembedding> {
    const { removeRest = false, signal } = checkedOptions(options, { removeRest: true });
    const embedded: EmbeddedCrops = new Map();
    const given = { removeRest, embedded, undecodable: this.#undecodable };
    const reembedding = await this.#session.change((state) => planReembedding(state, facenet, given, signal), signal);
    for (const [face, made] of embedded) if (made === 'undecodable') this.#undecodable.add(face);
    return reembedding;
  }

  /**
   * Encrypts a gallery that has no passphrase. Every record is written again.
   *
   * @param passphrase the passphrase from now on. A lost passphrase cannot be recovered.
   * @param options a signal that cancels the call.
   *
   * @example
   * await gallery.protect(passphrase);
   */
  async protect(passphrase: string, options: Abortable = {}): Promise<void> {
    const { signal } = checkedOptions(options);
    return this.#session.change((state) => planProtection(state, passphrase, signal), signal);
  }

  /**
   * Replaces the random key that encrypts the records, for example after a copy of the gallery and its passphrase were
   * stolen. Every record is encrypted again, in a new database; then the old one is deleted.
   *
   * @param passphrase the passphrase from now on: the same, or another.
   * @param options a signal that cancels the call.
   *
   * @example
   * await gallery.protect(passphrase);
   * await gallery.rekey('another passphrase');
   */
  async rekey(passphrase: string, options: Abortable = {}): Promise<void> {
    const { signal } = checkedOptions(options);
    return this.#session.change((state) => planRekeying(state, passphrase, signal), signal);
  }

  /**
   * The damaged records that were set aside when the gallery was opened with `{ repair: true }`, now or earlier. They are
   * deleted with their person, by {@link discardDamaged}, and by {@link protect}, {@link rekey},
   * {@link changePassphrase} and {@link reissue}.
   *
   * @param options a signal that cancels the call.
   *
   * @example
   * for (const { kind, id } of await gallery.damaged()) show(kind, id);
   */
  async damaged(options: Abortable = {}): Promise<DamagedRecord[]> {
    return this.#session.read(() => this.#session.damaged(), checkedOptions(options).signal);
  }

  /**
   * Deletes the damaged records that were set aside.
   *
   * @param options a signal that cancels the call.
   *
   * @example
   * await gallery.discardDamaged();
   */
  async discardDamaged(options: Abortable = {}): Promise<void> {
    const { signal } = checkedOptions(options);
    const plan = async () => ({ change: {}, discardDamaged: true, result: () => undefined });
    return this.#session.change(plan, signal);
  }

  /**
   * Changes the passphrase. The random key that encrypts the records stays the same, so that an earlier copy of the
   * gallery still opens with the old passphrase: {@link rekey} replaces it. The records move to a new database.
   *
   * @param current the present passphrase.
   * @param next the passphrase from now on.
   * @param options a signal that cancels the call.
   * @throws {FaceNetError} `key-wrong` if `current` is not the passphrase; `backend-unavailable` and `model-missing` like
   *   {@link unlock}.
   *
   * @example
   * await gallery.protect(passphrase);
   * await gallery.changePassphrase(passphrase, 'another passphrase');
   */
  async changePassphrase(current: string, next: string, options: Abortable = {}): Promise<void> {
    const { signal } = checkedOptions(options);
    return this.#session.change((state) => planPassphraseChange(state, { current, next }, signal), signal);
  }

  /**
   * Drops the key and all decrypted data until {@link unlock}, also in other tabs.
   *
   * @throws {FaceNetError} `option-invalid` without a passphrase.
   *
   * @example
   * await gallery.protect(passphrase);
   * await gallery.lock();
   */
  async lock(): Promise<void> {
    return this.#session.lock();
  }

  /**
   * Opens a locked gallery. A call that fails leaves it locked. Call it whenever the gallery should have a passphrase, or pass
   * the passphrase to {@link open}: both refuse a gallery without encryption that somebody has put in its place.
   *
   * @param passphrase the passphrase of the gallery.
   * @param options a signal that cancels the call.
   * @throws {FaceNetError} `key-wrong` for a wrong passphrase; `option-invalid` for a gallery without one; `gallery-locked`
   *   if {@link lock} is called meanwhile; `backend-unavailable` if its passphrase needs WebAssembly that cannot run here,
   *   `model-missing` if the script for it cannot be fetched.
   *
   * @example
   * await gallery.protect(passphrase);
   * await gallery.lock();
   * await gallery.unlock(passphrase);
   */
  async unlock(passphrase: string, options: Abortable = {}): Promise<void> {
    return this.#session.unlock(passphrase, checkedOptions(options).signal);
  }

  /**
   * Revokes all stored embeddings and reissues them: they are rotated by a new key, so that copies of the former ones no
   * longer match.
   *
   * @param templateKey 32 secret random bytes, required to open the gallery from now on.
   * @param options a signal that cancels the call.
   *
   * @example
   * const templateKey = crypto.getRandomValues(new Uint8Array(32)); // store it apart from the gallery
   * await gallery.reissue(templateKey);
   */
  async reissue(templateKey: Uint8Array, options: Abortable = {}): Promise<void> {
    const next = await TemplateKey.from(templateKey);
    const { signal } = checkedOptions(options);
    return this.#session.change((state) => planReissue(state, next, signal), signal);
  }

  /**
   * Exports the whole gallery as one file, in the format of docs/gallery-format.md. Rotated embeddings stay rotated.
   *
   * @param options `passphrase` encrypts the file; `plain` confirms that an encrypted gallery is exported without encryption.
   * @returns the file, for {@link import}.
   * @throws {FaceNetError} `option-invalid` for an encrypted gallery if neither `passphrase` nor `plain` is given, and for a
   *   file of more than 480 MB; `gallery-corrupt` for a person whom {@link import} would refuse; with a passphrase
   *   `backend-unavailable` and `model-missing` like {@link unlock}.
   *
   * @example
   * const exported = await gallery.export({ passphrase });
   * show(URL.createObjectURL(exported));
   */
  async export(options: ExportOptions = {}): Promise<Blob> {
    const { signal } = checkedOptions(options, { passphrase: true, plain: true });
    return this.#session.using(async () => {
      const { state, file } = await this.#session.read(
        async (state) => ({ state, file: await exportGallery(state, options) }),
        signal,
      );
      await this.#session.record(state, [exportedEvent(state, options)], signal);
      return file;
    });
  }

  /**
   * Exports everything that the gallery holds about one person: name, metadata, consent, expiry, enrolled faces, crops, and the
   * entries of the log about the person, also about removed faces and about people who were merged into this one. It
   * answers a request for access, and {@link import} reads it.
   *
   * @param person the person's id, from {@link list}.
   * @param options `passphrase` encrypts the file; `plain` confirms that an encrypted gallery is exported without encryption.
   * @throws {FaceNetError} `option-invalid` for an encrypted gallery if neither `passphrase` nor `plain` is given, and for a
   *   file of more than 480 MB; `gallery-corrupt` for a person whom {@link import} would refuse; with a passphrase
   *   `backend-unavailable` and `model-missing` like {@link unlock}.
   *
   * @example
   * const record = await gallery.exportPerson(person.id, { passphrase });
   * show(URL.createObjectURL(record));
   */
  async exportPerson(person: string, options: ExportOptions = {}): Promise<Blob> {
    const { signal } = checkedOptions(options, { passphrase: true, plain: true });
    return this.#session.using(async () => {
      const { state, file, event } = await this.#session.read(async (state) => {
        const records = recordsOf(state.contents, requirePerson(state.contents, person).id);
        const log = linesAbout(await this.#session.logLines(state, signal), records);
        const file = await exportGallery(state, options, { person, log });
        return { state, file, event: exportedEvent(state, options, person) };
      }, signal);
      await this.#session.record(state, [event], signal);
      return file;
    });
  }

  /**
   * The entries of the log, oldest first; none without a log.
   *
   * @param options a signal that cancels the call.
   * @throws {FaceNetError} `gallery-corrupt` if an entry is missing or was changed.
   *
   * @example
   * for (const { at, event } of await gallery.log()) show(at, event);
   */
  async log(options: Abortable = {}): Promise<LogEntry[]> {
    return entriesOf(await this.#logLines(options));
  }

  /**
   * The log as JSON lines, not encrypted. Each line holds the SHA-256 of the line before it, so that {@link verifyLog} and
   * standard tools can check it.
   *
   * @param options a signal that cancels the call.
   * @throws {FaceNetError} `gallery-corrupt` if an entry is missing or was changed.
   *
   * @example
   * const log = await gallery.exportLog();
   * show(await log.text());
   */
  async exportLog(options: Abortable = {}): Promise<Blob> {
    return logFile(await this.#logLines(options));
  }

  /**
   * Imports the people and enrolled faces of an export whose ids the gallery does not have. Known people keep their name and
   * metadata. Faces are not compared. Faces of another model need {@link reembed} afterwards.
   *
   * @param file an export of {@link export} or {@link exportPerson}.
   * @param options `passphrase` is that of an encrypted export.
   * @returns the numbers of people and enrolled faces added.
   * @throws {FaceNetError} `gallery-corrupt`, `gallery-version`, `key-wrong` for a wrong passphrase or another template
   *   key, `model-mismatch` for faces of another model if the gallery has any of its current one, `option-invalid` if a
   *   passphrase is given and the file is not encrypted, `storage-unavailable` if the browser cannot read the file; with a
   *   passphrase `backend-unavailable` and `model-missing` like {@link unlock}.
   *
   * @example
   * const exported = await gallery.export({ passphrase });
   * const { people, faces } = await gallery.import(exported, { passphrase });
   * show(people, faces); // 0, 0: the gallery has all of them
   */
  async import(
    file: Blob,
    options: { passphrase?: string } & Abortable = {},
  ): Promise<{ people: number; faces: number }> {
    const { passphrase, signal } = checkedOptions(options, { passphrase: true });
    if (!isInstance(file, 'Blob'))
      throw new FaceNetError(
        'option-invalid',
        'The export is not a Blob: pass the Blob that export() returned, or a File of it.',
      );
    return this.#session.using(async () => {
      const transfer = await abortable(readTransfer(file, passphrase, signal), signal);
      return this.#session.change((state) => planImport(state, transfer), signal);
    });
  }

  /**
   * Deletes the gallery in all tabs and closes it. The browser may clear the bytes on disk later (Chromium: at its next
   * start); with a passphrase they are unreadable until then. After an abort the browser still deletes it as soon as no
   * suspended tab keeps it open or replaces its database. The log is deleted too: export it before if it must be kept.
   *
   * @param options `onBlocked`, called while another tab delays the deletion, and a signal that cancels the call.
   * @returns what was deleted. A gallery whose records cannot be read is erased too; its receipt lists nothing.
   *
   * @example
   * const receipt = await gallery.erase();
   * show(receipt.people, receipt.faces);
   */
  async erase(options: EraseOptions = {}): Promise<ErasureReceipt> {
    return galleryReceipt(await this.#session.erase(checkedOptions(options, { onBlocked: true })));
  }

  #read(options: ReadOptions): Promise<GalleryState> {
    const { signal, background } = checkedOptions(options, { background: true });
    return this.#session.state(signal, background);
  }

  #logLines(options: Abortable): Promise<Bytes[]> {
    const { signal } = checkedOptions(options);
    return this.#session.read((state) => this.#session.logLines(state, signal), signal);
  }

  /**
   * Closes the gallery after pending changes. Stored data remains.
   *
   * @example
   * await gallery.close();
   */
  async close(): Promise<void> {
    return this.#session.settle();
  }

  /** The same as {@link close}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
