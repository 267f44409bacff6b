/** Whether a value is an instance of a global class, which this environment may not have. */
export function isInstance<Name extends keyof typeof globalThis>(
  value: unknown,
  name: Name,
): value is (typeof globalThis)[Name] extends abstract new (...args: never[]) => infer Instance ? Instance : never {
  const type: unknown = globalThis[name];
  return typeof type === 'function' && value instanceof type;
}

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
