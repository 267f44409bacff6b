import { type DrawableFace, FaceOverlay } from 'facenet-web/draw';
import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { theme } from './face-marks.ts';

/**
 * Draws faces over an image.
 *
 * @param faces the faces, in pixels of the image. Drawn again when the array is another one.
 * @returns a function that finds the face at the position of a click.
 */
export function useFaceOverlay<F extends DrawableFace>(
  image: RefObject<HTMLImageElement | null>,
  faces: readonly F[],
): (position: { clientX: number; clientY: number }) => F | undefined {
  const overlay = useRef<FaceOverlay>(undefined);
  useEffect(() => {
    if (!image.current) return;
    const created = new FaceOverlay(image.current, { theme });
    overlay.current = created;
    return () => created.dispose();
  }, []);
  useEffect(() => {
    const element = image.current;
    const draw = () => overlay.current?.draw(faces);
    draw();
    // Before the image is loaded, its size is unknown and nothing is drawn.
    element?.addEventListener('load', draw);
    return () => element?.removeEventListener('load', draw);
  }, [faces]);
  return (position) => overlay.current?.faceAt(faces, position);
}
