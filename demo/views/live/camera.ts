/** Why there is no picture from a camera. */
export type CameraTrouble = 'refused' | 'absent' | 'busy' | 'unplugged' | 'unsupported' | 'insecure' | 'other';

/**
 * Asks for a camera.
 *
 * @param deviceId the one that was picked; else the one that looks at the user.
 * @throws what `getUserMedia` throws, which {@link troubleOf} explains, and `signal.reason` when nobody waits any more.
 */
export async function openCamera(deviceId: string | undefined, signal: AbortSignal): Promise<MediaStream> {
  // Older browsers, and every browser on a page without HTTPS, have no mediaDevices, whatever its type says.
  const devices: MediaDevices | undefined = navigator.mediaDevices;
  if (!devices) throw new DOMException('This page cannot reach a camera.', 'NotSupportedError');
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

/** The cameras that there are; their names are only told once one was allowed. */
export async function listCameras(): Promise<MediaDeviceInfo[]> {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices.filter(({ kind, deviceId }) => kind === 'videoinput' && deviceId !== '');
}

/** What an error of {@link openCamera} means. */
export function troubleOf(error: unknown): CameraTrouble {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotSupportedError') return isSecureContext ? 'unsupported' : 'insecure';
  return troubles[name] ?? 'other';
}

/** The names that the Media Capture specification gives to what can go wrong. */
const troubles: Record<string, CameraTrouble> = {
  NotAllowedError: 'refused',
  SecurityError: 'refused',
  NotFoundError: 'absent',
  OverconstrainedError: 'absent',
  NotReadableError: 'busy',
  AbortError: 'busy',
  InvalidStateError: 'busy',
};
