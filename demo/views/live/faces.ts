import { signal } from '@preact/signals';
import type { Identity, TrackedFace } from 'facenet-web';

/** Somebody in view, as the list beside the picture tells it. */
export interface InView {
  id: number;
  identity: Identity;
  /** A small picture of the face, from when it was first seen. */
  picture: ImageBitmap | undefined;
  embedding: Float32Array | undefined;
}

/** Who is in view. It changes when somebody comes, goes, or is known better, not with every frame. */
export const inView = signal<readonly InView[]>([]);

/** The faces of the newest frame, the most prominent first. */
export const newest = signal<readonly TrackedFace[]>([]);

const pictures = new Map<number, ImageBitmap>();

/** Takes the faces of a new frame. */
export async function takeFaces(faces: readonly TrackedFace[], video: HTMLVideoElement): Promise<void> {
  newest.value = [...faces].sort((a, b) => prominence(b.box, video.videoWidth) - prominence(a.box, video.videoWidth));
  for (const { id, box } of faces) {
    if (pictures.has(id)) continue;
    const picture = await pictureOf(video, box);
    if (picture) pictures.set(id, picture);
  }
  const now = faces.map(({ id, identity = { status: 'undecided' }, template }) => ({
    id,
    identity,
    picture: pictures.get(id),
    embedding: template?.embedding,
  }));
  if (tells(now) !== tells(inView.peek())) inView.value = now;
}

/** Forgets everybody in view. */
export function forgetFaces(): void {
  for (const picture of pictures.values()) picture.close();
  pictures.clear();
  newest.value = [];
  inView.value = [];
}

/** How much a face is what the picture is about: by its width, and half of that at the picture's sides. */
function prominence({ x, width }: TrackedFace['box'], pictureWidth: number): number {
  return width * (1 - Math.abs((x + width / 2) / pictureWidth - 0.5));
}

/** What a list can show of the faces, in one text. */
function tells(faces: readonly InView[]): string {
  return faces
    .map(({ id, identity, embedding }) =>
      identity.status === 'known'
        ? `${id} ${identity.person.id} ${identity.person.name} ${Math.round(identity.probability * 100)}`
        : `${id} ${identity.status} ${embedding !== undefined}`,
    )
    .join('\n');
}

/** The square around a face, moved into the picture where it would reach beyond its edge. */
async function pictureOf(video: HTMLVideoElement, box: TrackedFace['box']): Promise<ImageBitmap | undefined> {
  const { videoWidth, videoHeight } = video;
  const side = Math.max(1, Math.round(Math.min(Math.max(box.width, box.height) * 1.25, videoWidth, videoHeight)));
  const inside = (middle: number, end: number) => Math.round(Math.max(0, Math.min(end - side, middle - side / 2)));
  const x = inside(box.x + box.width / 2, videoWidth);
  const y = inside(box.y + box.height / 2, videoHeight);
  return createImageBitmap(video, x, y, side, side, { resizeWidth: 128, resizeHeight: 128 }).catch(() => undefined);
}
