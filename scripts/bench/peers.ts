import { type Human, type HumanOptions, type Peer, peers } from '../kit/lfw/peers.ts';
import type { BenchSystem, Subject } from './subject.ts';

/** The peers: face-api as documented, Human with only the networks it needs, and Human with its defaults. */
export function benchPeers(): BenchSystem[] {
  const [faceApi, human] = peers() as [Peer, Peer];
  // The default is one face; the scenes have up to ten.
  const detector = { maxDetected: 10 };
  const face = { iris: { enabled: false }, emotion: { enabled: false } };
  const off = { enabled: false };
  const minimal = { face: { detector, ...face }, body: off, hand: off, gesture: off };
  const withConfig = (config: object) => {
    const options = human.options as HumanOptions;
    return { ...options, config: { ...options.config, ...config } };
  };
  return [
    peerSystem('face-api', faceApi, faceApiSubject, faceApi.options),
    peerSystem('human', human, humanSubject, withConfig(minimal)),
    peerSystem('human-defaults', human, humanSubject, withConfig({ face: { detector } })),
  ];
}

function peerSystem(name: string, peer: Peer, createSubject: () => Subject, options: unknown): BenchSystem {
  const { start, distance, threshold } = peer;
  return {
    name,
    family: 'peer',
    backend: 'wasm',
    execution: 'page',
    emulated: false,
    start,
    createSubject,
    options,
    distance,
    threshold,
  };
}

/** Runs in the page. */
function faceApiSubject(): Subject {
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
      if (!face) throw new Error('face-api found no face in the scene with one face.');
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
function humanSubject(): Subject {
  const { human } = globalThis as unknown as { human: Human & { config: { body: { enabled: boolean } } } };
  const on = { enabled: true };
  const off = { enabled: false };
  // Human keeps the configuration of a call for later calls.
  const still = { cacheSensitivity: 0, face: { mesh: on, description: on } };
  return {
    embed: {
      default: async (photo) => (await human.detect(photo, still)).face.map(({ embedding }) => embedding ?? []),
    },
    // 0.7 is its default: a cache skips faces that changed little since the last frame.
    frame: async (canvas) => (await human.detect(canvas, { ...still, cacheSensitivity: 0.7 })).face.length,
    // Single stages can be disabled, not called. If bodies are enabled too, disabling a stage changes the time too little to measure.
    async stages(photo): Promise<Record<string, () => Promise<unknown>>> {
      if (human.config.body.enabled) return {};
      return {
        detection: () => human.detect(photo, { cacheSensitivity: 0, face: { mesh: off, description: off } }),
        detectionAndLandmarks: () => human.detect(photo, { cacheSensitivity: 0, face: { mesh: on, description: off } }),
      };
    },
  };
}
