import { useState } from 'preact/hooks';
import { localized } from '../../app/language.ts';
import { isTouch } from '../../app/pointer.ts';
import { fetchSample, type Sample } from '../../app/samples.ts';
import { Button } from '../../ui/Button.tsx';
import { ErrorText } from '../../ui/ErrorText.tsx';
import { DropZone, PhotoInput } from '../../ui/PhotoInput.tsx';
import { en as labEn, ko as labKo } from './messages.ts';
import { en, ko } from './original-messages.ts';
import { runChain, type Step } from './originals.ts';
import { SampleStrip } from './SampleStrip.tsx';
import { StepCard } from './StepCard.tsx';
import { TaskError } from './TaskError.tsx';
import { useDecodedPhoto } from './use-decoded-photo.ts';
import { useModelFiles } from './use-model-files.ts';
import { useTask } from './use-task.ts';

/** The chain of a Python tutorial on one photo, with the user's model files of dlib and OpenCV. */
export function Originals() {
  const t = localized({ en, ko });
  const { state, busy, start, cancel } = useTask();
  const modelFiles = useModelFiles();
  const { photo, decode } = useDecodedPhoto();
  const [steps, setSteps] = useState<readonly Step[]>([]);

  const run = async (file: Blob, signal: AbortSignal) => {
    setSteps([]);
    await decode(file, signal);
    for await (const step of runChain(file, modelFiles.newest(), signal)) setSteps((before) => [...before, step]);
  };
  const use = async (files: readonly File[], signal: AbortSignal) => {
    const image = files.find(({ type }) => type.startsWith('image/'));
    // A photo that is chosen while model files are read waits for them.
    await modelFiles.add(files.filter((file) => file !== image));
    signal.throwIfAborted();
    if (image) await run(image, signal);
  };
  return (
    <>
      <FileInputs
        busy={busy}
        onFiles={(files) => void start((signal) => use(files, signal))}
        onSample={(sample) => void start(async (signal) => use([await fetchSample(sample, signal)], signal))}
        onCancel={cancel}
      />
      <ModelFiles {...modelFiles} />
      <TaskError state={state} />
      {photo && (
        <>
          <ol class="detector-list">
            {steps.map((step, i) => (
              <StepCard key={i} step={step} photo={photo} />
            ))}
          </ol>
          <p role="status" class="muted">
            {!busy &&
              (steps.some((step) => step.type === 'boxes' && step.faces.length > 0) ? t.done(steps.length) : t.noFaces)}
          </p>
        </>
      )}
    </>
  );
}

interface FileInputsProps {
  busy: boolean;
  onFiles: (files: readonly File[]) => void;
  onSample: (sample: Sample) => void;
  onCancel: () => void;
}

/** Takes model files and a photo. */
function FileInputs({ busy, onFiles, onSample, onCancel }: FileInputsProps) {
  const t = localized({ en, ko });
  const lab = localized({ en: labEn, ko: labKo });
  const title = isTouch ? t.filesToRun : t.dropFiles;
  return (
    <DropZone class="lab-drop" label={title} onFiles={onFiles}>
      <h3>{title}</h3>
      <p class="muted">{t.files}</p>
      <div class="actions">
        <PhotoInput
          kind="primary"
          label={t.chooseFiles}
          accept=".dat,.svm,.xml,.prototxt,.caffemodel"
          multiple
          onFiles={onFiles}
        />
        <PhotoInput label={lab.choosePhoto} onFiles={onFiles} />
        {busy && <Button onClick={onCancel}>{lab.cancel}</Button>}
      </div>
      <SampleStrip onChoose={onSample} />
    </DropZone>
  );
}

/** The names of the models that were read, and why other files were not. */
function ModelFiles({ models, refusals }: Pick<ReturnType<typeof useModelFiles>, 'models' | 'refusals'>) {
  const t = localized({ en, ko });
  return (
    <>
      {models.length > 0 && (
        <p role="status">
          {t.ready(models.length)}: {models.map(({ name }) => name).join(', ')}
        </p>
      )}
      {refusals.map(({ file, error }) => (
        <p key={file} class="error" role="alert">
          {t.unknownFile(file)} <ErrorText error={error} />
        </p>
      ))}
    </>
  );
}
