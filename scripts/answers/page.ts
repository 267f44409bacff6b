import type { EmbeddedFace, FaceNet as FaceNetClass, LoadOptions } from '../../lib/index.ts';

/** What the library is loaded with; all of it can be sent to a page. */
export type Configuration = Pick<LoadOptions, 'preset' | 'worker' | 'detector' | 'landmarker'>;

/** Runs in a page: every face of each photo with all its numbers, and a hash of its aligned crop. */
export async function answersInPage(given: {
  base: string;
  photos: string[];
  configuration: Configuration;
}): Promise<Record<string, unknown>> {
  const { FaceNet } = (await import(`${given.base}dist/facenet-web.js`)) as { FaceNet: typeof FaceNetClass };
  const facenet = await FaceNet.load({ models: `${given.base}models/`, backend: 'wasm', ...given.configuration });
  const hash = async (data: BufferSource) => String(new Uint8Array(await crypto.subtle.digest('SHA-256', data)));
  const numbers = async (photo: Blob, face: EmbeddedFace) => ({
    ...face,
    landmarks: { ...face.landmarks, points: face.landmarks.points.map(({ x, y }) => [x, y]) },
    embedding: [...face.embedding],
    crop: await hash((await facenet.align(photo, face)).data),
  });
  const answers: Record<string, unknown> = { models: facenet.models };
  for (const name of given.photos) {
    const photo = await (await fetch(`${given.base}photos/${name}`)).blob();
    const faces = await facenet.embed(photo);
    answers[name] = await Promise.all(faces.map((face) => numbers(photo, face)));
  }
  await facenet.dispose();
  return answers;
}
