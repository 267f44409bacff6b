import type { DetectionDescriptor } from '../models/manifest.ts';
import type { Face, Keypoints, Pixels } from '../types.ts';
import type { Detector } from './detector.ts';

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
  const [{ FaceDetector }] = await Promise.all([
    import('@mediapipe/tasks-vision'),
    // Sets the global ModuleFactory that tasks-vision looks for, so that it adds no script element of its own: this works
    // alike on a page, in a module worker and under a policy that allows scripts from the page's own origin only.
    import('@mediapipe/tasks-vision/vision_wasm_module_internal.js'),
  ]);
  const size = preprocessing.width;
  const screen = enlargedCanvas(size);
  const wasmBinaryPath = URL.createObjectURL(new Blob([wasm], { type: 'application/wasm' }));
  try {
    const detector = await FaceDetector.createFromOptions(
      { wasmLoaderPath: '', wasmBinaryPath },
      {
        baseOptions: { modelAssetBuffer: model, delegate: 'CPU' },
        runningMode: 'IMAGE',
        minDetectionConfidence: 0.1,
        canvas: newCanvas(1),
      },
    );
    return {
      name,
      inputSize: size,
      async find(pictures) {
        return pictures.map((picture) =>
          detector.detect(screen.show(picture)).detections.map((detection): Face => {
            const { originX, originY, width, height } = detection.boundingBox as NonNullable<
              typeof detection.boundingBox
            >;
            const points = keypointNames.map((key, i) => {
              const { x, y } = detection.keypoints[i] as { x: number; y: number };
              return [key, { x: x * size, y: y * size }];
            });
            return {
              score: detection.categories[0]?.score ?? 0,
              box: {
                x: originX / enlargement,
                y: originY / enlargement,
                width: width / enlargement,
                height: height / enlargement,
              },
              keypoints: Object.fromEntries(points) as Keypoints,
            };
          }),
        );
      },
      dispose: () => detector.close(),
    };
  } finally {
    URL.revokeObjectURL(wasmBinaryPath);
  }
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
