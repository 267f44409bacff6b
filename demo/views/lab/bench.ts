import type { FaceNet } from 'facenet-web';
import { DemoError } from '../../app/demo-error.ts';
import { fetchSample, sampleNamed } from '../../app/samples.ts';
import type { TimeSpread } from './reference-times.ts';

/** The measured stages, by their names in docs/performance.md. */
export const stageNames = [
  'detection',
  'detectionUpright',
  'landmarks',
  'alignment',
  'embedding',
  'fromLandmarks',
] as const;

/** A name of {@link stageNames}. */
export type StageName = (typeof stageNames)[number];

/** The measurements on this device. */
export interface BenchResult {
  rounds: number;
  stages: Record<StageName, TimeSpread>;
  /** Embeddings of aligned crops per second, computed one at a time. */
  embeddingsPerSecond: number;
}

/**
 * Measures each stage on the photo of `npm run bench`: 640 × 480 pixels with one face. The input of each stage is the output of
 * the previous one, computed beforehand.
 *
 * @param onProgress called after every round with the progress, 0 to 1.
 * @throws {DemoError} `benchFaceMissing` if no face is found.
 */
export async function benchStages(
  facenet: FaceNet,
  rounds: number,
  onProgress: (progress: number) => void,
  signal: AbortSignal,
): Promise<BenchResult> {
  const photo = await benchPhoto(signal);
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
    // The first round is a warm-up.
    for (let round = 0; round <= rounds; round++) {
      for (const name of stageNames) {
        const start = performance.now();
        await stages[name]();
        if (round > 0) times.get(name)?.push(performance.now() - start);
      }
      onProgress(round / rounds);
    }
    const entries = [...times].map(([name, list]) => [name, timeSpread(list)] as const);
    const result = Object.fromEntries(entries) as Record<StageName, TimeSpread>;
    return { rounds, stages: result, embeddingsPerSecond: 1000 / result.embedding.median };
  } finally {
    photo.close();
  }
}

/** A photo with one face of about 180 pixels. */
async function benchPhoto(signal: AbortSignal): Promise<ImageBitmap> {
  const size = { resizeWidth: 640, resizeHeight: 480, resizeQuality: 'high' } as const;
  return createImageBitmap(await fetchSample(sampleNamed('officer'), signal), 0, 40, 512, 384, size);
}

/** The median, minimum and maximum of at least one time. */
export function timeSpread(times: readonly number[]): TimeSpread {
  const sorted = [...times].sort((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]] as [number, number];
  return { median: (low + high) / 2, min: sorted[0] as number, max: sorted.at(-1) as number };
}
