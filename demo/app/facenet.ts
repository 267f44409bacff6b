import { signal } from '@preact/signals';
import { FaceNet, type Progress } from 'facenet-web';

/** How far the networks are. */
export type FaceNetState =
  | { status: 'waiting' }
  | { status: 'loading'; progress: Progress | undefined }
  | { status: 'ready'; facenet: FaceNet }
  | { status: 'failed'; error: unknown };

/** The one FaceNet of the page, which every view shares. */
export const facenetState = signal<FaceNetState>({ status: 'waiting' });

/** Whether all files of the networks are kept, so that they load without a network. */
export const networksKept = signal(false);

/** Told when there is a FaceNet. */
const waiting: ((facenet: FaceNet) => void)[] = [];

/** Loads the networks, or tries again after a failure. Views can be used meanwhile; what needs the networks waits. */
export async function loadFaceNet(): Promise<void> {
  const { status } = facenetState.peek();
  if (status === 'loading' || status === 'ready') return;
  facenetState.value = { status: 'loading', progress: undefined };
  try {
    const facenet = await FaceNet.load({
      models: 'models/',
      onProgress: (progress) => {
        facenetState.value = { status: 'loading', progress };
      },
    });
    facenetState.value = { status: 'ready', facenet };
    for (const tell of waiting.splice(0)) tell(facenet);
    void keepNetworks(facenet);
  } catch (error) {
    facenetState.value = { status: 'failed', error };
  }
}

/** In milliseconds: by then the library has kept them by itself. To have it done sooner would hold up the first picture. */
const keepsWithin = 1500;

async function keepNetworks(facenet: FaceNet): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, keepsWithin));
  // Where the worker is gone, nobody knows.
  const kept = await facenet.persist().catch(() => false);
  const state = facenetState.peek();
  if (state.status === 'ready' && state.facenet === facenet) networksKept.value = kept;
}

/** The loaded FaceNet, as soon as there is one: a failed load is told by the shell, with a way to try again. */
export async function whenLoaded(): Promise<FaceNet> {
  const state = facenetState.peek();
  return state.status === 'ready' ? state.facenet : new Promise((resolve) => waiting.push(resolve));
}

/** Gives up the networks, so that their cache can be erased; {@link loadFaceNet} starts anew. */
export async function unloadFaceNet(): Promise<void> {
  const state = facenetState.peek();
  facenetState.value = { status: 'waiting' };
  networksKept.value = false;
  if (state.status === 'ready') await state.facenet.dispose();
}
