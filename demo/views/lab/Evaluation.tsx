import { useState } from 'preact/hooks';
import { loadedFaceNet } from '../../app/facenet.ts';
import { formatNumber } from '../../app/format.ts';
import { language, localized } from '../../app/language.ts';
import { Button } from '../../ui/Button.tsx';
import { DropZone, PhotoInput } from '../../ui/PhotoInput.tsx';
import { ProgressBar } from '../../ui/ProgressBar.tsx';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { formatDuration, RemainingTime } from '../photos/remaining-time.ts';
import { MeasuredTable, Roc } from './Calibration.tsx';
import { count, milliseconds, percent } from './format.ts';
import { evaluateFolder, type LfwFolder, type LfwFolderError, type LfwResult, readFolder } from './lfw.ts';
import { en, ko } from './messages.ts';
import { TaskError } from './TaskError.tsx';
import { useTask } from './use-task.ts';

/** Evaluates a folder of one's own in LFW's layout, here in the page. */
export function Evaluation() {
  const t = localized({ en, ko });
  const { state, busy, start, cancel } = useTask();
  const [amount, setAmount] = useState<'50' | 'all'>('50');
  const [trouble, setTrouble] = useState<LfwFolderError>();
  const [folder, setFolder] = useState<LfwFolder>();
  const [progress, setProgress] = useState<{ done: number; left: number | undefined }>();
  const [result, setResult] = useState<LfwResult>();
  const take = (files: readonly File[]) => {
    setResult(undefined);
    setTrouble(undefined);
    setFolder(undefined);
    void start(async (signal) => {
      const read = await readFolder(files, amount === 'all' ? Number.POSITIVE_INFINITY : Number(amount));
      if ('kind' in read) return setTrouble(read);
      setFolder(read);
      setProgress({ done: 0, left: undefined });
      const facenet = await loadedFaceNet();
      const pace = new RemainingTime();
      let last = performance.now();
      const found = await evaluateFolder(
        facenet,
        read,
        (done) => {
          pace.add(performance.now() - last);
          last = performance.now();
          setProgress({ done, left: pace.estimate(read.photos.size - done) });
        },
        signal,
      );
      setResult(found);
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
      <DropZone class="lab-drop" label={t.dropLfw} onFiles={take}>
        <h3>{t.dropLfw}</h3>
        <pre class="small">{'pairs.txt\nimages/Ada_King/Ada_King_0001.jpg\nimages/…'}</pre>
        <p class="small muted">{t.lfwText}</p>
        <div class="actions">
          <PhotoInput kind="primary" folder label={t.chooseFolder} onFiles={take} />
          {busy && <Button onClick={cancel}>{t.cancel}</Button>}
        </div>
      </DropZone>
      <div role="status">
        {trouble && (
          <p class="trouble">
            {t.lfwTrouble[trouble.kind]} {trouble.kind === 'pairs-invalid' && <span lang="en">{trouble.reason}</span>}
          </p>
        )}
        {busy && !folder && <p class="muted">{t.reading}</p>}
        {result && <p class="visually-hidden">{t.evaluated(percent(result.accuracy.mean, 2))}</p>}
      </div>
      <TaskError state={state} />
      {busy && folder && progress && (
        <div class="lab-progress">
          <p class="figure">
            {t.imagesOf(count(progress.done), count(folder.photos.size))}
            {progress.left !== undefined && ` · ${t.timeLeft(formatDuration(progress.left, language.value))}`}
          </p>
          <ProgressBar label={t.evaluating} value={progress.done / folder.photos.size} />
        </div>
      )}
      {folder && folder.missing.length > 0 && <p class="small muted">{t.missing(count(folder.missing.length))}</p>}
      {result && <Result result={result} />}
    </>
  );
}

function Result({ result }: { result: LfwResult }) {
  const t = localized({ en, ko });
  const { accuracy, val, auc, eer, roc, pairs, folds, images, undetected, perImage } = result;
  const spread = Number.isFinite(accuracy.standardError) ? ` ± ${formatNumber(accuracy.standardError * 100, 2)}` : '';
  const points = roc
    .filter(({ falseAcceptRate }) => falseAcceptRate > 0)
    .map(({ falseAcceptRate, validationRate }) => [falseAcceptRate, validationRate] as const);
  return (
    <>
      <MeasuredTable
        rows={[
          [
            t.yours,
            percent(accuracy.mean, 2) + spread,
            percent(val['1e-1']),
            percent(val['1e-2']),
            percent(val['1e-3']),
            percent(auc, 2),
            percent(eer, 2),
          ],
        ]}
      />
      <p class="small muted">
        {t.yoursText(count(pairs), count(folds), count(images), count(undetected), milliseconds(perImage))}
      </p>
      <Roc own={{ label: t.yours, points: steps(points), tone: 'danger' }} />
    </>
  );
}

/** One point for each false-accept rate, the best: a chart has room for no more. */
function steps(points: readonly (readonly [number, number])[]): (readonly [number, number])[] {
  return [...new Map(points)];
}
