import { type Face, FaceNet } from 'facenet-web';
import { timeSpread } from './bench.ts';

/** The library's detectors, the default first. */
export const detectorNames = [
  'blazeface-full',
  'blazeface-short',
  'mediapipe-blazeface-full',
  'mediapipe-blazeface-short',
  'ssd-mobilenet-v1',
  'tiny-yolo-v2',
  'mtcnn',
] as const;

/** A name of {@link detectorNames}. */
export type DetectorName = (typeof detectorNames)[number];

/** The result of a detector. */
export interface Detection {
  faces: Face[];
  /** The median time after a warm-up run. */
  milliseconds: number;
}

/** The maximum number of measured runs per detector, after one warm-up run. */
const maxRuns = 3;

/** After this time, in milliseconds, no further run starts. It limits the time on slow devices. */
const maxTime = 3000;

/**
 * Runs all detectors on a photo, one after the other. Each runs in its own FaceNet, which is disposed before the next one is
 * loaded.
 *
 * @param thorough whether to find rotated heads too.
 */
export async function* compareDetectors(
  photo: Blob,
  thorough: boolean,
  signal: AbortSignal,
): AsyncGenerator<{ name: DetectorName } & ({ detection: Detection } | { error: unknown })> {
  for (const name of detectorNames) {
    try {
      yield { name, detection: await detectWith(name, photo, thorough, signal) };
    } catch (error) {
      signal.throwIfAborted();
      yield { name, error };
    }
  }
}

async function detectWith(
  detector: DetectorName,
  photo: Blob,
  thorough: boolean,
  signal: AbortSignal,
): Promise<Detection> {
  await using facenet = await FaceNet.load({ models: 'models/', detector, signal });
  let faces = await facenet.detect(photo, { thorough, signal });
  const times: number[] = [];
  const firstStart = performance.now();
  do {
    const start = performance.now();
    faces = await facenet.detect(photo, { thorough, signal });
    times.push(performance.now() - start);
  } while (times.length < maxRuns && performance.now() - firstStart < maxTime);
  return { faces, milliseconds: timeSpread(times).median };
}
