/// <reference lib="esnext.disposable" preserve="true" />
import { checkCropFormat } from './alignment/check-crop-format.ts';
import {
  type CompareOptions,
  type ComparisonRule,
  compareEmbeddings,
  type LabelledEmbedding,
  type Verdict,
} from './comparison/compare.ts';
import { isInstance } from './core/brand.ts';
import { abortable } from './core/cancellation.ts';
import { checkedOptions, type OptionNames } from './core/checked-options.ts';
import { FaceNetError } from './core/errors.ts';
import { PendingCalls } from './core/pending-calls.ts';
import { comparedCalibration } from './core/stranger-model.ts';
import type {
  Abortable,
  BackendChoice,
  EmbeddedFace,
  EmbedderIdentity,
  Face,
  ImageSource,
  LandmarkedFace,
  Landmarks,
  TemplateName,
} from './core/types.ts';
import { type DetectOptions, detectionLimits, detectOptionNames, type LoadOptions } from './pipeline/options.ts';
import type { Input, KnownFace, ModelNames, Output, RequestName } from './pipeline/pipeline.ts';
import { type Execution, type Lease, leasePipeline } from './pipeline/pool.ts';
import { validFaces } from './pipeline/valid-faces.ts';
import { type TrackedFrame, type WatchOptions, watchVideo } from './video/watch.ts';

/** Options of {@link FaceNet.align}. */
export interface AlignOptions extends Abortable {
  /**
   * The alignment template, with its own margin. `facenet` needs the landmarks of the detector `mtcnn`. Default: the template of the
   * embedder, with the margin that the embedder needs.
   */
  template?: TemplateName;
  /** The side of the crop in pixels, 1 to 4096; with `height`, its width. Default: the embedder's input size. */
  size?: number;
  /** The height of the crop in pixels, 1 to 4096, for the templates `face-aligner` and `box`. Default: `size`. */
  height?: number;
  /** The margin about the face, as a share of its size, 0 to 2, for the templates `dlib` and `dlib-chip`. @default 0.25 */
  padding?: number;
  /**
   * The position of the eye on the left, as shares of the crop's width (0 to 0.49) and height (0 to 1), for the template `face-aligner`.
   *
   * @default [0.35, 0.35]
   */
  leftEye?: readonly [x: number, y: number];
}

