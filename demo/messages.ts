import { FaceNetError } from 'facenet-web';

/** Says what went wrong, with the library's code where there is one, so that it can be looked up or reported. */
export function showError(place: HTMLElement, error: unknown): void {
  place.replaceChildren(error instanceof Error ? error.message : String(error));
  if (error instanceof FaceNetError) {
    const code = document.createElement('code');
    code.textContent = error.code;
    place.append(' ', code);
  }
}

/** Whether work ended only because something newer took its place. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

const megabytes = new Intl.NumberFormat('en-GB', { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** A number of bytes in megabytes, without the unit. */
export function inMegabytes(bytes: number): string {
  return megabytes.format(bytes / 1e6);
}
