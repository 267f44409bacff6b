import { isInstance } from '../core/brand.ts';

/** Whether a source is a video or a frame of one. */
export function isVideo(source: unknown): boolean {
  return isInstance(source, 'HTMLVideoElement') || isInstance(source, 'VideoFrame');
}

/** Whether a source has the same content at every read, unlike a video or a canvas. */
export function isStill(source: unknown): boolean {
  return (
    isInstance(source, 'Blob') ||
    isInstance(source, 'ImageData') ||
    isInstance(source, 'ImageBitmap') ||
    isInstance(source, 'HTMLImageElement')
  );
}
