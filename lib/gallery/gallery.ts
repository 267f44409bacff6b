import { type CompareOptions, compareEmbeddings, type LabelledEmbedding, type Verdict } from '../comparison/compare.ts';
import { checkedOptions } from '../core/checked-options.ts';
import { FaceNetError } from '../core/errors.ts';
import type { Abortable } from '../core/types.ts';
import { asBlob } from './crops.ts';
import { changePassphrase } from './crypto/vault.ts';
import { checkedEnrollee, checkedName, enrolmentLimits, named } from './enrolment.ts';
import { Keeper } from './keeper.ts';
import { identifyIn } from './open-set.ts';
import {
  type CropReader,
  keptCrops,
  planEnrolment,
  planImport,
  planProtection,
  planReembedding,
  planReissue,
  probeOf,
  requirePerson,
  unrotated,
} from './plans.ts';
import { TemplateKey } from './rotation.ts';
import { readTransfer, writeTransfer } from './transfer.ts';
import type {
  Candidate,
  CropEmbedder,
  EmbeddingSource,
  Enrollee,
  Enrolment,
  EnrolOptions,
  GalleryFace,
  Identification,
  IdentifyOptions,
  Person,
} from './types.ts';

/** What {@link Gallery.open} can be told. */
export interface GalleryOptions extends Abortable {
  /** The gallery's name among those of this origin. It is readable without a passphrase. */
  name: string;
  /** What makes the embeddings. Needed for a new gallery; later, without it, the kept model and calibration hold. */
  facenet?: EmbeddingSource;
  /** Where to keep it. Default: `indexeddb`. In `memory` it lasts as long as the page. */
  storage?: 'indexeddb' | 'memory';
  /** Seals everything at rest. A gallery that has one opens locked without it. */
  passphrase?: string;
  /** 32 secret bytes by which embeddings are rotated; whoever has the gallery without them cannot use it. */
  templateKey?: Uint8Array;
  /** Milliseconds without use after which a gallery with a passphrase is locked. Default: never. */
  lockAfter?: number;
  /** Told when another tab has changed the gallery. */
  onChange?: () => void;
}

/** What {@link Gallery.export} can be told; a gallery with a passphrase is exported in plain only when that is asked for. */
export interface ExportOptions extends Abortable {
  /** Seals the export; it need not be the gallery's own. */
  passphrase?: string;
  /** Writes it readable by everybody. */
  plain?: boolean;
}

/**
 * People, each with a name, metadata and templates, kept in the browser and searched there. It is told apart from a list of
 * embeddings by its answers: who somebody is, or nobody, at an error rate that is stated for its size.
 *
 * Every method may throw a {@link FaceNetError} with `disposed` after {@link close} or {@link erase}, `gallery-locked`,
 * `gallery-corrupt` when what is kept was damaged, `storage-unavailable` or `storage-full` when the browser refuses; those
 * that take a face `option-invalid` and `model-mismatch`; those that take an id `person-unknown`. With a `signal`, they
 * reject with `signal.reason` on abort. A change is written wholly or not at all.
 *
 * @example
 * await using gallery = await Gallery.open({ name: 'family', facenet });
 * await gallery.enrol({ name: 'Ada' }, await facenet.embed(photo));
 * const { match } = await gallery.identify(face);
 * console.log(match ? match.person.name : 'nobody we know');
 */
export class Gallery {
  readonly #keeper: Keeper;
  readonly #cropOf: CropReader = (id, loaded) => this.#keeper.crop(id, loaded);
  #key: TemplateKey | undefined;

  private constructor(keeper: Keeper, key: TemplateKey | undefined) {
    this.#keeper = keeper;
    this.#key = key;
  }

