import { readFileSync } from 'node:fs';
import { thresholdFor } from '../../lib/comparison/calibration.ts';
import { distances } from '../../lib/comparison/distance.ts';
import type { FaceNet as FaceNetClass, LoadOptions } from '../../lib/index.ts';
import type { Manifest } from '../../lib/models/manifest.ts';
import { type Human, type HumanOptions, type Peer, peers } from '../kit/lfw/peers.ts';
import { type FaceNetOptions, startFaceNet } from '../kit/lfw/systems.ts';
import type { Subject } from './page.ts';

/** A system that is measured: facenet-web in a preset, on a backend, in a place; or a peer as it is set up. */
export interface BenchSystem {
  name: string;
  family: 'facenet-web' | 'peer';
  backend: string;
  where: 'page' | 'worker';
  /** Whether a processor stands in for the graphics card: then a few rounds must do. */
  emulated: boolean;
  /** Runs in the page: loads the system. */
  start: (options: never) => Promise<void>;
  /** Runs in the page, after `start`. */
  adopt: () => Subject;
  options: unknown;
  distance: (a: number[], b: number[]) => number;
  /** The distance up to which two embeddings are taken for one person. */
  threshold: number;
  /** As many times as the embedder's network runs in the stage `embedding`. */
  embedderRuns?: number;
}

/** A backend of facenet-web's that starts here. */
export interface Backend {
  name: 'wasm' | 'webgl' | 'webgpu';
  emulated: boolean;
}

/**
 * facenet-web in each preset, in the worker and on the page, on each backend; on one that is emulated in the preset `fast`
 * alone. As it is loaded by default, in the worker and on WASM, it goes by its preset's name.
 */
export function faceNets(url: string, backends: readonly Backend[]): BenchSystem[] {
  const manifest = JSON.parse(
    readFileSync(new URL('../../public/models/manifest.json', import.meta.url), 'utf8'),
  ) as Manifest;
  const ways = backends.flatMap((backend) => (['worker', 'page'] as const).map((where) => ({ ...backend, where })));
  return ways.flatMap(({ name: backend, emulated, where }) =>
    (manifest.presets ?? [])
      .filter(({ name }) => !emulated || name === 'fast')
      .map(({ name: preset, calibration, embedder, mirrored }): BenchSystem => {
        const model = manifest.models.find(({ name }) => name === embedder);
        if (model?.task !== 'embedding') throw new Error(`The manifest has no embedder "${embedder}".`);
        const load: LoadOptions = { models: `${url}models/`, preset, backend, worker: where === 'worker' };
        const options: FaceNetOptions = { library: `${url}dist/facenet-web.js`, load };
        const distance = distances[model.metric] as (a: never, b: never) => number;
        return {
          name: [preset, ...(backend === 'wasm' ? [] : [backend]), ...(where === 'page' ? ['page'] : [])].join('-'),
          family: 'facenet-web',
          backend,
          where,
          emulated,
          start: startFaceNet,
          adopt: adoptFaceNet,
          options,
          distance: distance as BenchSystem['distance'],
          threshold: thresholdFor(1e-3, calibration),
          embedderRuns: mirrored ? 2 : 1,
        };
      }),
  );
}

/** Runs in the page. */
function adoptFaceNet(): Subject {
  const { facenet } = globalThis as unknown as { facenet: FaceNetClass };
  const vectors = (faces: { embedding: Float32Array }[]) => faces.map(({ embedding }) => embedding);
  return {
    embed: {
      default: async (photo) => vectors(await facenet.embed(photo)),
      // The peers never look at turned views.
      upright: async (photo) => vectors(await facenet.embed(photo, { thorough: false })),
    },
    async frame(canvas) {
      const frame = new VideoFrame(canvas, { timestamp: 0 });
      try {
        return (await facenet.embed(frame)).length;
      } finally {
        frame.close();
      }
    },
    async stages(photo) {
      const faces = await facenet.detect(photo);
      const [face] = await facenet.landmarks(photo, faces);
      if (!face) throw new Error('facenet-web saw no face in the scene that has one.');
      const crop = await facenet.align(photo, face);
      return {
        detection: () => facenet.detect(photo),
        detectionUpright: () => facenet.detect(photo, { thorough: false }),
        landmarks: () => facenet.landmarks(photo, faces),
        alignment: () => facenet.align(photo, face),
        embedding: () => facenet.embedCrop(crop),
        fromLandmarks: () => facenet.embed(photo, face),
      };
    },
  };
}

