import { useEffect, useRef, useState } from 'preact/hooks';
import { Dialog } from '../../app/dialogs.tsx';
import { localized } from '../../app/language.ts';
import { Button } from '../../ui/Button.tsx';
import { drawFaceMarks } from '../../ui/face-marks.ts';
import type { PhotoFace } from './embed-photos.ts';
import { en, ko } from './messages.ts';
import type { PhotoFile } from './photo-files.ts';

interface PhotoDialogProps {
  photo: PhotoFile;
  face: PhotoFace;
  onClose: () => void;
}

/** The maximum side length of the displayed photo, in pixels. */
const maxSide = 1280;

/** Shows the photo of a face with the face marked. Decodes the file again. */
export function PhotoDialog({ photo, face, onClose }: PhotoDialogProps) {
  const t = localized({ en, ko });
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const overlay = useRef<HTMLCanvasElement>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    let current = true;
    createImageBitmap(photo.file).then(
      (bitmap) => {
        const canvas = canvasRef.current;
        if (current && canvas && overlay.current) {
          const scale = Math.min(1, maxSide / Math.max(bitmap.width, bitmap.height));
          canvas.width = Math.round(bitmap.width * scale);
          canvas.height = Math.round(bitmap.height * scale);
          canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
          drawFaceMarks(overlay.current, bitmap, [{ box: face.box, tone: 'accent' }]);
        }
        bitmap.close();
      },
      () => setFailed(true),
    );
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
          <canvas ref={canvasRef} role="img" aria-label={photo.path} />
          <canvas ref={overlay} class="photo-overlay" />
        </div>
      )}
      <div class="actions">
        <Button onClick={onClose}>{t.done}</Button>
      </div>
    </Dialog>
  );
}
