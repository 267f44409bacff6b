import { useEffect, useRef, useState } from 'react';
import { checkedOptions } from '../core/checked-options.ts';
import { FaceNetError } from '../index.ts';
import type { VideoRef } from './use-video-faces.ts';

/** Options of {@link useCamera}. */
export interface CameraOptions {
  /** Whether the camera is on. @default true */
  on?: boolean;
  /** The constraints of `getUserMedia`. Default: the front camera, ideally 640 × 480. Read when the camera is switched on. */
  constraints?: MediaTrackConstraints;
}

/** The state of {@link useCamera}. */
export interface CameraState {
  /** The ref for the `<video>` that shows the camera. Give it `muted` and `playsInline`. */
  video: VideoRef;
  /** Whether the video plays. */
  playing: boolean;
  /** The error of the camera: a {@link FaceNetError} `insecure-context`, or what `getUserMedia` threw; undefined if there is none. */
  error: unknown;
}

const off = { playing: false, error: undefined };

/**
 * Shows the user's camera in a `<video>` while the component is mounted. The browser asks the user for permission.
 *
 * @param options whether the camera is on, and which one.
 * @returns the ref for the video, and the state of the camera.
 *
 * @example
 * const { video, playing, error } = useCamera({ on: true });
 */
export function useCamera(options: CameraOptions = {}): CameraState {
  const { on = true } = options;
  const video = useRef<HTMLVideoElement | null>(null);
  const [state, setState] = useState<Omit<CameraState, 'video'>>(off);
  const latest = useRef(options);
  latest.current = options;
  useEffect(() => {
    if (!on) return;
    const controller = new AbortController();
    const { signal } = controller;
    showCamera(video.current, latest.current, signal).then(
      () => !signal.aborted && setState({ playing: true, error: undefined }),
      (error) => !signal.aborted && setState({ playing: false, error }),
    );
    return () => {
      controller.abort();
      setState(off);
    };
  }, [on]);
  return { video, ...state };
}

/** Plays the camera in a video until the signal aborts. @throws {FaceNetError} `option-invalid`, `insecure-context`. */
async function showCamera(video: HTMLVideoElement | null, options: CameraOptions, signal: AbortSignal): Promise<void> {
  const { constraints = { facingMode: 'user', width: { ideal: 640 }, height: { ideal: 480 } } } =
    checkedOptions<CameraOptions>(options, { on: true, constraints: true });
  // The DOM types promise mediaDevices, but it is undefined on pages without HTTPS.
  const devices: MediaDevices | undefined = navigator.mediaDevices;
  if (!devices) {
    throw new FaceNetError('insecure-context', 'This page has no camera: serve it over HTTPS or from localhost.');
  }
  const stream = await devices.getUserMedia({ audio: false, video: constraints });
  const stop = () => {
    for (const track of stream.getTracks()) track.stop();
    if (video?.srcObject === stream) video.srcObject = null;
  };
  if (signal.aborted || !video) return stop();
  signal.addEventListener('abort', stop, { once: true });
  video.srcObject = stream;
  await video.play();
}
