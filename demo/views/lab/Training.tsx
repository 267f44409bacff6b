import { useState } from 'preact/hooks';
import { people } from '../../app/gallery.ts';
import { localized } from '../../app/language.ts';
import { Button } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ProgressBar } from '../../ui/ProgressBar.tsx';
import { FaceSource, type FaceSourceName } from './FaceSource.tsx';
import { en, ko } from './messages.ts';
import { TaskError } from './TaskError.tsx';
import { TrainingPlot } from './TrainingPlot.tsx';
import { TrainingReport } from './TrainingReport.tsx';
import { TripletChart } from './TripletChart.tsx';
import { usePlayback } from './use-playback.ts';
import { useTraining } from './use-training.ts';

/** Trains a head with semi-hard triplets and plots the embeddings after each epoch. */
export function Training() {
  const t = localized({ en, ko });
  const [source, setSource] = useState<FaceSourceName>(people.peek().length > 2 ? 'gallery' : 'samples');
  const [shown, setShown] = useState(0);
  const { state, busy, train, cancel, points, progress, history, lines, report, tooFew } = useTraining(source);
  usePlayback(history.length, shown, setShown);
  const epoch = history[shown];
  return (
    <>
      <FaceSource value={source} onChange={setSource} samples={t.fromAugmented} />
      {source === 'samples' && <p class="small muted">{t.augmentedText}</p>}
      <div class="actions">
        <Button
          kind="primary"
          disabled={busy}
          onClick={() => {
            setShown(0);
            train();
          }}
        >
          {history.length > 0 ? t.trainAgain : t.train}
        </Button>
        {busy && <Button onClick={cancel}>{t.cancel}</Button>}
      </div>
      <TaskError state={state} />
      {busy && progress !== undefined && (
        <div class="lab-progress">
          <p class="small muted">{t.preparing}</p>
          <ProgressBar label={t.preparing} value={progress} />
        </div>
      )}
      {tooFew && !busy && <EmptyState title={t.tooFewToLearn} text={t.tooFewToLearnText} />}
      {epoch && (
        <>
          <TrainingPlot epoch={epoch} points={points} lines={lines} />
          <EpochSlider epoch={epoch.epoch} epochs={history.length - 1} shown={shown} onChange={setShown} />
          <TripletChart history={history.slice(0, shown + 1)} />
        </>
      )}
      <p role="status" class="visually-hidden">
        {report && t.trained(report.epochs)}
      </p>
      {report && <TrainingReport report={report} />}
    </>
  );
}

interface EpochSliderProps {
  /** The number of the shown epoch, and of the last one. */
  epoch: number;
  epochs: number;
  /** The position of the shown epoch in the history. */
  shown: number;
  onChange: (shown: number) => void;
}

function EpochSlider({ epoch, epochs, shown, onChange }: EpochSliderProps) {
  const t = localized({ en, ko });
  return (
    <label class="scrubber">
      <span class="figure">{t.epochOf(epoch, epochs)}</span>
      <input
        type="range"
        min={0}
        max={epochs}
        value={shown}
        onInput={({ currentTarget }) => onChange(Number(currentTarget.value))}
      />
    </label>
  );
}
