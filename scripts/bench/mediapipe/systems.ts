import { thresholdFor } from '../../../lib/comparison/calibration.ts';
import { distances } from '../../../lib/comparison/distance.ts';
import { metricOf, readManifest, shippedPreset } from '../../kit/manifest.ts';
import { repositoryPath } from '../../kit/paths.ts';
import type { BenchSystem, Subject } from '../subject.ts';
import type { Embed, Glue } from './glue.ts';

/** The folders of node_modules that the pages load from, by URL prefix. */
export const mediaPipeFolders = { '/tasks-vision': repositoryPath('node_modules/@mediapipe/tasks-vision') };

/** MediaPipe's FaceLandmarker with MobileFaceNet on ONNX Runtime Web and on LiteRT.js. */
export function mediaPipeSystems(): BenchSystem[] {
  const distance = distances[metricOf(readManifest(), 'mobilefacenet')] as (a: never, b: never) => number;
  return (['ort', 'litert'] as const).map((runtime) => ({
    name: `mediapipe+${runtime}`,
    family: 'peer',
    backend: 'wasm',
    execution: 'page',
    emulated: false,
    start,
    createSubject,
    options: `/runtimes/${runtime}-page.js`,
    distance: distance as BenchSystem['distance'],
    // The preset `fast` embeds the same crop with the same network.
    threshold: thresholdFor(1e-3, shippedPreset('fast').calibration),
  }));
}

/** The bundled page of a runtime. */
type Page = typeof import('./ort-page.ts');

/** Runs in the page: loads the landmarker and the embedder at the same time. */
async function start(script: never): Promise<void> {
  const page = (await import(script)) as Page;
  const [landmarker, embed] = await Promise.all([page.startLandmarker('IMAGE'), page.startEmbedder()]);
  Object.assign(globalThis, { mediaPipe: { page, landmarker, embed } });
}

/** Runs in the page. */
function createSubject(): Subject {
  const { page, landmarker, embed } = (globalThis as unknown as { mediaPipe: Glue & { page: Page; embed: Embed } })
    .mediaPipe;
  let video: ReturnType<Page['startLandmarker']> | undefined;
  return {
    embed: { default: (photo) => page.embedPhoto({ landmarker, embed }, photo) },
    // For video, which the landmarker tracks, it needs another instance.
    async frame(canvas) {
      video ??= page.startLandmarker('VIDEO');
      const found = (await video).detectForVideo(canvas, performance.now());
      return (await page.embedFaces(embed, canvas, found)).length;
    },
    async stages(photo) {
      video ??= page.startLandmarker('VIDEO');
      await video;
      const [landmarks] = landmarker.detect(photo).faceLandmarks;
      if (!landmarks) throw new Error('MediaPipe found no face in the scene with one face.');
      const crop = page.alignedCrop(photo, landmarks);
      return {
        detectionAndLandmarks: async () => landmarker.detect(photo),
        alignment: async () => page.alignedCrop(photo, landmarks),
        embedding: () => embed(crop),
      };
    },
  };
}
