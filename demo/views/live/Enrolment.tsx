import type { Enrollee } from 'facenet-web/gallery';
import { useRef } from 'preact/hooks';
import { consentNow, consentTexts } from '../../app/consent.ts';
import { formatProbability } from '../../app/format.ts';
import { localized } from '../../app/language.ts';
import { toast } from '../../app/toasts.tsx';
import { Button } from '../../ui/Button.tsx';
import { FaceCrop } from '../../ui/FaceCrop.tsx';
import { shotCount } from './capture.ts';
import { cancelEnrolment, type EnrolmentState, enrolment, saveEnrolment } from './enrolment.ts';
import { en, ko } from './messages.ts';

/** The enrolment panel: hints while shots are taken, then a form for the name. */
export function Enrolment() {
  const state = enrolment.value;
  if (state.step === 'none') return null;
  return <div class="enrolment">{state.step === 'capturing' ? <Capturing {...state} /> : <Naming {...state} />}</div>;
}

function Capturing({ hint, shots }: EnrolmentState & { step: 'capturing' }) {
  const t = localized({ en, ko });
  return (
    <>
      <p class="hint" role="status">
        {t.hints[hint]}
      </p>
      <Shots shots={shots.map(({ crop }) => crop)} />
      <Button onClick={cancelEnrolment}>{t.cancel}</Button>
    </>
  );
}

function Naming({ shots, match, saving }: EnrolmentState & { step: 'naming' }) {
  const t = localized({ en, ko });
  const consent = consentTexts();
  const input = useRef<HTMLInputElement>(null);
  const save = async (enrollee: Enrollee) => {
    const saved = await saveEnrolment(enrollee, consentNow(consent));
    toast('name' in saved ? t.saved(saved.name) : t.notSaved[saved.failure]);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const name = input.current?.value.trim();
        if (name) void save({ name });
      }}
    >
      <Shots shots={shots.map(({ crop }) => crop)} />
      {match && <GalleryMatch match={match} saving={saving} onConfirm={() => void save({ id: match.person.id })} />}
      <label class="field">
        <span>{t.whoIsThis}</span>
        <input
          // The form appears without a click once the shots are taken, and the name is all it asks for.
          ref={(element) => {
            input.current = element;
            if (!match) element?.focus();
          }}
          type="text"
          required
          maxLength={60}
          autoComplete="off"
          placeholder={t.name}
        />
      </label>
      <p class="small muted">
        {consent.purpose} {consent.text}
      </p>
      <div class="actions">
        <button type="submit" class={`button ${match ? 'plain' : 'primary'}`} disabled={saving}>
          {t.remember}
        </button>
        <Button kind="quiet" onClick={cancelEnrolment}>
          {t.cancel}
        </Button>
      </div>
    </form>
  );
}

interface GalleryMatchProps {
  match: NonNullable<(EnrolmentState & { step: 'naming' })['match']>;
  saving: boolean;
  onConfirm: () => void;
}

/** The person in the gallery whom the face matches, with a button that confirms it. */
function GalleryMatch({ match: { person, probability }, saving, onConfirm }: GalleryMatchProps) {
  const t = localized({ en, ko });
  return (
    <div class="gallery-match">
      <p>{t.looksLike(person.name, formatProbability(probability))}</p>
      <Button kind="primary" disabled={saving} onClick={onConfirm}>
        {t.addTo(person.name)}
      </Button>
      <p class="small muted">{t.orElse}</p>
    </div>
  );
}

function Shots({ shots }: { shots: readonly ImageData[] }) {
  const t = localized({ en, ko });
  return (
    <div class="shots" role="img" aria-label={t.shotsTaken(shots.length, shotCount)}>
      {Array.from({ length: shotCount }, (_, i) => (
        <FaceCrop key={i} crop={shots[i]} label="" />
      ))}
    </div>
  );
}
