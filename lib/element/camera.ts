import { frontCamera, playCamera, requestCamera } from '../video/camera.ts';
import { hasNoSource } from '../video/missing-picture.ts';
import type { Recognition } from './recognition.ts';
import { statusText } from './status-text.ts';

/**
 * Opens the user's camera as a playing video. Aborting the signal stops the camera.
 *
 * @param label the accessible name of the video.
 * @throws {FaceNetError} `insecure-context` on a page without HTTPS; `video-not-ready` for a camera without a picture; whatever
 *   `getUserMedia` and `play` throw; `signal.reason` when aborted.
 */
export async function openCamera(label: string, signal: AbortSignal): Promise<HTMLVideoElement> {
  const stream = await requestCamera(frontCamera, signal);
  const video = document.createElement('video');
  video.className = 'mirrored';
  video.muted = true;
  video.playsInline = true;
  video.ariaLabel = label;
  video.srcObject = stream;
  await playCamera(video, signal);
  return video;
}

/**
 * Finds and identifies the faces of a camera, shows them and dispatches the events until the camera stops, as when it is unplugged or
 * its permission is revoked.
 */
export async function recogniseVideo(
  video: HTMLVideoElement,
  { facenet, gallery, view, dispatch, texts }: Recognition,
  signal: AbortSignal,
): Promise<void> {
  /** The last identity dispatched for each track. */
  const identified = new Map<number, string>();
  view.show(video);
  for await (const { state, faces } of facenet.watch(video, { signal, ...(gallery && { gallery }) })) {
    if (state === 'waiting') {
      // A track that ended never starts again, and this video gets no other stream. A muted or silent one may go on.
      if (hasNoSource(video)) return;
      view.mark([], { width: video.videoWidth, height: video.videoHeight }, true);
      view.setStatus(texts.noPicture);
      dispatch('faces', { faces });
      continue;
    }
    const marks = faces.map(({ box, identity, trackEmbedding }) => ({
      box,
      quality: trackEmbedding?.quality,
      label: identity?.status === 'known' ? identity.person.name : '',
    }));
    view.mark(marks, { width: video.videoWidth, height: video.videoHeight }, true);
    view.setStatus(statusText(marks, texts));
    dispatch('faces', { faces });
    for (const face of faces) {
      const { id, identity } = face;
      if (identity?.status !== 'known' || identified.get(id) === identity.person.id) continue;
      identified.set(id, identity.person.id);
      dispatch('identified', { face, person: identity.person, probability: identity.probability });
    }
  }
}
