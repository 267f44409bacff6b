import { alignedCrop } from './alignment/align.ts';
import { type TemplateName, templates } from './alignment/templates.ts';
import {
  type CompareOptions,
  type ComparisonRule,
  compareEmbeddings,
  type LabelledEmbedding,
  type Verdict,
} from './comparison/compare.ts';
import { detectFaces } from './detection/detect.ts';
import type { Embedded } from './embedding/embedder.ts';
import { FaceNetError } from './errors.ts';
import { openPicture, type Picture } from './image/picture.ts';
import { warp } from './image/warp.ts';
import { pointCounts } from './landmarks/schemes.ts';
import { freeStages, loadStages, type Stages } from './loading.ts';
import { type DetectOptions, detectionLimits, type LoadOptions } from './options.ts';
import { assessQuality } from './quality/quality.ts';
import { abortable, checkedOptions } from './runtime/signal.ts';
import type {
  Abortable,
  BackendChoice,
  EmbeddedFace,
  Face,
  ImageSource,
  LandmarkedFace,
  Landmarks,
  Pixels,
} from './types.ts';

/** What {@link FaceNet.align} can be told. */
export interface AlignOptions extends Abortable {
  /** The crop template to lay the face on. Default: the embedder's. */
  template?: TemplateName;
  /** The side of the crop in pixels, 1 to 4096. Default: the embedder's input. */
  size?: number;
}

/** The names of the models in use, as the manifest has them. */
export interface ModelNames {
  detector: string;
  landmarker: string;
  embedder: string;
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
  #stages: Stages | undefined;
  #disposed: Promise<void> | undefined;
  readonly #underWay = new Set<Promise<unknown>>();

  private constructor(stages: Stages) {
    this.#stages = stages;
  }

  /**
   * Reads and verifies the weights, keeps them in the browser's cache, and finds a backend that runs them correctly.
   *
   * @throws {FaceNetError} `option-invalid`, `model-missing`, `model-corrupt`, `manifest-invalid`, `insecure-context` or
   *   `backend-unavailable`.
   */
  static async load(options: LoadOptions = {}): Promise<FaceNet> {
    const loading = loadStages(options);
    try {
      return new FaceNet(await abortable(loading, options.signal));
    } catch (error) {
      // What was given up may still come to its end, and then nobody would free it.
      loading.then(freeStages, () => {});
      throw error;
    }
  }

  /** Which backend runs the networks, why, and which were tried before it. */
  get backend(): BackendChoice {
    return this.#open().backend;
  }

  /** The names of the models in use. */
  get models(): ModelNames {
    const { detector, landmarker, embedder } = this.#open();
    return { detector: detector.name, landmarker: landmarker.name, embedder: embedder.descriptor.name };
  }

  /**
   * What decides how the embeddings made here are compared: the embedder's name, dimension and metric, and the preset's
   * calibration. A plain object, which a gallery keeps and which can be kept beside embeddings.
   */
  get rule(): ComparisonRule {
    const { embedder, calibration } = this.#open();
    const { name, dimension, metric } = embedder.descriptor;
    if (!calibration) {
      throw new FaceNetError(
        'not-calibrated',
        `"${name}" has no calibration, without which no distance means anything: fit one with "npm run evaluate -- --calibrate".`,
      );
    }
    return { model: name, dimension, metric, calibration };
  }

  /**
   * Detection: finds the faces in a picture.
   *
   * @returns the faces, strongest first; an empty list when there is none.
   */
  async detect(source: ImageSource, options: DetectOptions = {}): Promise<Face[]> {
    const { detector, landmarker } = this.#open();
    const limits = detectionLimits(source, options);
    return this.#look(source, options, (picture) => detectFaces(picture, detector, landmarker.presence, limits));
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
    const stages = this.#open();
    const list = listOf(faces);
    const found = await this.#look(source, options, (picture) => withLandmarks(stages, picture, list, options.signal));
    return Array.isArray(faces) ? found : (found[0] as LandmarkedFace);
  }

