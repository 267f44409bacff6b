import { useEffect, useRef, useState } from 'react';
import { FaceNet, type LoadOptions } from '../index.ts';

/** What {@link useFaceNet} can be told: what `FaceNet.load` can, but for the signal, which is the component's life. */
export type UseFaceNetOptions = Omit<LoadOptions, 'signal'>;

/** How far a FaceNet is. */
export interface FaceNetState {
  /** The loaded FaceNet; undefined until then, during server rendering, and after an error. */
  facenet: FaceNet | undefined;
  /** Why it could not be loaded; undefined while nothing went wrong. */
  error: unknown;
}

/** Nothing yet: one object, so that setting it twice renders once. */
const nothingYet: FaceNetState = { facenet: undefined, error: undefined };

/**
 * Loads a FaceNet for as long as the component lives, and another when the options change in what they say. Components that
 * ask for the same share one load.
 *
 * @example
 * const { facenet, error } = useFaceNet({ preset: 'fast' });
 */
export function useFaceNet(options: UseFaceNetOptions = {}): FaceNetState {
  const [state, setState] = useState(nothingYet);
  const latest = useRef(options);
  latest.current = options;
  const { onProgress: _, ...asked } = options;
  const key = JSON.stringify(asked);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the options, which are new at every render.
  useEffect(() => {
    const life = new AbortController();
    const { signal } = life;
    const loading = FaceNet.load({
      ...latest.current,
      signal,
      onProgress: (progress) => latest.current.onProgress?.(progress),
    });
    loading.then(
      (facenet) => !signal.aborted && setState({ facenet, error: undefined }),
      (error) => !signal.aborted && setState({ facenet: undefined, error }),
    );
    return () => {
      life.abort();
      setState(nothingYet);
      loading.then((facenet) => facenet.dispose()).catch(() => {});
    };
  }, [key]);
  return state;
}
