// Runs in the page, bundled: what a developer writes to embed faces with MediaPipe and a network on another runtime.
import type { FaceLandmarker, FaceLandmarkerResult, NormalizedLandmark } from '@mediapipe/tasks-vision';

/** A network that embeds an aligned crop of 112×112 RGBA pixels. */
export type Embed = (crop: Uint8ClampedArray) => Promise<Float32Array>;

/** The landmarker and the embedder. */
export interface Glue {
  landmarker: FaceLandmarker;
  embed: Embed;
}

interface Point {
  x: number;
  y: number;
}

/** ArcFace's template of 112×112 pixels: the eyes, the tip of the nose and the corners of the mouth. */
const template: readonly Point[] = [
  { x: 38.2946, y: 51.6963 },
  { x: 73.5318, y: 51.5014 },
  { x: 56.0252, y: 71.7366 },
  { x: 41.5493, y: 92.3655 },
  { x: 70.7299, y: 92.2041 },
];

/** The points of the mesh whose mean is the template's point. */
const meshPoints: readonly (readonly number[])[] = [[33, 133], [362, 263], [1], [61], [291]];

/** Starts FaceLandmarker, which contains a detector, on the processor. */
export async function startLandmarker(runningMode: 'IMAGE' | 'VIDEO'): Promise<FaceLandmarker> {
  const address = '/tasks-vision/vision_bundle.mjs';
  const { FaceLandmarker, FilesetResolver } = (await import(address)) as typeof import('@mediapipe/tasks-vision');
  const files = await FilesetResolver.forVisionTasks('/tasks-vision/wasm');
  const baseOptions = { modelAssetPath: '/runtimes/face_landmarker.task', delegate: 'CPU' as const };
  return FaceLandmarker.createFromOptions(files, { baseOptions, runningMode, numFaces: 10 });
}

/** Embeds every face of a photo. */
export async function embedPhoto({ landmarker, embed }: Glue, photo: HTMLCanvasElement): Promise<Float32Array[]> {
  return embedFaces(embed, photo, landmarker.detect(photo));
}

/** Embeds the faces of a result, one after the other. */
export async function embedFaces(
  embed: Embed,
  photo: HTMLCanvasElement,
  { faceLandmarks }: FaceLandmarkerResult,
): Promise<Float32Array[]> {
  const embeddings: Float32Array[] = [];
  for (const landmarks of faceLandmarks) embeddings.push(normalised(await embed(alignedCrop(photo, landmarks))));
  return embeddings;
}

const canvas = document.createElement('canvas');
canvas.width = 112;
canvas.height = 112;
const context = canvas.getContext('2d', { willReadFrequently: true }) as CanvasRenderingContext2D;

/** Draws a face as the template has it. */
export function alignedCrop(photo: HTMLCanvasElement, landmarks: readonly NormalizedLandmark[]): Uint8ClampedArray {
  const points = meshPoints.map((indices) => {
    const sum = (axis: 'x' | 'y') => indices.reduce((total, i) => total + (landmarks[i]?.[axis] ?? 0), 0);
    return { x: (sum('x') / indices.length) * photo.width, y: (sum('y') / indices.length) * photo.height };
  });
  const { a, b, e, f } = similarity(points);
  context.setTransform(a, b, -b, a, e, f);
  context.drawImage(photo, 0, 0);
  return context.getImageData(0, 0, 112, 112).data;
}

/** The rotation, scale and shift from points to the template with the least squared error. */
function similarity(points: readonly Point[]): { a: number; b: number; e: number; f: number } {
  const [from, to] = [mean(points), mean(template)];
  let [dot, cross, size] = [0, 0, 0];
  for (const [i, point] of points.entries()) {
    const target = template[i] as Point;
    const [x, y, u, v] = [point.x - from.x, point.y - from.y, target.x - to.x, target.y - to.y];
    dot += x * u + y * v;
    cross += x * v - y * u;
    size += x * x + y * y;
  }
  const [a, b] = [dot / size, cross / size];
  return { a, b, e: to.x - a * from.x + b * from.y, f: to.y - b * from.x - a * from.y };
}

function mean(points: readonly Point[]): Point {
  const sum = (axis: 'x' | 'y') => points.reduce((total, point) => total + point[axis], 0);
  return { x: sum('x') / points.length, y: sum('y') / points.length };
}

/** The crop as MobileFaceNet's input: (value − 127.5) / 128, by pixel or by channel. */
export function networkInput(crop: Uint8ClampedArray, layout: 'NHWC' | 'NCHW'): Float32Array {
  const pixels = 112 * 112;
  const input = new Float32Array(pixels * 3);
  for (let i = 0; i < pixels; i++) {
    for (let channel = 0; channel < 3; channel++) {
      const value = ((crop[4 * i + channel] as number) - 127.5) / 128;
      input[layout === 'NHWC' ? 3 * i + channel : channel * pixels + i] = value;
    }
  }
  return input;
}

function normalised(values: Float32Array): Float32Array {
  const length = Math.hypot(...values);
  return values.map((value) => value / length);
}
