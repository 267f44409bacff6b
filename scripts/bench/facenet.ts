import { thresholdFor } from '../../lib/comparison/calibration.ts';
import { distances } from '../../lib/comparison/distance.ts';
import type { FaceNet as FaceNetClass, LoadOptions } from '../../lib/index.ts';
import { type FaceNetOptions, startFaceNet } from '../kit/lfw/facenet.ts';
import { metricOf, readManifest } from '../kit/manifest.ts';
import { embeddingGmac } from './network-cost.ts';
import type { Backend, BenchSystem, Subject } from './subject.ts';

/**
 * facenet-web with each preset, in the worker and on the page, on each backend. On an emulated backend only `fast` is
 * measured. A system with the default execution and backend has its preset's name.
 */
export function faceNets(url: string, backends: readonly Backend[]): BenchSystem[] {
  const manifest = readManifest();
  const variants = backends.flatMap((backend) =>
    (['worker', 'page'] as const).map((execution) => ({ ...backend, execution })),
  );
  return variants.flatMap(({ name: backend, emulated, execution }) =>
    (manifest.presets ?? [])
      .filter(({ name }) => !emulated || name === 'fast')
      .map(({ name: preset, calibration, embedder }): BenchSystem => {
        const load: LoadOptions = { models: `${url}models/`, preset, backend, worker: execution === 'worker' };
        const options: FaceNetOptions = { library: `${url}dist/facenet-web.js`, load };
        const distance = distances[metricOf(manifest, embedder)] as (a: never, b: never) => number;
        return {
          name: [preset, ...(backend === 'wasm' ? [] : [backend]), ...(execution === 'page' ? ['page'] : [])].join('-'),
          family: 'facenet-web',
          backend,
          execution,
          emulated,
          start: startFaceNet,
          createSubject: faceNetSubject,
          options,
          distance: distance as BenchSystem['distance'],
          threshold: thresholdFor(1e-3, calibration),
          embeddingGmac: embeddingGmac(preset),
        };
      }),
  );
}

/** Runs in the page. */
function faceNetSubject(): Subject {
  const { facenet } = globalThis as unknown as { facenet: FaceNetClass };
  const vectors = (faces: { embedding: Float32Array }[]) => faces.map(({ embedding }) => embedding);
  return {
    embed: {
      default: async (photo) => vectors(await facenet.embed(photo)),
      // The peers search the upright view only.
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
      if (!face) throw new Error('facenet-web found no face in the scene with one face.');
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
