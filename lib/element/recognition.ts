import { FaceNet, type Identifier, type LoadOptions } from '../index.ts';
import type { Dispatch } from './events.ts';
import type { ElementTexts } from './texts.ts';
import type { View } from './view.ts';

/** What the recognition of a photo or of the camera works with. */
export interface Recognition {
  facenet: FaceNet;
  /** Identifies the faces, if given. */
  gallery: Identifier | undefined;
  view: View;
  dispatch: Dispatch;
  texts: ElementTexts;
}

/** Runs work on an input while a FaceNet is loaded, and disposes the FaceNet afterwards. */
export async function withFaceNet<Input>(
  loading: Promise<FaceNet>,
  opening: Input | Promise<Input>,
  work: (facenet: FaceNet, input: Input) => Promise<void>,
): Promise<void> {
  const [facenet, input] = await Promise.all([loading, opening]).catch((error) => {
    // Not awaited: the error is reported before loading ends.
    loading.then((facenet) => facenet.dispose()).catch(() => {});
    throw error;
  });
  try {
    await work(facenet, input);
  } finally {
    await facenet.dispose();
  }
}

/** Loads a FaceNet, and reports while the files are fetched. */
export function loadFaceNet(options: LoadOptions, onLoading: () => void): Promise<FaceNet> {
  return FaceNet.load({
    ...options,
    onProgress({ progress }) {
      if (!options.signal?.aborted && progress < 1) onLoading();
    },
  });
}
