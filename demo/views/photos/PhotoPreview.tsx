import { decodeImage } from 'facenet-web';
import type { LibraryPhoto } from 'facenet-web/library';
import { useEffect, useRef } from 'preact/hooks';
import { openedLibrary } from '../../app/library.ts';

/** The stored preview of a photo. Reserves its space before the picture is decoded. */
export function PhotoPreview({ photo }: { photo: LibraryPhoto }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    let current = true;
    void readPreview(photo).then((bitmap) => {
      if (current && canvas.current && bitmap) drawBitmap(canvas.current, bitmap);
      bitmap?.close();
    });
    return () => {
      current = false;
    };
  }, [photo]);
  return <canvas ref={canvas} class="photo-preview" width={4} height={3} aria-hidden />;
}

/** Decodes a photo: the file, if the page may still read it, or its preview. */
export async function readPreview(photo: LibraryPhoto): Promise<ImageBitmap | undefined> {
  const library = openedLibrary();
  const file = await library?.preview(photo.id).catch(() => undefined);
  return file && decodeImage(file).catch(() => undefined);
}

/** Draws a bitmap at its own size. */
export function drawBitmap(canvas: HTMLCanvasElement, bitmap: ImageBitmap): void {
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
}
