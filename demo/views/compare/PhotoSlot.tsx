import { FaceNetError } from 'facenet-web';
import { useEffect, useRef } from 'preact/hooks';
import { localized } from '../../app/language.ts';
import { isTouch } from '../../app/pointer.ts';
import { samples } from '../../app/samples.ts';
import { ErrorCode } from '../../ui/ErrorText.tsx';
import { FaceCrop } from '../../ui/FaceCrop.tsx';
import { drawFaceMarks } from '../../ui/face-marks.ts';
import { DropZone, PhotoInput } from '../../ui/PhotoInput.tsx';
import { useScrollToSelected } from '../../ui/scroll-to-selected.ts';
import { en, ko } from './messages.ts';
import type { FoundFace, Photo, Slot, SlotState } from './slot.ts';

/** A click on the marks over a photo. */
type TargetedMouseEvent = MouseEvent & { currentTarget: HTMLCanvasElement };

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
  const overlay = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const canvas = overlay.current;
    if (!canvas) return;
    const faces = state.status === 'ready' ? state.faces : [];
    const selected = state.status === 'ready' ? state.selected : undefined;
    const marks = faces.map(({ face: { box } }, i) => ({ box, tone: i === selected ? 'accent' : 'plain' }) as const);
    const observer = new ResizeObserver(() => drawFaceMarks(canvas, photo, marks));
    observer.observe(canvas);
    return () => observer.disconnect();
  }, [state, photo]);
  const select = ({ currentTarget, offsetX, offsetY }: TargetedMouseEvent) => {
    if (state.status !== 'ready') return;
    const scale = photo.width / currentTarget.clientWidth;
    const index = faceAt(state.faces, { x: offsetX * scale, y: offsetY * scale });
    if (index >= 0) onSelect(index);
  };
  return (
    <div class="picture" data-status={state.status} style={{ '--ratio': photo.width / photo.height }}>
      <img src={photo.url} alt={name} />
      {/* The row of faces below has buttons for the keyboard. */}
      <canvas ref={overlay} onClick={(event) => select(event)} />
    </div>
  );
}

/** The index of the smallest face whose box contains a point of the photo; −1 for none. */
function faceAt(faces: readonly FoundFace[], { x, y }: { x: number; y: number }): number {
  const hits = faces.flatMap(({ face: { box } }, i) => {
    const isInside = x >= box.x && y >= box.y && x <= box.x + box.width && y <= box.y + box.height;
    return isInside ? [{ i, width: box.width }] : [];
  });
  return hits.sort((a, b) => a.width - b.width)[0]?.i ?? -1;
}
