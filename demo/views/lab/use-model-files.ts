import { useRef, useState } from 'preact/hooks';
import { type OriginalModel, readModels } from './originals.ts';

/** A file that could not be read, and why. */
interface Refusal {
  file: string;
  error: unknown;
}

/**
 * Reads the user's model files of dlib and OpenCV.
 *
 * @returns the models and the files that were refused, for display; a function that reads further files after those that were
 *   chosen before; and a function that returns the newest models, for code that runs between two renderings.
 */
export function useModelFiles() {
  const [models, setModels] = useState<readonly OriginalModel[]>([]);
  const [refusals, setRefusals] = useState<readonly Refusal[]>([]);
  const known = useRef<readonly OriginalModel[]>([]);
  const reading = useRef<Promise<void>>(Promise.resolve());

  const read = async (files: readonly File[]) => {
    if (files.length === 0) return;
    setRefusals([]);
    for await (const result of readModels(files)) {
      if ('model' in result) {
        known.current = [...known.current.filter(({ name }) => name !== result.model.name), result.model];
        setModels(known.current);
      } else setRefusals((before) => [...before, result]);
    }
  };
  const add = (files: readonly File[]) => {
    reading.current = reading.current.catch(() => {}).then(() => read(files));
    return reading.current;
  };
  return { models, refusals, add, newest: () => known.current };
}