  /**
   * Opens a gallery, or makes it when there is none of this name.
   *
   * @throws {FaceNetError} `storage-unavailable` or `storage-full` (then `{ storage: 'memory' }` works), `key-wrong` for a
   *   wrong passphrase or template key, `gallery-corrupt`, `gallery-version` when a newer release made it, `option-invalid`.
   */
  static async open(options: GalleryOptions): Promise<Gallery> {
    const {
      name,
      facenet,
      storage = 'indexeddb',
      passphrase,
      templateKey,
      lockAfter,
      onChange,
      signal,
    } = checkedOptions(options);
    checkedName(name);
    if (storage !== 'indexeddb' && storage !== 'memory') {
      throw new FaceNetError('option-invalid', `storage is "${storage}": use "indexeddb" or "memory".`);
    }
    // Timers count in 31 bits, and one beyond would end at once.
    if (lockAfter !== undefined && !(lockAfter > 0 && lockAfter < 2 ** 31)) {
      throw new FaceNetError('option-invalid', `lockAfter is ${lockAfter}: use milliseconds, above 0 and below 2^31.`);
    }
    const key = templateKey && (await TemplateKey.from(templateKey));
    const rotation = key?.check;
    const rule = facenet?.rule;
    return new Gallery(
      await Keeper.open({ name, storage, rule, passphrase, rotation, lockAfter, onChange, signal }),
      key,
    );
  }

  /** Whether the gallery is locked, and {@link unlock} is needed. */
  get locked(): boolean {
    return this.#keeper.locked;
  }

  /** Everybody in the gallery, in the order in which they came. */
  async list(options: Abortable = {}): Promise<Person[]> {
    const { contents } = await this.#keeper.fresh(checkedOptions(options).signal);
    return contents.list();
  }

  /**
   * Enrolment: adds a template to a person, unless something speaks against it.
   *
   * @param enrollee `{ name, metadata }` for somebody new, `{ id }` (or a person of {@link list}) for another template.
   * @param faces the faces of one picture, as `facenet.embed` returns them, or the one that is meant.
   * @returns what was added with what was warned of, or why nothing was.
   */
  async enrol(
    enrollee: Enrollee,
    faces: GalleryFace | readonly GalleryFace[],
    options: EnrolOptions = {},
  ): Promise<Enrolment> {
    const { signal, crop } = checkedOptions(options);
    const limits = enrolmentLimits(options);
    const who = checkedEnrollee(enrollee);
    const list = facesOf(faces);
    const kept = crop && (await asBlob(crop));
    return this.#keeper.change((loaded) => planEnrolment(loaded, this.#key, { who, list, limits, crop: kept }), signal);
  }

