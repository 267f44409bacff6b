import { type EmbeddedFace, type FaceNet, type QualityAdviceCode, qualityAdvice, type TrackedFace } from 'facenet-web';

/** What the user can do to improve the next shot. */
export type Hint = QualityAdviceCode | 'noFace' | 'good';

/** A usable picture of a face: its embedding is stored in the gallery. */
export interface Shot {
  face: EmbeddedFace;
  crop: ImageData;
}

/** The number of shots to take. */
export const shotCount = 5;

/**
 * The minimum time between the starts of two attempts, in milliseconds, so that the head moves a little between shots. An
 * attempt that takes longer is followed by the next one immediately.
 */
const shotInterval = 600;

/** The same until the first usable shot. */
const firstShotInterval = 200;

/** How long a face is followed without a usable shot before the most prominent one is selected, in milliseconds. */
const followTimeout = 3000;

/** The maximum rotation of a head, in radians. */
const strictRotation = { yaw: 0.45, pitch: 0.5 };

/** The maximum rotation for a user who has not followed the advice. */
const relaxedRotation = { yaw: 0.8, pitch: 0.8 };

/** The minimum overall quality, equal to the gallery's minimum for enrolment. */
const minQuality = 0.1;

/** The side length of the crop that is stored with an enrolled face, in pixels. */
const cropSide = 256;

interface CaptureOptions {
  /** Returns the faces of the newest frame, the most prominent first. That one is captured. */
  facesInView: () => readonly TrackedFace[];
  /** Called after every attempt with a hint for the next one, the usable shots so far, and the id of the face. */
  onAttempt: (hint: Hint, shots: readonly Shot[], id: number | undefined) => void;
  signal: AbortSignal;
}

/**
 * Takes {@link shotCount} usable shots of one face in a video and reports hints meanwhile. If the face disappears or gives no
 * usable shot for {@link followTimeout}, starts again with the most prominent face.
 */
export async function captureShots(
  facenet: FaceNet,
  video: HTMLVideoElement,
  { facesInView, onAttempt, signal }: CaptureOptions,
): Promise<Shot[]> {
  let shots: Shot[] = [];
  let id: number | undefined;
  let lastShotAt = Number.NEGATIVE_INFINITY;
  let advisedAt = Number.POSITIVE_INFINITY;
  for (;;) {
    const start = performance.now();
    const faces = facesInView();
    const followed = start - lastShotAt < followTimeout ? faces.find((face) => face.id === id) : undefined;
    const face = followed ?? faces[0];
    if (!face) onAttempt('noFace', shots, undefined);
    else {
      if (face.id !== id) shots = [];
      id = face.id;
      const isStrict = start - advisedAt < followTimeout;
      const [hint, shot] = await takeShot(facenet, video, face, isStrict, signal);
      if (hint !== 'noFace' && hint !== 'good') advisedAt = Math.min(advisedAt, start);
      if (shot) {
        shots = [...shots, shot];
        lastShotAt = performance.now();
      }
      onAttempt(hint, shots, id);
    }
    if (shots.length >= shotCount) return shots;
    const elapsed = performance.now() - start;
    await delay(Math.max(0, (shots.length > 0 ? shotInterval : firstShotInterval) - elapsed), signal);
  }
}

/** Takes a shot of the current video frame. Finds the landmarks again, because the face has moved since it was tracked. */
async function takeShot(
  facenet: FaceNet,
  video: HTMLVideoElement,
  { box, score, roll }: TrackedFace,
  isStrict: boolean,
  signal: AbortSignal,
): Promise<[Hint, Shot?]> {
  const image = await createImageBitmap(video);
  try {
    const face = await facenet.embed(image, { box, score, roll }, { signal });
    const hint = hintFor(face, image, isStrict);
    if (hint !== 'good') return [hint];
    return [hint, { face, crop: await facenet.align(image, face, { size: cropSide, signal }) }];
  } finally {
    image.close();
  }
}

/**
 * The hint for the most serious problem of a shot, or `good`.
 *
 * @param isStrict whether advice prevents the shot. The user may be unable to follow it, for instance because the camera is at their side, so
 *   that it only does for {@link followTimeout}. A poor face is recognised less well later, but the enrolment completes.
 */
function hintFor({ box, quality }: EmbeddedFace, { width, height }: ImageBitmap, isStrict: boolean): Hint {
  const { eyeDistance, yaw, pitch, presence = 1, overall } = quality;
  if (presence < 0.5) return 'noFace';
  // A cut-off face is recognised poorly: the embeddings of other people are close to it.
  const margin = box.width * 0.15;
  const isWhole = box.x > margin && box.x + box.width < width - margin && box.y > 0 && box.y + box.height < height;
  if (!isWhole && box.width < width * 0.7) return 'move-to-middle';
  if (eyeDistance < 40) return 'move-closer';
  if (box.width > width * 0.7 || box.height > height * 0.9) return 'move-back';
  const [advice] = qualityAdvice(quality);
  if (advice && (isStrict || overall < minQuality)) return advice.code;
  const limits = isStrict ? strictRotation : relaxedRotation;
  if (Math.abs(yaw) > limits.yaw || Math.abs(pitch) > limits.pitch) return 'look-straight';
  return overall < minQuality ? 'hold-still' : 'good';
}

function delay(milliseconds: number, signal: AbortSignal): Promise<void> {
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
