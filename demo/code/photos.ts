import { type EmbeddedFace, FaceNet } from 'facenet-web';
import { clusterFaces } from 'facenet-web/clustering';

/** Groups the faces of photos by person. Faces of one photo are of different people. */
export async function groupByPerson(photos: readonly File[]): Promise<File[][]> {
  const facenet = await FaceNet.load();
  const faces: (EmbeddedFace & { photo: File })[] = [];
  for (const photo of photos) {
    for (const face of await facenet.embed(photo)) faces.push({ ...face, photo });
  }
  const groups = await clusterFaces(faces, facenet);
  return groups.map(({ members }) => members.map((i) => faces[i]?.photo as File));
}
