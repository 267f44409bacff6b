import { abortable } from '../core/cancellation.ts';
import { FaceNetError } from '../core/errors.ts';

/** The maximum time to wait for the first picture of a video that has data, in milliseconds. */
const maxPictureDelay = 3000;

/** The delay between two attempts to read a video, in milliseconds. */
const retryDelay = 10;

/**
 * Reads the current picture of a video. A video dispatches "loadeddata" some milliseconds before its picture can be read, a
 * stream may deliver its sound first, and a seek takes time: the picture is waited for, up to {@link maxPictureDelay}.
 *
 * @throws {FaceNetError} `video-not-ready` when the video has no source, or no picture in time; `image-unreadable` when
 *   it cannot be played; `signal.reason` when aborted.
 */
export async function videoBitmap(video: HTMLVideoElement, signal: AbortSignal | undefined): Promise<ImageBitmap> {
  const end = performance.now() + maxPictureDelay;
  let request: number | undefined;
  try {
    for (;;) {
      requireSource(video);
      const bitmap = await createImageBitmap(video).catch((cause) => {
        if (performance.now() > end) throw noPictureError(cause);
      });
      if (bitmap) return bitmap;
      // Chromium draws no picture of a paused video that it does not show, unless a frame is requested.
      request ??= video.requestVideoFrameCallback?.(() => {});
      // No event reports the picture of a paused video in every browser.
      await abortable(new Promise((resolve) => setTimeout(resolve, retryDelay)), signal);
    }
  } finally {
    if (request !== undefined) video.cancelVideoFrameCallback(request);
  }
}

function requireSource({ error, networkState, NETWORK_EMPTY }: HTMLVideoElement): void {
  if (error) {
    throw new FaceNetError('image-unreadable', 'The video cannot be played: check its URL and its format.', {
      cause: error,
    });
  }
  if (networkState === NETWORK_EMPTY) {
    throw new FaceNetError(
      'video-not-ready',
      'The video has no source: set its "src" or "srcObject", then call again.',
    );
  }
}

function noPictureError(cause: unknown): FaceNetError {
  return new FaceNetError(
    'video-not-ready',
    `The video showed no picture within ${maxPictureDelay / 1000} seconds: play it, then call again.`,
    { cause },
  );
}
