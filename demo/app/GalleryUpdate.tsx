import { useState } from 'preact/hooks';
import { Button } from '../ui/Button.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';
import { errorMessage } from './error-message.ts';
import { galleryState, updateGallery } from './gallery.ts';
import { localized } from './language.ts';
import { en, ko } from './messages.ts';
import { toast } from './toasts.tsx';

/** Offers to update people whose faces an earlier version of this page processed. Renders nothing otherwise. */
export function GalleryUpdate() {
  const t = localized({ en, ko });
  const state = galleryState.value;
  const [updating, setUpdating] = useState(false);
  if (state.status !== 'outdated') return null;
  const { faces, crops } = state;
  const update = async () => {
    setUpdating(true);
    try {
      const { embedded, removed } = await updateGallery();
      toast(t.peopleUpdated(embedded, removed));
    } catch (error) {
      toast(errorMessage(error));
    }
    setUpdating(false);
  };
  return (
    <section class="gallery-update" aria-label={t.updatePeople}>
      <EmptyState title={t.updatePeople} text={t.updatePeopleText(faces, crops)}>
        <Button kind="primary" disabled={updating} onClick={() => void update()}>
          {updating ? t.updatingPeople : t.updateNow}
        </Button>
      </EmptyState>
    </section>
  );
}
