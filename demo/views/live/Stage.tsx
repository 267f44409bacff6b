import { signal } from '@preact/signals';
import type { FaceNet, TrackedFrame } from 'facenet-web';
import type { Gallery } from 'facenet-web/gallery';
import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { whenLoaded } from '../../app/facenet.ts';
import { percentage } from '../../app/format.ts';
import { inLanguage } from '../../app/language.ts';
import { galleryState } from '../../app/people.ts';
import { sentenceOf } from '../../app/sentence.ts';
import { toast } from '../../app/toasts.tsx';
import { drawMarks, type Mark } from '../../ui/overlay.ts';
import { enrolment } from './enrolment.ts';
import { forgetFaces, takeFaces } from './faces.ts';
import { type Figures, FrameMeter } from './figures.ts';
import { en, ko } from './messages.ts';
import type { LiveState } from './session.ts';
import { type SmoothFace, Smoothing } from './smoothing.ts';

/** Whether the landmarks are shown too. */
export const showsLandmarks = signal(false);

/** How fast the view is; undefined until there are figures. */
export const figures = signal<Figures | undefined>(undefined);

/** How often the figures change, in milliseconds: what changes faster cannot be read. */
const figuresEvery = 500;

interface StageProps {
  running: LiveState & { status: 'running' };
  video: RefObject<HTMLVideoElement | null>;
}

/** The picture, with the faces marked in it. */
export function Stage({ running: { stream, mirrored }, video }: StageProps) {
  const t = inLanguage({ en, ko });
  const stage = useRef<HTMLDivElement>(null);
  const overlay = useRef<HTMLCanvasElement>(null);
  const gallery = galleryState.value.status === 'open' ? galleryState.value.gallery : undefined;

  useEffect(() => void play(video.current, stage.current, stream), [stream]);

  useEffect(() => {
    const [element, canvas] = [video.current, overlay.current];
    if (!element || !canvas || !gallery) return;
    const controller = new AbortController();
    const smoothing = new Smoothing();
    void follow(element, gallery, smoothing, controller.signal);
    const stopDrawing = keepDrawing(canvas, element, mirrored, smoothing);
    return () => {
      controller.abort();
      stopDrawing();
      forgetFaces();
    };
  }, [stream, gallery, mirrored]);

  return (
    <div ref={stage} class="stage">
      <video ref={video} class={mirrored ? 'mirrored' : ''} muted playsInline aria-label={t.video} />
      <canvas ref={overlay} />
    </div>
  );
}

async function play(video: HTMLVideoElement | null, stage: HTMLElement | null, stream: MediaStream): Promise<void> {
  if (!video) return;
  video.srcObject = stream;
  // A source that goes before it was ready ends the waiting with an error, which is no trouble then.
  await video.play().catch(() => {});
  if (video.videoWidth > 0) stage?.style.setProperty('--ratio', `${video.videoWidth} / ${video.videoHeight}`);
}

/** The heart of it: who is in the video, frame by frame. */
async function follow(
  video: HTMLVideoElement,
  gallery: Gallery,
  smoothing: Smoothing,
  signal: AbortSignal,
): Promise<void> {
  const meter = new FrameMeter();
  let shownAt = 0;
  try {
    const facenet: FaceNet = await whenLoaded();
    for await (const frame of facenet.watch(video, { gallery, signal })) {
      smoothing.update(frame.faces, performance.now());
      await takeFaces(frame.faces, video);
      meter.add(frame);
      if (frame.time - shownAt > figuresEvery) shownAt = show(meter, frame);
    }
  } catch (error) {
    if (!signal.aborted) toast(sentenceOf(error));
  }
}

function show(meter: FrameMeter, { time }: TrackedFrame): number {
  figures.value = meter.figures;
  return time;
}

/** Draws the marks anew with every picture of the screen. @returns how to end it. */
function keepDrawing(
  canvas: HTMLCanvasElement,
  video: HTMLVideoElement,
  mirrored: boolean,
  smoothing: Smoothing,
): () => void {
  const still = matchMedia('(prefers-reduced-motion: reduce)');
  let request = 0;
  const draw = (now: number) => {
    drawMarks(canvas, { width: video.videoWidth, mirrored }, smoothing.at(now, still.matches).map(markOf));
    request = requestAnimationFrame(draw);
  };
  request = requestAnimationFrame(draw);
  return () => cancelAnimationFrame(request);
}

function markOf({ face, box, landmarks }: SmoothFace): Mark {
  const t = inLanguage({ en, ko });
  const { identity } = face;
  const state = enrolment.peek();
  const meant = state.step === 'capturing' && state.id === face.id;
  const labels = {
    known: identity?.status === 'known' ? `${identity.person.name}  ${percentage(identity.probability)}` : '',
    unknown: t.unknown,
    undecided: undefined,
  };
  return {
    box,
    tone: meant || identity?.status === 'known' ? 'accent' : 'plain',
    landmarks: showsLandmarks.peek() ? landmarks : undefined,
    label: labels[identity?.status ?? 'undecided'],
  };
}
