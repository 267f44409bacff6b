import { templates } from './alignment/templates.ts';
import {
  type CompareOptions,
  type ComparisonRule,
  compareEmbeddings,
  type LabelledEmbedding,
  type Verdict,
} from './comparison/compare.ts';
import { abortable } from './core/cancellation.ts';
import { checkedOptions } from './core/checked-options.ts';
import { FaceNetError } from './core/errors.ts';
import type {
  Abortable,
  BackendChoice,
  EmbeddedFace,
  Face,
  ImageSource,
  LandmarkedFace,
  Landmarks,
  TemplateName,
} from './core/types.ts';
import type { KnownFace, ModelNames, Pipeline } from './pipeline/local-pipeline.ts';
import { type DetectOptions, detectionLimits, type LoadOptions } from './pipeline/options.ts';
import { type Lease, leasePipeline, type Execution } from './pipeline/pool.ts';
import { listOf } from './pipeline/valid-faces.ts';
import { type TrackedFrame, type Watching, type WatchOptions, watchVideo } from './video/watch.ts';

/** What {@link FaceNet.align} can be told. */
export interface AlignOptions extends Abortable {
  /** The crop template to lay the face on. Default: the embedder's. */
  template?: TemplateName;
  /** The side of the crop in pixels, 1 to 4096. Default: the embedder's input. */
  size?: number;
}

/**
 * Face recognition inside the page. A photo or a video frame falls through five stages:
 *
 *     image → detection → landmarks → alignment and crop → embedding → comparison
 *
 * Each stage is a method, and `embed` is the fall as far as the embedding. Nothing leaves the page.
 *
 * Every method that takes a `source` throws a {@link FaceNetError} with `image-type`, `image-unreadable`, `image-empty`,
 * `image-tainted`, `video-not-ready` or `bitmap-detached` when it cannot be read, `option-invalid` for an option that
 * has no such value, and `disposed` after {@link dispose}; with a `signal`, it rejects with `signal.reason` on abort.
 *
 * @example
 * const facenet = await FaceNet.load();
 * const [ada] = await facenet.embed(photoA);
 * const [bob] = await facenet.embed(photoB);
 * if (ada && bob) console.log(facenet.compare(ada, bob));
 * await facenet.dispose();
 */
export class FaceNet {
  #lease: Lease | undefined;
  #disposed: Promise<void> | undefined;
  readonly #underWay = new Set<Promise<unknown>>();

  private constructor(lease: Lease) {
    this.#lease = lease;
  }

  /**
   * Reads and verifies the weights, keeps them in the browser's cache a second after the last of them came, and finds a backend that
   * runs them correctly: in a worker, or on the page where no worker starts. Callers that ask for the same share one load.
   *
   * @throws {FaceNetError} `option-invalid`, `model-missing`, `model-corrupt`, `manifest-invalid`, `insecure-context` or
   *   `backend-unavailable`.
   */
  static async load(options: LoadOptions = {}): Promise<FaceNet> {
    return new FaceNet(await leasePipeline(options));
  }

  /** Which backend runs the networks, why, and which were tried before it. */
  get backend(): BackendChoice {
    return this.#open().pipeline.facts.backend;
  }

  /** Whether the networks run in a worker or on the page, and why there. */
  get execution(): Execution {
    return this.#open().execution;
  }

  /** The names of the models in use. */
  get models(): ModelNames {
    return this.#open().pipeline.facts.models;
  }

  /**
   * What decides how the embeddings made here are compared: the embedder's name, dimension and metric, and the preset's
   * calibration. A plain object, which a gallery keeps and which can be kept beside embeddings.
   */
  get rule(): ComparisonRule {
    const { models, dimension, metric, calibration } = this.#open().pipeline.facts;
    if (!calibration) {
      throw new FaceNetError(
        'not-calibrated',
        `"${models.embedder}" has no calibration, without which no distance means anything: fit one with "npm run evaluate -- --calibrate".`,
      );
    }
    return { model: models.embedder, dimension, metric, calibration };
  }

  /**
   * Detection: finds the faces in a picture.
   *
   * @returns the faces, strongest first; an empty list when there is none.
   */
  async detect(source: ImageSource, options: DetectOptions = {}): Promise<Face[]> {
    const limits = detectionLimits(source, options);
    return this.#call(options, (pipeline, signal) => pipeline.detect(source, limits, signal));
  }

