import type { FaceNet as FaceNetClass, Point } from '../../lib/index.ts';
import { repositoryPath } from '../kit/paths.ts';

/** A detection of any library: the centre and the longer side of its box, and its roll in radians if it has one. */
export interface Detection extends Point {
  side: number;
  roll: number | undefined;
}

/** A library whose detector is measured, with its defaults. */
export interface System {
  name: string;
  /** Runs in the page: loads the library, and returns its detector as the global `detect`. */
  start: (base: string) => Promise<void>;
}

declare global {
  /** Runs in the page: the detector of the system that was started last. Others than facenet-web have no `minSize`. */
  var detect: (canvas: HTMLCanvasElement, minSize?: number) => Promise<Detection[]>;
}

/** Folders of node_modules that the systems load from, by URL prefix. */
export const systemFolders = {
  '/face-api': repositoryPath('node_modules/@vladmandic/face-api'),
  '/human': repositoryPath('node_modules/@vladmandic/human'),
  '/tasks-vision': repositoryPath('node_modules/@mediapipe/tasks-vision'),
  '/tfjs-wasm': repositoryPath('node_modules/@tensorflow/tfjs-backend-wasm/dist'),
};

/** facenet-web and what it is compared with. */
export const systems: readonly System[] = [
  { name: 'facenet-web', start: startFaceNet },
  { name: 'face-api', start: startFaceApi },
  { name: 'Human', start: startHuman },
  { name: 'MediaPipe', start: startMediaPipe },
];

/** Runs in the page. */
export async function startFaceNet(base: string): Promise<void> {
  const { FaceNet } = (await import(`${base}dist/facenet-web.js`)) as { FaceNet: typeof FaceNetClass };
  const facenet = await FaceNet.load({ models: `${base}models/` });
  globalThis.detect = async (canvas, minSize) =>
    (await facenet.detect(canvas, minSize === undefined ? {} : { minSize })).map(({ box, roll }) => ({
      x: box.x + box.width / 2,
      y: box.y + box.height / 2,
      side: Math.max(box.width, box.height),
      roll,
    }));
}

/** Runs in the page. The five eye points of face-api's landmarks give the roll. */
async function startFaceApi(): Promise<void> {
  interface Landmarked {
    detection: { box: { x: number; y: number; width: number; height: number } };
    landmarks: { getLeftEye(): Point[]; getRightEye(): Point[] };
  }
  const address = '/face-api/dist/face-api.esm.js';
  const faceApi = (await import(address)) as {
    tf: { setBackend(name: string): Promise<boolean>; ready(): Promise<void>; setWasmPaths?(path: string): void };
    nets: Record<string, { loadFromUri(address: string): Promise<void> }>;
    detectAllFaces(canvas: HTMLCanvasElement): { withFaceLandmarks(): Promise<Landmarked[]> };
  };
  faceApi.tf.setWasmPaths?.('/tfjs-wasm/');
  await faceApi.tf.setBackend('wasm');
  await faceApi.tf.ready();
  for (const net of ['ssdMobilenetv1', 'faceLandmark68Net']) await faceApi.nets[net]?.loadFromUri('/face-api/model');
  const mean = (points: Point[], axis: 'x' | 'y') =>
    points.reduce((sum, point) => sum + point[axis], 0) / points.length;
  globalThis.detect = async (canvas) =>
    (await faceApi.detectAllFaces(canvas).withFaceLandmarks()).map(({ detection: { box }, landmarks }) => {
      // Its left is the picture's.
      const [from, to] = [landmarks.getLeftEye(), landmarks.getRightEye()];
      const roll = Math.atan2(mean(to, 'y') - mean(from, 'y'), mean(to, 'x') - mean(from, 'x'));
      return { x: box.x + box.width / 2, y: box.y + box.height / 2, side: Math.max(box.width, box.height), roll };
    });
}

/** Runs in the page. */
async function startHuman(): Promise<void> {
  interface Found {
    face: { box: [number, number, number, number]; rotation: { angle: { roll: number } } | null }[];
  }
  const address = '/human/dist/human.esm.js';
  const { Human } = (await import(address)) as {
    Human: new (config: object) => { detect(canvas: HTMLCanvasElement): Promise<Found> };
  };
  const off = { enabled: false };
  const human = new Human({
    backend: 'wasm',
    wasmPath: '/tfjs-wasm/',
    modelBasePath: '/human/models/',
    cacheSensitivity: 0,
    // The default is one face.
    face: { detector: { maxDetected: 1000 }, iris: off, emotion: off, description: off },
    body: off,
    hand: off,
    gesture: off,
  });
  globalThis.detect = async (canvas) =>
    (await human.detect(canvas)).face.map(({ box: [x, y, width, height], rotation }) => ({
      x: x + width / 2,
      y: y + height / 2,
      side: Math.max(width, height),
      roll: rotation?.angle.roll,
    }));
}

/** Runs in the page: MediaPipe's face detector, short range, which its documentation uses. */
async function startMediaPipe(base: string): Promise<void> {
  const address = '/tasks-vision/vision_bundle.mjs';
  const { FaceDetector, FilesetResolver } = (await import(address)) as typeof import('@mediapipe/tasks-vision');
  const files = await FilesetResolver.forVisionTasks('/tasks-vision/wasm');
  const modelAssetPath = `${base}models/mediapipe-blazeface-short/blazeface-short.tflite`;
  const detector = await FaceDetector.createFromOptions(files, { baseOptions: { modelAssetPath } });
  globalThis.detect = async (canvas) =>
    detector.detect(canvas).detections.flatMap(({ boundingBox, keypoints: [rightEye, leftEye] }) => {
      if (!boundingBox) return [];
      const { originX, originY, width, height } = boundingBox;
      const roll =
        rightEye && leftEye
          ? Math.atan2((leftEye.y - rightEye.y) * canvas.height, (leftEye.x - rightEye.x) * canvas.width)
          : undefined;
      return [{ x: originX + width / 2, y: originY + height / 2, side: Math.max(width, height), roll }];
    });
}
