import { formatDuration } from '../../app/duration.ts';
import { language, localized } from '../../app/language.ts';
import { Button } from '../../ui/Button.tsx';
import { DropZone, PhotoInput } from '../../ui/PhotoInput.tsx';
import { ProgressBar } from '../../ui/ProgressBar.tsx';
import { formatCount } from './format.ts';
import { en, ko } from './messages.ts';
import { sampleFolder } from './sample-folder.ts';

/** Gets the files of a folder. */
export type GetFiles = (signal: AbortSignal) => Promise<readonly File[]>;

interface FolderInputProps {
  /** What to drop here. */
  label: string;
  /** The files that the folder contains, one a line. */
  layout: string;
  text: string;
  busy: boolean;
  /** Called with the folder of the user or of the sample photos. */
  onFolder: (getFiles: GetFiles) => void;
  onCancel: () => void;
}

/** Takes a folder of the user, or the sample photos in the same layout. */
export function FolderInput({ label, layout, text, busy, onFolder, onCancel }: FolderInputProps) {
  const t = localized({ en, ko });
  const open = (files: readonly File[]) => onFolder(async () => files);
  return (
    <DropZone class="lab-drop" label={label} onFiles={open}>
      <h3>{label}</h3>
      <pre class="small">{layout}</pre>
      <p class="small muted">{text}</p>
      <div class="actions">
        <PhotoInput kind="primary" folder label={t.chooseFolder} onFiles={open} />
        <Button disabled={busy} onClick={() => onFolder(sampleFolder)}>
          {t.trySamples}
        </Button>
        {busy && <Button onClick={onCancel}>{t.cancel}</Button>}
      </div>
    </DropZone>
  );
}

/** How many photos of a folder are done. */
export interface FolderProgressState {
  done: number;
  all: number;
  /** In milliseconds. Undefined until it can be estimated. */
  timeLeft: number | undefined;
}

/** Shows how many photos of a folder are done, and how long the others will take. */
export function FolderProgress({ done, all, timeLeft }: FolderProgressState) {
  const t = localized({ en, ko });
  return (
    <div class="lab-progress">
      <p class="figure">
        {t.imagesOf(formatCount(done), formatCount(all))}
        {timeLeft !== undefined && ` · ${t.timeLeft(formatDuration(timeLeft, language.value))}`}
      </p>
      <ProgressBar label={t.evaluating} value={done / all} />
    </div>
  );
}

/** Why a folder cannot be used. @param reason an English text of the library. */
export function FolderError({ text, reason }: { text: string; reason: string | undefined }) {
  return (
    <p class="error">
      {text} {reason && <span lang="en">{reason}</span>}
    </p>
  );
}
