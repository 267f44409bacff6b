import type { Box, FaceNet } from 'facenet-web';
import { fetchSample } from '../../app/samples.ts';
import { sample, sampleLimits } from './sample.ts';

/** A film that is made while it plays. */
export interface SampleFilm {
  stream: MediaStream;
  /** Keeps the film at the person whom it shows, or lets it go on. */
  hold(still: boolean): void;
}

const width = 800;
const height = 600;
const framesPerSecond = 30;

/** How long the film stays at a person, and how long it takes to the next, in milliseconds. */
const stay = 6000;
const glide = 1400;

/** The share of the film's width that a face takes. */
const faceShare = 0.26;

/**
 * Makes a film of a sample photo, for those without a camera: it looks at one person after another, a little unsteadily, as
 * somebody does who holds a phone.
 *
 * @param signal ends it.
 */
export async function startSampleFilm(facenet: FaceNet, signal: AbortSignal): Promise<SampleFilm> {
  const photo = await fetchSample(sample, signal);
  const [picture, faces] = await Promise.all([
    createImageBitmap(photo),
    facenet.detect(photo, { ...sampleLimits, signal }),
  ]);
  const places = faces.map(({ box }) => box).sort((a, b) => a.x - b.x);

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
    // Only a whole look at a person can be held.
    if (!still || played % (stay + glide) > stay) played += step;
    const look = lookAt(places, played, now);
    const { scale } = look;
    // The photo's edges stay out of the picture.
    const x = within(look.x, width / 2 / scale, picture.width);
    const y = within(look.y, height / 2 / scale, picture.height);
    context?.setTransform(scale, 0, 0, scale, width / 2 - x * scale, height / 2 - y * scale);
    context?.drawImage(picture, 0, 0);
  };
  draw();
  const timer = setInterval(draw, 1000 / framesPerSecond);
  const stream = canvas.captureStream(framesPerSecond);
  signal.addEventListener('abort', () => {
    clearInterval(timer);
    picture.close();
  });
  return {
    stream,
    hold: (value) => {
      still = value;
    },
  };
}

/** What is in the middle of the film, and how much the photo is enlarged. */
function lookAt(places: readonly Box[], played: number, now: number): { x: number; y: number; scale: number } {
  const person = Math.floor(played / (stay + glide));
  const share = ease(Math.max(0, (played % (stay + glide)) - stay) / glide);
  const [from, to] = [person, person + 1].map((i) => middleOf(places[i % places.length] as Box));
  const between = (key: 'x' | 'y' | 'size') => (from?.[key] ?? 0) * (1 - share) + (to?.[key] ?? 0) * share;
  const size = between('size');
  return {
    x: between('x') + size * 0.16 * Math.sin(now / 900),
    y: between('y') + size * (0.1 + 0.08 * Math.cos(now / 700)),
    scale: ((faceShare * width) / size) * (1 + 0.05 * Math.sin(now / 1300)),
  };
}

function middleOf({ x, y, width, height }: Box) {
  return { x: x + width / 2, y: y + height / 2, size: width };
}

/** A place that is at least so far from both ends. */
function within(place: number, distance: number, end: number): number {
  return Math.max(distance, Math.min(end - distance, place));
}

function ease(share: number): number {
  return share * share * (3 - 2 * share);
}
