import { confirmDialog } from '../../app/dialogs.tsx';
import { formatDuration } from '../../app/duration.ts';
import { facenetState } from '../../app/facenet.ts';
import { language, localized } from '../../app/language.ts';
import { libraryState } from '../../app/library.ts';
import { isTouch } from '../../app/pointer.ts';
import { dismissToast, toast } from '../../app/toasts.tsx';
import { Button } from '../../ui/Button.tsx';
import { ErrorText } from '../../ui/ErrorText.tsx';
import { PhotoInput } from '../../ui/PhotoInput.tsx';
import { ProgressBar } from '../../ui/ProgressBar.tsx';
import { busy, phase, progress, queueError, timeLeft, updatedFaces } from './album.ts';
import { en, ko } from './messages.ts';
import { addPhotos, clear, stop } from './queue.ts';
import { clearSelection } from './selection.ts';

interface QueueProps {
  onFiles: (files: readonly File[]) => void;
  people: number;
}

/** The progress of the queue, with its controls. */
export function Queue({ onFiles, people }: QueueProps) {
  const t = localized({ en, ko });
  const { done, failed, total, faces } = progress.value;
  const remaining = timeLeft.value;
  const updating = updatedFaces.value;
  const askToClear = async () => {
    const question = { title: t.clearTitle, text: t.clearText, confirmLabel: t.clearYes, danger: true };
    if (faces > 0 && !(await confirmDialog(question))) return;
    clearSelection();
    dismissToast();
    await clear(() => toast(t.clearBlocked));
  };
  return (
    <div class="queue" data-phase={phase.value}>
      <div class="queue-figures">
        <p class="queue-count figure">{t.progressOf(done + failed, total)}</p>
        <p class="muted figure">
          {t.facesFound(faces, people)}
          {busy.value && remaining !== undefined && ` · ${t.timeLeft(formatDuration(remaining, language.value))}`}
        </p>
      </div>
      {updating ? (
        <ProgressBar label={t.updating} value={updating.total > 0 ? updating.done / updating.total : 0} />
      ) : (
        <ProgressBar label={t.progress} value={total > 0 ? (done + failed) / total : 0} />
      )}
      <QueueStatus />
      <div class="actions">
        {busy.value && <Button onClick={stop}>{t.stop}</Button>}
        {phase.value === 'stopped' && (
          <Button kind="primary" onClick={() => void addPhotos([])}>
            {t.resume}
          </Button>
        )}
        <PhotoInput multiple label={t.addMore} onFiles={onFiles} />
        {!isTouch && <PhotoInput kind="quiet" folder label={t.addFolder} onFiles={onFiles} />}
        <Button kind="quiet" onClick={() => void askToClear()}>
          {t.clear}
        </Button>
      </div>
      <p class="small muted">{t.stored}</p>
    </div>
  );
}

/** What the running queue does. */
function RunningText() {
  const t = localized({ en, ko });
  if (libraryState.value.status !== 'open' || facenetState.value.status !== 'ready') return t.opening;
  return updatedFaces.value ? t.updating : t.running;
}

/** Announces changes of the phase only: announcing every photo would be too much. */
function QueueStatus() {
  const t = localized({ en, ko });
  return (
    <p role="status" class="small muted">
      {phase.value === 'running' && <RunningText />}
      {phase.value === 'stopped' && (queueError.value ? t.stoppedByError : t.stopped)}
      {phase.value === 'done' && t.finished}
      {queueError.value !== undefined && (
        <span class="error">
          {' '}
          <ErrorText error={queueError.value} />
        </span>
      )}
    </p>
  );
}
