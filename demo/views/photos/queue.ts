import { batch } from '@preact/signals';
import type { FaceNet } from 'facenet-web';
import { loadedFaceNet } from '../../app/facenet.ts';
import {
  done,
  faces,
  phase,
  photos,
  photosWithoutFace,
  queueError,
  resetAlbum,
  timeLeft,
  undoStack,
  unreadablePhotos,
} from './album.ts';
import { terminateClustering } from './clustering.ts';
import { embedPhotos, type PhotoFace } from './embed-photos.ts';
import { groupFaces } from './group-faces.ts';
import type { PhotoFile } from './photo-files.ts';
import { RemainingTime } from './remaining-time.ts';

/** The number of photos between two groupings while the queue runs. */
const photosPerGrouping = 25;

let controller: AbortController | undefined;
let running: Promise<void> | undefined;

/** The faces found since the last grouping. Adding them in batches saves rendering after every photo. */
const newFaces: PhotoFace[] = [];

/** Appends photos to the queue and starts it, unless it is stopped. */
export async function addPhotos(more: readonly PhotoFile[]): Promise<void> {
  if (more.length === 0) return;
  photos.value = [...photos.peek(), ...more];
  if (phase.peek() !== 'stopped') await resume();
}

/** Starts the queue or resumes it. */
export async function resume(): Promise<void> {
  running ??= run().finally(() => {
    running = undefined;
  });
  await running;
}

/** Stops the queue and keeps its results. {@link resume} starts with the photo that was being processed. */
export function stop(): void {
  controller?.abort();
}

/** Stops the queue, removes all photos and faces, and frees their resources. */
export async function clear(): Promise<void> {
  stop();
  await running;
  terminateClustering();
  newFaces.length = 0;
  resetAlbum();
}

async function run(): Promise<void> {
  controller = new AbortController();
  const { signal } = controller;
  batch(() => {
    phase.value = 'waiting';
    queueError.value = undefined;
  });
  try {
    const facenet = await loadedFaceNet();
    signal.throwIfAborted();
    phase.value = 'running';
    // Photos can be added while the queue runs.
    while (done.peek() < photos.peek().length) await processPhotos(facenet, signal);
    phase.value = 'grouping';
    addNewFaces();
    // Rebuilding would discard the user's edits.
    await groupFaces(facenet, undoStack.peek().length === 0 ? 'rebuild' : 'extend');
    phase.value = 'done';
  } catch (error) {
    if (!signal.aborted) queueError.value = error;
    addNewFaces();
    phase.value = 'stopped';
  } finally {
    timeLeft.value = undefined;
  }
}

async function processPhotos(facenet: FaceNet, signal: AbortSignal): Promise<void> {
  const remaining = new RemainingTime();
  let start = performance.now();
  for await (const result of embedPhotos(facenet, photos.peek(), done.peek(), signal)) {
    remaining.add(performance.now() - start);
    start = performance.now();
    batch(() => {
      if ('error' in result) {
        unreadablePhotos.value = new Map([...unreadablePhotos.peek(), [result.photo, result.error]]);
      } else if (result.faces.length === 0) photosWithoutFace.value = [...photosWithoutFace.peek(), result.photo];
      else newFaces.push(...result.faces);
      done.value = result.photo + 1;
      timeLeft.value = remaining.estimate(photos.peek().length - done.peek());
    });
    if (done.peek() % photosPerGrouping === 0) {
      addNewFaces();
      await groupFaces(facenet, 'extend');
    }
  }
}

function addNewFaces(): void {
  if (newFaces.length > 0) faces.value = [...faces.peek(), ...newFaces.splice(0)];
}
