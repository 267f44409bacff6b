import { signal } from '@preact/signals';
import type { Gallery } from 'facenet-web/gallery';
import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { errorMessage } from '../../app/error-message.ts';
import { loadedFaceNet } from '../../app/facenet.ts';
import { formatProbability } from '../../app/format.ts';
import { galleryState } from '../../app/gallery.ts';
import { localized } from '../../app/language.ts';
import { toast } from '../../app/toasts.tsx';
import { drawFaceMarks, type FaceMark } from '../../ui/face-marks.ts';
import { enrolment } from './enrolment.ts';
import { clearFaces, updateFaces } from './faces-in-view.ts';
import { FrameMeter, type FrameStats } from './frame-meter.ts';
import { en, ko } from './messages.ts';
import type { RunningState } from './session.ts';
import { type SmoothFace, Smoothing } from './smoothing.ts';

/** Whether the landmarks are drawn. */
export const landmarksVisible = signal(false);

/** The speed of frame processing. Undefined until it is measured. */
export const frameStats = signal<FrameStats | undefined>(undefined);

/** Whether the video has no source, or a stream without a live video track. */
const pictureMissing = signal(false);

/** The minimum time between two updates of {@link frameStats}, in milliseconds, so that they stay readable. */
const statsInterval = 500;

interface LiveVideoProps {
  running: RunningState;
  video: RefObject<HTMLVideoElement | null>;
}

/** The video with the faces marked in it. */
export function LiveVideo({ running: { stream, mirrored }, video }: LiveVideoProps) {
  const t = localized({ en, ko });
  const area = useRef<HTMLDivElement>(null);
  const overlay = useRef<HTMLCanvasElement>(null);
  const gallery = galleryState.value.status === 'open' ? galleryState.value.gallery : undefined;

  useEffect(() => void play(video.current, area.current, stream), [stream]);

  useEffect(() => {
    const [element, canvas] = [video.current, overlay.current];
    if (!element || !canvas || !gallery) return;
    const controller = new AbortController();
    const smoothing = new Smoothing();
    void trackFaces(element, gallery, smoothing, controller.signal);
    const stopDrawing = startDrawing(canvas, element, mirrored, smoothing);
    return () => {
      controller.abort();
      stopDrawing();
      clearFaces();
      pictureMissing.value = false;
    };
  }, [stream, gallery, mirrored]);

  return (
    <div ref={area} class="video-area">
      <video ref={video} class={mirrored ? 'mirrored' : ''} muted playsInline aria-label={t.video} />
      <canvas ref={overlay} />
      <p class="no-picture" role="status">
        {pictureMissing.value && t.noPicture}
      </p>
    </div>
  );
}

async function play(video: HTMLVideoElement | null, area: HTMLElement | null, stream: MediaStream): Promise<void> {
  if (!video) return;
  video.srcObject = stream;
  // Rejects if the source is replaced before it has started. That is not an error.
  await video.play().catch(() => {});
  if (video.videoWidth > 0) area?.style.setProperty('--ratio', `${video.videoWidth} / ${video.videoHeight}`);
}

/** Tracks and identifies the faces of every frame until aborted. */
async function trackFaces(
  video: HTMLVideoElement,
  gallery: Gallery,
  smoothing: Smoothing,
  signal: AbortSignal,
): Promise<void> {
  const meter = new FrameMeter();
  let updatedAt = 0;
  try {
    const facenet = await loadedFaceNet();
    for await (const frame of facenet.watch(video, { gallery, signal })) {
      pictureMissing.value = frame.state === 'waiting';
      smoothing.update(frame.faces, performance.now());
      await updateFaces(frame.faces, video);
      if (frame.state === 'waiting') continue;
      meter.add(frame);
      if (frame.time - updatedAt > statsInterval) {
        frameStats.value = meter.stats;
        updatedAt = frame.time;
      }
    }
  } catch (error) {
    if (!signal.aborted) toast(errorMessage(error));
  }
}

/** Draws the marks in every animation frame. @returns a function that stops it. */
function startDrawing(
  canvas: HTMLCanvasElement,
  video: HTMLVideoElement,
  mirrored: boolean,
  smoothing: Smoothing,
): () => void {
  const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)');
  let request = 0;
  const draw = (now: number) => {
    drawFaceMarks(canvas, { width: video.videoWidth, mirrored }, smoothing.at(now, reducedMotion.matches).map(markOf));
    request = requestAnimationFrame(draw);
  };
  request = requestAnimationFrame(draw);
  return () => cancelAnimationFrame(request);
}

function markOf({ face, box, landmarks }: SmoothFace): FaceMark {
  const t = localized({ en, ko });
  const { identity } = face;
  const state = enrolment.peek();
  const isEnrolling = state.step === 'capturing' && state.id === face.id;
  const labels = {
    known: identity?.status === 'known' ? `${identity.person.name}  ${formatProbability(identity.probability)}` : '',
    unknown: t.unknown,
    undecided: undefined,
  };
  return {
    box,
    tone: isEnrolling || identity?.status === 'known' ? 'accent' : 'plain',
    landmarks: landmarksVisible.peek() ? landmarks : undefined,
    label: labels[identity?.status ?? 'undecided'],
  };
}