  /**
   * Open-set identification: who in the gallery a face belongs to, or that it is nobody's. Without options the threshold is
   * chosen so that one stranger in 100 is taken for somebody, whatever the gallery's size, as far as the calibration can
   * tell; the answer states the rates that it was given at.
   */
  async identify(
    face: LabelledEmbedding | Float32Array,
    options: IdentifyOptions = {},
  ): Promise<Identification<Candidate>> {
    const { signal } = checkedOptions(options);
    const loaded = await this.#keeper.fresh(signal);
    const { contents, rule } = loaded;
    const found = await identifyIn(contents.index, await probeOf(face, loaded, this.#key), rule, options);
    const candidates = found.candidates.map((candidate) => named(contents, candidate));
    return { ...found, match: candidates[0], candidates };
  }

  /** Verification: whether a face is a certain person's, by the nearest of the person's templates. */
  async verify(
    person: string,
    face: LabelledEmbedding | Float32Array,
    options: CompareOptions & Abortable = {},
  ): Promise<Verdict> {
    const { signal, ...compare } = checkedOptions(options);
    const loaded = await this.#keeper.fresh(signal);
    const { contents, rule } = loaded;
    const templates = contents.templatesOf(requirePerson(contents, person).id);
    const probe = await probeOf(face, loaded, this.#key);
    const verdicts = templates.map((template) => compareEmbeddings(probe, template, rule, compare));
    const [nearest] = verdicts.sort((a, b) => a.distance - b.distance);
    if (nearest) return nearest;
    throw new FaceNetError('person-unknown', 'The person has no template to verify against: enrol a face first.');
  }

  /** Gives a person another name. */
  async rename(person: string, name: string, options: Abortable = {}): Promise<Person> {
    const renamed = checkedName(name);
    return this.#keeper.change(async ({ contents }) => {
      const changed = { ...requirePerson(contents, person), name: renamed };
      return { change: { people: [changed] }, result: ({ contents }) => contents.describe(changed) };
    }, checkedOptions(options).signal);
  }

  /** Removes a person with all templates and crops, or one template of a person. */
  async remove(person: string, template?: string, options: Abortable = {}): Promise<void> {
    return this.#keeper.change(async ({ contents }) => {
      const templates = contents.templatesOf(requirePerson(contents, person).id).map(({ id }) => id);
      if (template === undefined) {
        return { change: { removePeople: [person], removeTemplates: templates }, result: () => undefined };
      }
      if (!templates.includes(template)) {
        throw new FaceNetError('person-unknown', 'The person has no template of this id: take one of list().');
      }
      return { change: { removeTemplates: [template] }, result: () => undefined };
    }, checkedOptions(options).signal);
  }

  /**
   * Makes two people one: the templates of the second go to the first, which keeps its name, and its metadata where both
   * have a key.
   */
  async merge(into: string, from: string, options: Abortable = {}): Promise<Person> {
    if (into === from) throw new FaceNetError('option-invalid', 'A person cannot be merged with itself: pass two ids.');
    return this.#keeper.change(async ({ contents }) => {
      const [kept, gone] = [requirePerson(contents, into), requirePerson(contents, from)];
      const person = { ...kept, metadata: { ...gone.metadata, ...kept.metadata } };
      const templates = contents.templatesOf(from).map((template) => ({ ...template, person: into }));
      return {
        change: { people: [person], templates, removePeople: [from] },
        result: ({ contents }) => contents.describe(person),
      };
    }, checkedOptions(options).signal);
  }

  /**
   * The templates' embeddings of the gallery's model, each with the person's id: what `trainHead` of facenet-web/training learns
   * from. With a template key they are as they were before it rotated them.
   */
  async examples(options: Abortable = {}): Promise<(LabelledEmbedding & { person: string })[]> {
    const { contents, rule } = await this.#keeper.fresh(checkedOptions(options).signal);
    const templates = [...contents.templates.values()].filter(({ model }) => model === rule.model);
    return Promise.all(
      templates.map(async ({ person, model, embedding }) => ({
        person,
        model,
        embedding: await unrotated(embedding, this.#key),
      })),
    );
  }

  /** The kept crop of a template; undefined where none was kept. */
  async crop(template: string, options: Abortable = {}): Promise<Blob | undefined> {
    const loaded = await this.#keeper.fresh(checkedOptions(options).signal);
    if (!loaded.contents.templates.has(template)) {
      throw new FaceNetError('person-unknown', 'The gallery has no template of this id: take one of list().');
    }
    return loaded.contents.crops.has(template) ? this.#keeper.crop(template, loaded) : undefined;
  }

  /**
   * Embeds the kept crops of all templates that another model made with this one, which the gallery goes by from then on.
   *
   * @param removeRest whether templates without a crop, which cannot be embedded again, are removed. While there are any,
   *   the gallery refuses to answer.
   * @returns how many templates were embedded, and those that could not be.
   */
  async reembed(
    facenet: CropEmbedder,
    { removeRest = false, ...options }: { removeRest?: boolean } & Abortable = {},
  ): Promise<{ embedded: number; withoutCrop: { person: string; template: string }[] }> {
    const { signal } = checkedOptions(options);
    const plan = { facenet, removeRest, cropOf: this.#cropOf };
    return this.#keeper.change((loaded) => planReembedding(loaded, this.#key, plan, signal), signal);
  }

  /** Seals a gallery that had no passphrase: all that was readable is written anew. */
  async protect(passphrase: string, options: Abortable = {}): Promise<void> {
    const { signal } = checkedOptions(options);
    return this.#keeper.change((loaded) => planProtection(loaded, passphrase, this.#cropOf, signal), signal);
  }

  /**
   * Changes the passphrase. The random key that seals the records stays, so that this is one small write; a copy of the
   * gallery that somebody took before still opens with the old passphrase.
   *
   * @throws {FaceNetError} `key-wrong` when `current` is not the passphrase.
   */
  async changePassphrase(current: string, next: string, options: Abortable = {}): Promise<void> {
    return this.#keeper.change(async ({ meta: { vault } }) => {
      if (!vault) throw new FaceNetError('option-invalid', 'The gallery has no passphrase: use protect().');
      return { change: {}, meta: { vault: await changePassphrase(vault, current, next) }, result: () => undefined };
    }, checkedOptions(options).signal);
  }

  /**
   * Forgets the key and all that was read, until {@link unlock}.
   *
   * @throws {FaceNetError} `option-invalid` for a gallery without a passphrase.
   */
  async lock(): Promise<void> {
    return this.#keeper.lock();
  }

  /** Opens a locked gallery. @throws {FaceNetError} `key-wrong` for a wrong passphrase. */
  async unlock(passphrase: string, options: Abortable = {}): Promise<void> {
    return this.#keeper.unlock(passphrase, checkedOptions(options).signal);
  }

  /**
   * Revokes all templates and issues them anew: the embeddings are rotated by another key, and what leaked with or without
   * the former one matches them no more.
   *
   * @param templateKey 32 secret random bytes, with which the gallery must be opened from then on.
   */
  async reissue(templateKey: Uint8Array, options: Abortable = {}): Promise<void> {
    const next = await TemplateKey.from(templateKey);
    await this.#keeper.change(async (loaded) => {
      const plan = await planReissue(loaded, this.#key, next);
      // Within the change: whatever comes after it goes by the new key.
      const result = () => {
        this.#key = next;
      };
      return { ...plan, result };
    }, checkedOptions(options).signal);
  }

  /**
   * All that the gallery holds as one file, in the format of docs/gallery-format.md; with a template key the embeddings stay
   * rotated.
   *
   * @throws {FaceNetError} `option-invalid` for a gallery with a passphrase when neither `passphrase` nor `plain` is given.
   */
  async export(options: ExportOptions = {}): Promise<Blob> {
    const { passphrase, plain = false, signal } = checkedOptions(options);
    const loaded = await this.#keeper.fresh(signal);
    const { meta, contents } = loaded;
    if (meta.vault && passphrase === undefined && !plain) {
      throw new FaceNetError(
        'option-invalid',
        'The gallery has a passphrase, and its export would have none: pass { passphrase }, or { plain: true } to mean it.',
      );
    }
    const transfer = {
      rule: meta.rule,
      rotation: meta.rotation,
      people: [...contents.people.values()],
      templates: [...contents.templates.values()],
      crops: await keptCrops(loaded, this.#cropOf, signal),
    };
    return writeTransfer(transfer, passphrase, signal);
  }

  /**
   * Adds what an export holds. People and templates are known by their ids: importing the same file twice adds nothing, and
   * of somebody who is here already the name and metadata stay. Nothing is asked of the faces' likeness.
   *
   * @returns how many people and templates were added.
   * @throws {FaceNetError} `gallery-corrupt`, `gallery-version`, `key-wrong` for a wrong passphrase or another template key,
   *   `model-mismatch` for templates of another model.
   */
  async import(
    file: Blob,
    options: { passphrase?: string } & Abortable = {},
  ): Promise<{ people: number; templates: number }> {
    const { passphrase, signal } = checkedOptions(options);
    if (!(file instanceof Blob)) throw new FaceNetError('option-invalid', 'Pass the export as a Blob or File.');
    const transfer = await readTransfer(file, passphrase, signal);
    return this.#keeper.change(async (loaded) => planImport(loaded, this.#key, transfer), signal);
  }

  /**
   * Deletes the gallery with everything in it, in all tabs, and closes it. The browser may clear the bytes on the disk
   * later than that (Chromium does when it is next started); with a passphrase they are unreadable meanwhile.
   */
  async erase(): Promise<void> {
    return this.#keeper.erase();
  }

  /** Lets the change under way come to its end, and closes. What is kept stays. */
  async close(): Promise<void> {
    return this.#keeper.settle();
  }

  /** The same as {@link close}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** The faces of a picture as a list. @throws {FaceNetError} `option-invalid` for what is none. */
function facesOf(faces: GalleryFace | readonly GalleryFace[]): readonly GalleryFace[] {
  if (Array.isArray(faces)) return faces as readonly GalleryFace[];
  if (typeof faces === 'object' && faces !== null) return [faces as GalleryFace];
  throw new FaceNetError('option-invalid', 'No faces: pass what embed() returned, or the face that is meant.');
}
