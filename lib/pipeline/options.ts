import { checkedOptions, type OptionNames } from '../core/checked-options.ts';
import { FaceNetError } from '../core/errors.ts';
import type { Abortable, ImageSource, RequestedBackend } from '../core/types.ts';
import type { DetectionLimits } from '../detection/detect.ts';
import { type FaceOrder, faceOrders } from '../detection/face-order.ts';
import { isVideo } from '../image/source-types.ts';
import type { ModelFolderSources } from '../models/folders.ts';
import type { PhotoSearch } from '../models/manifest.ts';
import type { Progress } from '../models/progress.ts';
import {
  copyCommand,
  type DetectorName,
  type EmbedderName,
  type LandmarkerName,
  type PresetName,
} from '../models/shipped-models.ts';
import { backendNames, isBackendName } from '../runtime/backends/candidates.ts';

export type { FaceOrder };

/** Options of {@link FaceNet.load}. */
export interface LoadOptions extends Abortable {
  /**
   * The URL of the models folder, or a function that reads its files; or a list of them: a model in an earlier folder takes precedence
   * over one of the same name in a later folder. Relative URLs are resolved against the page, and the query of a URL is sent for each
   * file.
   *
   * @default 'models/'
   */
  models?: ModelFolderSources;
  /**
   * The backend that runs the networks. `auto` runs the library's WebAssembly kernels; where they do not run, the first of WebGPU
   * and WebGL that computes correctly on hardware. `fastest` also answers from the kernels immediately. While no call is pending it starts
   * the GPU backends and times the networks on each; one that is faster by a third takes over. The result is remembered for this device
   * and version of the library, and `FaceNet.backend` reports it.
   *
   * @default 'auto'
   */
  backend?: RequestedBackend;
  /** The name of a preset in the manifest: `fast`, `balanced`, `accurate`, or `library` for many photos. @default 'balanced' */
  preset?: PresetName;
  /**
   * The name of a detector in the manifest, or `viola-jones` or `hog-svm`. Default: the preset's. A MediaPipe detector needs WebGL;
   * without it, the same network runs on the chosen backend instead.
   */
  detector?: DetectorName;
  /** The model of a classical detector: for `viola-jones` the text of an OpenCV cascade, for `hog-svm` the JSON of a model. */
  detectorModel?: string;
  /**
   * The name of a landmarker in the manifest, or `detector` for the landmarks that the detector finds: `mtcnn`, or one of your own
   * with five keypoints. Default: the preset's.
   */
  landmarker?: LandmarkerName;
  /** The name of an embedder in the manifest. Default: the preset's. */
  embedder?: EmbedderName;
  /**
   * The number of copies of each crop whose embeddings are averaged: shifted, scaled, rotated and mirrored at random, as for dlib's
   * `num_jitters`. 1 to 1000; 1 embeds the crop itself. The copies are the same in every call, and take as many times as long. They
   * replace the mirror image that a preset embeds.
   *
   * @default 1
   */
  jitters?: number;
  /** Whether the networks run in a module worker, so that they never block the page. If no worker starts, the page runs them. @default true */
  worker?: boolean;
  /**
   * The number of threads for the networks, 1 to 16. More than one needs a worker, a cross-origin isolated page and WebAssembly with
   * SIMD; otherwise, or if they do not start, one thread is used. The results are the same. Default: half the number of logical
   * processors, at most 4.
   */
  threads?: number;
  /** Called with the progress of loading in bytes and as a share that never decreases and ends at exactly 1. */
  onProgress?: (progress: Progress) => void;
}

/** Options of {@link FaceNet.detect} and {@link FaceNet.embed}. */
export interface DetectOptions extends Abortable {
  /** The lowest score of a face, 0 to 1. @default 0.5 */
  minScore?: number;
  /** The highest number of faces to return, the first in `order`. Default: all. */
  maxFaces?: number;
  /**
   * The order of the faces, which also decides which of them `maxFaces` keeps: `score` (the highest first), `size` (the largest box
   * first) or `position` (from left to right in the picture).
   *
   * @default 'score'
   */
  order?: FaceOrder;
  /**
   * The side of the smallest face to find, in pixels of the picture, at least 8. Larger pictures are tiled to reach it, which takes
   * time. Default: 25 for pictures of up to 2,500 pixels and a hundredth of the longer side above; for video a tenth. The preset
   * `fast` has 48 up to 2,400 pixels and a fiftieth above, `library` 25 up to 1,250 pixels and a fiftieth above.
   */
  minSize?: number;
  /**
   * Whether to search for heads rolled by more than about 30° even where upright ones were found, which takes about twice as long. Where
   * none was found, rolled heads are always searched for, and with `true` upside-down heads too. Default: true for pictures, false for
   * video and with the preset `library`.
   */
  thorough?: boolean;
}

