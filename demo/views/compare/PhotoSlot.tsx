import { FaceNetError } from 'facenet-web';
import { useEffect, useRef } from 'preact/hooks';
import { inLanguage } from '../../app/language.ts';
import { samples } from '../../app/samples.ts';
import { useChosenShown } from '../../ui/chosen-shown.ts';
import { FaceCrop } from '../../ui/FaceCrop.tsx';
import { drawMarks } from '../../ui/overlay.ts';
import { DropZone, PhotoInput } from '../../ui/PhotoInput.tsx';
import { en, ko } from './messages.ts';
import type { Photo, Slot, SlotState } from './slot.ts';

interface PhotoSlotProps {
  slot: Slot;
  /** What the place is called. */
  name: string;
}

/** A place for a photo, with the ways to fill it and the faces in it. */
export function PhotoSlot({ slot, name }: PhotoSlotProps) {
  const t = inLanguage({ en, ko });
  const state = slot.state.value;
  const faceRow = useChosenShown<HTMLFieldSetElement>(state);
  const sampleRow = useChosenShown<HTMLFieldSetElement>(state);
  const take = ([photo]: File[]) => void (photo && slot.takePhoto(photo));
  return (
    <DropZone class="slot" label={name} onFiles={take}>
      <div class="frame">
        {'photo' in state ? <Picture photo={state.photo} state={state} name={name} /> : <p class="muted">{t.drop}</p>}
      </div>
      <p class="small muted" role="status">
        {statusOf(state)}
        {state.status === 'failed' && state.error instanceof FaceNetError && <code> {state.error.code}</code>}
      </p>
      {state.status === 'ready' && state.faces.length > 1 && (
        <fieldset class="face-picker" ref={faceRow}>
          <legend class="unseen">{t.facesIn(name)}</legend>
          {state.faces.map(({ crop }, i) => (
            <button
              type="button"
              key={i}
              aria-label={t.face(i + 1, state.faces.length)}
              aria-pressed={i === state.chosen}
              onClick={() => slot.choose(i, true)}
            >
              <FaceCrop crop={crop} label="" />
            </button>
          ))}
        </fieldset>
      )}
      <div class="ways">
        <PhotoInput label={t.choose} onFiles={take} />
        <fieldset class="samples" ref={sampleRow}>
          <legend class="unseen">{t.samplesFor(name)}</legend>
          {samples.map((sample) => (
            <button
              type="button"
              key={sample.number}
              aria-label={t.sample(sample.number)}
              aria-pressed={'photo' in state && state.photo.sample === sample}
              onClick={() => void slot.takeSample(sample)}
            >
              <img src={sample.address} alt="" loading="lazy" decoding="async" width="64" height="48" />
            </button>
          ))}
        </fieldset>
      </div>
    </DropZone>
  );
}

function statusOf(state: SlotState): string {
  const t = inLanguage({ en, ko });
  if (state.status === 'ready') return t.found(state.faces.length);
  return {
    empty: '',
    opening: t.opening,
    looking: t.lookingForFaces,
    faceless: t.faceless,
    failed: state.status === 'failed' && state.error instanceof FaceNetError ? t.unreadable : t.failed,
  }[state.status];
}

function Picture({ photo, state, name }: { photo: Photo; state: SlotState; name: string }) {
  const overlay = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const canvas = overlay.current;
    if (!canvas) return;
    const faces = state.status === 'ready' ? state.faces : [];
    const chosen = state.status === 'ready' ? state.chosen : undefined;
    const marks = faces.map(({ face: { box } }, i) => ({ box, tone: i === chosen ? 'accent' : 'plain' }) as const);
    const observer = new ResizeObserver(() => drawMarks(canvas, photo, marks));
    observer.observe(canvas);
    return () => observer.disconnect();
  }, [state, photo]);
  return (
    <div class="picture" data-status={state.status} style={{ '--ratio': photo.width / photo.height }}>
      <img src={photo.address} alt={name} />
      <canvas ref={overlay} />
    </div>
  );
}
