import { signal as reactive } from '@preact/signals';
import type { Identity, TrackedFace } from 'facenet-web';

/** A face in the current video, as the list shows it. */
export interface FaceInView {
  /** The track id. */
  id: number;
  identity: Identity;
  /** A small picture of the face from the frame in which it appeared. */
  picture: ImageBitmap | undefined;
  embedding: Float32Array | undefined;
}

/** The faces for the list. Changes only if a face appears, disappears or is identified differently. */
export const facesInView = reactive<readonly FaceInView[]>([]);

/** The faces of the newest frame, the most prominent first. */
export const newestFaces = reactive<readonly TrackedFace[]>([]);

const pictures = new Map<number, ImageBitmap>();

/** Updates {@link facesInView} and {@link newestFaces} with the faces of a new frame, unless the signal aborts meanwhile. */
export async function updateFaces(
  faces: readonly TrackedFace[],
  video: HTMLVideoElement,
  signal: AbortSignal,
): Promise<void> {
  newestFaces.value = [...faces].sort(
    (a, b) => prominence(b.box, video.videoWidth) - prominence(a.box, video.videoWidth),
  );
  for (const { id, box } of faces) {
    if (pictures.has(id)) continue;
    const picture = await takePicture(video, box);
    if (signal.aborted) {
      picture?.close();
      return;
    }
    if (picture) pictures.set(id, picture);
  }
  const next = faces.map(({ id, identity = { status: 'undecided' }, trackEmbedding }) => ({
    id,
    identity,
    picture: pictures.get(id),
    embedding: trackEmbedding?.embedding,
  }));
  if (displayKey(next) === displayKey(facesInView.peek())) return;
  facesInView.value = next;
  discardPictures((id) => !faces.some((face) => face.id === id));
}

/** Removes all faces and frees their pictures. */
export function clearFaces(): void {
  discardPictures(() => true);
  newestFaces.value = [];
  facesInView.value = [];
}

/** Frees the pictures of some faces. */
function discardPictures(isGone: (id: number) => boolean): void {
  for (const [id, picture] of pictures) {
    if (!isGone(id)) continue;
    picture.close();
    pictures.delete(id);
  }
}

/** A face's width, weighted by its horizontal position: 1 in the centre of the frame, 0.5 at its left and right edges. */
function prominence({ x, width }: TrackedFace['box'], frameWidth: number): number {
  return width * (1 - Math.abs((x + width / 2) / frameWidth - 0.5));
}

/** A string of everything that the list displays, for comparison. */
function displayKey(faces: readonly FaceInView[]): string {
  return faces
    .map(({ id, identity, embedding }) =>
      identity.status === 'known'
        ? `${id} ${identity.person.id} ${identity.person.name} ${Math.round(identity.probability * 100)}`
        : `${id} ${identity.status} ${embedding !== undefined}`,
    )
    .join('\n');
}

/** Copies the square around a face, shifted if necessary to stay inside the frame, at 128 × 128 pixels. */
async function takePicture(video: HTMLVideoElement, box: TrackedFace['box']): Promise<ImageBitmap | undefined> {
  const { videoWidth, videoHeight } = video;
  const side = Math.max(1, Math.round(Math.min(Math.max(box.width, box.height) * 1.25, videoWidth, videoHeight)));
  const start = (centre: number, end: number) => Math.round(Math.max(0, Math.min(end - side, centre - side / 2)));
  const x = start(box.x + box.width / 2, videoWidth);
  const y = start(box.y + box.height / 2, videoHeight);
  return createImageBitmap(video, x, y, side, side, { resizeWidth: 128, resizeHeight: 128 }).catch(() => undefined);
}
