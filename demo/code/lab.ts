import type { FaceNet } from 'facenet-web';
import { rocCurve } from 'facenet-web/evaluation';
import type { Gallery } from 'facenet-web/gallery';
import { trainHead } from 'facenet-web/training';

/** Measures the error rates at every threshold from labelled distances. */
export function errorRates(pairs: readonly { distance: number; same: boolean }[]) {
  return rocCurve(pairs);
}

/** Adapts the embeddings to the people of a gallery, on the device. */
export async function adapt(facenet: FaceNet, gallery: Gallery) {
  const head = await trainHead(gallery, { onEpoch: ({ epoch, loss }) => console.log(epoch, loss) });
  return head.on(facenet);
}
