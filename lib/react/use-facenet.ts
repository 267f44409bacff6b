import { useEffect, useRef, useState } from 'react';
import { FaceNet, type LoadOptions } from '../index.ts';

/** Options of {@link useFaceNet}: those of `FaceNet.load` without `signal`; loading is aborted on unmount. */
export type UseFaceNetOptions = Omit<LoadOptions, 'signal'>;

/** The state of {@link useFaceNet}. */
export interface FaceNetState {
  /** The FaceNet; undefined until it is loaded, during server rendering and after an error. */
  facenet: FaceNet | undefined;
  /** The error of loading; undefined if there is none. */
  error: unknown;
}

/** The initial state. It is one object, so that setting it again causes no render. */
const initialState: FaceNetState = { facenet: undefined, error: undefined };

/**
 * Loads a FaceNet while the component is mounted, and loads it again when the values of the options change. Components
 * with equal options share one load.
 *
 * @param options what to load, from where, and where it runs.
 *
 * @example
 * const { facenet, error } = useFaceNet({ preset: 'fast' });
 */
export function useFaceNet(options: UseFaceNetOptions = {}): FaceNetState {
  const [state, setState] = useState(initialState);
  const latest = useRef(options);
  latest.current = options;
  const { onProgress: _, ...values } = options;
  const key = JSON.stringify(values);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the options, a new object each time.
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
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
      controller.abort();
      setState(initialState);
      loading.then((facenet) => facenet.dispose()).catch(() => {});
    };
  }, [key]);
  return state;
}
