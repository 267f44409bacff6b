import { type Box, decodeImage, type FaceNet } from 'facenet-web';
import { fetchSample } from '../../app/samples.ts';
import { sample, sampleDetectOptions } from './sample-photo.ts';

/** A generated video. */
export interface SampleVideo {
  stream: MediaStream;
  /** Pauses the video at the current person, or resumes it. */
  hold(still: boolean): void;
}

const width = 800;
const height = 600;
const framesPerSecond = 30;

/** How long the video shows a person, and how long it moves to the next one, in milliseconds. */
const dwellTime = 6000;
const moveTime = 1400;

/** The width of a face as a share of the video's width. */
const faceShare = 0.26;

/**
 * Generates a video from a sample photo, for users without a camera. It shows one person after another and sways slightly, as
 * a hand-held camera does.
 *
 * @param signal stops the video and frees its resources.
 */
export async function startSampleVideo(facenet: FaceNet, signal: AbortSignal): Promise<SampleVideo> {
  const photo = await fetchSample(sample, signal);
  const faces = await facenet.detect(photo, { ...sampleDetectOptions, signal });
  const image = await decodeImage(photo);
  if (signal.aborted) image.close();
  signal.throwIfAborted();
  const boxes = faces.map(({ box }) => box).sort((a, b) => a.x - b.x);

  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width, height });
  const context = canvas.getContext('2d');
  let still = false;
  let played = 0;
  let drawnAt = performance.now();
  const draw = () => {
    const now = performance.now();
    const step = now - drawnAt;
    drawnAt = now;
    // A hold that starts during a move takes effect at the next person.
    if (!still || played % (dwellTime + moveTime) > dwellTime) played += step;
    drawFrame(context, image, viewAt(boxes, played, now));
  };
  draw();
  const timer = setInterval(draw, 1000 / framesPerSecond);
  const stream = canvas.captureStream(framesPerSecond);
  signal.addEventListener('abort', () => {
    clearInterval(timer);
    image.close();
  });
  return {
    stream,
    hold: (value) => {
      still = value;
    },
  };
}

/** The point of the photo in the centre of the video, and the magnification. */
interface View {
  x: number;
  y: number;
  scale: number;
}

function drawFrame(context: CanvasRenderingContext2D | null, image: ImageBitmap, view: View): void {
  // Limit the scale and the centre, so that the video never shows the area beyond the photo's edges.
  const scale = Math.max(view.scale, width / image.width, height / image.height);
  const x = clampToMargin(view.x, width / 2 / scale, image.width);
  const y = clampToMargin(view.y, height / 2 / scale, image.height);
  context?.setTransform(scale, 0, 0, scale, width / 2 - x * scale, height / 2 - y * scale);
  context?.drawImage(image, 0, 0);
}

function viewAt(boxes: readonly Box[], played: number, now: number): View {
  const person = Math.floor(played / (dwellTime + moveTime));
  const share = smoothstep(Math.max(0, (played % (dwellTime + moveTime)) - dwellTime) / moveTime);
  const [from, to] = [person, person + 1].map((i) => centreOf(boxes[i % boxes.length] as Box));
  const between = (key: 'x' | 'y' | 'size') => (from?.[key] ?? 0) * (1 - share) + (to?.[key] ?? 0) * share;
  const size = between('size');
  return {
    x: between('x') + size * 0.16 * Math.sin(now / 900),
    y: between('y') + size * (0.1 + 0.08 * Math.cos(now / 700)),
    scale: ((faceShare * width) / size) * (1 + 0.05 * Math.sin(now / 1300)),
  };
}

function centreOf({ x, y, width, height }: Box) {
  return { x: x + width / 2, y: y + height / 2, size: width };
}

/** Clamps a coordinate to at least a margin from both ends of the range 0 to `end`. */
function clampToMargin(value: number, margin: number, end: number): number {
  return Math.max(margin, Math.min(end - margin, value));
}

function smoothstep(share: number): number {
  return share * share * (3 - 2 * share);
}
