import type { Spread } from '../kit/statistics.ts';
import type { MemoryPeak } from './memory.ts';
import type { Profile } from './profile.ts';
import type { LayersReport } from './runtimes/measure-layers.ts';
import type { RuntimeReport } from './runtimes/measure-runtimes.ts';
import type { RuntimeName } from './runtimes/names.ts';
import type { SceneName } from './scenes.ts';

/** The bytes that a page fetched, compressed as served, with headers. */
export interface TransferSize {
  js: number;
  wasm: number;
  weights: number;
  total: number;
}

/** The measurements of one system. Times are in milliseconds, sizes in bytes. */
export interface SystemReport {
  backend: string;
  execution: 'page' | 'worker';
  /** Whether the processor emulated the graphics card. */
  emulated: boolean;
  rounds: number;
  /** The documented call, by the number of faces in the photo. */
  imageToEmbedding: Partial<Record<SceneName, Spread>>;
  /** facenet-web with `thorough: false`, which like the peers searches the upright view only. */
  imageToEmbeddingUpright?: Partial<Record<SceneName, Spread>>;
  stages: Record<string, Spread>;
  /** The medians of {@link starts}. */
  coldStart: number;
  warmStart: number;
  /** `loading` is the part of `cold` until the system can be called. */
  starts: { count: number; cold: Spread; loading: Spread; warm: Spread };
  bytes: TransferSize;
  tensors: number;
  /** The peak of the heaps of the page and its workers, with their array buffers. */
  peakMemory: number;
  /** The longest task of the page's thread from the start of loading to steady video; 0 if none exceeded 50 ms. */
  longestBlock: number;
  /** null if not measured. */
  videoFps: number | null;
  /** The number of faces found in each scene, and the distance of two pictures of one face. */
  answers: { faces: Partial<Record<SceneName, number>>; distance: number; threshold: number };
}

/** facenet-web relative to a peer; above 1 facenet-web is better. */
export interface Ratios {
  imageToEmbedding: number;
  imageToEmbeddingUpright: number;
  /** By the number of faces. */
  byFaces: Record<string, { default: number; upright: number }>;
  coldStart: number;
  warmStart: number;
  bytes: number;
  videoFps: number;
}

/** How the cost of `balanced`, in its worker, grows. Times are medians in milliseconds. */
export interface Scale {
  /** From an image of 1280×960 pixels to all its embeddings, by the number of faces. */
  faces: { faces: number; found: number; ms: number }[];
  /** From a JPEG file to the embedding of its one face, by its size; and the browser's decoding alone. */
  sizes: { megapixels: number; width: number; height: number; ms: number; decodingMs: number }[];
  /** A probe compared with each embedding of a gallery in one typed array, on one thread. */
  gallery: { embeddings: number; perSecond: number }[];
  /** The memory held after a number of frames of 640×480 pixels. */
  steadiness: { frames: number; tensors: number; bytes: number }[];
  /** A video of two people at 30 frames a second, watched with a gallery that has both. */
  video: { framesPerSecond: number; identityMs: number[]; longestGap: number };
}

/** Image → embedding of `balanced` on one thread and on two, by the number of faces: medians in milliseconds. */
export type Threads = Record<SceneName, { one: number; two: number }>;

/** The whole report, as `--json` writes it. */
export interface Report {
  machine: { cpu: string; cores: number; browser: string };
  rounds: number;
  systems: Record<string, SystemReport>;
  /** The systems and backends that do not start, with the reasons. */
  notStarted: Record<string, string>;
  /** The name of the system that the ratios are of. */
  ratiosOf: string | null;
  ratios: Record<string, Ratios>;
  /** null if not measured. */
  scale: Scale | null;
  /** null if not measured. */
  threads: Threads | null;
  /** Each network on each runtime, on one thread and on two; absent if not measured. */
  runtimes?: RuntimeReport;
  runtimesOnTwoThreads?: RuntimeReport;
  /** The compressed bytes that each runtime adds to a page. */
  runtimeBytes?: Record<RuntimeName, number>;
  /** The memory by kind of photo; absent if not measured. */
  memory?: MemoryPeak[];
  /** The steps of `embed(photo)`; absent if not measured. */
  profile?: Profile;
  /** The layers of each network on the kernels; absent if not measured. */
  layers?: LayersReport;
  attainable: {
    /** The peak floating-point speed of one thread in GFLOP/s, with WebAssembly SIMD and with relaxed SIMD. */
    gflops: number;
    relaxedGflops: number | null;
    /** The sum of two threads, with WebAssembly SIMD. */
    twoThreadsGflops: number;
    /** The multiply-adds of embedding one aligned face, in 10⁹, and the speed that this reaches; null if not measured. */
    embeddingGmac: number | null;
    embedderGflops: number | null;
  };
}

/** Compares a system with a peer. */
export function ratios(ours: SystemReport, peer: SystemReport): Ratios {
  const time = (of: SystemReport['imageToEmbedding'] | undefined, scene: SceneName) =>
    (peer.imageToEmbedding[scene]?.median ?? Number.NaN) / (of?.[scene]?.median ?? Number.NaN);
  const scenes = Object.keys(peer.imageToEmbedding) as SceneName[];
  return {
    imageToEmbedding: time(ours.imageToEmbedding, '1'),
    imageToEmbeddingUpright: time(ours.imageToEmbeddingUpright, '1'),
    byFaces: Object.fromEntries(
      scenes.map((scene) => [
        scene,
        { default: time(ours.imageToEmbedding, scene), upright: time(ours.imageToEmbeddingUpright, scene) },
      ]),
    ),
    coldStart: peer.coldStart / ours.coldStart,
    warmStart: peer.warmStart / ours.warmStart,
    bytes: peer.bytes.total / ours.bytes.total,
    videoFps: (ours.videoFps ?? Number.NaN) / (peer.videoFps ?? Number.NaN),
  };
}
