import { signal } from '@preact/signals';
import { loadedFaceNet } from '../../app/facenet.ts';
import { type CameraError, cameraErrorOf, listCameras, openCamera, stopCamera } from './camera.ts';
import { startSampleVideo } from './sample-video.ts';

/** A video source: a camera, by its id or any, or the sample video. */
export type Source = { kind: 'camera'; deviceId?: string } | { kind: 'samples' };

/** The state of the Live view while it shows video. */
export interface RunningState {
  status: 'running';
  source: Source;
  stream: MediaStream;
  /** Whether to mirror the video, which users expect of a front camera. */
  mirrored: boolean;
  /** Pauses the sample video at the current person, or resumes it. Does nothing for a camera. */
  hold: (still: boolean) => void;
}

/** The state of the Live view. */
export type LiveState =
  | { status: 'off' }
  | { status: 'starting'; source: Source }
  | { status: 'failed'; error: CameraError }
  | RunningState;

/** The current state. */
export const live = signal<LiveState>({ status: 'off' });

/** The cameras to choose from. Empty until the user has allowed one. */
export const cameras = signal<readonly MediaDeviceInfo[]>([]);

let session: AbortController | undefined;

/** Starts a source and stops the previous one. */
export async function start(source: Source): Promise<void> {
  session?.abort();
  session = new AbortController();
  const { signal } = session;
  live.value = { status: 'starting', source };
  try {
    if (source.kind === 'samples') await startSamples(source, signal);
    else await startCamera(source, signal);
  } catch (error) {
    if (!signal.aborted) live.value = { status: 'failed', error: cameraErrorOf(error) };
  }
}

/** Stops the source or cancels its start. Turns a camera off. */
export function stop(): void {
  session?.abort();
  session = undefined;
  live.value = { status: 'off' };
}

async function startSamples(source: Source, signal: AbortSignal): Promise<void> {
  const { stream, hold } = await startSampleVideo(await loadedFaceNet(), signal);
  signal.addEventListener('abort', () => stopCamera(stream));
  signal.throwIfAborted();
  live.value = { status: 'running', source, stream, mirrored: false, hold };
}

async function startCamera(source: Source & { kind: 'camera' }, signal: AbortSignal): Promise<void> {
  const stream = await openCamera(source.deviceId, signal);
  signal.addEventListener('abort', () => stopCamera(stream));
  for (const track of stream.getTracks()) {
    track.addEventListener('ended', () => {
      if (signal.aborted) return;
      session?.abort();
      live.value = { status: 'failed', error: 'disconnected' };
    });
  }
  const settings = stream.getVideoTracks()[0]?.getSettings();
  const { deviceId = source.deviceId, facingMode } = settings ?? {};
  live.value = {
    status: 'running',
    source: { kind: 'camera', ...(deviceId && { deviceId }) },
    stream,
    mirrored: facingMode !== 'environment',
    hold: () => {},
  };
  cameras.value = await listCameras();
}
