import { decodeImage } from 'facenet-web';
import { useEffect, useRef, useState } from 'preact/hooks';

/**
 * Keeps one decoded photo, and frees its memory when another one replaces it and when the component unmounts.
 *
 * @returns the photo, and a function that decodes and keeps another one. It throws `signal.reason` if the signal aborts meanwhile.
 */
export function useDecodedPhoto() {
  const [photo, setPhoto] = useState<ImageBitmap>();
  const current = useRef<ImageBitmap | undefined>(undefined);
  useEffect(() => () => current.current?.close(), []);
  const decode = async (file: Blob, signal: AbortSignal) => {
    const bitmap = await decodeImage(file);
    if (signal.aborted) bitmap.close();
    signal.throwIfAborted();
    current.current?.close();
    current.current = bitmap;
    setPhoto(bitmap);
  };
  return { photo, decode };
}
