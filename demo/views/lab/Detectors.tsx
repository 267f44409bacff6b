import { FaceNetError } from 'facenet-web';
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { localized } from '../../app/language.ts';
import { isTouch } from '../../app/pointer.ts';
import { fetchSample } from '../../app/samples.ts';
import { Button } from '../../ui/Button.tsx';
import { ErrorText } from '../../ui/ErrorText.tsx';
import { DropZone, PhotoInput } from '../../ui/PhotoInput.tsx';
import { DataTable } from './DataTable.tsx';
import { compareDetectors, type Detection, type DetectorName, detectorNames } from './detectors.ts';
import { formatMilliseconds } from './format.ts';
import { MarkedPhoto } from './MarkedPhoto.tsx';
import { en, ko } from './messages.ts';
import { SampleStrip } from './SampleStrip.tsx';
import { TaskError } from './TaskError.tsx';
import { useDecodedPhoto } from './use-decoded-photo.ts';
import { useTask } from './use-task.ts';

type Outcome = { detection: Detection } | { error: unknown };

/** Runs all detectors on one photo. */
export function Detectors() {
  const t = localized({ en, ko });
  const { state, busy, start, cancel } = useTask();
  const [thorough, setThorough] = useState(false);
  const { photo, decode } = useDecodedPhoto();
  const [outcomes, setOutcomes] = useState<ReadonlyMap<DetectorName, Outcome>>(new Map());
  const compare = (getPhoto: (signal: AbortSignal) => Promise<Blob>) =>
    void start(async (signal) => {
      setOutcomes(new Map());
      const file = await getPhoto(signal);
      await decode(file, signal);
      for await (const { name, ...outcome } of compareDetectors(file, thorough, signal)) {
        setOutcomes((before) => new Map([...before, [name, outcome as Outcome]]));
      }
    });
  return (
    <>
      <PhotoChoice onChoose={compare}>
        {busy && <Button onClick={cancel}>{t.cancel}</Button>}
        <label class="lab-check">
          <input
            type="checkbox"
            checked={thorough}
            onChange={({ currentTarget }) => setThorough(currentTarget.checked)}
          />
          {t.thorough}
        </label>
      </PhotoChoice>
      <TaskError state={state} />
      <p role="status" class="visually-hidden">
        {photo && t.detectorsDone(outcomes.size, detectorNames.length)}
      </p>
      {photo && (
        <>
          <ul class="detector-list">
            {detectorNames.map((name) => (
              <DetectorCard key={name} name={name} photo={photo} outcome={outcomes.get(name)} busy={busy} />
            ))}
          </ul>
          <OutcomeTable outcomes={outcomes} />
        </>
      )}
    </>
  );
}

interface PhotoChoiceProps {
  onChoose: (getPhoto: (signal: AbortSignal) => Promise<Blob>) => void;
  /** More controls. */
  children: ComponentChildren;
}

/** Takes a photo of the visitor's, or a sample. */
function PhotoChoice({ onChoose, children }: PhotoChoiceProps) {
  const t = localized({ en, ko });
  const onFiles = ([file]: readonly File[]) => file && onChoose(async () => file);
  const title = isTouch ? t.photoToSearch : t.dropPhoto;
  return (
    <DropZone class="lab-drop" label={title} onFiles={onFiles}>
      <h3>{title}</h3>
      <div class="actions">
        <PhotoInput kind="primary" label={t.choosePhoto} onFiles={onFiles} />
        {children}
      </div>
      <SampleStrip onChoose={(sample) => onChoose((signal) => fetchSample(sample, signal))} />
    </DropZone>
  );
}

function OutcomeTable({ outcomes }: { outcomes: ReadonlyMap<DetectorName, Outcome> }) {
  const t = localized({ en, ko });
  return (
    <DataTable
      caption={t.detectors.title}
      heads={[t.detector, t.faces, t.time]}
      rows={[...outcomes].map(([name, outcome]) =>
        'detection' in outcome
          ? [name, String(outcome.detection.faces.length), formatMilliseconds(outcome.detection.milliseconds)]
          : [name, '–', '–'],
      )}
    />
  );
}

interface DetectorCardProps {
  name: DetectorName;
  photo: ImageBitmap;
  outcome: Outcome | undefined;
  busy: boolean;
}

function DetectorCard({ name, photo, outcome, busy }: DetectorCardProps) {
  const t = localized({ en, ko });
  const faces = outcome && 'detection' in outcome ? outcome.detection.faces : [];
  const marks = faces.map(({ box }) => ({ box, emphasised: true }));
  return (
    <li class="detector-card" data-waiting={!outcome || undefined}>
      <MarkedPhoto photo={photo} marks={marks} label={t.detected(name, faces.length)} />
      <h3>{name}</h3>
      {!outcome && <p class="muted">{busy ? t.waitingTurn : t.notRun}</p>}
      {outcome && 'detection' in outcome && (
        <p class="figure muted">
          <strong>{t.facesFound(faces.length)}</strong> · {formatMilliseconds(outcome.detection.milliseconds)}
        </p>
      )}
      {outcome && 'error' in outcome && (
        <p class="muted">
          <DetectionError error={outcome.error} />
        </p>
      )}
    </li>
  );
}

/** Explains why a detector did not run. Only the page's own detectors are cached on the first visit. The others are downloaded here. */
function DetectionError({ error }: { error: unknown }) {
  const t = localized({ en, ko });
  if (!(error instanceof FaceNetError && error.code === 'model-missing')) {
    return (
      <span class="error">
        <ErrorText error={error} />
      </span>
    );
  }
  return <>{t.needsNetwork}</>;
}
