import type { Detection, FaceDetector } from '@mediapipe/tasks-vision';
import { yieldToEventLoop } from '../../core/cancellation.ts';
import { SerialQueue } from '../../core/serial-queue.ts';
import type { Face, Keypoints, Pixels } from '../../core/types.ts';
import type { DetectionDescriptor } from '../../models/manifest.ts';
import { watchWebGLContext } from '../../runtime/context-loss.ts';
import type { Detector } from '../detector.ts';
import { withRoll } from './blazeface.ts';

/**
 * The factor by which images are enlarged for tasks-vision. It rounds boxes to whole image pixels, so that the
 * enlargement makes the rounding error four times smaller. Its own resampling to the network's input reverses the
 * enlargement exactly.
 */
const enlargement = 4;

/** The keypoints in MediaPipe's order. */
const keypointNames = ['rightEye', 'leftEye', 'noseTip', 'mouth', 'rightEar', 'leftEar'] as const;

/**
 * Creates a BlazeFace detector that runs in MediaPipe tasks-vision. It needs WebGL even for its CPU delegate.
 *
 * @param model the .tflite file, with metadata.
 * @param wasm tasks-vision's WebAssembly file.
 * @throws whatever tasks-vision throws when there is no WebGL or it cannot run the model.
 */
export async function mediaPipeDetector(
  { name, preprocessing }: DetectionDescriptor,
  model: Uint8Array<ArrayBuffer>,
  wasm: Uint8Array<ArrayBuffer>,
): Promise<Detector> {
  const size = preprocessing.width;
  const enlarger = new Enlarger(size);
  const canvas = newCanvas(1);
  const detector = await startQueue.run(() => createFaceDetector(model, wasm, canvas));
  try {
    // tasks-vision reports an unsupported model only when it runs.
    detector.detect(enlarger.enlarge({ width: size, height: size, data: new Uint8ClampedArray(size * size * 4) }));
  } catch (cause) {
    detector.close();
    throw cause;
  }
  // tasks-vision created this context, which it needs even for its CPU delegate.
  const context = canvas.getContext('webgl2') as WebGL2RenderingContext | null;
  return {
    name,
    inputSize: size,
    ...(context && { graphics: watchWebGLContext(context) }),
    async find(pictures, signal) {
      const faces: Face[][] = [];
      for (const picture of pictures) {
        await yieldToEventLoop(signal);
        const { detections } = detector.detect(enlarger.enlarge(picture));
        faces.push(detections.map((detection) => toFace(detection, size)));
      }
      return faces;
    },
    dispose: () => detector.close(),
  };
}

async function createFaceDetector(
  model: Uint8Array<ArrayBuffer>,
  wasm: Uint8Array<ArrayBuffer>,
  canvas: HTMLCanvasElement | OffscreenCanvas,
): Promise<FaceDetector> {
  const [{ FaceDetector }, loader] = await Promise.all([
    import('@mediapipe/tasks-vision'),
    import('@mediapipe/tasks-vision/vision_wasm_module_internal.js'),
  ]);
  const wasmBinaryPath = URL.createObjectURL(new Blob([wasm], { type: 'application/wasm' }));
  try {
    // With this global set, tasks-vision adds no script element, so that it also starts in a module worker and under a
    // Content-Security-Policy that allows only same-origin scripts. tasks-vision clears the global after each use.
    Object.assign(globalThis, { ModuleFactory: loader.default });
    return await FaceDetector.createFromOptions(
      { wasmLoaderPath: '', wasmBinaryPath },
      {
        baseOptions: { modelAssetBuffer: model, delegate: 'CPU' },
        runningMode: 'IMAGE',
        minDetectionConfidence: 0.1,
        canvas,
      },
    );
  } finally {
    URL.revokeObjectURL(wasmBinaryPath);
  }
}

/** tasks-vision starts through a global variable: two starts at a time would overwrite each other's. */
const startQueue = new SerialQueue();

function toFace({ boundingBox, categories, keypoints }: Detection, size: number): Face {
  const { originX, originY, width, height } = boundingBox as NonNullable<typeof boundingBox>;
  const points = keypointNames.map((key, i) => {
    const { x, y } = keypoints[i] as { x: number; y: number };
    return [key, { x: x * size, y: y * size }];
  });
  return withRoll({
    score: categories[0]?.score ?? 0,
    box: {
      x: originX / enlargement,
      y: originY / enlargement,
      width: width / enlargement,
      height: height / enlargement,
    },
    keypoints: Object.fromEntries(points) as Keypoints,
  });
}

/** Enlarges images by a whole factor, without interpolation. */
class Enlarger {
  readonly #small: HTMLCanvasElement | OffscreenCanvas;
  readonly #large: HTMLCanvasElement | OffscreenCanvas;

  constructor(size: number) {
    this.#small = newCanvas(size);
    this.#large = newCanvas(size * enlargement);
    context2d(this.#large).imageSmoothingEnabled = false;
  }

  /** Returns the enlarged image, on a canvas that the next call overwrites. */
  enlarge({ data, width, height }: Pixels): HTMLCanvasElement | OffscreenCanvas {
    const image = new ImageData(data as Uint8ClampedArray<ArrayBuffer>, width, height);
    context2d(this.#small).putImageData(image, 0, 0);
    context2d(this.#large).drawImage(this.#small, 0, 0, this.#large.width, this.#large.height);
    return this.#large;
  }
}

/** A canvas element if there is a document, else an OffscreenCanvas: on WebKitGTK tasks-vision needs the element. */
function newCanvas(size: number): HTMLCanvasElement | OffscreenCanvas {
  if (typeof document === 'undefined') return new OffscreenCanvas(size, size);
  const canvas = document.createElement('canvas');
  canvas.width = size;
  canvas.height = size;
  return canvas;
}

function context2d(canvas: HTMLCanvasElement | OffscreenCanvas): CanvasRenderingContext2D {
  return canvas.getContext('2d') as CanvasRenderingContext2D;
}
