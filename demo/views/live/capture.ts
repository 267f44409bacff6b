import type { EmbeddedFace, FaceNet, TrackedFace } from 'facenet-web';

/** What somebody can do so that their face is seen better. */
export type Hint = 'noFace' | 'middle' | 'closer' | 'back' | 'light' | 'straight' | 'still' | 'good';

/** One good look at a face: a template for the gallery. */
export interface Shot {
  face: EmbeddedFace;
  crop: ImageData;
}

/**
 * How many looks are taken, and how long after the start of one the next starts, in milliseconds, so that a head moves a little
 * between them: where a look takes less than that, the last of five starts after 2.4 seconds. Where it takes longer, the next one
 * starts at once.
 */
export const shotsWanted = 5;
const apart = 600;

/** How long after a look that was no good the next one starts. */
const apartUntilGood = 200;

/** How long somebody is followed without a good look at them, before whoever is most prominent is meant. */
const patience = 3000;

/** How far a head may be turned or tilted, in radians. */
const straight = { yaw: 0.45, pitch: 0.5 };

/**
 * The same for somebody who was asked to look straight for as long as {@link patience}, and did not: whose camera stands at the
 * side, say, or who cannot. A turned face is a poorer template, but better than an enrolment that never ends.
 */
const turned = { yaw: 0.8, pitch: 0.8 };

/** The side of the crop that is kept with a template. */
const cropSide = 256;

interface CaptureOptions {
  /** The faces of the newest frame, the most prominent first: that one is meant, and followed from its first good look on. */
  facesInView: () => readonly TrackedFace[];
  /** Told after every look what would make the next one better, the good ones so far, and the id of the face. */
  onLook: (hint: Hint, shots: readonly Shot[], id: number | undefined) => void;
  signal: AbortSignal;
}

/**
 * Takes several good looks at one face of a video, and tells meanwhile what would make them better. If it goes out of view, or
 * gives no good look any more, somebody else's is begun with.
 */
export async function captureShots(
  facenet: FaceNet,
  video: HTMLVideoElement,
  { facesInView, onLook, signal }: CaptureOptions,
): Promise<Shot[]> {
  let shots: Shot[] = [];
  let id: number | undefined;
  let goodAt = Number.NEGATIVE_INFINITY;
  let askedAt = Number.POSITIVE_INFINITY;
  for (;;) {
    const begun = performance.now();
    const faces = facesInView();
    const followed = begun - goodAt < patience ? faces.find((one) => one.id === id) : undefined;
    const face = followed ?? faces[0];
    if (!face) onLook('noFace', shots, undefined);
    else {
      if (face.id !== id) shots = [];
      id = face.id;
      const [hint, shot] = await look(facenet, video, face, begun - askedAt < patience ? straight : turned, signal);
      if (hint === 'straight') askedAt = Math.min(askedAt, begun);
      if (shot) {
        shots = [...shots, shot];
        goodAt = performance.now();
      }
      onLook(hint, shots, id);
    }
    if (shots.length >= shotsWanted) return shots;
    const elapsed = performance.now() - begun;
    await pause(Math.max(0, (shots.length > 0 ? apart : apartUntilGood) - elapsed), signal);
  }
}

/** Looks at the picture of this moment; the landmarks are found in it anew, since the face has moved on. */
async function look(
  facenet: FaceNet,
  video: HTMLVideoElement,
  { box, score, roll }: TrackedFace,
  limits: typeof straight,
  signal: AbortSignal,
): Promise<[Hint, Shot?]> {
  const picture = await createImageBitmap(video);
  try {
    const face = await facenet.embed(picture, { box, score, roll }, { signal });
    const hint = hintFor(face, picture, limits);
    if (hint !== 'good') return [hint];
    return [hint, { face, crop: await facenet.align(picture, face, { size: cropSide, signal }) }];
  } finally {
    picture.close();
  }
}

/** What would make a look at a face better: first what hurts most. */
function hintFor({ box, quality }: EmbeddedFace, { width, height }: ImageBitmap, limits: typeof straight): Hint {
  const { eyeDistance, brightness, yaw, pitch, sharpness, presence = 1, overall } = quality;
  if (presence < 0.5) return 'noFace';
  // Half a face is a poor template: strangers lie near to it.
  const margin = box.width * 0.15;
  const isWhole = box.x > margin && box.x + box.width < width - margin && box.y > 0 && box.y + box.height < height;
  if (!isWhole && box.width < width * 0.7) return 'middle';
  if (eyeDistance < 40) return 'closer';
  if (box.width > width * 0.7 || box.height > height * 0.9) return 'back';
  if (brightness < 0.2) return 'light';
  if (Math.abs(yaw) > limits.yaw || Math.abs(pitch) > limits.pitch) return 'straight';
  if (sharpness < 0.015 || overall < 0.1) return 'still';
  return 'good';
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', abort);
      resolve();
    }, milliseconds);
    signal.addEventListener('abort', abort, { once: true });
  });
}
