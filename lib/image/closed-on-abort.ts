import { abortable } from '../core/cancellation.ts';

/** Waits for a new bitmap. Decoding cannot be cancelled: after an abort, closes the bitmap when it arrives. */
export async function closedOnAbort(opening: Promise<ImageBitmap>, signal?: AbortSignal): Promise<ImageBitmap> {
  try {
    return await abortable(opening, signal);
  } catch (error) {
    opening.then(
      (bitmap) => bitmap.close(),
      () => {},
    );
    throw error;
  }
}