/** The names of {@link LoadOptions}. */
const loadOptionNames: OptionNames<LoadOptions> = {
  ...{ models: true, backend: true, preset: true, detector: true, detectorModel: true, landmarker: true },
  ...{ embedder: true, jitters: true, worker: true, threads: true, onProgress: true },
};

/** The names of {@link DetectOptions}. */
export const detectOptionNames: OptionNames<DetectOptions> = {
  ...{ minScore: true, maxFaces: true, minSize: true, thorough: true, order: true },
};

/** Validates the load options. @throws {FaceNetError} `option-invalid`. */
export function checkLoadOptions(options: LoadOptions): void {
  const { backend = 'auto', jitters = 1, worker, threads, onProgress } = checkedOptions(options, loadOptionNames);
  if (backend !== 'auto' && backend !== 'fastest' && !isBackendName(backend)) {
    const names = ['auto', 'fastest', ...backendNames].join('", "');
    throw new FaceNetError('option-invalid', `backend is "${backend}": use "${names}".`);
  }
  if (worker !== undefined && typeof worker !== 'boolean') {
    throw new FaceNetError('option-invalid', `worker is ${worker}: use true or false.`);
  }
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1 && threads <= 16)) {
    throw new FaceNetError('option-invalid', `threads is ${threads}: use a whole number from 1 to 16.`);
  }
  if (!(Number.isInteger(jitters) && jitters >= 1 && jitters <= 1000)) {
    throw new FaceNetError('option-invalid', `jitters is ${jitters}: use a whole number from 1 to 1000.`);
  }
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw new FaceNetError('option-invalid', 'onProgress is not a function: pass a function, or leave it out.');
  }
}

/** How videos are searched unless the options say otherwise. */
const videoSearch: PhotoSearch = { thorough: false, minSize: { pixels: 8, share: 1 / 10 } };

/** How photos are searched unless the options or the preset say otherwise. */
const photoSearch: PhotoSearch = { thorough: true, minSize: { pixels: 25, share: 1 / 100 } };

/**
 * Validates the options and adds the defaults for this kind of source.
 *
 * @param preset how the preset searches photos.
 * @throws {FaceNetError} `option-invalid`.
 */
export function detectionLimits(
  source: ImageSource,
  options: DetectOptions,
  preset: PhotoSearch = photoSearch,
): DetectionLimits {
  const search = isVideo(source) ? videoSearch : preset;
  const {
    minScore = 0.5,
    maxFaces = Number.POSITIVE_INFINITY,
    minSize,
    thorough = search.thorough,
    order = 'score',
  } = checkedOptions(options, detectOptionNames);
  if (!(minScore >= 0 && minScore <= 1)) {
    throw new FaceNetError('option-invalid', `minScore is ${minScore}: use a number from 0 to 1.`);
  }
  if (!(maxFaces >= 1) || (Number.isFinite(maxFaces) && !Number.isInteger(maxFaces))) {
    throw new FaceNetError('option-invalid', `maxFaces is ${maxFaces}: use a whole number of at least 1.`);
  }
  if (minSize !== undefined && !(minSize >= 8)) {
    throw new FaceNetError('option-invalid', `minSize is ${minSize}: use a number of pixels of at least 8.`);
  }
  if (!Object.hasOwn(faceOrders, order)) {
    throw new FaceNetError('option-invalid', `order is "${order}": use "${Object.keys(faceOrders).join('", "')}".`);
  }
  return {
    minScore,
    maxFaces,
    thorough,
    order,
    minSize: minSize === undefined ? search.minSize : { pixels: minSize, share: 0 },
  };
}

/**
 * Finds an item by name; without a name, the first.
 *
 * @param option the name of the option, for the error.
 * @throws {FaceNetError} `option-invalid`, with the names that exist; `model-missing` for a model of the package that the folder does
 *   not have, with the command that copies it.
 */
export function byName<T extends { name: string }>(option: string, list: readonly T[], name: string | undefined): T {
  const found = name === undefined ? list[0] : list.find((item) => item.name === name);
  if (found) return found;
  const names = list.map((item) => `"${item.name}"`).join(', ');
  const command = name === undefined || option.startsWith('--') ? undefined : copyCommand(name);
  if (command) {
    throw new FaceNetError(
      'model-missing',
      `${option} is "${name}", which the models folder does not have: run "${command}" with the path of your folder, or use ${names || 'another folder'}.`,
    );
  }
  throw new FaceNetError('option-invalid', `${option} is "${name}": use ${names || 'a manifest that has one'}.`);
}
