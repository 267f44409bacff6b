import { useState } from 'preact/hooks';
import { consentNow, consentTexts } from '../../app/consent.ts';
import { confirmDialog } from '../../app/dialogs.tsx';
import { errorMessage } from '../../app/error-message.ts';
import { galleryState } from '../../app/gallery.ts';
import { localized } from '../../app/language.ts';
import { toast } from '../../app/toasts.tsx';
import { Button } from '../../ui/Button.tsx';
import { en, ko } from './messages.ts';
import { saveToGallery } from './save-to-gallery.ts';

/**
 * A button that asks for the person's consent and saves the person to the gallery, or a note that the gallery has a person of this
 * name.
 */
export function SaveButton({ person, name, known }: { person: number; name: string; known: boolean }) {
  const t = localized({ en, ko });
  const state = galleryState.value;
  const [saving, setSaving] = useState(false);
  const save = async () => {
    if (state.status !== 'open') return;
    const shown = consentTexts();
    const text = `${shown.purpose} ${shown.text}`;
    if (!(await confirmDialog({ title: t.saveTitle(name), text, confirmLabel: t.saveConfirm }))) return;
    setSaving(true);
    try {
      const added = await saveToGallery(state.gallery, { number: person, name }, consentNow(shown));
      toast(added > 0 ? t.saved(name, added) : t.notSaved(name));
    } catch (error) {
      toast(`${t.saveFailed} ${errorMessage(error)}`);
    }
    setSaving(false);
  };
  if (known) return <p class="small muted known">{t.known}</p>;
  return (
    <Button disabled={saving || state.status !== 'open'} onClick={() => void save()}>
      {t.save}
      <span class="visually-hidden"> {name}</span>
    </Button>
  );
}
