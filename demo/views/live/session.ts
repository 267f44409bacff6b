import { signal } from '@preact/signals';
import { whenLoaded } from '../../app/facenet.ts';
import { type CameraTrouble, listCameras, openCamera, stopCamera, troubleOf } from './camera.ts';
import { startSampleFilm } from './sample-film.ts';

/** What the view looks at: a camera by its id, any camera, or the film of the sample photos. */
export type Source = { kind: 'camera'; deviceId?: string } | { kind: 'samples' };

/** How far the view is. */
export type LiveState =
  | { status: 'off' }
  | { status: 'starting'; source: Source }
  | { status: 'trouble'; trouble: CameraTrouble }
  | {
      status: 'running';
      source: Source;
      stream: MediaStream;
      /** Whether it is shown as in a mirror, which people expect of a camera that looks at them. */
      mirrored: boolean;
      /** Keeps the sample film at the person whom it shows; a camera cannot be held. */
      hold: (still: boolean) => void;
    };

export const live = signal<LiveState>({ status: 'off' });

/** The cameras to pick from, as soon as one was allowed. */
export const cameras = signal<readonly MediaDeviceInfo[]>([]);

let session: AbortController | undefined;

/** Starts with a source, instead of the one before. */
export async function start(source: Source): Promise<void> {
  session?.abort();
  session = new AbortController();
  const { signal } = session;
  live.value = { status: 'starting', source };
  try {
    if (source.kind === 'samples') await startSamples(source, signal);
    else await startCamera(source, signal);
  } catch (error) {
    if (!signal.aborted) live.value = { status: 'trouble', trouble: troubleOf(error) };
  }
}

/** Ends, whatever it is at; a camera goes off at once. */
export function stop(): void {
  session?.abort();
  session = undefined;
  live.value = { status: 'off' };
}

async function startSamples(source: Source, signal: AbortSignal): Promise<void> {
  const { stream, hold } = await startSampleFilm(await whenLoaded(), signal);
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
      live.value = { status: 'trouble', trouble: 'unplugged' };
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