/** The peers: face-api as its documentation starts, Human with no more than it needs, and Human as it comes. */
export function benchPeers(): BenchSystem[] {
  const [faceApi, human] = peers() as [Peer, Peer];
  // It comes set up for one face; the scenes have up to ten.
  const detector = { maxDetected: 10 };
  const face = { iris: { enabled: false }, emotion: { enabled: false } };
  const off = { enabled: false };
  const minimal = { face: { detector, ...face }, body: off, hand: off, gesture: off };
  const withConfig = (config: object) => {
    const options = human.options as HumanOptions;
    return { ...options, config: { ...options.config, ...config } };
  };
  return [
    asPeer('face-api', faceApi, adoptFaceApi, faceApi.options),
    asPeer('human', human, adoptHuman, withConfig(minimal)),
    asPeer('human-defaults', human, adoptHuman, withConfig({ face: { detector } })),
  ];
}

function asPeer(name: string, peer: Peer, adopt: () => Subject, options: unknown): BenchSystem {
  const { start, distance, threshold } = peer;
  return {
    name,
    family: 'peer',
    backend: 'wasm',
    where: 'page',
    emulated: false,
    start,
    adopt,
    options,
    distance,
    threshold,
  };
}

/** Runs in the page. */
function adoptFaceApi(): Subject {
  type Box = object;
  interface Described {
    descriptor: Float32Array;
  }
  interface Landmarked {
    detection: { box: Box };
    alignedRect: { box: Box };
  }
  interface Detecting extends Promise<{ box: Box }[]> {
    withFaceLandmarks(): Promise<Landmarked[]> & { withFaceDescriptors(): Promise<Described[]> };
  }
  const { faceApi } = globalThis as unknown as {
    faceApi: {
      detectAllFaces(photo: HTMLCanvasElement): Detecting;
      extractFaces(photo: HTMLCanvasElement, boxes: Box[]): Promise<HTMLCanvasElement[]>;
      nets: {
        faceLandmark68Net: { detectLandmarks(face: HTMLCanvasElement): Promise<unknown> };
        faceRecognitionNet: { computeFaceDescriptor(face: HTMLCanvasElement): Promise<Float32Array> };
      };
    };
  };
  const describe = (photo: HTMLCanvasElement) =>
    faceApi.detectAllFaces(photo).withFaceLandmarks().withFaceDescriptors();
  return {
    embed: { default: async (photo) => (await describe(photo)).map(({ descriptor }) => descriptor) },
    frame: async (canvas) => (await describe(canvas)).length,
    async stages(photo) {
      const [face] = await faceApi.detectAllFaces(photo).withFaceLandmarks();
      if (!face) throw new Error('face-api saw no face in the scene that has one.');
      const [crop] = await faceApi.extractFaces(photo, [face.detection.box]);
      const [aligned] = await faceApi.extractFaces(photo, [face.alignedRect.box]);
      return {
        detection: () => faceApi.detectAllFaces(photo),
        landmarks: () => faceApi.nets.faceLandmark68Net.detectLandmarks(crop as HTMLCanvasElement),
        alignment: () => faceApi.extractFaces(photo, [face.alignedRect.box]),
        embedding: () => faceApi.nets.faceRecognitionNet.computeFaceDescriptor(aligned as HTMLCanvasElement),
      };
    },
  };
}

/** Runs in the page. */
function adoptHuman(): Subject {
  const { human } = globalThis as unknown as { human: Human & { config: { body: { enabled: boolean } } } };
  const on = { enabled: true };
  const off = { enabled: false };
  // A configuration given with a call stays.
  const still = { cacheSensitivity: 0, face: { mesh: on, description: on } };
  return {
    embed: {
      default: async (photo) => (await human.detect(photo, still)).face.map(({ embedding }) => embedding ?? []),
    },
    // It comes with a cache that passes over what changed little since the last frame: that is how it does video.
    frame: async (canvas) => (await human.detect(canvas, { ...still, cacheSensitivity: 0.7 })).face.length,
    // Its stages cannot be called one by one; they can be left out, which tells nothing where bodies are looked for too.
    async stages(photo): Promise<Record<string, () => Promise<unknown>>> {
      if (human.config.body.enabled) return {};
      return {
        detection: () => human.detect(photo, { cacheSensitivity: 0, face: { mesh: off, description: off } }),
        detectionAndLandmarks: () => human.detect(photo, { cacheSensitivity: 0, face: { mesh: on, description: off } }),
      };
    },
  };
}
