import { useEffect, useRef, useState } from 'react';
import { checkedNames } from '../core/checked-options.ts';
import { FaceNetError } from '../index.ts';
import { frontCamera, playCamera, requestCamera } from '../video/camera.ts';
import type { VideoRef } from './use-video-faces.ts';

/** Options of {@link useCamera}. */
export interface CameraOptions {
  /** Whether the camera is on. @default true */
  on?: boolean;
  /**
   * The constraints of `getUserMedia`: by default the front camera, ideally 640 × 480. Read when the camera is switched on.
   *
   * @default { facingMode: 'user', width: { ideal: 640 }, height: { ideal: 480 } }
   */
  constraints?: MediaTrackConstraints;
}

/** The state of {@link useCamera}. */
export interface CameraState {
  /** The ref for the `<video>` that shows the camera. Give it `muted` and `playsInline`, and render it while the camera is on. */
  video: VideoRef;
  /** Whether the video plays. */
  playing: boolean;
  /**
   * The error of the camera; undefined if there is none: a {@link FaceNetError} `insecure-context`, `option-invalid` if no `<video>` has
   * the ref, or `video-not-ready` when the camera shows no picture within 10 seconds, was unplugged or its permission revoked; or what
   * `getUserMedia` or `play` threw. The camera starts again when `on` becomes true again.
   */
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
    const fail = (error: unknown) => {
      if (signal.aborted) return;
      controller.abort();
      setState({ playing: false, error });
    };
    showCamera(video.current, latest.current, signal, () => fail(stoppedError())).then(
      () => !signal.aborted && setState({ playing: true, error: undefined }),
      fail,
    );
    return () => {
      controller.abort();
      setState(off);
    };
  }, [on]);
  return { video, ...state };
}

/**
 * Plays the camera in a video until the signal aborts.
 *
 * @param onEnded called when the camera stops without the signal, for example because it is unplugged.
 * @throws {FaceNetError} `option-invalid`, `insecure-context`, `video-not-ready`; whatever `getUserMedia` and `play` throw;
 *   `signal.reason` when aborted.
 */
async function showCamera(
  video: HTMLVideoElement | null,
  options: CameraOptions,
  signal: AbortSignal,
  onEnded: () => void,
): Promise<void> {
  const { constraints = frontCamera } = checkedNames(options, { on: true, constraints: true });
  if (!video) {
    throw new FaceNetError(
      'option-invalid',
      'useCamera() has no <video>: render <video ref={video} muted playsInline /> while the camera is on.',
    );
  }
  const stream = await requestCamera(constraints, signal);
  signal.throwIfAborted();
  const release = () => {
    if (video.srcObject === stream) video.srcObject = null;
  };
  signal.addEventListener('abort', release, { once: true });
  for (const track of stream.getTracks()) track.addEventListener('ended', onEnded, { signal });
  video.srcObject = stream;
  await playCamera(video, signal);
}

function stoppedError(): FaceNetError {
  return new FaceNetError(
    'video-not-ready',
    'The camera stopped: check that it is plugged in and allowed, then switch it on again.',
  );
}
