import { readFileSync } from 'node:fs';
import { squaredDistance } from '../../../lib/core/vectors.ts';
import { repositoryPath } from '../paths.ts';
import type { ImageResult, System } from './embed-images.ts';
import { pageFunctions, roundedEmbedding } from './page-functions.ts';

/** Another face-recognition library, with its own distance and the threshold that it ships. */
export interface Peer extends System {
  /** The folders of node_modules that its page loads from, by URL prefix; absolute paths. */
  folders: Record<string, string>;
  distance: (a: ArrayLike<number>, b: ArrayLike<number>) => number;
  /** The maximum distance of two faces of the same person. */
  threshold: number;
}

const version = (name: string) =>
  JSON.parse(readFileSync(repositoryPath(`node_modules/${name}/package.json`), 'utf8')).version;

/** The peers with their defaults, called as their documentation shows first, on their WASM backends. */
export function peers(): Peer[] {
  return [
    {
      name: 'face-api',
      identity: version('@vladmandic/face-api'),
      functions: { ...pageFunctions, loadImage },
      start: startFaceApi,
      embed: embedWithFaceApi,
      options: { folder: '/face-api', wasm: '/tfjs-wasm/' },
      folders: {
        '/face-api': repositoryPath('node_modules/@vladmandic/face-api'),
        '/tfjs-wasm': repositoryPath('node_modules/@tensorflow/tfjs-backend-wasm/dist'),
      },
      distance: (a, b) => Math.sqrt(squaredDistance(a, b)),
      threshold: 0.6,
    },
    {
      name: 'human',
      identity: version('@vladmandic/human'),
      functions: { ...pageFunctions, loadImage },
      start: startHuman,
      embed: embedWithHuman,
      options: { folder: '/human', wasm: '/tfjs-wasm/', config: { cacheSensitivity: 0 } },
      folders: { '/human': repositoryPath('node_modules/@vladmandic/human') },
      distance: (a, b) => 1 - humanSimilarity(a, b),
      threshold: 0.5,
    },
  ];
}

/** Human's `match.similarity` with its defaults: order 2, threshold 0, multiplier 25, min 0.2, max 0.8. (src/face/match.ts) */
function humanSimilarity(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const root = Math.sqrt(Math.round(25 * 100 * squaredDistance(a, b)) / 100);
  const normalised = (1 - root / 100 - 0.2) / (0.8 - 0.2);
  return Math.min(1, Math.max(0, Math.round(normalised * 100) / 100));
}

/** What face-api is started with: the URLs of its package and of its WebAssembly files. */
interface FaceApiOptions {
  folder: string;
  wasm: string;
}

/** What Human is started with. */
export interface HumanOptions extends FaceApiOptions {
  /** Human's configuration without its backend and its URLs. */
  config: object;
}

/** The part of face-api's API that is used. */
export interface FaceApi {
  tf: { setBackend(name: string): Promise<boolean>; ready(): Promise<void>; setWasmPaths?(path: string): void };
  nets: Record<string, { loadFromUri(address: string): Promise<void> }>;
  detectSingleFace(image: HTMLImageElement): {
    withFaceLandmarks(): { withFaceDescriptor(): Promise<{ descriptor: Float32Array } | undefined> };
  };
}

/** Runs in the page. */
async function startFaceApi(options: never): Promise<void> {
  const { folder, wasm } = options as FaceApiOptions;
  const faceApi = (await import(`${folder}/dist/face-api.esm.js`)) as FaceApi;
  faceApi.tf.setWasmPaths?.(wasm);
  await faceApi.tf.setBackend('wasm');
  await faceApi.tf.ready();
  // In parallel, as its documentation does.
  await Promise.all(
    ['ssdMobilenetv1', 'faceLandmark68Net', 'faceRecognitionNet'].map((net) =>
      faceApi.nets[net]?.loadFromUri(`${folder}/model`),
    ),
  );
  Object.assign(globalThis, { faceApi });
}

/** Runs in the page. */
async function embedWithFaceApi({ addresses }: { addresses: string[] }): Promise<ImageResult[]> {
  const { faceApi } = globalThis as unknown as { faceApi: FaceApi };
  const results: ImageResult[] = [];
  for (const address of addresses) {
    const image = await loadImage(address);
    const start = performance.now();
    const face = await faceApi.detectSingleFace(image).withFaceLandmarks().withFaceDescriptor();
    const embedding = face ? roundedEmbedding(face.descriptor) : null;
    results.push({ embedding, detected: face !== undefined, milliseconds: performance.now() - start });
  }
  return results;
}

/** The part of Human's API that is used. */
export interface Human {
  detect(image: HTMLImageElement | HTMLCanvasElement, config?: object): Promise<{ face: { embedding?: number[] }[] }>;
}

/** Runs in the page. Human fetches its models on the first detection. */
async function startHuman(options: never): Promise<void> {
  const { folder, wasm, config } = options as HumanOptions;
  const { Human } = (await import(`${folder}/dist/human.esm.js`)) as { Human: new (config: object) => Human };
  const human = new Human({ backend: 'wasm', wasmPath: wasm, modelBasePath: `${folder}/models/`, ...config });
  Object.assign(globalThis, { human });
}

/** Runs in the page. */
async function embedWithHuman({ addresses }: { addresses: string[] }): Promise<ImageResult[]> {
  const { human } = globalThis as unknown as { human: Human };
  const results: ImageResult[] = [];
  for (const address of addresses) {
    const image = await loadImage(address);
    const start = performance.now();
    const { face } = await human.detect(image);
    const embedding = face[0]?.embedding?.map((value) => Number(value.toPrecision(6))) ?? null;
    results.push({ embedding, detected: face.length > 0, milliseconds: performance.now() - start });
  }
  return results;
}

/** Runs in the page. */
async function loadImage(address: string): Promise<HTMLImageElement> {
  const image = new Image();
  image.src = address;
  await image.decode();
  return image;
}
