import { FaceNet, type Progress } from 'facenet-web';
import { byId } from './dom.ts';
import { inMegabytes, showError } from './messages.ts';

/** Loads the networks and shows how far that has come. When it fails the user can try again, so this never rejects. */
export async function loadFaceNet(): Promise<FaceNet> {
  const status = byId('loading-status', HTMLElement);
  for (;;) {
    begin();
    try {
      const facenet = await FaceNet.load({ models: 'models/', onProgress: showProgress });
      byId('loading', HTMLElement).dataset.state = 'ready';
      byId('loading-bytes', HTMLElement).textContent = '';
      status.textContent = 'Ready. The models are kept in this browser for the next visit.';
      return facenet;
    } catch (error) {
      byId('loading', HTMLElement).dataset.state = 'failed';
      byId('loading-bytes', HTMLElement).textContent = 'The models could not be loaded.';
      showError(status, error);
      await askedToRetry();
    }
  }
}

function begin(): void {
  byId('loading', HTMLElement).dataset.state = 'loading';
  byId('loading-bar', HTMLProgressElement).value = 0;
  byId('loading-bytes', HTMLElement).textContent = 'Starting …';
  byId('loading-status', HTMLElement).textContent = '';
}

function showProgress({ loaded, total, progress }: Progress): void {
  byId('loading-bar', HTMLProgressElement).value = progress;
  // The bytes are read well before the networks are compiled and proven, and a bar that stands still wants a reason.
  byId('loading-bytes', HTMLElement).textContent =
    loaded < total
      ? `Loading the models: ${inMegabytes(loaded)} of ${inMegabytes(total)} MB (${Math.floor(progress * 100)} %)`
      : `${inMegabytes(total)} MB are here. Warming up …`;
}

function askedToRetry(): Promise<void> {
  const button = byId('loading-retry', HTMLButtonElement);
  button.hidden = false;
  return new Promise((resolve) => {
    button.addEventListener(
      'click',
      () => {
        button.hidden = true;
        resolve();
      },
      { once: true },
    );
  });
}
