import type { FaceNetErrorCode } from 'facenet-web';
import type { LibraryFile } from 'facenet-web/library';
import { useState } from 'preact/hooks';
import { language, localized } from '../../app/language.ts';
import { koreanErrors } from '../../app/library-errors.ts';
import { Button } from '../../ui/Button.tsx';
import { ErrorCode } from '../../ui/ErrorText.tsx';
import { failedFiles, photosWithoutFace } from './album.ts';
import { en, ko } from './messages.ts';
import { removeUnreadable } from './removal.ts';

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
        total={photosWithoutFace.value.length}
        entries={photosWithoutFace.value.map(({ id, path }) => ({ key: id, path }))}
      />
      <PhotoList
        id="unreadable"
        title={t.unreadable}
        total={failedFiles.value.total}
        entries={failedFiles.value.items.map(({ path, size, reason }) => ({
          key: `${path} ${size}`,
          path,
          reason: reason && <Reason reason={reason} />,
        }))}
      >
        <Button onClick={() => removeUnreadable(t)}>{t.removeUnreadable}</Button>
      </PhotoList>
    </>
  );
}

interface PhotoListProps {
  id: string;
  title: string;
  /** The number of photos, also of those that are not among the entries yet. */
  total: number;
  /** Several files may have one path. */
  entries: readonly { key: string; path: string; reason?: preact.ComponentChild }[];
  /** What can be done with all of them. */
  children?: preact.ComponentChild;
}

function PhotoList({ id, title, total, entries, children }: PhotoListProps) {
  const t = localized({ en, ko });
  const [shown, setShown] = useState(pageSize);
  if (entries.length === 0) return null;
  const more = Math.min(pageSize, entries.length - shown);
  return (
    <details class={id}>
      <summary>
        <h2>{title}</h2> <span class="figure muted">{total}</span>
      </summary>
      <ul class="photo-list small">
        {entries.slice(0, shown).map(({ key, path, reason }) => (
          <li key={key}>
            <span class="path">{path}</span>
            {reason}
          </li>
        ))}
      </ul>
      {more > 0 && (
        <Button kind="quiet" onClick={() => setShown(shown + pageSize)}>
          {t.showMore(more)}
        </Button>
      )}
      {children}
    </details>
  );
}

function Reason({ reason: { code, message } }: { reason: NonNullable<LibraryFile['reason']> }) {
  const translated = language.value === 'ko' ? (koreanErrors[code as FaceNetErrorCode] ?? message) : message;
  return (
    <span class="error">
      {translated} <ErrorCode code={code} />
    </span>
  );
}
