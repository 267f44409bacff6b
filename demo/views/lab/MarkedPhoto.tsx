import type { DrawableFace } from 'facenet-web/draw';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { drawFaceMarks } from '../../ui/face-marks.ts';

/** The maximum side length of the displayed photo, in pixels. */
const maxSide = 960;

interface MarkedPhotoProps {
  photo: ImageBitmap;
  marks: readonly DrawableFace[];
  /** The accessible name of the picture. */
  label: string;
}

/** A photo with marks on its faces. */
export function MarkedPhoto({ photo, marks, label }: MarkedPhotoProps) {
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const overlay = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    const canvas = canvasRef.current;
    if (!canvas) return;
    const scale = Math.min(1, maxSide / Math.max(photo.width, photo.height));
    canvas.width = Math.round(photo.width * scale);
    canvas.height = Math.round(photo.height * scale);
    canvas.getContext('2d')?.drawImage(photo, 0, 0, canvas.width, canvas.height);
  }, [photo]);
  useLayoutEffect(() => {
    if (overlay.current) drawFaceMarks(overlay.current, photo, marks);
  }, [photo, marks]);
  return (
    <div class="detector-photo">
      <canvas ref={canvasRef} role="img" aria-label={label} />
      <canvas ref={overlay} class="overlay" />
    </div>
  );
}
