import { useState } from 'preact/hooks';
import { loadedFaceNet } from '../../app/facenet.ts';
import type { FolderProgressState, GetFiles } from './FolderInput.tsx';
import { evaluateFolder, type LfwFolderError, type LfwResult, readFolder } from './lfw.ts';
import { useTask } from './use-task.ts';

/** Evaluates a folder in LFW's layout: the state of the evaluation, and functions that start and cancel it. */
export function useEvaluation() {
  const { state, busy, start, cancel } = useTask();
  const [folderError, setFolderError] = useState<LfwFolderError>();
  const [missing, setMissing] = useState(0);
  const [progress, setProgress] = useState<FolderProgressState>();
  const [result, setResult] = useState<LfwResult>();

  const run = async (getFiles: GetFiles, maxPairs: number, signal: AbortSignal) => {
    const read = await readFolder(await getFiles(signal), maxPairs);
    if ('kind' in read) return setFolderError(read);
    setMissing(read.missing.length);
    const all = read.photos.size;
    setProgress({ done: 0, all, timeLeft: undefined });
    const facenet = await loadedFaceNet();
    const start = performance.now();
    const onProgress = (done: number) => {
      const mean = (performance.now() - start) / done;
      // Few photos are no measure: the first one compiles the networks.
      setProgress({ done, all, timeLeft: done < 2 ? undefined : mean * (all - done) });
    };
    setResult(await evaluateFolder(facenet, read, onProgress, signal));
  };
  const evaluate = (getFiles: GetFiles, maxPairs: number) => {
    setResult(undefined);
    setFolderError(undefined);
    setProgress(undefined);
    setMissing(0);
    void start((signal) => run(getFiles, maxPairs, signal));
  };
  return { state, busy, folderError, missing, progress, result, evaluate, cancel };
}
