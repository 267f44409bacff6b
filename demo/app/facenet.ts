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
  } catch (error) {
    facenetState.value = { status: 'failed', error };
  }
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
  if (state.status === 'ready') await state.facenet.dispose();
}
