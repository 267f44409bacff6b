import type { SceneName } from './page.ts';
import type { Scale } from './scale.ts';
import type { Threads } from './threads.ts';
import type { WireBytes } from './wire.ts';

/** What lies in the middle of several measurements, and how far they spread. */
export interface Spread {
  median: number;
  min: number;
  max: number;
}

/** Everything that is measured of a system. Times are in milliseconds, sizes in bytes. */
export interface SystemReport {
  backend: string;
  where: 'page' | 'worker';
  /** Whether a processor stood in for the graphics card. */
  emulated: boolean;
  rounds: number;
  /** As documented, by the number of faces in the photo. */
  imageToEmbedding: Partial<Record<SceneName, Spread>>;
  /** facenet-web with `thorough: false`, which looks at the upright view alone as the peers do. */
  imageToEmbeddingUpright?: Partial<Record<SceneName, Spread>>;
  stages: Record<string, Spread>;
  /** The medians of {@link starts}. */
  coldStart: number;
  warmStart: number;
  starts: { count: number; cold: Spread; warm: Spread };
  bytes: WireBytes;
  tensors: number;
  /** The heaps of the page and its workers at their largest, with the buffers that they hold. */
  peakMemory: number;
  /** The longest task of the page's thread from the start of loading to steady video; 0 where none exceeded 50 ms. */
  longestBlock: number;
  /** null where it was not measured. */
  videoFps: number | null;
  /** What it answered: faces found in each scene, and the distance between two pictures of one face. */
  answers: { faces: Partial<Record<SceneName, number>>; distance: number; threshold: number };
}

/** How many times facenet-web is better than a peer; above 1 it is. */
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

/** The whole report, as `--json` writes it. */
export interface Report {
  machine: { cpu: string; cores: number; browser: string };
  rounds: number;
  systems: Record<string, SystemReport>;
  /** Backends that do not start here, with the reasons. */
  notStarted: Record<string, string>;
  /** The system that the ratios are of. */
  ratiosOf: string | null;
  ratios: Record<string, Ratios>;
  /** How the cost grows; null where it was not measured. */
  scale: Scale | null;
  /** What threads give; null where it was not measured. */
  threads: Threads | null;
  attainable: {
    /** Multiplications and additions in 10⁹ per second, on one thread, with WebAssembly SIMD and with relaxed SIMD. */
    gflops: number;
    relaxedGflops: number | null;
    /** The same on two threads at once, together, with WebAssembly SIMD. */
    twoThreadsGflops: number;
    /** What the embedder attains; null where none was measured. */
    embedderGflops: number | null;
  };
}

/** The multiply-adds of the embedder's network for one crop, in 10⁹. */
export const embedderGmac = 0.271;

/** The middle and the spread of measurements. */
export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (i: number) => sorted[i] ?? Number.NaN;
  const middle = sorted.length / 2;
  return { median: (at(Math.ceil(middle) - 1) + at(Math.floor(middle))) / 2, min: at(0), max: at(sorted.length - 1) };
}

/** How a system compares with a peer. */
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
