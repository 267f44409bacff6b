import { useRef, useState } from 'preact/hooks';
import { decodePhoto } from '../../app/decode-photo.ts';
import { localized } from '../../app/language.ts';
import { fetchSample } from '../../app/samples.ts';
import { Button } from '../../ui/Button.tsx';
import { ErrorText } from '../../ui/ErrorText.tsx';
import { DropZone, PhotoInput } from '../../ui/PhotoInput.tsx';
import { en as labEn, ko as labKo } from './messages.ts';
import { en, ko } from './original-messages.ts';
import { type OriginalModel, readModels, runChain, type Step } from './originals.ts';
import { SampleStrip } from './SampleStrip.tsx';
import { StepCard } from './StepCard.tsx';
import { TaskError } from './TaskError.tsx';
import { useTask } from './use-task.ts';

/** A file that could not be read, and why. */
interface Refusal {
  file: string;
  error: unknown;
}

/** The chain of a Python tutorial on one photo, with the user's model files of dlib and OpenCV. */
export function Originals() {
  const t = localized({ en, ko });
  const lab = localized({ en: labEn, ko: labKo });
  const { state, busy, start, cancel } = useTask();
  const [models, setModels] = useState<readonly OriginalModel[]>([]);
  const [refusals, setRefusals] = useState<readonly Refusal[]>([]);
  const [photo, setPhoto] = useState<ImageBitmap>();
  const [steps, setSteps] = useState<readonly Step[]>([]);

  const known = useRef<readonly OriginalModel[]>([]);
  const reading = useRef<Promise<void>>(Promise.resolve());

  const read = async (files: readonly File[]) => {
    if (files.length === 0) return;
    setRefusals([]);
    for await (const result of readModels(files)) {
      if ('model' in result) {
        known.current = [...known.current.filter(({ name }) => name !== result.model.name), result.model];
        setModels(known.current);
      } else setRefusals((before) => [...before, result]);
    }
  };
  /** Reads model files after those that were chosen before. A photo that is chosen meanwhile waits for them. */
  const addModels = (files: readonly File[]) => {
    reading.current = reading.current.catch(() => {}).then(() => read(files));
    return reading.current;
  };
  const run = async (file: Blob, signal: AbortSignal) => {
    setSteps([]);
    const bitmap = await decodePhoto(file);
    if (signal.aborted) bitmap.close();
    signal.throwIfAborted();
    setPhoto((old) => {
      old?.close();
      return bitmap;
    });
    for await (const step of runChain(file, known.current, signal)) setSteps((before) => [...before, step]);
  };
  const use = async (files: readonly File[], signal: AbortSignal) => {
    const image = files.find(({ type }) => type.startsWith('image/'));
    await addModels(files.filter((file) => file !== image));
    signal.throwIfAborted();
    if (image) await run(image, signal);
  };
  const add = (files: readonly File[]) => void start((signal) => use(files, signal));
  return (
    <>
      <DropZone class="lab-drop" label={t.dropFiles} onFiles={add}>
        <h3>{t.dropFiles}</h3>
        <p class="muted">{t.files}</p>
        <div class="actions">
          <PhotoInput
            kind="primary"
            label={t.chooseFiles}
            accept=".dat,.svm,.xml,.prototxt,.caffemodel"
            multiple
            onFiles={add}
          />
          <PhotoInput label={lab.choosePhoto} onFiles={add} />
          {busy && <Button onClick={cancel}>{lab.cancel}</Button>}
        </div>
        <SampleStrip
          onChoose={(sample) => void start(async (signal) => use([await fetchSample(sample, signal)], signal))}
        />
      </DropZone>
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
