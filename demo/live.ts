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
    if (session) return;
    session = new AbortController();
    await runSession(facenet, session.signal);
    session = undefined;
  });
  byId('live-stop', HTMLButtonElement).addEventListener('click', stop);
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
    const over = AbortSignal.any([signal, ended(stream)]);
    await follow(video, await unlessAborted(loading, over), over);
  } catch (error) {
    enter('idle');
    if (signal.aborted) say('The camera is off.');
    else if (isAbort(error)) trouble('The camera stopped sending pictures. Check that it is still plugged in.');
    else explain(error);
  } finally {
    for (const track of stream?.getTracks() ?? []) track.stop();
    video.srcObject = null;
    clearFaces();
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
    // The video plays on while the networks work. One still frame goes through all of it, and is what is then shown, so
    // that boxes and landmarks lie where the face is, however slow the machine.
    const frame = await createImageBitmap(video);
    try {
      const faces = await findFaces(frame, facenet, signal);
      const now = performance.now();
      meter.add(startedAt, now);
      showFaces(frame, faces);
      if (now - shownAt >= figuresEvery) {
        shownAt = now;
        showFigures(meter);
        say(faces.length === 1 ? '1 face in view.' : `${faces.length || 'No'} faces in view.`);
      }
    } finally {
      frame.close();
    }
  }
}

async function findFaces(frame: ImageBitmap, facenet: FaceNet, signal: AbortSignal): Promise<LandmarkedFace[]> {
  const faces = await facenet.detect(frame, { thorough: false, signal });
  return facenet.landmarks(frame, faces, { signal });
}

/** Waits for a promise, but not past an abort: a camera must go off at once, even while the models still load. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    promise.then(resolve, reject);
  });
}

/** A signal that is aborted when the camera ends by itself, as by being unplugged. */
function ended(stream: MediaStream): AbortSignal {
  const controller = new AbortController();
  for (const track of stream.getTracks()) track.addEventListener('ended', () => controller.abort());
  return controller.signal;
}

function showFaces(frame: ImageBitmap, faces: readonly LandmarkedFace[]): void {
  drawFaces(byId('live-overlay', HTMLCanvasElement), frame, faces, faces[0], frame);
  const { dataset } = byId('live-stage', HTMLElement);
  dataset.faces = String(faces.length);
  const box = faces[0]?.box;
  dataset.x = box ? ((box.x + box.width / 2) / frame.width).toFixed(3) : '';
  dataset.y = box ? ((box.y + box.height / 2) / frame.height).toFixed(3) : '';
}

function clearFaces(): void {
  const overlay = byId('live-overlay', HTMLCanvasElement);
  overlay.width = 0;
  byId('live-stage', HTMLElement).dataset.faces = '0';
}

function showFigures({ rate, time }: FrameMeter): void {
  byId('live-rate', HTMLElement).textContent = rate > 0 ? `${rate.toFixed(1)} fps` : '–';
  byId('live-time', HTMLElement).textContent = `${Math.round(time)} ms`;
}

function enter(state: 'idle' | 'asking' | 'running'): void {
  const [start, stop] = [byId('live-start', HTMLButtonElement), byId('live-stop', HTMLButtonElement)];
  const running = state === 'running';
  const [going, coming] = running ? [start, stop] : [stop, start];
  const focused = document.activeElement === going;
  byId('live-stage', HTMLElement).dataset.state = state;
  byId('live-privacy', HTMLElement).hidden = running;
  byId('live-figures', HTMLElement).hidden = !running;
  byId('live-samples', HTMLButtonElement).hidden = true;
  going.hidden = true;
  coming.hidden = false;
  // A focus on a button that goes would be lost, and with it the keyboard user's place on the page.
  if (focused) coming.focus({ preventScroll: true });
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