  /**
   * Landmarks: finds the points of faces that were detected in the same picture.
   *
   * @returns the face, or each face of a list, with its landmarks.
   */
  landmarks<F extends Face>(source: ImageSource, face: F, options?: Abortable): Promise<F & LandmarkedFace>;
  landmarks<F extends Face>(
    source: ImageSource,
    faces: readonly F[],
    options?: Abortable,
  ): Promise<(F & LandmarkedFace)[]>;
  async landmarks(
    source: ImageSource,
    faces: Face | readonly Face[],
    options: Abortable = {},
  ): Promise<LandmarkedFace | LandmarkedFace[]> {
    const list = listOf(faces);
    const found = await this.#call(options, (pipeline, signal) =>
      pipeline.landmarks(source, list.map(essentials), signal),
    );
    const landmarked = list.map((face, i) => ({ ...face, landmarks: found[i] as Landmarks }));
    return Array.isArray(faces) ? landmarked : (landmarked[0] as LandmarkedFace);
  }

  /**
   * Alignment: cuts the upright crop of a face out of the original pixels, laid on a template by similarity transform.
   *
   * @param face a face of this picture; its landmarks are found first when it has none.
   * @returns the crop, a square of `size` pixels.
   */
  async align(source: ImageSource, face: Face | LandmarkedFace, options: AlignOptions = {}): Promise<ImageData> {
    const { facts } = this.#open().pipeline;
    const [known] = listOf(face) as [Face];
    const { template = facts.template, size = facts.cropSize } = checkedOptions(options);
    checkAlignment(template, size);
    const { data } = await this.#call(options, (pipeline, signal) =>
      pipeline.align(source, essentials(known), template, size, signal),
    );
    return new ImageData(data as Uint8ClampedArray<ArrayBuffer>, size, size);
  }

  /**
   * Embedding: the whole fall from the picture to the vectors, all crops in batches: of every face that {@link detect}
   * finds, or of a face of this picture, or a list of them, that were detected before.
   *
   * @returns the faces with their embeddings, strongest first, or in the order given.
   */
  embed(source: ImageSource, options?: DetectOptions): Promise<EmbeddedFace[]>;
  embed<F extends Face>(source: ImageSource, face: F, options?: Abortable): Promise<F & EmbeddedFace>;
  embed<F extends Face>(source: ImageSource, faces: readonly F[], options?: Abortable): Promise<(F & EmbeddedFace)[]>;
  async embed(
    source: ImageSource,
    facesOrOptions: Face | readonly Face[] | DetectOptions = {},
    options: Abortable = {},
  ): Promise<EmbeddedFace | EmbeddedFace[]> {
    if (isFaces(facesOrOptions)) {
      const list = listOf(facesOrOptions);
      const found = await this.#call(options, (pipeline, signal) =>
        pipeline.embed(source, list.map(essentials), signal),
      );
      const embedded = list.map((face, i) => ({ ...face, ...(found[i] as EmbeddedFace) }));
      return Array.isArray(facesOrOptions) ? embedded : (embedded[0] as EmbeddedFace);
    }
    // Options in the third place belong to faces in the second: they must not be passed over.
    if (Object.keys(checkedOptions(options)).length > 0) {
      throw new FaceNetError(
        'option-invalid',
        'embed() got options but no face before them: use embed(source, options).',
      );
    }
    const limits = detectionLimits(source, facesOrOptions);
    return this.#call(facesOrOptions, (pipeline, signal) => pipeline.embed(source, limits, signal));
  }

  /**
   * Embedding of a crop that {@link align} made with the embedder's own template, whatever its size: for crops that were
   * kept, and for faces that were aligned elsewhere.
   */
  async embedCrop(crop: ImageSource, options: Abortable = {}): Promise<LabelledEmbedding> {
    const { embedder } = this.models;
    const embedding = await this.#call(options, (pipeline, signal) => pipeline.embedCrop(crop, signal));
    return { embedding, model: embedder };
  }

  /**
   * Video: the faces of one frame after another, each with an id that stays its own, a template that grows better, and with
   * a gallery the person. Faces are detected now and then, followed by their landmarks in between, and embedded when they
   * are new, better to see than before, or in doubt. A frame that comes while another is worked on is passed over.
   *
   * It ends when the video does, or when the loop is left; a paused video is waited for.
   *
   * @throws {FaceNetError} like every method with a source, whenever it happens; `not-calibrated` for an embedder whose
   *   distances mean nothing; whatever the gallery throws.
   *
   * @example
   * for await (const { faces } of facenet.watch(video, { gallery, signal })) {
   *   for (const { box, identity } of faces) draw(box, identity?.status === 'known' ? identity.person.name : '?');
   * }
   */
  watch(video: HTMLVideoElement, options: WatchOptions = {}): AsyncGenerator<TrackedFrame, void, void> {
    const { gallery } = checkedOptions(options);
    if (typeof HTMLVideoElement === 'undefined' || !(video instanceof HTMLVideoElement)) {
      throw new FaceNetError('image-type', 'watch() wants a video element: for other pictures use embed().');
    }
    if (gallery !== undefined && typeof gallery?.identify !== 'function') {
      throw new FaceNetError('option-invalid', 'gallery cannot identify: pass an open Gallery, or leave it out.');
    }
    const limits = detectionLimits(video, options);
    const { rule } = this;
    const { follows } = this.#open().pipeline.facts;
    const follow: Watching['follow'] = (frame, request, signal) =>
      this.#call({ signal }, (pipeline, signal) => pipeline.follow(frame, request, signal));
    return watchVideo(video, { follow, limits, follows, rule }, options);
  }

  /**
   * Comparison: whether two embeddings, or two faces that have one, are taken for the same person.
   *
   * A bare `Float32Array` is taken for an embedding of the loaded embedder; only its length can be checked, and that it is finite.
   *
   * @throws {FaceNetError} `model-mismatch` for embeddings of another model; `option-invalid` for what is no embedding, and
   *   for a false-accept rate that the calibration was not fitted for; `not-calibrated` for an embedder without one.
   */
  compare(
    a: LabelledEmbedding | Float32Array,
    b: LabelledEmbedding | Float32Array,
    options: CompareOptions = {},
  ): Verdict {
    return compareEmbeddings(a, b, this.rule, options);
  }

  /**
   * Keeps in the browser's cache, at once, what was fetched: from then on the same FaceNet loads without a network. It happens by itself a
   * second after the last file came; this is for a page that says when it can be closed, or works offline.
   *
   * @returns whether all of it is kept: a browser that is out of room, or keeps nothing in a private window, may refuse, and is not asked
   *   again until the next load.
   * @throws {FaceNetError} `disposed`; `backend-unavailable` or `worker-lost` where its worker is gone.
   */
  async persist(options: Abortable = {}): Promise<boolean> {
    const { pipeline } = this.#open();
    const { signal } = checkedOptions(options);
    signal?.throwIfAborted();
    return abortable(pipeline.persist(), signal);
  }

  /**
   * Lets the calls under way come to their end, then gives up the networks, which are freed when no other FaceNet shares
   * them. Before that it writes to the browser's cache what is not there yet, and takes as long as that does; a worker gets five seconds
   * for it. Every later call throws `disposed`; calling this again is harmless.
   */
  dispose(): Promise<void> {
    this.#disposed ??= this.#close();
    return this.#disposed;
  }

  /** The same as {@link dispose}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }

  async #close(): Promise<void> {
    const lease = this.#open();
    this.#lease = undefined;
    await Promise.allSettled(this.#underWay);
    await lease.release();
  }

  #open(): Lease {
    if (this.#lease) return this.#lease;
    throw new FaceNetError('disposed', 'This FaceNet was disposed: load another with FaceNet.load().');
  }

  /** Calls the pipeline, and sees to it that nobody frees it meanwhile. */
  async #call<T>(
    options: Abortable,
    work: (pipeline: Pipeline, signal: AbortSignal | undefined) => Promise<T>,
  ): Promise<T> {
    const { pipeline } = this.#open();
    const { signal } = checkedOptions(options);
    signal?.throwIfAborted();
    const working = work(pipeline, signal);
    this.#underWay.add(working);
    const done = () => this.#underWay.delete(working);
    working.then(done, done);
    return abortable(working, signal);
  }
}

/** What the pipeline must know of a face; what else a caller keeps with it stays with the caller. */
function essentials({ box, score, roll, keypoints, landmarks }: KnownFace): KnownFace {
  return { box, score, roll, ...(keypoints && { keypoints }), ...(landmarks && { landmarks }) };
}

/** Whether what may be faces or options is faces. What is neither counts as options, which are checked. */
function isFaces(value: Face | readonly Face[] | DetectOptions): value is Face | readonly Face[] {
  return Array.isArray(value) || (typeof value === 'object' && value !== null && 'box' in value);
}

function checkAlignment(template: string, size: number): void {
  if (!Object.hasOwn(templates, template)) {
    const names = Object.keys(templates).join('", "');
    throw new FaceNetError('option-invalid', `template is "${template}": use "${names}".`);
  }
  if (!Number.isInteger(size) || size < 1 || size > 4096) {
    throw new FaceNetError('option-invalid', `size is ${size}: use a whole number of pixels from 1 to 4096.`);
  }
}
