import { useEffect, useRef, useState } from 'react';
import type { FaceNet, TrackedFrame, WatchOptions } from '../index.ts';

/** A ref to a video element, as returned by `useRef<HTMLVideoElement>(null)`. */
export interface VideoRef {
  /** The video element, once it is mounted. */
  readonly current: HTMLVideoElement | null;
}

/** The state of {@link useVideoFaces}. */
export interface VideoFaces {
  /** The latest processed frame; undefined before the first. */
  frame: TrackedFrame | undefined;
  /** The error that ended `watch`; undefined if there is none. */
  error: unknown;
}

const initialState: VideoFaces = { frame: undefined, error: undefined };

/**
 * Tracks the faces of a playing video, each with a stable id and, with a gallery, an identity. Renders once for each
 * processed frame.
 *
 * @param facenet from {@link useFaceNet}. No effect while it is undefined.
 * @param video the ref of a `<video>` rendered in the same commit as this hook's component.
 * @param options those of `facenet.watch`. A change of `gallery` restarts tracking; the others are read at the start.
 *
 * @example
 * const video = useRef<HTMLVideoElement>(null);
 * const { frame } = useVideoFaces(facenet, video, { gallery });
 */
export function useVideoFaces(
  facenet: FaceNet | undefined,
  video: VideoRef,
  options: Omit<WatchOptions, 'signal'> = {},
): VideoFaces {
  const [state, setState] = useState(initialState);
  const latest = useRef(options);
  latest.current = options;
  const { gallery } = options;
  useEffect(() => {
    const element = video.current;
    if (!facenet || !element) return;
    const controller = new AbortController();
    const { signal } = controller;
    const { gallery: _, ...limits } = latest.current;
    const watch = async () => {
      for await (const frame of facenet.watch(element, { ...limits, ...(gallery && { gallery }), signal })) {
        setState({ frame, error: undefined });
      }
    };
    watch().catch((error) => !signal.aborted && setState({ frame: undefined, error }));
    return () => {
      controller.abort();
      setState(initialState);
    };
  }, [facenet, video, gallery]);
  return state;
}
