import { FaceNetError } from 'facenet-web';
import { useState } from 'preact/hooks';
import { localized } from '../../app/language.ts';
import { Button } from '../../ui/Button.tsx';
import { ErrorText } from '../../ui/ErrorText.tsx';
import { photos, poorFaces, unreadable, withoutFace } from './album.ts';
import { FaceGrid } from './FaceGrid.tsx';
import type { Group } from './groups.ts';
import { en, ko } from './messages.ts';

/** So many names are in the page at first, and so many more each time. */
const pageSize = 50;

/** Faces that are like no other. */
export function OnceSeen({ groups }: { groups: readonly Group[] }) {
  const t = localized({ en, ko });
  if (groups.length === 0) return null;
  return (
    <section class="once" aria-labelledby="once-title">
      <h2 id="once-title">{t.once}</h2>
      <p class="small muted">{t.onceText}</p>
      <FaceGrid label={t.once} members={groups.map(({ cover }) => cover)} />
    </section>
  );
}

/** What was not recognised: faces too poor, photos without a face, photos that could not be read. */
export function Leftovers() {
  const t = localized({ en, ko });
  return (
    <>
      {poorFaces.value.length > 0 && (
        <section class="poor" aria-labelledby="poor-title">
          <h2 id="poor-title">{t.poor}</h2>
          <p class="small muted">{t.poorText}</p>
          <FaceGrid label={t.poor} members={poorFaces.value} />
        </section>
      )}
      <PhotoList id="without" title={t.without} entries={withoutFace.value.map((photo) => ({ photo }))} />
      <PhotoList
        id="unreadable"
        title={t.unreadable}
        entries={[...unreadable.value].map(([photo, error]) => ({ photo, reason: <Reason error={error} /> }))}
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
