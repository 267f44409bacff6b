import { FaceNetError } from 'facenet-web';
import { useMemo, useRef } from 'preact/hooks';
import { localized } from '../../app/language.ts';
import { isTouch } from '../../app/pointer.ts';
import { samples } from '../../app/samples.ts';
import { ErrorCode } from '../../ui/ErrorText.tsx';
import { FaceCrop } from '../../ui/FaceCrop.tsx';
import { DropZone, PhotoInput } from '../../ui/PhotoInput.tsx';
import { useScrollToSelected } from '../../ui/scroll-to-selected.ts';
import { useFaceOverlay } from '../../ui/use-face-overlay.ts';
import { en, ko } from './messages.ts';
import type { Photo, Slot, SlotState } from './slot.ts';

interface PhotoSlotProps {
  slot: Slot;
  /** The slot's accessible name. */
  name: string;
}

/** A {@link Slot}: its photo, the faces found in it, and the controls to choose another photo. */
export function PhotoSlot({ slot, name }: PhotoSlotProps) {
  const t = localized({ en, ko });
  const state = slot.state.value;
  const open = ([photo]: File[]) => void (photo && slot.openPhoto(photo));
  return (
    <DropZone class="slot" label={name} onFiles={open}>
      <div class="frame">
        {'photo' in state ? (
          <Picture photo={state.photo} state={state} name={name} onSelect={(i) => slot.select(i, true)} />
        ) : (
          <p class="muted">{isTouch ? t.noPhoto : t.drop}</p>
        )}
      </div>
      <p class={`small ${state.status === 'failed' ? 'error' : 'muted'}`} role="status">
        {statusOf(state)}{' '}
        {state.status === 'failed' && state.error instanceof FaceNetError && <ErrorCode code={state.error.code} />}
      </p>
      <FacePicker slot={slot} name={name} />
      <div class="photo-sources">
        <PhotoInput label={t.choose} onFiles={open} />
        <SamplePicker slot={slot} name={name} />
      </div>
    </DropZone>
  );
}

/** A button for each of several faces. */
function FacePicker({ slot, name }: PhotoSlotProps) {
  const t = localized({ en, ko });
  const state = slot.state.value;
  const row = useScrollToSelected<HTMLFieldSetElement>(state);
  if (state.status !== 'ready' || state.faces.length < 2) return null;
  return (
    <fieldset class="face-picker" ref={row}>
      <legend class="visually-hidden">{t.facesIn(name)}</legend>
      {state.faces.map(({ crop }, i) => (
        <button
          type="button"
          key={i}
          aria-label={t.face(i + 1, state.faces.length)}
          aria-pressed={i === state.selected}
          onClick={() => slot.select(i, true)}
        >
          <FaceCrop crop={crop} label="" />
        </button>
      ))}
    </fieldset>
  );
}

/** A button for each sample photo. */
function SamplePicker({ slot, name }: PhotoSlotProps) {
  const t = localized({ en, ko });
  const state = slot.state.value;
  const row = useScrollToSelected<HTMLFieldSetElement>(state);
  return (
    <fieldset class="samples" ref={row}>
      <legend class="visually-hidden">{t.samplesFor(name)}</legend>
      {samples.map((sample) => (
        <button
          type="button"
          key={sample.number}
          aria-label={t.sample(sample.number)}
          aria-pressed={'photo' in state && state.photo.sample === sample}
          onClick={() => void slot.openSample(sample)}
        >
          <img src={sample.url} alt="" loading="lazy" decoding="async" width="64" height="48" />
        </button>
      ))}
    </fieldset>
  );
}

function statusOf(state: SlotState): string {
  const t = localized({ en, ko });
  if (state.status === 'ready') return t.found(state.faces.length);
  return {
    empty: '',
    opening: t.opening,
    detecting: t.detecting,
    'no-face': t.noFace,
    failed: state.status === 'failed' && state.error instanceof FaceNetError ? t.unreadable : t.failed,
  }[state.status];
}

interface PictureProps {
  photo: Photo;
  state: SlotState;
  name: string;
  /** Called with the index of a face that was clicked. */
  onSelect: (index: number) => void;
}

function Picture({ photo, state, name, onSelect }: PictureProps) {
  const image = useRef<HTMLImageElement>(null);
  const marks = useMemo(() => marksOf(state), [state]);
  const faceAt = useFaceOverlay(image, marks);
  const select = (event: MouseEvent) => {
    const mark = faceAt(event);
    if (mark) onSelect(mark.index);
  };
  return (
    <div class="picture" data-status={state.status} style={{ '--ratio': photo.width / photo.height }}>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the row of faces below has buttons for the keyboard. */}
      <img ref={image} src={photo.url} alt={name} onClick={select} />
    </div>
  );
}

/** The faces of a photo to draw over it, each with its index. */
function marksOf(state: SlotState) {
  if (state.status !== 'ready') return [];
  return state.faces.map(({ face: { box } }, index) => ({ box, index, emphasised: index === state.selected }));
}
