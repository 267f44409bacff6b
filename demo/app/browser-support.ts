/** Whether the browser lacks an API that the whole page depends on. */
export function isBrowserTooOld(): boolean {
  return (
    typeof WebAssembly === 'undefined' ||
    typeof OffscreenCanvas === 'undefined' ||
    typeof createImageBitmap === 'undefined' ||
    typeof indexedDB === 'undefined' ||
    typeof AbortSignal.any === 'undefined' ||
    typeof HTMLDialogElement === 'undefined'
  );
}
