import { confirmDialog } from '../../app/dialogs.tsx';
import { language, localized } from '../../app/language.ts';
import { Button } from '../../ui/Button.tsx';
import { ErrorText } from '../../ui/ErrorText.tsx';
import { PhotoInput } from '../../ui/PhotoInput.tsx';
import { ProgressBar } from '../../ui/ProgressBar.tsx';
import { canUndo, clear, done, faces, phase, photos, resume, stop, timeLeft, trouble } from './album.ts';
import { en, ko } from './messages.ts';
import { formatDuration } from './remaining-time.ts';
import { clearSelection } from './selection.ts';

interface QueueProps {
  onFiles: (files: readonly File[]) => void;
  people: number;
}

/** How far the queue is, and what can be done with it. */
export function Queue({ onFiles, people }: QueueProps) {
  const t = localized({ en, ko });
  const all = photos.value.length;
  const busy = ['waiting', 'running', 'grouping'].includes(phase.value);
  const left = timeLeft.value;
  const askToClear = async () => {
    const worth = canUndo.peek() || faces.peek().length > 0;
    if (
      worth &&
      !(await confirmDialog({ title: t.clearTitle, text: t.clearText, confirmLabel: t.clearYes, danger: true }))
    )
      return;
    clearSelection();
    await clear();
  };
  return (
    <div class="queue" data-phase={phase.value}>
      <div class="queue-figures">
        <p class="queue-count figure">{t.of(done.value, all)}</p>
        <p class="muted figure">
          {t.facesFound(faces.value.length, people)}
          {busy && left !== undefined && ` · ${t.timeLeft(formatDuration(left, language.value))}`}
        </p>
      </div>
      <ProgressBar label={t.progress} value={done.value / all} />
      {/* What changes with every photo is not announced; only what the queue is at. */}
      <p role="status" class="small muted">
        {phase.value === 'waiting' && t.waiting}
        {phase.value === 'running' && t.running}
        {phase.value === 'grouping' && t.grouping}
        {phase.value === 'stopped' && (trouble.value ? t.stoppedBy : t.stopped)}
        {phase.value === 'done' && t.finished}
        {trouble.value !== undefined && (
          <span class="trouble">
            {' '}
            <ErrorText error={trouble.value} />
          </span>
        )}
      </p>
      <div class="actions">
        {busy && phase.value !== 'grouping' && <Button onClick={stop}>{t.stop}</Button>}
        {phase.value === 'stopped' && (
          <Button kind="primary" onClick={() => void resume()}>
            {t.resume}
          </Button>
        )}
        <PhotoInput multiple label={t.addMore} onFiles={onFiles} />
        <PhotoInput kind="quiet" folder label={t.addFolder} onFiles={onFiles} />
        <Button kind="quiet" onClick={() => void askToClear()}>
          {t.clear}
        </Button>
      </div>
    </div>
  );
}