  /**
   * Alignment: cuts the upright crop of a face out of the original pixels, laid on a template by similarity transform.
   *
   * @param face a face of this picture; its landmarks are found first when it has none.
   * @returns the crop, a square of `size` pixels.
   */
  async align(source: ImageSource, face: Face | LandmarkedFace, options: AlignOptions = {}): Promise<ImageData> {
    const stages = this.#open();
    const { descriptor } = stages.embedder;
    const list = listOf(face);
    const { template = descriptor.template, size = descriptor.preprocessing.width } = checkedOptions(options);
    checkAlignment(template, size);
    return this.#look(source, options, async (picture) => {
      const [landmarked] = (await withLandmarks(stages, picture, list, options.signal)) as [LandmarkedFace];
      const { data } = alignedCrop(picture, landmarked.landmarks, template, size);
      return new ImageData(data as Uint8ClampedArray<ArrayBuffer>, size, size);
    });
  }

  /**
   * Embedding: the whole fall from the picture to the vectors, all crops in batches.
   *
   * @param face a face of this picture, or a list of them, when they were detected before; without it every face that
   *   {@link detect} finds.
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
    const stages = this.#open();
    if (isFaces(facesOrOptions)) {
      const faces = listOf(facesOrOptions);
      const { signal } = checkedOptions(options);
      const embedded = await this.#look(source, { signal }, (picture) =>
        withEmbeddings(stages, picture, faces, signal),
      );
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
    const { detector, landmarker } = stages;
    return this.#look(source, limits, async (picture) => {
      const faces = await detectFaces(picture, detector, landmarker.presence, limits);
      return withEmbeddings(stages, picture, faces, limits.signal);
    });
  }

  /**
   * Embedding of a crop that {@link align} made with the embedder's own template, whatever its size: for crops that were
   * kept, and for faces that were aligned elsewhere.
   */
  async embedCrop(crop: ImageSource, options: Abortable = {}): Promise<LabelledEmbedding> {
    const { embedder } = this.#open();
    const { name, preprocessing } = embedder.descriptor;
    return this.#look(crop, options, async (picture) => {
      const input = wholePicture(picture, preprocessing.width);
      const { embedding } = await embedder.embedCrop(input, options.signal);
      return { embedding, model: name };
    });
  }

  /**
   * Comparison: whether two embeddings, or two faces that have one, are taken for the same person.
   *
   * A bare `Float32Array` is taken for an embedding of the loaded embedder; only its length can be checked.
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
   * Lets the calls under way come to their end, then frees the networks and closes MediaPipe. Every later call throws
   * `disposed`; calling this again is harmless.
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
    const stages = this.#open();
    this.#stages = undefined;
    await Promise.allSettled(this.#underWay);
    freeStages(stages);
  }

  #open(): Stages {
    if (this.#stages) return this.#stages;
    throw new FaceNetError('disposed', 'This FaceNet was disposed: load another with FaceNet.load().');
  }

  /** Opens a picture, does something with it, and closes it however that ends. */
  async #look<T>(source: ImageSource, options: Abortable, work: (picture: Picture) => Promise<T>): Promise<T> {
    const { signal } = checkedOptions(options);
    const working = openPicture(source, signal).then((picture) => work(picture).finally(() => picture.close()));
    this.#underWay.add(working);
    const done = () => this.#underWay.delete(working);
    working.then(done, done);
    return abortable(working, signal);
  }
}

/** The whole of a picture as a square of `size` pixels. */
function wholePicture(picture: Picture, size: number): Pixels {
  return warp(picture, { a: picture.width / size, b: 0, c: 0, d: picture.height / size, e: 0, f: 0 }, size, size);
}

/** Finds the landmarks of the faces that have none yet. */
async function withLandmarks<F extends Face & Partial<LandmarkedFace>>(
  { landmarker }: Stages,
  picture: Picture,
  faces: readonly F[],
  signal: AbortSignal | undefined,
): Promise<(F & LandmarkedFace)[]> {
  const bare = faces.filter(({ landmarks }) => !landmarks);
  const found = (await landmarker.find(picture, bare, signal)).values();
  return faces.map((face) => ({ ...face, landmarks: face.landmarks ?? (found.next().value as Landmarks) }));
}

async function withEmbeddings<F extends Face>(
  stages: Stages,
  picture: Picture,
  faces: readonly F[],
  signal: AbortSignal | undefined,
): Promise<(F & EmbeddedFace)[]> {
  const landmarked = await withLandmarks(stages, picture, faces, signal);
  const { embedder } = stages;
  const embedded = await embedder.embed(
    picture,
    landmarked.map(({ landmarks }) => landmarks),
    signal,
  );
  const model = embedder.descriptor.name;
  return landmarked.map((face, i) => {
    const { embedding, crop, stability } = embedded[i] as Embedded;
    return { ...face, embedding, model, quality: assessQuality(face.landmarks, crop, stability) };
  });
}

/** Whether what may be faces or options is faces. What is neither counts as options, which are checked. */
function isFaces(value: Face | readonly Face[] | DetectOptions): value is Face | readonly Face[] {
  return Array.isArray(value) || (typeof value === 'object' && value !== null && 'box' in value);
}

/** A face, or faces, as a list; each must be one. */
function listOf<F extends Face>(faces: F | readonly F[]): readonly F[] {
  const list = Array.isArray(faces) ? (faces as readonly F[]) : [faces as F];
  for (const face of list) {
    if (!face?.box || typeof face.roll !== 'number') {
      throw new FaceNetError('option-invalid', 'Not a face: pass what detect() returned for this picture.');
    }
    const { landmarks } = face as Partial<LandmarkedFace>;
    if (landmarks && landmarks.points?.length !== pointCounts[landmarks.scheme]) {
      throw new FaceNetError(
        'option-invalid',
        `The landmarks are not all points of their scheme "${landmarks.scheme}": pass what landmarks() returned, or none.`,
      );
    }
  }
  return list;
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
