import { useState } from 'preact/hooks';
import { loadedFaceNet } from '../../app/facenet.ts';
import { language, localized } from '../../app/language.ts';
import { Button } from '../../ui/Button.tsx';
import { DropZone, PhotoInput } from '../../ui/PhotoInput.tsx';
import { ProgressBar } from '../../ui/ProgressBar.tsx';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { formatDuration, RemainingTime } from '../photos/remaining-time.ts';
import { AccuracyTable } from './AccuracyTable.tsx';
import { formatCount, formatMilliseconds, formatPercent } from './format.ts';
import { evaluateFolder, type LfwFolder, type LfwFolderError, type LfwResult, readFolder } from './lfw.ts';
import { en, ko } from './messages.ts';
import { RocChart } from './RocChart.tsx';
import { TaskError } from './TaskError.tsx';
import { useTask } from './use-task.ts';

/** Evaluates a data set of the user in LFW's layout. */
export function Evaluation() {
  const t = localized({ en, ko });
  const { state, busy, start, cancel } = useTask();
  const [amount, setAmount] = useState<'50' | 'all'>('50');
  const [folderError, setFolderError] = useState<LfwFolderError>();
  const [folder, setFolder] = useState<LfwFolder>();
  const [progress, setProgress] = useState<{ done: number; timeLeft: number | undefined }>();
  const [result, setResult] = useState<LfwResult>();
  const evaluate = (files: readonly File[]) => {
    setResult(undefined);
    setFolderError(undefined);
    setFolder(undefined);
    void start(async (signal) => {
      const read = await readFolder(files, amount === 'all' ? Number.POSITIVE_INFINITY : Number(amount));
      if ('kind' in read) return setFolderError(read);
      setFolder(read);
      setProgress({ done: 0, timeLeft: undefined });
      const facenet = await loadedFaceNet();
      const remaining = new RemainingTime();
      let last = performance.now();
      const result = await evaluateFolder(
        facenet,
        read,
        (done) => {
          remaining.add(performance.now() - last);
          last = performance.now();
          setProgress({ done, timeLeft: remaining.estimate(read.photos.size - done) });
        },
        signal,
      );
      setResult(result);
    });
  };
  return (
    <>
      <SegmentedControl
        label={t.amount}
        value={amount}
        onChange={setAmount}
        options={[
          { value: '50', label: t.fewPairs },
          { value: 'all', label: t.allPairs },
        ]}
      />
      <DropZone class="lab-drop" label={t.dropLfw} onFiles={evaluate}>
        <h3>{t.dropLfw}</h3>
        <pre class="small">{'pairs.txt\nimages/Ada_King/Ada_King_0001.jpg\nimages/…'}</pre>
        <p class="small muted">{t.lfwText}</p>
        <div class="actions">
          <PhotoInput kind="primary" folder label={t.chooseFolder} onFiles={evaluate} />
          {busy && <Button onClick={cancel}>{t.cancel}</Button>}
        </div>
      </DropZone>
      <div role="status">
        {folderError && (
          <p class="error">
            {t.lfwErrors[folderError.kind]}{' '}
            {folderError.kind === 'pairs-invalid' && <span lang="en">{folderError.reason}</span>}
          </p>
        )}
        {busy && !folder && <p class="muted">{t.reading}</p>}
        {result && <p class="visually-hidden">{t.evaluated(formatPercent(result.accuracy.mean, 2))}</p>}
      </div>
      <TaskError state={state} />
      {busy && folder && progress && (
        <div class="lab-progress">
          <p class="figure">
            {t.imagesOf(formatCount(progress.done), formatCount(folder.photos.size))}
            {progress.timeLeft !== undefined && ` · ${t.timeLeft(formatDuration(progress.timeLeft, language.value))}`}
          </p>
          <ProgressBar label={t.evaluating} value={progress.done / folder.photos.size} />
        </div>
      )}
      {folder && folder.missing.length > 0 && (
        <p class="small muted">{t.missing(formatCount(folder.missing.length))}</p>
      )}
      {result && <Result result={result} />}
    </>
  );
}

function Result({ result }: { result: LfwResult }) {
  const t = localized({ en, ko });
  const { roc, pairs, folds, images, undetected, timePerImage } = result;
  const points = roc
    .filter(({ falseAcceptRate }) => falseAcceptRate > 0)
    .map(({ falseAcceptRate, validationRate }) => [falseAcceptRate, validationRate] as const);
  return (
    <>
      <AccuracyTable own={[t.yours, result]} />
      <p class="small muted">
        {t.yoursText(
          formatCount(pairs),
          formatCount(folds),
          formatCount(images),
          formatCount(undetected),
          formatMilliseconds(timePerImage),
        )}
      </p>
      <RocChart own={{ label: t.yoursListed, points: bestPerRate(points), tone: 'danger' }} />
    </>
  );
}

/** Keeps only the last point, the one with the highest VAL, of each false-accept rate. */
function bestPerRate(points: readonly (readonly [number, number])[]): (readonly [number, number])[] {
  return [...new Map(points)];
}
