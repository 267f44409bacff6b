import { FaceNetError } from '../index.ts';

/**
 * Opens the user's camera into a video that plays, and stops it when the signal aborts.
 *
 * @throws {FaceNetError} `insecure-context` where the page may have none; what `getUserMedia` throws.
 */
export async function openCamera(signal: AbortSignal): Promise<HTMLVideoElement> {
  // Older browsers, and every browser on a page without HTTPS, have no mediaDevices, whatever its type says.
  const devices: MediaDevices | undefined = navigator.mediaDevices;
  if (!devices) {
    throw new FaceNetError('insecure-context', 'This page has no camera: serve it over HTTPS or from localhost.');
  }
  const stream = await devices.getUserMedia({
    audio: false,
    video: { facingMode: 'user', width: { ideal: 640 }, height: { ideal: 480 } },
  });
  const stop = () => {
    for (const track of stream.getTracks()) track.stop();
  };
  if (signal.aborted) stop();
  signal.throwIfAborted();
  signal.addEventListener('abort', stop, { once: true });
  const video = document.createElement('video');
  video.className = 'mirrored';
  video.muted = true;
  video.playsInline = true;
  video.ariaLabel = 'Your camera';
  video.srcObject = stream;
  await video.play();
  return video;
}
