import { checkedOptions } from '../core/checked-options.ts';
import { FaceNetError } from '../core/errors.ts';
import type { Abortable, BackendName, ImageSource } from '../core/types.ts';
import type { DetectionLimits } from '../detection/detect.ts';
import { isVideo } from '../image/source-types.ts';
import type { Progress } from '../models/progress.ts';
import { backendNames } from '../runtime/backends/backend.ts';

/** What {@link FaceNet.load} can be told. */
export interface LoadOptions extends Abortable {
  /**
   * The address of the models folder, or a list of such addresses, of which an earlier one comes first where two hold a
   * model of one name. Relative addresses start at the page. Default: `models/`.
   */
  models?: string | URL | readonly (string | URL)[];
  /** What runs the networks. Default: `auto`, the first of WebGPU, WebGL and WASM that does so correctly here. */
  backend?: BackendName | 'auto';
  /** The name of a preset in the manifest: `fast`, `balanced` or `accurate`. Default: `balanced`. */
  preset?: string;
  /**
   * The name of the detector in the manifest, or `viola-jones` or `hog-svm`. Default: the preset's. One that runs in MediaPipe needs WebGL; where
   * there is none, the same network on the chosen backend takes over.
   */
  detector?: string;
  /** What a classical detector is made of: for `viola-jones` the text of an OpenCV cascade, for `hog-svm` a model's JSON. */
  detectorModel?: string;
  /** The name of the landmarker in the manifest. Default: the preset's. */
  landmarker?: string;
  /** The name of the embedder in the manifest. Default: the preset's. */
  embedder?: string;
  /**
   * Whether the networks run in a module worker, so that the page never waits for them. Default: true; where no worker
   * starts they run on the page.
   */
  worker?: boolean;
  /**
   * How many threads the networks run on, 1 to 16. There are more than one only in the worker of a cross-origin isolated page, on
   * WebAssembly with relaxed SIMD; elsewhere, and where they do not start, one does the work. The answers are the same. Default: half
   * as many as the processor has, at most 4.
   */
  threads?: number;
  /** Told how far loading has come: bytes, and a share that never falls and ends at exactly 1. */
  onProgress?: (progress: Progress) => void;
}

/** What {@link FaceNet.detect} and {@link FaceNet.embed} can be told. */
export interface DetectOptions extends Abortable {
  /** The lowest score that a face may have, 0 to 1. Default: 0.5. */
  minScore?: number;
  /** The most faces to return, strongest first. Default: all. */
  maxFaces?: number;
  /**
   * The side of the smallest face to look for, in pixels of the picture, at least 8. Where the whole picture shows such a
   * face too small, parts of it are looked at from closer by, which takes time. Default: 20 for pictures of up to 2,000
   * pixels and a hundredth of larger ones; for video a twentieth.
   */
  minSize?: number;
  /**
   * Whether to look for heads rolled by more than about 30° even where upright ones were found, which takes about
   * twice as long. Where none was found it is done anyhow, and where it is true, heads upside down are then looked for as well.
   * Default: true for pictures, false for video.
   */
  thorough?: boolean;
}

/** @throws {FaceNetError} `option-invalid` when a load option has a value that none can have. */
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

/** What to ask of detection. @throws {FaceNetError} `option-invalid` when a limit is out of its range. */
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
  const usualSize = isVideo(source) ? { pixels: 8, share: 1 / 20 } : { pixels: 20, share: 1 / 100 };
  return { minScore, maxFaces, thorough, minSize: minSize === undefined ? usualSize : { pixels: minSize, share: 0 } };
}

/** @throws {FaceNetError} `option-invalid` with the names that there are, when `name` is none of them. */
export function byName<T extends { name: string }>(option: string, list: readonly T[], name: string | undefined): T {
  const found = name === undefined ? list[0] : list.find((item) => item.name === name);
  if (found) return found;
  const names = list.map((item) => `"${item.name}"`).join(', ');
  throw new FaceNetError('option-invalid', `${option} is "${name}": use ${names || 'a manifest that has one'}.`);
}
