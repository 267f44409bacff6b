import { checkedOptions } from '../core/checked-options.ts';
import { FaceNetError } from '../core/errors.ts';
import type { Abortable, BackendName, ImageSource } from '../core/types.ts';
import type { DetectionLimits } from '../detection/detect.ts';
import { isVideo } from '../image/source-types.ts';
import type { ModelFolderSources } from '../models/folders.ts';
import type { Progress } from '../models/progress.ts';
import { backendNames } from '../runtime/backends/candidates.ts';

/** Options of {@link FaceNet.load}. */
export interface LoadOptions extends Abortable {
  /**
   * The URL of the models folder, or a function that reads its files; or a list of them: a model in an earlier folder takes precedence
   * over one of the same name in a later folder. Relative URLs are resolved against the page, and the query of a URL is sent for each
   * file. Default: `models/`.
   */
  models?: ModelFolderSources;
  /** The backend that runs the networks. Default: `auto`, the first of WebGPU, WebGL and WASM that runs them correctly here. */
  backend?: BackendName | 'auto';
  /** The name of a preset in the manifest: `fast`, `balanced` or `accurate`. Default: `balanced`. */
  preset?: string;
  /**
   * The name of a detector in the manifest, or `viola-jones` or `hog-svm`. Default: the preset's. A MediaPipe detector needs WebGL;
   * without it, the same network runs on the chosen backend instead.
   */
  detector?: string;
  /** The model of a classical detector: for `viola-jones` the text of an OpenCV cascade, for `hog-svm` the JSON of a model. */
  detectorModel?: string;
  /**
   * The name of a landmarker in the manifest, or `detector` for the landmarks that the detector finds: `mtcnn`, or one of your own with five
   * keypoints.
   * Default: the preset's.
   */
  landmarker?: string;
  /** The name of an embedder in the manifest. Default: the preset's. */
  embedder?: string;
  /** Whether the networks run in a module worker, so that they never block the page. Default: true; if no worker starts, the page runs them. */
  worker?: boolean;
  /**
   * The number of threads for the networks, 1 to 16. More than one needs a worker, a cross-origin isolated page and WebAssembly with
   * relaxed SIMD; otherwise, or if they do not start, one thread is used. The results are the same. Default: half the number of logical
   * processors, at most 4.
   */
  threads?: number;
  /** Called with the progress of loading in bytes and as a share that never decreases and ends at exactly 1. */
  onProgress?: (progress: Progress) => void;
}

/** Options of {@link FaceNet.detect} and {@link FaceNet.embed}. */
export interface DetectOptions extends Abortable {
  /** The lowest score of a face, 0 to 1. Default: 0.5. */
  minScore?: number;
  /** The highest number of faces to return, strongest first. Default: all. */
  maxFaces?: number;
  /**
   * The side of the smallest face to find, in pixels of the picture, at least 8. Larger pictures are tiled to reach it, which takes
   * time. Default: 25 for pictures of up to 2,500 pixels and a hundredth of the longer side above; for video a tenth.
   */
  minSize?: number;
  /**
   * Whether to search for heads rolled by more than about 30° even where upright ones were found, which takes about twice as long. Where
   * none was found, rolled heads are always searched for, and with `true` upside-down heads too. Default: true for pictures, false for
   * video.
   */
  thorough?: boolean;
}

/** Validates the load options. @throws {FaceNetError} `option-invalid`. */
export function checkLoadOptions(options: LoadOptions): void {
  const { backend = 'auto', worker, threads, onProgress } = checkedOptions(options);
  if (backend !== 'auto' && !backendNames.includes(backend)) {
    throw new FaceNetError('option-invalid', `backend is "${backend}": use "auto", "${backendNames.join('", "')}".`);
  }
  if (worker !== undefined && typeof worker !== 'boolean') {
    throw new FaceNetError('option-invalid', `worker is ${worker}: use true or false.`);
  }
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1 && threads <= 16)) {
    throw new FaceNetError('option-invalid', `threads is ${threads}: use a whole number from 1 to 16.`);
  }
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw new FaceNetError('option-invalid', 'onProgress must be a function.');
  }
}

/** Validates the options and adds the defaults for this kind of source. @throws {FaceNetError} `option-invalid`. */
export function detectionLimits(source: ImageSource, options: DetectOptions): DetectionLimits {
  const {
    minScore = 0.5,
    maxFaces = Number.POSITIVE_INFINITY,
    minSize,
    thorough = !isVideo(source),
  } = checkedOptions(options);
  if (!(minScore >= 0 && minScore <= 1)) {
    throw new FaceNetError('option-invalid', `minScore is ${minScore}: use a number from 0 to 1.`);
  }
  if (!(maxFaces >= 1) || (Number.isFinite(maxFaces) && !Number.isInteger(maxFaces))) {
    throw new FaceNetError('option-invalid', `maxFaces is ${maxFaces}: use a whole number of at least 1.`);
  }
  if (minSize !== undefined && !(minSize >= 8)) {
    throw new FaceNetError('option-invalid', `minSize is ${minSize}: use a number of pixels of at least 8.`);
  }
  const defaultSize = isVideo(source) ? { pixels: 8, share: 1 / 10 } : { pixels: 25, share: 1 / 100 };
  return { minScore, maxFaces, thorough, minSize: minSize === undefined ? defaultSize : { pixels: minSize, share: 0 } };
}

/**
 * Finds an item by name; without a name, the first.
 *
 * @param option the name of the option, for the error.
 * @throws {FaceNetError} `option-invalid`, with the names that exist.
 */
export function byName<T extends { name: string }>(option: string, list: readonly T[], name: string | undefined): T {
  const found = name === undefined ? list[0] : list.find((item) => item.name === name);
  if (found) return found;
  const names = list.map((item) => `"${item.name}"`).join(', ');
  throw new FaceNetError('option-invalid', `${option} is "${name}": use ${names || 'a manifest that has one'}.`);
}
