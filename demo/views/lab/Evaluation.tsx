import { useState } from 'preact/hooks';
import { localized } from '../../app/language.ts';
import { isTouch } from '../../app/pointer.ts';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { AccuracyTable } from './AccuracyTable.tsx';
import { FolderError, FolderInput, FolderProgress } from './FolderInput.tsx';
import { formatCount, formatMilliseconds, formatPercent } from './format.ts';
import type { LfwResult } from './lfw.ts';
import { en, ko } from './messages.ts';
import { RocChart } from './RocChart.tsx';
import { TaskError } from './TaskError.tsx';
import { useEvaluation } from './use-evaluation.ts';

/** The minimum number of pairs whose accuracy is worth comparing: with fewer, one pair changes it by more than a percent. */
const minMeaningfulPairs = 100;

/** Evaluates a data set in LFW's layout, of the user or of the sample photos. */
export function Evaluation() {
  const t = localized({ en, ko });
  const { state, busy, folderError, missing, progress, result, evaluate, cancel } = useEvaluation();
  const [amount, setAmount] = useState<'50' | 'all'>('50');
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
      <FolderInput
        label={isTouch ? t.lfwFolder : t.dropLfw}
        layout={'pairs.txt\nimages/Ada_King/Ada_King_0001.jpg\nimages/…'}
        text={t.lfwText}
        busy={busy}
        onFolder={(getFiles) => evaluate(getFiles, amount === 'all' ? Number.POSITIVE_INFINITY : Number(amount))}
        onCancel={cancel}
      />
      <div role="status">
        {folderError && (
          <FolderError
            text={t.lfwErrors[folderError.kind]}
            reason={folderError.kind === 'pairs-invalid' ? folderError.reason : undefined}
          />
        )}
        {busy && !progress && <p class="muted">{t.reading}</p>}
        {result && <p class="visually-hidden">{t.evaluated(formatPercent(result.accuracy.mean, 2))}</p>}
      </div>
      <TaskError state={state} />
      {busy && progress && <FolderProgress {...progress} />}
      {missing > 0 && <p class="small muted">{t.missing(formatCount(missing))}</p>}
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
      {pairs < minMeaningfulPairs && <p class="small">{t.fewPairsText(formatCount(pairs))}</p>}
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
