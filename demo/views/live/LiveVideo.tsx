import { signal } from '@preact/signals';
import type { Identifier } from 'facenet-web';
import { FaceOverlay } from 'facenet-web/draw';
import type { Gallery } from 'facenet-web/gallery';
import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { errorMessage } from '../../app/error-message.ts';
import { facenetState, loadedFaceNet } from '../../app/facenet.ts';
import { formatProbability } from '../../app/format.ts';
import { galleryState } from '../../app/gallery.ts';
import { localized } from '../../app/language.ts';
import { toast } from '../../app/toasts.tsx';
import { theme } from '../../ui/face-marks.ts';
import { clearFaces, newestFaces, updateFaces } from './faces-in-view.ts';
import { FrameMeter, type FrameStats } from './frame-meter.ts';
import { chooseFace, chosenFace, falseAcceptRate, landmarkStyle, maxFaces } from './live-options.ts';
import { en, ko } from './messages.ts';
import { FaceMotion, type PredictedFace } from './motion.ts';
import type { RunningState } from './session.ts';

/** The speed of frame processing. Undefined until it is measured. */
export const frameStats = signal<FrameStats | undefined>(undefined);

/** The aspect ratio of the video, as CSS writes it. */
export const videoRatio = signal('4 / 3');

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
  const overlay = useRef<FaceOverlay>(undefined);
  const landmarks = landmarkStyle.value;

  useEffect(() => void play(video.current, stream), [stream]);
  useTracking(video, overlay, stream);
  useEffect(() => {
    const element = video.current;
    if (!element) return;
    overlay.current = new FaceOverlay(element, { landmarks, theme, mirrored });
    return () => overlay.current?.dispose();
  }, [landmarks, mirrored]);

  return (
    <div class="video-area">
      {/* The list of faces has buttons for the keyboard. */}
      <video
        ref={video}
        class={mirrored ? 'mirrored' : ''}
        muted
        playsInline
        aria-label={t.video}
        onClick={(event) => chooseFace(overlay.current?.faceAt(newestFaces.peek(), event)?.id)}
      />
      <p class="no-picture" role="status">
        {pictureMissing.value && t.noPicture}
      </p>
    </div>
  );
}

/** Tracks the faces of a video, and draws them on the overlay, while the gallery is open. */
function useTracking(
  video: RefObject<HTMLVideoElement | null>,
  overlay: { current: FaceOverlay | undefined },
  stream: MediaStream,
): void {
  const gallery = galleryState.value.status === 'open' ? galleryState.value.gallery : undefined;
  const limit = maxFaces.value;
  useEffect(() => {
    const element = video.current;
    if (!element || !gallery) return;
    const controller = new AbortController();
    const motion = new FaceMotion();
    void trackFaces(element, gallery, { motion, limit }, controller.signal);
    const stopDrawing = startDrawing(() => overlay.current, motion);
    return () => {
      controller.abort();
      stopDrawing();
      clearFaces();
      pictureMissing.value = false;
    };
  }, [stream, gallery, limit, facenetState.value]);
}

async function play(video: HTMLVideoElement | null, stream: MediaStream): Promise<void> {
  if (!video) return;
  video.srcObject = stream;
  // Rejects if the source is replaced before it has started. That is not an error.
  await video.play().catch(() => {});
  if (video.videoWidth > 0) videoRatio.value = `${video.videoWidth} / ${video.videoHeight}`;
}

/** The gallery with the false-accept rate that the user chose. */
function withRate(gallery: Gallery): Identifier {
  return {
    identify(face, options) {
      const far = falseAcceptRate.peek();
      return gallery.identify(face, { ...options, ...(far !== undefined && { far }) });
    },
  };
}

/** Tracks and identifies the faces of every frame until aborted. */
async function trackFaces(
  video: HTMLVideoElement,
  gallery: Gallery,
  { motion, limit }: { motion: FaceMotion; limit: number },
  signal: AbortSignal,
): Promise<void> {
  const meter = new FrameMeter();
  let updatedAt = 0;
  try {
    const facenet = await loadedFaceNet();
    if (signal.aborted) return;
    for await (const frame of facenet.watch(video, { gallery: withRate(gallery), maxFaces: limit, signal })) {
      pictureMissing.value = frame.state === 'waiting';
      motion.update(frame.faces, frame.time);
      await updateFaces(frame.faces, video, signal);
      if (frame.state === 'waiting') continue;
      meter.add(frame);
      if (frame.time - updatedAt > statsInterval) {
        frameStats.value = meter.stats;
        updatedAt = frame.time;
      }
    }
  } catch (error) {
    // A FaceNet that is replaced by one with other options ends its loops.
    if (!signal.aborted && facenetState.peek().status === 'ready') toast(errorMessage(error));
  }
}

/** Draws the faces in every animation frame. @returns a function that stops it. */
function startDrawing(overlay: () => FaceOverlay | undefined, motion: FaceMotion): () => void {
  const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)');
  let request = 0;
  const draw = () => {
    overlay()?.draw(motion.at(performance.now(), !reducedMotion.matches).map(markOf));
    request = requestAnimationFrame(draw);
  };
  request = requestAnimationFrame(draw);
  return () => cancelAnimationFrame(request);
}

function markOf({ face: { id, identity }, box, landmarks }: PredictedFace) {
  const t = localized({ en, ko });
  const labels = {
    known: identity?.status === 'known' ? `${identity.person.name}  ${formatProbability(identity.probability)}` : '',
    unknown: t.unknown,
    undecided: undefined,
  };
  const label = labels[identity?.status ?? 'undecided'];
  return { box, landmarks, label, emphasised: id === chosenFace.peek()?.id };
}
