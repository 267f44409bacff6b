/**
 * Asks the user for the camera.
 *
 * @throws what `getUserMedia` throws, which {@link whyNoCamera} explains, and `signal.reason` when nobody waits any more.
 */
export async function openCamera(signal: AbortSignal): Promise<MediaStream> {
  // Older browsers, and every browser on a page without HTTPS, have no mediaDevices, whatever its type says.
  const devices: MediaDevices | undefined = navigator.mediaDevices;
  if (!devices) throw new DOMException('This page cannot reach a camera.', 'NotSupportedError');
  const stream = await devices.getUserMedia({
    audio: false,
    video: { facingMode: 'user', width: { ideal: 640 }, height: { ideal: 480 } },
  });
  if (signal.aborted) for (const track of stream.getTracks()) track.stop();
  signal.throwIfAborted();
  return stream;
}

/** Why there is no camera and what to do, in a sentence or two; nothing for an error that is not about the camera. */
export function whyNoCamera(error: unknown): string | undefined {
  return error instanceof DOMException ? reasons[error.name] : undefined;
}

const refused =
  'That is fine: the camera stays off. If you change your mind, allow it in your browser’s settings for this page and start again.';
const absent = 'No camera was found. Plug one in and start again.';
const busy =
  'The camera is there but could not be started: another program may be using it. Close that one and start again.';
const unsupported = 'This browser gives this page no camera. Open it over HTTPS, in a newer browser.';

/** The names that the Media Capture specification gives to what can go wrong. */
const reasons: Record<string, string> = {
  NotAllowedError: refused,
  SecurityError: refused,
  NotFoundError: absent,
  OverconstrainedError: absent,
  NotReadableError: busy,
  InvalidStateError: busy,
  NotSupportedError: unsupported,
};
