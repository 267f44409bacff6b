import { alignedCrop } from '../alignment/align.ts';
import { abortable } from '../core/cancellation.ts';
import type {
  BackendChoice,
  Calibration,
  EmbeddedFace,
  Face,
  ImageSource,
  LandmarkedFace,
  Landmarks,
  Metric,
  Pixels,
  TemplateName,
} from '../core/types.ts';
import { type DetectionLimits, detectFaces } from '../detection/detect.ts';
import { type DetectedFace, withoutFirstPass } from '../detection/detector.ts';
import { embedFaces } from '../embedding/embed-faces.ts';
import { openPicture } from '../image/picture.ts';
import type { Picture } from '../image/pixel-source.ts';
import { warp } from '../image/warp.ts';
import type { Landmarker } from '../landmarks/landmarker.ts';
import { type Graphics, GraphicsLost, whileTheyLast } from '../runtime/graphics.ts';
import { followFaces } from './follow.ts';
import type { FrameAnswer, FrameRequest } from './frame.ts';
import { freeStages, loadStages, type Stages, type StartThreads } from './load-stages.ts';
import type { LoadOptions } from './options.ts';

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
  /** Keeps in the browser's cache what was fetched and is not there yet; whether all of it is kept. */
  persist(): Promise<boolean>;
  /** Frees everything, and keeps what was fetched; no call may be under way. */
  dispose(): Promise<void>;
}

/** A pipeline in the thread that loaded it. */
export class LocalPipeline implements Pipeline {
  readonly #options: LoadOptions;
  readonly #startThreads: StartThreads | undefined;
  #stages: Stages;
  #facts: PipelineFacts;
  #replacement: Promise<void> | undefined;

  private constructor(options: LoadOptions, startThreads: StartThreads | undefined, stages: Stages) {
    this.#options = options;
    this.#startThreads = startThreads;
    this.#stages = stages;
    this.#facts = factsOf(stages);
  }

  /** @param startThreads where this thread may start further ones. */
  static async load(options: LoadOptions, startThreads?: StartThreads): Promise<LocalPipeline> {
    const { onProgress: _, ...again } = options;
    return new LocalPipeline(again, startThreads, await loadStages(options, startThreads));
  }

  get facts(): PipelineFacts {
    return this.#facts;
  }

