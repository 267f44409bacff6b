import type { LibraryPhoto } from 'facenet-web/library';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Dialog } from '../../app/dialogs.tsx';
import { localized } from '../../app/language.ts';
import { openedLibrary } from '../../app/library.ts';
import { Button } from '../../ui/Button.tsx';
import { drawFaceMarks } from '../../ui/face-marks.ts';
import { en, ko } from './messages.ts';
import { drawBitmap, readPreview } from './PhotoPreview.tsx';
import { removePhoto } from './removal.ts';

interface PhotoDialogProps {
  photo: LibraryPhoto;
  /** The number of the face to mark. */
  face: number;
  onClose: () => void;
}

/** Shows the preview of a photo with a face marked. */
export function PhotoDialog({ photo, face, onClose }: PhotoDialogProps) {
  const t = localized({ en, ko });
  const canvas = useRef<HTMLCanvasElement>(null);
  const overlay = useRef<HTMLCanvasElement>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    let current = true;
    const show = async () => {
      const marked = await openedLibrary()?.faces([face]);
      const bitmap = await readPreview(photo);
      const box = marked?.[0]?.box;
      if (current && canvas.current && overlay.current && bitmap) {
        drawBitmap(canvas.current, bitmap);
        drawFaceMarks(overlay.current, photo, box ? [{ box, emphasised: true }] : []);
      } else if (current) setFailed(true);
      bitmap?.close();
    };
    show().catch(() => setFailed(true));
    return () => {
      current = false;
    };
  }, [photo, face]);
  return (
    <Dialog title={t.photo} onClose={onClose}>
      <p class="small muted path">{photo.path}</p>
      {failed ? (
        <p role="alert">{t.photoMissing}</p>
      ) : (
        <div class="photo-shown">
          <canvas ref={canvas} role="img" aria-label={photo.path} />
          <canvas ref={overlay} class="photo-overlay" />
        </div>
      )}
      <div class="actions">
        <Button
          kind="quiet"
          onClick={() => {
            onClose();
            void removePhoto(photo, t);
          }}
        >
          {t.remove}
        </Button>
        <Button onClick={onClose}>{t.done}</Button>
      </div>
    </Dialog>
  );
}
