import { useLayoutEffect, useRef } from 'preact/hooks';
import { localized } from '../../app/language.ts';
import { ErrorText } from '../../ui/ErrorText.tsx';
import { MarkedPhoto } from './MarkedPhoto.tsx';
import { en as labEn, ko as labKo } from './messages.ts';
import { en, ko } from './original-messages.ts';
import type { Step } from './originals.ts';

/** The numbers of an encoding that are shown. */
const shownValues = 8;

interface StepProps {
  step: Step;
  photo: ImageBitmap;
}

/** A step of the chain: its result, and the calls in Python and in facenet-web. */
export function StepCard({ step, photo }: StepProps) {
  const t = localized({ en, ko });
  return (
    <li class="detector-card step-card" data-step={step.type}>
      <StepResult step={step} photo={photo} />
      <h3>
        {t.steps[step.type]}: {step.name}
      </h3>
      {step.calls && (
        <dl class="step-calls">
          <dt>{t.inPython}</dt>
          <dd>
            <code>{step.calls.python}</code>
          </dd>
          <dt>{t.here}</dt>
          <dd>
            <code>{step.calls.here}</code>
          </dd>
        </dl>
      )}
    </li>
  );
}

function StepResult({ step, photo }: StepProps) {
  const t = localized({ en, ko });
  const lab = localized({ en: labEn, ko: labKo });
  if (step.type === 'boxes') {
    const marks = step.faces.map(({ box }) => ({ box, emphasised: true }));
    return (
      <>
        <MarkedPhoto photo={photo} marks={marks} label={lab.detected(step.name, step.faces.length)} />
        <p class="figure muted">{lab.facesFound(step.faces.length)}</p>
      </>
    );
  }
  if (step.type === 'points') {
    const marks = step.faces.map(({ box, landmarks }) => ({ box, landmarks }));
    return (
      <MarkedPhoto
        photo={photo}
        marks={marks}
        label={t.pointsOf(step.name, step.faces[0]?.landmarks.points.length ?? 0)}
      />
    );
  }
  if (step.type === 'crop') return <Crop pixels={step.pixels} label={step.name} />;
  if (step.type === 'encoding') {
    return (
      <>
        <p>{t.encodingText(step.values.length)}</p>
        <p class="figure">{[...step.values.subarray(0, shownValues)].map((value) => value.toFixed(3)).join(', ')}</p>
        {step.distance !== undefined && <p>{t.distanceText(step.distance.toFixed(2))}</p>}
      </>
    );
  }
  return (
    <p class="error">
      <ErrorText error={step.error} />
    </p>
  );
}

function Crop({ pixels, label }: { pixels: ImageData; label: string }) {
  const ref = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => ref.current?.getContext('2d')?.putImageData(pixels, 0, 0), [pixels]);
  return <canvas ref={ref} width={pixels.width} height={pixels.height} role="img" aria-label={label} />;
}
