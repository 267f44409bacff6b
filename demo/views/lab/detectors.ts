import { type Face, FaceNet } from 'facenet-web';
import { spread } from './bench.ts';

/** The detectors that come with the library, the default first. */
export const detectorNames = [
  'blazeface-full',
  'blazeface-short',
  'mediapipe-blazeface-full',
  'mediapipe-blazeface-short',
  'ssd-mobilenet-v1',
  'tiny-yolo-v2',
] as const;
export type DetectorName = (typeof detectorNames)[number];

/** What a detector found, and how long it took when warm, in milliseconds. */
export interface Detection {
  faces: Face[];
  milliseconds: number;
}

/** How often each detector looks at most: once to warm up, then so many times, of which the median counts. */
const looks = 3;

/** On a slow device less often: no further look is begun after so many milliseconds. */
const patience = 3000;

/**
 * Lets detectors look at a photo, one after the other: each in a FaceNet of its own, which is freed before the next is
 * loaded.
 *
 * @param thorough whether turned heads are looked for too.
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
  const begun = performance.now();
  do {
    const start = performance.now();
    faces = await facenet.detect(photo, { thorough, signal });
    times.push(performance.now() - start);
  } while (times.length < looks && performance.now() - begun < patience);
  return { faces, milliseconds: spread(times).median };
}
