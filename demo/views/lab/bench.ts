import type { FaceNet } from 'facenet-web';
import { DemoError } from '../../app/demo-error.ts';
import { fetchSample, samples } from '../../app/samples.ts';
import type { TimeSpread } from './reference-times.ts';

/** The stages that are timed, by the names that docs/performance.md has for them. */
export const stageNames = [
  'detection',
  'detectionUpright',
  'landmarks',
  'alignment',
  'embedding',
  'fromLandmarks',
] as const;
export type StageName = (typeof stageNames)[number];

/** What was measured on this device, in milliseconds. */
export interface BenchResult {
  rounds: number;
  stages: Record<StageName, TimeSpread>;
  /** Embeddings in a second, from aligned crops, one after the other. */
  embeddingsPerSecond: number;
}

/**
 * Times each stage on the photo that `npm run bench` takes too, 640×480 pixels with one face, each stage given what the one
 * before it found.
 *
 * @param onProgress the share that is done, 0 to 1.
 */
export async function benchStages(
  facenet: FaceNet,
  rounds: number,
  onProgress: (progress: number) => void,
  signal: AbortSignal,
): Promise<BenchResult> {
  const photo = await composePhoto(signal);
  try {
    const faces = await facenet.detect(photo, { signal });
    const [face] = await facenet.landmarks(photo, faces, { signal });
    if (!face) throw new DemoError('benchFaceMissing');
    const crop = await facenet.align(photo, face, { signal });
    const stages: Record<StageName, () => Promise<unknown>> = {
      detection: () => facenet.detect(photo, { signal }),
      detectionUpright: () => facenet.detect(photo, { thorough: false, signal }),
      landmarks: () => facenet.landmarks(photo, faces, { signal }),
      alignment: () => facenet.align(photo, face, { signal }),
      embedding: () => facenet.embedCrop(crop, { signal }),
      fromLandmarks: () => facenet.embed(photo, face, { signal }),
    };
    const times = new Map<StageName, number[]>(stageNames.map((name) => [name, []]));
    // The first round warms up and is not counted.
    for (let round = 0; round <= rounds; round++) {
      for (const name of stageNames) {
        const start = performance.now();
        await stages[name]();
        if (round > 0) times.get(name)?.push(performance.now() - start);
      }
      onProgress(round / rounds);
    }
    const spreads = Object.fromEntries([...times].map(([name, list]) => [name, spread(list)]));
    const result = spreads as Record<StageName, TimeSpread>;
    return { rounds, stages: result, embeddingsPerSecond: 1000 / result.embedding.median };
  } finally {
    photo.close();
  }
}

/** The part of sample photo 6 that docs/performance.md calls the photo with one face. */
async function composePhoto(signal: AbortSignal): Promise<ImageBitmap> {
  const sample = samples[5] as (typeof samples)[number];
  const size = { resizeWidth: 640, resizeHeight: 480, resizeQuality: 'high' } as const;
  return createImageBitmap(await fetchSample(sample, signal), 10, 350, 580, 435, size);
}

/** The median, the least and the most of at least one time. */
export function spread(times: readonly number[]): TimeSpread {
  const sorted = [...times].sort((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]] as [number, number];
  return { median: (low + high) / 2, least: sorted[0] as number, most: sorted.at(-1) as number };
}
