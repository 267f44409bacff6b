import type { Detection, FaceDetector } from '@mediapipe/tasks-vision';
import { yieldToEventLoop } from '../../core/cancellation.ts';
import { SerialQueue } from '../../core/serial-queue.ts';
import type { Face, Keypoints, Pixels } from '../../core/types.ts';
import type { DetectionDescriptor } from '../../models/manifest.ts';
import { watchWebGLContext } from '../../runtime/context-loss.ts';
import type { Detector } from '../detector.ts';
import { withRoll } from './blazeface.ts';

/**
 * tasks-vision rounds its boxes to whole pixels of the picture it is given. Each input pixel is shown to it as a block of
 * this side, which its own resampling to the network's input undoes exactly, so that a box is rounded to a quarter.
 */
const enlargement = 4;

/** MediaPipe's keypoints, in their order. */
const keypointNames = ['rightEye', 'leftEye', 'noseTip', 'mouth', 'rightEar', 'leftEar'] as const;

/**
 * BlazeFace in MediaPipe tasks-vision. It needs WebGL even for its CPU delegate.
 *
 * @param model the .tflite file, with metadata.
 * @param wasm tasks-vision's WebAssembly file.
 */
export async function mediaPipeDetector(
  { name, preprocessing }: DetectionDescriptor,
  model: Uint8Array<ArrayBuffer>,
  wasm: Uint8Array<ArrayBuffer>,
): Promise<Detector> {
  const size = preprocessing.width;
  const screen = enlargedCanvas(size);
  const canvas = newCanvas(1);
  const detector = await starts.run(() => createFaceDetector(model, wasm, canvas));
  try {
    // A model that it cannot run is only told of when it runs.
    detector.detect(screen.show({ width: size, height: size, data: new Uint8ClampedArray(size * size * 4) }));
  } catch (cause) {
    detector.close();
    throw cause;
  }
  // The context that it has made, which it needs even for its CPU delegate.
  const context = canvas.getContext('webgl2') as WebGL2RenderingContext | null;
  return {
    name,
    inputSize: size,
    ...(context && { graphics: watchWebGLContext(context) }),
    async find(pictures, signal) {
      const faces: Face[][] = [];
      for (const picture of pictures) {
        await yieldToEventLoop(signal);
        const { detections } = detector.detect(screen.show(picture));
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
    // With its factory in place tasks-vision adds no script element of its own: this works alike on a page, in a module
    // worker and under a policy that allows scripts from the page's own origin only. It clears it after every use.
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

/** tasks-vision starts through a global, of which two starts at once would rob each other. */
const starts = new SerialQueue();

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

/** Shows a picture enlarged by whole pixels. */
function enlargedCanvas(size: number): { show(picture: Pixels): HTMLCanvasElement | OffscreenCanvas } {
  const small = newCanvas(size);
  const large = newCanvas(size * enlargement);
  const from = context(small);
  const to = context(large);
  to.imageSmoothingEnabled = false;
  return {
    show({ data, width, height }) {
      from.putImageData(new ImageData(data as Uint8ClampedArray<ArrayBuffer>, width, height), 0, 0);
      to.drawImage(small, 0, 0, large.width, large.height);
      return large;
    },
  };
}

/** WebKitGTK gives tasks-vision a context only on a canvas element; a worker has none. */
function newCanvas(size: number): HTMLCanvasElement | OffscreenCanvas {
  if (typeof document === 'undefined') return new OffscreenCanvas(size, size);
  const canvas = document.createElement('canvas');
  canvas.width = size;
  canvas.height = size;
  return canvas;
}

function context(canvas: HTMLCanvasElement | OffscreenCanvas): CanvasRenderingContext2D {
  return canvas.getContext('2d') as CanvasRenderingContext2D;
}