  detect(source: ImageSource, limits: DetectionLimits, signal?: AbortSignal): Promise<Face[]> {
    return this.#run(source, signal, async (picture, stages, signal) =>
      (await detect(picture, stages, limits, signal)).map(withoutFirstPass),
    );
  }

  landmarks(source: ImageSource, faces: readonly KnownFace[], signal?: AbortSignal): Promise<Landmarks[]> {
    return this.#run(source, signal, (picture, { landmarker }, signal) =>
      findLandmarks(picture, landmarker, faces, signal),
    );
  }

  align(
    source: ImageSource,
    face: KnownFace,
    template: TemplateName,
    size: number,
    signal?: AbortSignal,
  ): Promise<Pixels> {
    return this.#run(source, signal, async (picture, { landmarker }, signal) => {
      const [landmarks] = (await findLandmarks(picture, landmarker, [face], signal)) as [Landmarks];
      return alignedCrop(picture, landmarks, template, size);
    });
  }

  embed(
    source: ImageSource,
    which: readonly KnownFace[] | DetectionLimits,
    signal?: AbortSignal,
  ): Promise<EmbeddedFace[]> {
    return this.#run(source, signal, async (picture, stages, signal) => {
      const { landmarker, embedder } = stages;
      const faces: readonly (KnownFace & DetectedFace)[] =
        'minScore' in which ? await detect(picture, stages, which, signal) : which;
      const landmarks = await findLandmarks(picture, landmarker, faces, signal);
      const landmarked = faces.map((face, i) => ({ ...withoutFirstPass(face), landmarks: landmarks[i] as Landmarks }));
      return embedFaces(picture, embedder, landmarked, { signal });
    });
  }

  embedCrop(crop: ImageSource, signal?: AbortSignal): Promise<Float32Array> {
    return this.#run(crop, signal, async (picture, { embedder }, signal) => {
      const input = wholePicture(picture, embedder.descriptor.preprocessing.width);
      return (await embedder.embedCrop(input, signal)).embedding;
    });
  }

  follow(source: ImageSource, request: FrameRequest, signal?: AbortSignal): Promise<FrameAnswer> {
    return this.#run(source, signal, (picture, stages, signal) => followFaces(picture, stages, request, signal));
  }

  persist(): Promise<boolean> {
    return this.#stages.persist();
  }

  async dispose(): Promise<void> {
    // A call that was aborted may have left one behind.
    await this.#replacement?.catch(() => {});
    await this.persist();
    freeStages(this.#stages);
    await discardLost(this.#stages.graphics);
  }

  /** Runs the stages on a picture; where their graphics are lost meanwhile, others answer for the same picture. */
  #run<T>(
    source: ImageSource,
    signal: AbortSignal | undefined,
    work: (picture: Picture, stages: Stages, signal: AbortSignal | undefined) => Promise<T>,
  ): Promise<T> {
    return withPicture(source, signal, async (picture) => {
      for (;;) {
        const stages = this.#stages;
        picture.resampler = stages.resampler;
        try {
          return await whileTheyLast(stages.graphics, signal, (stop) => work(picture, stages, stop));
        } catch (error) {
          if (!(error instanceof GraphicsLost)) throw error;
          await abortable(this.#replace(stages, error), signal);
        }
      }
    });
  }

  /** Loads the stages on the next backend, from the weights in the cache, once for all who found them lost. */
  async #replace(gone: Stages, { message }: GraphicsLost): Promise<void> {
    if (this.#stages !== gone) return;
    this.#replacement ??= (async () => {
      const { name, rejected } = gone.backend;
      // The processor's own backend stays; then it is MediaPipe that lost its graphics, and starts anew or is replaced.
      const others = rejected.filter((other) => other.name !== name);
      // The backend's own graphics come first.
      const isBackend = name !== 'wasm' && gone.graphics[0]?.lost.aborted;
      const lost = isBackend ? [...others, { name, reason: message }] : [];
      await gone.persist();
      this.#stages = await loadStages(this.#options, this.#startThreads, lost);
      this.#facts = factsOf(this.#stages);
      try {
        freeStages(gone);
      } catch {
        // What ran on lost graphics need not close in order.
      }
      await discardLost(gone.graphics);
    })().finally(() => {
      this.#replacement = undefined;
    });
    return this.#replacement;
  }
}

function factsOf({ detector, landmarker, embedder, calibration, backend }: Stages): PipelineFacts {
  const { name, dimension, metric, template, preprocessing } = embedder.descriptor;
  return {
    backend,
    models: { detector: detector.name, landmarker: landmarker.name, embedder: name },
    dimension,
    metric,
    calibration,
    follows: landmarker.presenceScorer !== undefined,
    template,
    cropSize: preprocessing.width,
  };
}

async function discardLost(graphics: readonly Graphics[]): Promise<void> {
  await Promise.all(graphics.filter(({ lost }) => lost.aborted).map((lost) => lost.discard()));
}

function detect(
  picture: Picture,
  { detector, refiner, landmarker }: Stages,
  limits: DetectionLimits,
  signal: AbortSignal | undefined,
): Promise<DetectedFace[]> {
  return detectFaces(picture, { detector, refiner, presenceScorer: landmarker.presenceScorer }, limits, signal);
}

/** The landmarks of each face; those that are known are kept. */
async function findLandmarks(
  picture: Picture,
  landmarker: Landmarker,
  faces: readonly (KnownFace & DetectedFace)[],
  signal: AbortSignal | undefined,
): Promise<Landmarks[]> {
  const bare = faces.filter(({ landmarks }) => !landmarks);
  const found = (await landmarker.find(picture, bare, signal)).values();
  return faces.map(({ landmarks }) => landmarks ?? (found.next().value as Landmarks));
}

/** Opens a picture, does something with it, and closes it however that ends. */
async function withPicture<T>(
  source: ImageSource,
  signal: AbortSignal | undefined,
  work: (picture: Picture) => Promise<T>,
): Promise<T> {
  const picture = await openPicture(source, signal);
  try {
    return await work(picture);
  } finally {
    picture.close();
  }
}

/** The whole of a picture as a square of `size` pixels. */
function wholePicture(picture: Picture, size: number): Pixels {
  return warp(picture, { a: picture.width / size, b: 0, c: 0, d: picture.height / size, e: 0, f: 0 }, size, size);
}
