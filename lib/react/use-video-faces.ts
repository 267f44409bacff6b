import { useEffect, useRef, useState } from 'react';
import type { FaceNet, TrackedFrame, WatchOptions } from '../index.ts';

/** A ref to a video element, as `useRef<HTMLVideoElement>(null)` gives it. */
export interface VideoRef {
  readonly current: HTMLVideoElement | null;
}

/** The faces of a video. */
export interface VideoFaces {
  /** What the newest frame shows; undefined before the first. */
  frame: TrackedFrame | undefined;
  /** Why there are no more; undefined while nothing went wrong. */
  error: unknown;
}

const nothingYet: VideoFaces = { frame: undefined, error: undefined };

/**
 * The faces of a video as it plays, each with an id that stays its own and, with a gallery, who it is. It renders once for
 * each frame that was looked at.
 *
 * @param facenet of {@link useFaceNet}; until it is there nothing happens.
 * @param video the ref of a `<video>` that is rendered at the same time as this hook's component.
 * @param options what `facenet.watch` takes; another `gallery` starts anew, the rest is read at the start.
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
  const [state, setState] = useState(nothingYet);
  const latest = useRef(options);
  latest.current = options;
  const { gallery } = options;
  useEffect(() => {
    const element = video.current;
    if (!facenet || !element) return;
    const life = new AbortController();
    const { signal } = life;
    const { gallery: _, ...limits } = latest.current;
    const watch = async () => {
      for await (const frame of facenet.watch(element, { ...limits, ...(gallery && { gallery }), signal })) {
        setState({ frame, error: undefined });
      }
    };
    watch().catch((error) => !signal.aborted && setState({ frame: undefined, error }));
    return () => {
      life.abort();
      setState(nothingYet);
    };
  }, [facenet, video, gallery]);
  return state;
}
