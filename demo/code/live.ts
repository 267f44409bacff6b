import { FaceNet } from 'facenet-web';
import { FaceOverlay } from 'facenet-web/draw';
import { Gallery } from 'facenet-web/gallery';

/** Names the faces of a playing video. */
export async function recognise(video: HTMLVideoElement): Promise<void> {
  const facenet = await FaceNet.load();
  const gallery = await Gallery.open({ name: 'people', facenet });
  const overlay = new FaceOverlay(video);
  for await (const { faces } of facenet.watch(video, { gallery })) overlay.draw(faces);
}

/** Remembers the person in a picture under a name. */
export async function remember(facenet: FaceNet, gallery: Gallery, picture: Blob, name: string): Promise<void> {
  const enrolment = await gallery.enrol({ name }, await facenet.embed(picture));
  if (!enrolment.enrolled) console.warn(enrolment.reasons);
}
