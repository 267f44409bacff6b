/** Why a camera delivers no video. */
export type CameraError = 'denied' | 'notFound' | 'inUse' | 'disconnected' | 'unsupported' | 'insecure' | 'unknown';

/**
 * Opens a camera.
 *
 * @param deviceId the chosen camera. Without it, the browser chooses one, preferably the front camera.
 * @throws the error of `getUserMedia`, which {@link cameraErrorOf} classifies, or `signal.reason` if aborted.
 */
export async function openCamera(deviceId: string | undefined, signal: AbortSignal): Promise<MediaStream> {
  // mediaDevices is undefined in old browsers and on pages without HTTPS. Its TypeScript type does not say so.
  const devices: MediaDevices | undefined = navigator.mediaDevices;
  if (!devices) throw new DOMException('navigator.mediaDevices is not available.', 'NotSupportedError');
  const stream = await devices.getUserMedia({
    audio: false,
    video: {
      width: { ideal: 960 },
      height: { ideal: 720 },
      ...(deviceId ? { deviceId: { exact: deviceId } } : { facingMode: 'user' }),
    },
  });
  if (signal.aborted) stopCamera(stream);
  signal.throwIfAborted();
  return stream;
}

/** Turns a camera off. */
export function stopCamera(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

/** Lists the cameras. Browsers reveal their ids and labels only once the user has allowed a camera. */
export async function listCameras(): Promise<MediaDeviceInfo[]> {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices.filter(({ kind, deviceId }) => kind === 'videoinput' && deviceId !== '');
}

/** Classifies an error of {@link openCamera}. */
export function cameraErrorOf(error: unknown): CameraError {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotSupportedError') return isSecureContext ? 'unsupported' : 'insecure';
  return errorsByName[name] ?? 'unknown';
}

/** The exception names of `getUserMedia` (W3C, Media Capture and Streams). */
const errorsByName: Record<string, CameraError> = {
  NotAllowedError: 'denied',
  SecurityError: 'denied',
  NotFoundError: 'notFound',
  OverconstrainedError: 'notFound',
  NotReadableError: 'inUse',
  AbortError: 'inUse',
  InvalidStateError: 'inUse',
};
