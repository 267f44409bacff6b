import { withActiveTimeout } from '../core/active-timeout.ts';
import { abortable } from '../core/cancellation.ts';
import { FaceNetError } from '../core/errors.ts';

/** The front camera, ideally with 640 × 480 pixels. */
export const frontCamera: MediaTrackConstraints = {
  facingMode: 'user',
  width: { ideal: 640 },
  height: { ideal: 480 },
};

/** The maximum time from the camera's stream to its first picture, in seconds. USB and virtual cameras may take some seconds. */
const maxStartTime = 10;

/**
 * Asks the user for a camera. Aborting the signal stops it, also one that the user allows after the abort.
 *
 * @throws {FaceNetError} `insecure-context` on a page without HTTPS; whatever `getUserMedia` throws; `signal.reason` when aborted,
 *   also while the browser asks for the permission.
 */
export async function requestCamera(constraints: MediaTrackConstraints, signal: AbortSignal): Promise<MediaStream> {
  // The DOM types promise mediaDevices, but it is undefined on pages without HTTPS.
  const devices: MediaDevices | undefined = navigator.mediaDevices;
  if (!devices) {
    throw new FaceNetError('insecure-context', 'This page has no camera: serve it over HTTPS or from localhost.');
  }
  signal.throwIfAborted();
  const opening = devices.getUserMedia({ audio: false, video: constraints });
  opening.then(
    (stream) => stopOnAbort(stream, signal),
    () => {},
  );
  return abortable(opening, signal);
}

/**
 * Plays a camera's video.
 *
 * @throws {FaceNetError} `video-not-ready` when it shows no picture within {@link maxStartTime}, because `play()` waits for one for
 *   ever; whatever `play()` throws; `signal.reason` when aborted.
 */
export async function playCamera(video: HTMLVideoElement, signal: AbortSignal): Promise<void> {
  await withActiveTimeout(video.play(), maxStartTime, noPictureError, signal);
}

function stopOnAbort(stream: MediaStream, signal: AbortSignal): void {
  const stop = () => {
    for (const track of stream.getTracks()) track.stop();
  };
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
}

function noPictureError(): FaceNetError {
  return new FaceNetError(
    'video-not-ready',
    `The camera showed no picture within ${maxStartTime} seconds: check that no switch, system setting or other app blocks it, then start it again.`,
  );
}