/**
 * Face recognition inside the page. An image passes through five stages:
 *
 *     image → detection → landmarks → alignment (and crop) → embedding → comparison
 *
 * Each stage is a method; `embed` runs all of them up to the embedding. Nothing leaves the page.
 *
 * Every method with a `source` throws a {@link FaceNetError} with `image-type`, `image-unreadable`, `image-empty`, `image-tainted`,
 * `video-not-ready` or `bitmap-detached` when the source cannot be read, `option-invalid` for an invalid option, and `disposed`
 * after {@link dispose}. When its `signal` aborts, it rejects with `signal.reason`.
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
  readonly #disposal = new AbortController();
  /** Aborts when {@link dispose} gives up waiting for pending calls. */
  readonly #abandoned = new AbortController();
  readonly #calls = new PendingCalls();

  private constructor(lease: Lease) {
    this.#lease = lease;
  }

  /**
   * Reads and verifies the weights and finds a backend that runs them correctly, in a worker or, if no worker starts, on the page.
   * Files are written to the browser's cache one second after the last of them arrived. Callers with equal options share one load.
   *
   * @param options what to load, from where, and where it runs. Every field has a default.
   * @throws {FaceNetError} `option-invalid`, `model-missing`, `model-corrupt`, `manifest-invalid`, `insecure-context` or
   *   `backend-unavailable`.
   *
   * @example
   * const fast = await FaceNet.load({ preset: 'fast', onProgress: ({ progress }) => show(progress) });
   * await fast.dispose();
   */
  static async load(options: LoadOptions = {}): Promise<FaceNet> {
    return new FaceNet(await leasePipeline(options));
  }

  /** The backend that runs the networks, the reason for it, and the backends that were rejected before. */
  get backend(): BackendChoice {
    return this.#open().pipeline.facts.backend;
  }

  /** Whether the networks run in a worker or on the page, and the reason. */
  get execution(): Execution {
    return this.#open().execution;
  }

  /** The names of the models in use. */
  get models(): ModelNames {
    return this.#open().pipeline.facts.models;
  }

  /** What identifies the embedder beside its name. Store it with embeddings, as a photo library and its exports do. */
  get identity(): EmbedderIdentity {
    const { embedderFiles, crop } = this.#open().pipeline.facts;
    return { sha256: embedderFiles, template: crop.template };
  }

  /**
   * The SHA-256 of each file of the detector and the landmarker, as 64 hexadecimal digits. A photo library indexes photos again if they
   * differ.
   */
  get detectionFiles(): readonly string[] {
    return this.#open().pipeline.facts.detectionFiles;
  }

  /**
   * How embeddings of this FaceNet are compared: the embedder's name, dimension and metric, and the preset's calibration. A plain
   * object that can be stored beside embeddings, as a gallery does.
   *
   * @throws {FaceNetError} `not-calibrated` when the embedder has no calibration.
   *
   * @example
   * const { model, dimension, metric } = facenet.rule;
   * show(model, dimension, metric);
   */
  get rule(): ComparisonRule {
    const { models, dimension, metric, calibration } = this.#open().pipeline.facts;
    if (!calibration) {
      throw new FaceNetError(
        'not-calibrated',
        `"${models.embedder}" has no calibration, so its distances have no meaning yet: fit one with "npm run evaluate -- --calibrate".`,
      );
    }
    return { model: models.embedder, dimension, metric, calibration: comparedCalibration(calibration) };
  }

  /**
   * Detection: finds the faces in an image.
   *
   * @param source an image, video, canvas, bitmap, `ImageData`, `VideoFrame` or `Blob`.
   * @param options which faces to find, and in which order.
   * @returns the faces in the order of the option `order`, by default the highest score first; an empty list if there is none.
   *   Boxes and keypoints are in pixels of the source.
   *
   * @example
   * for (const { box, score } of await facenet.detect(photo, { minSize: 40 })) show(box, score);
   */
  async detect(source: ImageSource, options: DetectOptions = {}): Promise<Face[]> {
    return this.#request('detect', source, this.#limits(source, options), options);
  }

  /**
   * Landmarks: finds the landmarks of faces that were detected in the same image.
   *
   * @param source the image in which the face was detected.
   * @param face the face; it is not changed.
   * @param options a signal that cancels the call.
   * @returns the face, or each face of a list, with its landmarks, in pixels of the source.
   *
   * @example
   * const [detected] = await facenet.detect(photo);
   * const { landmarks } = await facenet.landmarks(photo, detected);
   * show(landmarks.scheme, landmarks.points);
   */
  landmarks<F extends Face>(source: ImageSource, face: F, options?: Abortable): Promise<F & LandmarkedFace>;
  /**
   * Landmarks of several faces that were detected in the same image.
   *
   * @param source the image in which the faces were detected.
   * @param faces the faces; they are not changed.
   * @param options a signal that cancels the call.
   * @returns each face with its landmarks, in pixels of the source and in the given order.
   *
   * @example
   * const landmarked = await facenet.landmarks(photo, await facenet.detect(photo));
   * show(landmarked.length);
   */
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
    const list = validFaces(faces);
    const found = await this.#request('landmarks', source, list.map(knownFields), checkedOptions(options));
    const landmarked = list.map((face, i) => ({ ...face, landmarks: found[i] as Landmarks }));
    return Array.isArray(faces) ? landmarked : (landmarked[0] as LandmarkedFace);
  }

  /**
   * Alignment: cuts the crop of a face out of the original pixels: upright, placed on a template by a similarity transform, or for
   * the template `facenet` the detector's box with a margin.
   *
   * @param source the image in which the face was detected.
   * @param face a face of this image; its landmarks are found first if it has none.
   * @param options the template and the size of the crop.
   * @returns the crop, a square of `size` pixels; with `height`, a rectangle.
   * @throws {FaceNetError} `option-invalid` for a template that needs other landmarks than those of the face, and for an option that the
   *   template does not use.
   *
   * @example
   * const [detected] = await facenet.detect(photo);
   * const pixels = await facenet.align(photo, detected, { template: 'arcface', size: 112 });
   * show(pixels.width, pixels.height);
   */
  async align(source: ImageSource, face: Face | LandmarkedFace, options: AlignOptions = {}): Promise<ImageData> {
    const { facts } = this.#open().pipeline;
    const [known] = validFaces(face) as [Face];
    const {
      template = facts.crop.template,
      size = facts.crop.size,
      height = size,
      padding,
      leftEye,
    } = checkedOptions(options, { template: true, size: true, height: true, padding: true, leftEye: true });
    checkCropFormat({ template, size, height: options.height, padding, leftEye });
    const zoom = options.template === undefined ? facts.crop.zoom : 1;
    const { data } = await this.#request(
      'align',
      source,
      { face: knownFields(known), format: { template, size, zoom, height, padding, leftEye } },
      options,
    );
    return new ImageData(data as Uint8ClampedArray<ArrayBuffer>, size, height);
  }

  /**
   * Embedding: runs every stage from the image to the embeddings, with the crops in batches. Embeds every face that {@link detect}
   * finds, or the given face or faces, which were detected in this image before.
   *
   * @param source an image, video, canvas, bitmap, `ImageData`, `VideoFrame` or `Blob`.
   * @param options which faces to find, and in which order.
   * @returns the faces with their embeddings, in the order of the option `order` or of the given faces. An embedding has the length 1
   *   and as many elements as `rule.dimension`.
   *
   * @example
   * const [largest] = await facenet.embed(photo, { order: 'size', maxFaces: 1 });
   * show(largest.embedding, largest.quality.overall);
   */
  embed(source: ImageSource, options?: DetectOptions): Promise<EmbeddedFace[]>;
  /**
   * Embedding of one face that was detected in this image before.
   *
   * @param source the image in which the face was detected.
   * @param face the face; its landmarks are found first if it has none.
   * @param options a signal that cancels the call.
   * @returns the face with its embedding and quality.
   *
   * @example
   * const [detected] = await facenet.detect(photo);
   * show((await facenet.embed(photo, detected)).embedding);
   */
  embed<F extends Face>(source: ImageSource, face: F, options?: Abortable): Promise<F & EmbeddedFace>;
  /**
   * Embedding of faces that were detected in this image before.
   *
   * @param source the image in which the faces were detected.
   * @param faces the faces; the landmarks of those without are found first.
   * @param options a signal that cancels the call.
   * @returns each face with its embedding and quality, in the given order.
   *
   * @example
   * const detected = await facenet.detect(photo, { minSize: 80 });
   * show((await facenet.embed(photo, detected)).length);
   */
  embed<F extends Face>(source: ImageSource, faces: readonly F[], options?: Abortable): Promise<(F & EmbeddedFace)[]>;
  async embed(
    source: ImageSource,
    facesOrOptions: Face | readonly Face[] | DetectOptions = {},
    options: Abortable = {},
  ): Promise<EmbeddedFace | EmbeddedFace[]> {
    checkedOptions(options);
    if (isFaces(facesOrOptions)) {
      const list = validFaces(facesOrOptions);
      const found = await this.#request('embedFaces', source, list.map(knownFields), options);
      const embedded = list.map((face, i) => ({ ...face, ...(found[i] as EmbeddedFace) }));
      return Array.isArray(facesOrOptions) ? embedded : (embedded[0] as EmbeddedFace);
    }
    // A third argument belongs to faces in the second; ignoring it would hide a mistake.
    if (Object.keys(options).length > 0) {
      throw new FaceNetError(
        'option-invalid',
        'embed() got options as its third argument, but no face as its second: use embed(source, options).',
      );
    }
    return this.#request('embedDetected', source, this.#limits(source, facesOrOptions), facesOrOptions);
  }

  /**
   * Embeds an image that is an aligned crop already: made by {@link align} without a template, or aligned in the same way elsewhere.
   * Any size; the crop is resized to the embedder's input. An embedder that joins several networks finds the landmarks in the crop
   * first, and cuts the crops of the other networks out of it, which is less accurate than {@link embed}.
   *
   * @param crop the crop, in any form that {@link embed} takes.
   * @param options a signal that cancels the call.
   * @returns the embedding with the name of its model. It has no quality, so {@link compare} uses the threshold of all photos.
   *
   * @example
   * const embedded = await facenet.embedCrop(crop);
   * show(facenet.compare(embedded, probe));
   */
  async embedCrop(crop: ImageSource, options: Abortable = {}): Promise<LabelledEmbedding> {
    const { embedder } = this.models;
    const embedding = await this.#request('embedCrop', crop, undefined, checkedOptions(options));
    return { embedding, model: embedder };
  }

  /**
   * Video: tracks faces from frame to frame. Each face has a stable id, an embedding fused from its best frames, and with a gallery
   * an identity. Faces are detected every quarter of a second, followed by their landmarks in between, and embedded when they are
   * new, clearly better visible than before, or in doubt. Each face is verified by an embedding every 400 ms, so that a cut to another
   * person is noticed. A face is listed once two frames have shown it. Frames that arrive while one is processed are skipped.
   *
   * The loop ends when the video ends or when you leave it. While the video shows no new frame, because it is paused or muted, or has
   * no source while the page switches cameras, it waits: see the `state` of a frame.
   *
   * @param video a video element; it may be paused or have no source yet.
   * @param options a gallery for the names, and which faces to find.
   * @returns the frames, each with its tracked faces.
   * @throws {FaceNetError} as every method with a source; `not-calibrated` for an embedder without a calibration; whatever the gallery
   *   throws.
   *
   * @example
   * for await (const { faces } of facenet.watch(video, { gallery, signal })) {
   *   for (const { box, identity } of faces) draw(box, identity?.status === 'known' ? identity.person.name : '?');
   * }
   */
  watch(video: HTMLVideoElement, options: WatchOptions = {}): AsyncGenerator<TrackedFrame, void, void> {
    const { gallery, ...detection } = checkedOptions<WatchOptions>(options, watchOptionNames);
    const limits = this.#limits(video, detection);
    if (!isInstance(video, 'HTMLVideoElement')) {
      throw new FaceNetError('image-type', 'watch() needs a video element: for other images use embed().');
    }
    if (gallery !== undefined && typeof gallery?.identify !== 'function') {
      throw new FaceNetError('option-invalid', 'gallery has no identify(): pass an open Gallery, or leave it out.');
    }
    return watchVideo(
      video,
      {
        follow: (frame, request, signal) => this.#request('follow', frame, request, { signal }),
        limits,
        follows: this.#open().pipeline.facts.follows,
        rule: this.rule,
        disposed: this.#disposal.signal,
      },
      options,
    );
  }

  /**
   * Comparison: decides whether two embeddings, or two embedded faces, are of the same person.
   *
   * A bare `Float32Array` is treated as an embedding of the loaded embedder. It must have as many elements as the embedder's, all
   * finite, and the length 1, by which descriptors of other libraries are recognised.
   *
   * @param a an embedded face, an embedding with the name of its model, or a bare embedding.
   * @param b the same.
   * @param options the false-accept rate.
   * @returns the verdict: `same`, the calibrated `probability` at even prior, the `distance` and the `threshold`.
   * @throws {FaceNetError} `model-mismatch` for embeddings of another model, and for a bare vector that is not of length 1;
   *   `option-invalid` for a value that is no embedding, and for a false-accept rate outside the calibration; `not-calibrated` for an
   *   embedder without one.
   *
   * @example
   * const { same, probability } = facenet.compare(face, probe, { far: 1e-4 });
   * show(same, probability);
   */
  compare(
    a: LabelledEmbedding | Float32Array,
    b: LabelledEmbedding | Float32Array,
    options: CompareOptions = {},
  ): Verdict {
    return compareEmbeddings(a, b, this.rule, options);
  }

  /**
   * Writes all fetched files to the browser's cache now, so that the same FaceNet loads without a network from then on. The library
   * does so one second after the last file arrived; call this before the page reports that it works offline.
   *
   * @param options a signal that stops the waiting; the writing goes on.
   * @returns whether all files are stored. A browser that is out of space, or a private window, may refuse; the next load tries
   *   again.
   * @throws {FaceNetError} `disposed`; `backend-unavailable` or `worker-lost` when its worker died.
   *
   * @example
   * if (await facenet.persist()) tell('The models are stored.');
   */
  async persist(options: Abortable = {}): Promise<boolean> {
    const { pipeline } = this.#open();
    const { signal } = checkedOptions(options);
    signal?.throwIfAborted();
    return abortable(pipeline.persist(), signal);
  }

  /**
   * Waits for pending calls, ends {@link watch} with `disposed`, writes fetched files to the browser's cache (a worker gets five
   * seconds for it), and frees the networks unless another FaceNet shares them. If no pending call ends for 30 seconds, as when the
   * worker hangs, all of them are rejected with `disposed`. Every later call throws `disposed`; calling this again has no effect.
   *
   * @example
   * await facenet.dispose();
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
    this.#disposal.abort(disposedError());
    if (!(await this.#calls.settled())) this.#abandoned.abort(disposedError());
    await lease.release();
  }

  #open(): Lease {
    if (this.#lease) return this.#lease;
    throw disposedError();
  }

  #limits(source: ImageSource, options: DetectOptions): Input<'detect'> {
    return detectionLimits(source, options, this.#open().pipeline.facts.search);
  }

  /** Sends a request to the pipeline and tracks it, so that {@link dispose} waits for it. */
  async #request<Name extends RequestName>(
    name: Name,
    source: ImageSource,
    input: Input<Name>,
    { signal }: Abortable,
  ): Promise<Output<Name>> {
    const { pipeline } = this.#open();
    signal?.throwIfAborted();
    const call = this.#calls.track(pipeline.request(name, source, input, signal));
    return abortable(abortable(call, this.#abandoned.signal), signal);
  }
}

const { order: _, ...videoOptionNames } = detectOptionNames;
const watchOptionNames: OptionNames<WatchOptions> = { ...videoOptionNames, gallery: true };

function disposedError(): FaceNetError {
  return new FaceNetError('disposed', 'This FaceNet was disposed: load another with FaceNet.load().');
}

/** The fields of a face that the pipeline needs. Further fields of the caller's object stay on the page. */
function knownFields({ box, score, roll, keypoints, landmarks }: KnownFace): KnownFace {
  return { box, score, roll, ...(keypoints && { keypoints }), ...(landmarks && { landmarks }) };
}

/** Whether the second argument of `embed` is a face or a list of faces. Anything else is validated as options. */
function isFaces(value: Face | readonly Face[] | DetectOptions): value is Face | readonly Face[] {
  return Array.isArray(value) || (typeof value === 'object' && value !== null && 'box' in value);
}
