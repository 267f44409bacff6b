import type { FaceNet, LandmarkedFace } from 'facenet-web';
import { backendTitle } from './about.ts';
import { openCamera, whyNoCamera } from './camera.ts';
import { byId } from './dom.ts';
import { drawFaces } from './draw.ts';
import { FrameMeter, nextFrame } from './frames.ts';
import { isAbort, showError } from './messages.ts';

/** How often the figures change: any faster and they cannot be read. */
const figuresEvery = 500;

/** Makes the live view's buttons work. */
export function setUpLive(facenet: Promise<FaceNet>): void {
  let session: AbortController | undefined;
  const stop = () => session?.abort();
  byId('live-start', HTMLButtonElement).addEventListener('click', async () => {
    session = new AbortController();
    await runSession(facenet, session.signal);
    session = undefined;
  });
  byId('live-stop', HTMLButtonElement).addEventListener('click', () => {
    stop();
    byId('live-start', HTMLButtonElement).focus();
  });
  byId('live-samples', HTMLButtonElement).addEventListener('click', showSamples);
  // Nobody expects a camera to go on running behind a page that they no longer see.
  window.addEventListener('pagehide', stop);
  document.addEventListener('visibilitychange', () => document.hidden && stop());
}

/** Runs the camera from its start to its end, however it ends, and leaves the page as it was before. */
async function runSession(loading: Promise<FaceNet>, signal: AbortSignal): Promise<void> {
  enter('asking');
  say('Your browser asks whether this page may use the camera.');
  const video = byId('live-video', HTMLVideoElement);
  let stream: MediaStream | undefined;
  try {
    stream = await openCamera(signal);
    video.srcObject = stream;
    await video.play();
    byId('live-stage', HTMLElement).style.setProperty('--ratio', `${video.videoWidth} / ${video.videoHeight}`);
    enter('running');
    say('The camera is on. The models are still loading …');
    await follow(video, await loading, AbortSignal.any([signal, ended(stream)]));
  } catch (error) {
    enter('idle');
    if (signal.aborted) say('The camera is off.');
    else if (isAbort(error)) trouble('The camera stopped sending pictures. Check that it is still plugged in.');
    else explain(error);
  } finally {
    for (const track of stream?.getTracks() ?? []) track.stop();
    video.srcObject = null;
    showFaces(video, []);
  }
}

/** Finds the faces in one frame after another. Frames that come in the meantime are dropped, never queued. */
async function follow(video: HTMLVideoElement, facenet: FaceNet, signal: AbortSignal): Promise<never> {
  byId('live-backend', HTMLElement).textContent = backendTitle(facenet.backend);
  const meter = new FrameMeter();
  let shownAt = Number.NEGATIVE_INFINITY;
  for (;;) {
    await nextFrame(video, signal);
    const startedAt = performance.now();
    const faces = await findFaces(video, facenet, signal);
    const now = performance.now();
    meter.add(startedAt, now);
    showFaces(video, faces);
    if (now - shownAt >= figuresEvery) {
      shownAt = now;
      showFigures(meter);
      say(faces.length === 1 ? '1 face in view.' : `${faces.length || 'No'} faces in view.`);
    }
  }
}

async function findFaces(video: HTMLVideoElement, facenet: FaceNet, signal: AbortSignal): Promise<LandmarkedFace[]> {
  // The video plays on while the detector works: the landmarks must be looked for in the detector's own frame.
  const frame = await createImageBitmap(video);
  try {
    const faces = await facenet.detect(frame, { thorough: false, signal });
    return await facenet.landmarks(frame, faces, { signal });
  } finally {
    frame.close();
  }
}

/** A signal that is aborted when the camera ends by itself, as by being unplugged. */
function ended(stream: MediaStream): AbortSignal {
  const controller = new AbortController();
  for (const track of stream.getTracks()) track.addEventListener('ended', () => controller.abort());
  return controller.signal;
}

function showFaces(video: HTMLVideoElement, faces: readonly LandmarkedFace[]): void {
  const size = { width: video.videoWidth, height: video.videoHeight };
  drawFaces(byId('live-overlay', HTMLCanvasElement), size, faces, faces[0]);
  const { dataset } = byId('live-stage', HTMLElement);
  dataset.faces = String(faces.length);
  const box = faces[0]?.box;
  dataset.x = box ? ((box.x + box.width / 2) / size.width).toFixed(3) : '';
  dataset.y = box ? ((box.y + box.height / 2) / size.height).toFixed(3) : '';
}

function showFigures({ rate, time }: FrameMeter): void {
  byId('live-rate', HTMLElement).textContent = rate > 0 ? `${rate.toFixed(1)} per second` : '–';
  byId('live-time', HTMLElement).textContent = `${Math.round(time)} ms`;
}

function enter(state: 'idle' | 'asking' | 'running'): void {
  byId('live-stage', HTMLElement).dataset.state = state;
  byId('live-privacy', HTMLElement).hidden = state === 'running';
  byId('live-start', HTMLButtonElement).disabled = state === 'asking';
  byId('live-start', HTMLButtonElement).hidden = state === 'running';
  byId('live-stop', HTMLButtonElement).hidden = state !== 'running';
  byId('live-figures', HTMLElement).hidden = state !== 'running';
  byId('live-samples', HTMLButtonElement).hidden = true;
  if (state === 'running') byId('live-stop', HTMLButtonElement).focus({ preventScroll: true });
}

function explain(error: unknown): void {
  const reason = whyNoCamera(error);
  if (reason) trouble(reason);
  else {
    showError(byId('live-status', HTMLElement), error);
    byId('live-samples', HTMLButtonElement).hidden = false;
  }
}

/** Says why there is no live view, and shows the way to what works without a camera. */
function trouble(sentence: string): void {
  say(sentence);
  byId('live-samples', HTMLButtonElement).hidden = false;
}

function say(sentence: string): void {
  const status = byId('live-status', HTMLElement);
  if (status.textContent !== sentence) status.textContent = sentence;
}

function showSamples(): void {
  byId('compare', HTMLElement).scrollIntoView();
  byId('first-photo', HTMLElement).querySelector<HTMLElement>('.samples button')?.focus();
}
