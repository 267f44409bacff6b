import { useEffect, useRef, useState } from 'react';
import type { DetectOptions, EmbeddedFace, FaceNet, ImageSource } from '../index.ts';

/** The faces of a photo. */
export interface PhotoFaces {
  /** The faces with their embeddings, strongest first; undefined while they are looked for. */
  faces: EmbeddedFace[] | undefined;
  /** Why there are none; undefined while nothing went wrong. */
  error: unknown;
}

const nothingYet: PhotoFaces = { faces: undefined, error: undefined };

/**
 * The faces of a photo, found anew when the photo changes. (A video is {@link useVideoFaces}'.)
 *
 * @param facenet of {@link useFaceNet}; until it is there nothing happens.
 * @param photo the photo, or nothing as yet.
 * @param options what `facenet.embed` takes, read when the photo is looked at.
 *
 * @example
 * const { faces } = usePhotoFaces(facenet, file, { maxFaces: 1 });
 */
export function usePhotoFaces(
  facenet: FaceNet | undefined,
  photo: ImageSource | undefined,
  options: Omit<DetectOptions, 'signal'> = {},
): PhotoFaces {
  const [state, setState] = useState(nothingYet);
  const latest = useRef(options);
  latest.current = options;
  useEffect(() => {
    if (!facenet || !photo) return;
    const life = new AbortController();
    const { signal } = life;
    facenet.embed(photo, { ...latest.current, signal }).then(
      (faces) => !signal.aborted && setState({ faces, error: undefined }),
      (error) => !signal.aborted && setState({ faces: undefined, error }),
    );
    return () => {
      life.abort();
      setState(nothingYet);
    };
  }, [facenet, photo]);
  return state;
}
