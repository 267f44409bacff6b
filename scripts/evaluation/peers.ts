import { readFileSync } from 'node:fs';
import type { ImageResult, System } from './embeddings.ts';

/** A peer with its own distance and the threshold that it ships. */
export interface Peer extends System {
  /** The addresses that its page reads from, with the folders of node_modules behind them. */
  folders: Record<string, string>;
  distance: (a: number[], b: number[]) => number;
  /** The distance up to which it takes two faces for one person. */
  threshold: number;
}

const version = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../node_modules/${name}/package.json`, import.meta.url), 'utf8')).version;

/** The peers as they ship, by the calls that their own documentation starts with; both on their WASM backends. */
export function peers(): Peer[] {
  return [
    {
      name: 'face-api',
      identity: version('@vladmandic/face-api'),
      embed: embedWithFaceApi,
      options: { folder: '/face-api', wasm: '/tfjs-wasm/' },
      folders: {
        '/face-api': 'node_modules/@vladmandic/face-api',
        '/tfjs-wasm': 'node_modules/@tensorflow/tfjs-backend-wasm/dist',
      },
      distance: (a, b) => Math.hypot(...a.map((value, i) => value - (b[i] as number))),
      threshold: 0.6,
    },
    {
      name: 'human',
      identity: version('@vladmandic/human'),
      embed: embedWithHuman,
      options: { folder: '/human', wasm: '/tfjs-wasm/' },
      folders: { '/human': 'node_modules/@vladmandic/human' },
      distance: (a, b) => 1 - humanSimilarity(a, b),
      threshold: 0.5,
    },
  ];
}

/** Human's `match.similarity` with its defaults: order 2, threshold 0, multiplier 25, min 0.2, max 0.8. (src/face/match.ts) */
function humanSimilarity(a: number[], b: number[]): number {
  const sum = a.reduce((total, value, i) => total + (value - (b[i] as number)) ** 2, 0);
  const root = Math.sqrt(Math.round(25 * 100 * sum) / 100);
  const normalised = (1 - root / 100 - 0.2) / (0.8 - 0.2);
  return Math.min(1, Math.max(0, Math.round(normalised * 100) / 100));
}

interface PeerOptions {
  folder: string;
  wasm: string;
}

interface FaceApi {
  tf: { setBackend(name: string): Promise<boolean>; ready(): Promise<void>; setWasmPaths?(path: string): void };
  nets: Record<string, { loadFromUri(address: string): Promise<void> }>;
  detectSingleFace(image: HTMLImageElement): {
    withFaceLandmarks(): { withFaceDescriptor(): Promise<{ descriptor: Float32Array } | undefined> };
  };
}

/** Runs in the page. */
async function embedWithFaceApi(given: { addresses: string[]; options: never }): Promise<ImageResult[]> {
  const { folder, wasm } = given.options as PeerOptions;
  const page = globalThis as { faceApi?: FaceApi };
  if (!page.faceApi) {
    const faceApi = (await import(`${folder}/dist/face-api.esm.js`)) as FaceApi;
    faceApi.tf.setWasmPaths?.(wasm);
    await faceApi.tf.setBackend('wasm');
    await faceApi.tf.ready();
    for (const net of ['ssdMobilenetv1', 'faceLandmark68Net', 'faceRecognitionNet']) {
      await faceApi.nets[net]?.loadFromUri(`${folder}/model`);
    }
    page.faceApi = faceApi;
  }
  const results: ImageResult[] = [];
  for (const address of given.addresses) {
    const image = new Image();
    image.src = address;
    await image.decode();
    const start = performance.now();
    const face = await page.faceApi.detectSingleFace(image).withFaceLandmarks().withFaceDescriptor();
    const embedding = face ? [...face.descriptor].map((value) => Number(value.toPrecision(6))) : null;
    results.push({ embedding, detected: face !== undefined, milliseconds: performance.now() - start });
  }
  return results;
}

interface Human {
  detect(image: HTMLImageElement): Promise<{ face: { embedding?: number[] }[] }>;
}

/** Runs in the page. */
async function embedWithHuman(given: { addresses: string[]; options: never }): Promise<ImageResult[]> {
  const { folder, wasm } = given.options as PeerOptions;
  const page = globalThis as { human?: Human };
  if (!page.human) {
    const { Human } = (await import(`${folder}/dist/human.esm.js`)) as { Human: new (config: object) => Human };
    page.human = new Human({
      backend: 'wasm',
      wasmPath: wasm,
      modelBasePath: `${folder}/models/`,
      cacheSensitivity: 0,
    });
  }
  const results: ImageResult[] = [];
  for (const address of given.addresses) {
    const image = new Image();
    image.src = address;
    await image.decode();
    const start = performance.now();
    const { face } = await page.human.detect(image);
    const embedding = face[0]?.embedding?.map((value) => Number(value.toPrecision(6))) ?? null;
    results.push({ embedding, detected: face.length > 0, milliseconds: performance.now() - start });
  }
  return results;
}
