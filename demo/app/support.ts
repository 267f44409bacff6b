/** Whether this browser is too old for the page: it lacks something that no part of it can do without. */
export function isTooOld(): boolean {
  return (
    typeof WebAssembly === 'undefined' ||
    typeof OffscreenCanvas === 'undefined' ||
    typeof createImageBitmap === 'undefined' ||
    typeof indexedDB === 'undefined' ||
    typeof AbortSignal.any === 'undefined' ||
    typeof HTMLDialogElement === 'undefined'
  );
}
