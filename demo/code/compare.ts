import { FaceNet } from 'facenet-web';

/** Decides whether two photos show the same person. Undefined without a face, and if both photos are too poor to be compared. */
export async function isSamePerson(photoA: Blob, photoB: Blob): Promise<boolean | undefined> {
  const facenet = await FaceNet.load();
  const [a] = await facenet.embed(photoA, { order: 'size', maxFaces: 1 });
  const [b] = await facenet.embed(photoB, { order: 'size', maxFaces: 1 });
  if (!a || !b) return undefined;
  const { same, probability, distance, threshold, reason } = facenet.compare(a, b, { far: 0.001 });
  console.log(probability, distance, threshold);
  return reason === 'quality' ? undefined : same;
}
