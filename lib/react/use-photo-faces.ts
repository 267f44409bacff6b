import { useEffect, useRef, useState } from 'react';
import type { DetectOptions, EmbeddedFace, FaceNet, ImageSource } from '../index.ts';

/** The state of {@link usePhotoFaces}. */
export interface PhotoFaces {
  /** The faces with their embeddings, by descending score; undefined while they are computed. */
  faces: EmbeddedFace[] | undefined;
  /** The error of `embed`; undefined if there is none. */
  error: unknown;
}

const initialState: PhotoFaces = { faces: undefined, error: undefined };

/**
 * Embeds the faces of a photo, again when the photo changes. For videos use {@link useVideoFaces}.
 *
 * @param facenet from {@link useFaceNet}. No effect while it is undefined.
 * @param photo no effect while it is undefined.
 * @param options those of `facenet.embed`, read when the photo or the FaceNet changes.
 *
 * @example
 * const { faces } = usePhotoFaces(facenet, file, { maxFaces: 1 });
 */
export function usePhotoFaces(
  facenet: FaceNet | undefined,
  photo: ImageSource | undefined,
  options: Omit<DetectOptions, 'signal'> = {},
): PhotoFaces {
  const [state, setState] = useState(initialState);
  const latest = useRef(options);
  latest.current = options;
  useEffect(() => {
    if (!facenet || !photo) return;
    const controller = new AbortController();
    const { signal } = controller;
    facenet.embed(photo, { ...latest.current, signal }).then(
      (faces) => !signal.aborted && setState({ faces, error: undefined }),
      (error) => !signal.aborted && setState({ faces: undefined, error }),
    );
    return () => {
      controller.abort();
      setState(initialState);
    };
  }, [facenet, photo]);
  return state;
}
