import { FaceNetError } from 'facenet-web';
import { useState } from 'preact/hooks';
import { localized } from '../../app/language.ts';
import { Button } from '../../ui/Button.tsx';
import { ErrorText } from '../../ui/ErrorText.tsx';
import { photos, photosWithoutFace, unreadablePhotos } from './album.ts';
import { en, ko } from './messages.ts';

/** The number of photos to list at first, and to add with each click on "Show more". */
const pageSize = 50;

/** Lists the photos without a face and the photos that could not be read. */
export function ProblemPhotos() {
  const t = localized({ en, ko });
  return (
    <>
      <PhotoList
        id="without-face"
        title={t.withoutFace}
        entries={photosWithoutFace.value.map((photo) => ({ photo }))}
      />
      <PhotoList
        id="unreadable"
        title={t.unreadable}
        entries={[...unreadablePhotos.value].map(([photo, error]) => ({ photo, reason: <Reason error={error} /> }))}
      />
    </>
  );
}

interface PhotoListProps {
  id: string;
  title: string;
  entries: readonly { photo: number; reason?: preact.ComponentChild }[];
}

function PhotoList({ id, title, entries }: PhotoListProps) {
  const t = localized({ en, ko });
  const [shown, setShown] = useState(pageSize);
  if (entries.length === 0) return null;
  const more = Math.min(pageSize, entries.length - shown);
  return (
    <details class={id}>
      <summary>
        <h2>{title}</h2> <span class="figure muted">{entries.length}</span>
      </summary>
      <ul class="photo-list small">
        {entries.slice(0, shown).map(({ photo, reason }) => (
          <li key={photo}>
            <span class="path">{photos.value[photo]?.path}</span>
            {reason}
          </li>
        ))}
      </ul>
      {more > 0 && (
        <Button kind="quiet" onClick={() => setShown(shown + pageSize)}>
          {t.showMore(more)}
        </Button>
      )}
    </details>
  );
}

function Reason({ error }: { error: unknown }) {
  const t = localized({ en, ko });
  const isUnreadable = error instanceof FaceNetError && /^image-/.test(error.code);
  return (
    <span class="muted">
      {isUnreadable ? (
        <>
          {t.unreadableReason}
          <code> {error.code}</code>
        </>
      ) : (
        <ErrorText error={error} />
      )}
    </span>
  );
}
