import { alignedCrop } from './alignment/align.ts';
import type { TemplateName } from './alignment/templates.ts';
import type { Calibration } from './comparison/calibration.ts';
import type { Metric } from './comparison/distance.ts';
import { type DetectionLimits, detectFaces } from './detection/detect.ts';
import { embedFaces } from './embedding/embed-faces.ts';
import { openPicture, type Picture } from './image/picture.ts';
import { warp } from './image/warp.ts';
import { freeStages, loadStages, type Stages } from './loading.ts';
import type { LoadOptions } from './options.ts';
import type { BackendChoice, EmbeddedFace, Face, ImageSource, LandmarkedFace, Landmarks, Pixels } from './types.ts';
import { followFaces } from './video/follow.ts';
import type { FrameAnswer, FrameRequest } from './video/frame.ts';

/** The names of the models in use, as the manifest has them. */
export interface ModelNames {
  detector: string;
  landmarker: string;
  embedder: string;
}

/** A face whose landmarks may be known. */
export type KnownFace = Face & Partial<LandmarkedFace>;

/** What a pipeline is made of: plain data, which crosses from a worker to the page. */
export interface PipelineFacts {
  backend: BackendChoice;
  models: ModelNames;
  dimension: number;
  metric: Metric;
  /** What distances mean; an embedder of somebody's own may have none yet. */
  calibration: Calibration | undefined;
  /** Whether a face can be followed by its landmarks: whether the landmarker tells when it lost it. */
  follows: boolean;
  /** How the embedder wants its crops. */
  template: TemplateName;
  cropSize: number;
}

/** The fall from a picture to embeddings, wherever it runs. Its arguments were checked by {@link FaceNet}. */
export interface Pipeline {
  readonly facts: PipelineFacts;
  detect(source: ImageSource, limits: DetectionLimits, signal?: AbortSignal): Promise<Face[]>;
  /** The landmarks of each face; those that are known are kept. */
  landmarks(source: ImageSource, faces: readonly KnownFace[], signal?: AbortSignal): Promise<Landmarks[]>;
  align(
    source: ImageSource,
    face: KnownFace,
    template: TemplateName,
    size: number,
    signal?: AbortSignal,
  ): Promise<Pixels>;
  /** The embeddings of faces that were found before, in their order, or of those that it finds, strongest first. */
  embed(
    source: ImageSource,
    which: readonly KnownFace[] | DetectionLimits,
    signal?: AbortSignal,
  ): Promise<EmbeddedFace[]>;
  embedCrop(crop: ImageSource, signal?: AbortSignal): Promise<Float32Array>;
  /** One frame of a video, of which the frame before it is known. */
  follow(source: ImageSource, request: FrameRequest, signal?: AbortSignal): Promise<FrameAnswer>;
  /** Frees everything; no call may be under way. */
  dispose(): Promise<void>;
}

/** A pipeline in the thread that loaded it. */
export class LocalPipeline implements Pipeline {
  readonly facts: PipelineFacts;
  readonly #stages: Stages;

  private constructor(stages: Stages) {
    const { detector, landmarker, embedder, calibration, backend } = stages;
    const { name, dimension, metric, template, preprocessing } = embedder.descriptor;
    this.#stages = stages;
    this.facts = {
      backend,
      models: { detector: detector.name, landmarker: landmarker.name, embedder: name },
      dimension,
      metric,
      calibration,
      follows: landmarker.presence !== undefined,
      template,
      cropSize: preprocessing.width,
    };
  }

  static async load(options: LoadOptions): Promise<LocalPipeline> {
    return new LocalPipeline(await loadStages(options));
  }

  detect(source: ImageSource, limits: DetectionLimits, signal?: AbortSignal): Promise<Face[]> {
    return this.#withPicture(source, signal, (picture) => this.#detect(picture, limits, signal));
  }

  landmarks(source: ImageSource, faces: readonly KnownFace[], signal?: AbortSignal): Promise<Landmarks[]> {
    return this.#withPicture(source, signal, (picture) => this.#landmarks(picture, faces, signal));
  }

  align(
    source: ImageSource,
    face: KnownFace,
    template: TemplateName,
    size: number,
    signal?: AbortSignal,
  ): Promise<Pixels> {
    return this.#withPicture(source, signal, async (picture) => {
      const [landmarks] = (await this.#landmarks(picture, [face], signal)) as [Landmarks];
      return alignedCrop(picture, landmarks, template, size);
    });
  }

  embed(
    source: ImageSource,
    which: readonly KnownFace[] | DetectionLimits,
    signal?: AbortSignal,
  ): Promise<EmbeddedFace[]> {
    return this.#withPicture(source, signal, async (picture) => {
      const faces: readonly KnownFace[] = 'minScore' in which ? await this.#detect(picture, which, signal) : which;
      const landmarks = await this.#landmarks(picture, faces, signal);
      const landmarked = faces.map((face, i) => ({ ...face, landmarks: landmarks[i] as Landmarks }));
      return embedFaces(picture, this.#stages.embedder, landmarked, signal);
    });
  }

  embedCrop(crop: ImageSource, signal?: AbortSignal): Promise<Float32Array> {
    return this.#withPicture(crop, signal, async (picture) => {
      const input = wholePicture(picture, this.facts.cropSize);
      return (await this.#stages.embedder.embedCrop(input, signal)).embedding;
    });
  }

  follow(source: ImageSource, request: FrameRequest, signal?: AbortSignal): Promise<FrameAnswer> {
    return this.#withPicture(source, signal, (picture) => followFaces(picture, this.#stages, request, signal));
  }

  async dispose(): Promise<void> {
    freeStages(this.#stages);
  }

  #detect(picture: Picture, limits: DetectionLimits, signal: AbortSignal | undefined): Promise<Face[]> {
    const { detector, closeUp, landmarker } = this.#stages;
    return detectFaces(picture, { detector, closeUp, witness: landmarker.presence }, limits, signal);
  }

  /** Opens a picture, does something with it, and closes it however that ends. */
  async #withPicture<T>(
    source: ImageSource,
    signal: AbortSignal | undefined,
    work: (picture: Picture) => Promise<T>,
  ): Promise<T> {
    const picture = await openPicture(source, signal);
    picture.resampler = this.#stages.resampler;
    try {
      return await work(picture);
    } finally {
      picture.close();
    }
  }

  async #landmarks(
    picture: Picture,
    faces: readonly KnownFace[],
    signal: AbortSignal | undefined,
  ): Promise<Landmarks[]> {
    const bare = faces.filter(({ landmarks }) => !landmarks);
    const found = (await this.#stages.landmarker.find(picture, bare, signal)).values();
    return faces.map(({ landmarks }) => landmarks ?? (found.next().value as Landmarks));
  }
}

/** The whole of a picture as a square of `size` pixels. */
function wholePicture(picture: Picture, size: number): Pixels {
  return warp(picture, { a: picture.width / size, b: 0, c: 0, d: picture.height / size, e: 0, f: 0 }, size, size);
}
